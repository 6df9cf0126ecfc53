// The state of a session in a word, and that nobody has touched it for a day.

import type { Session } from '../../api/index.ts'
import { Status, Tooltip } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { kindOfSession } from './session-state.ts'

export interface SessionStatusProps {
  readonly session: Pick<Session, 'status' | 'isIdle'>
  readonly look?: 'plain' | 'badge' | 'icon'
}

export function SessionState({ session: { status, isIdle }, look = 'plain' }: SessionStatusProps) {
  const state = <Status kind={kindOfSession(status)} look={look} word={messages.states[status]} />
  if (!isIdle || look === 'icon') return state
  return (
    <span className="inline-flex items-center gap-1.5 align-middle">
      {state}
      <Tooltip content={messages.idleHint}>
        <span className="rounded-full border border-border px-1.5 text-2xs text-muted">{messages.idle}</span>
      </Tooltip>
    </span>
  )
}
