// A status as people read it: icon, word and hue together, so that no one of them carries the meaning alone.

import { cx } from './class-names.ts'
import { StatusIcon } from './icons.tsx'
import { messages } from './messages.ts'
import type { StatusKind } from './status-kinds.ts'

const text: Record<StatusKind, string> = {
  queued: 'text-queued-fg',
  waiting: 'text-waiting-fg',
  running: 'text-running-fg',
  completed: 'text-completed-fg',
  failed: 'text-failed-fg',
  cancelled: 'text-cancelled-fg',
  skipped: 'text-skipped-fg',
  paused: 'text-paused-fg',
}

const ground: Record<StatusKind, string> = {
  queued: 'bg-queued-bg',
  waiting: 'bg-waiting-bg',
  running: 'bg-running-bg',
  completed: 'bg-completed-bg',
  failed: 'bg-failed-bg',
  cancelled: 'bg-cancelled-bg',
  skipped: 'bg-skipped-bg',
  paused: 'bg-paused-bg',
}

const solid: Record<StatusKind, string> = {
  queued: 'bg-queued-solid',
  waiting: 'bg-waiting-solid',
  running: 'bg-running-solid',
  completed: 'bg-completed-solid',
  failed: 'bg-failed-solid',
  cancelled: 'bg-cancelled-solid',
  skipped: 'bg-skipped-solid',
  paused: 'bg-paused-solid',
}

/** Class names of a status, for views that draw their own: text, ground, and a solid fill. */
export const statusClass = { text, ground, solid } as const

export interface StatusProps {
  readonly kind: StatusKind
  /** `badge` has a ground, `icon` keeps the word for screen readers and the tooltip. */
  readonly look?: 'plain' | 'badge' | 'icon'
  /** In place of the status's own word. */
  readonly word?: string | undefined
}

/** Icon, word and hue of a status. */
export function Status({ kind, look = 'plain', word = messages.status[kind] }: StatusProps) {
  if (look === 'icon') {
    return (
      <span role="img" aria-label={word} title={word} className={cx('inline-flex', text[kind])}>
        <StatusIcon kind={kind} />
      </span>
    )
  }
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1.5 whitespace-nowrap align-middle font-medium',
        text[kind],
        look === 'badge' && cx('rounded-full px-2 py-0.5 text-xs', ground[kind]),
      )}
    >
      <StatusIcon kind={kind} />
      {word}
    </span>
  )
}
