// One question with its answer, in its own page or in the page of its session. It changes by itself when somebody else
// decides: the form goes, the decision stands in its place.

import { useState } from 'react'
import type { ShownRequest } from '../../api/index.ts'
import { JsonView, Time } from '../../ui/index.ts'
import { AnswerForm } from './answer-form.tsx'
import { Countdown } from './countdown.tsx'
import { messages } from './messages.ts'
import { Outcome } from './outcome.tsx'

export interface RequestPanelProps {
  readonly request: ShownRequest
  readonly token?: string | undefined
  readonly isAlone: boolean
  /** Below the outcome. */
  readonly after?: React.ReactNode
}

export function RequestPanel({ request, token, isAlone, after }: RequestPanelProps) {
  const [isLate, setIsLate] = useState(false)
  const isPending = request.status === 'pending'
  const { kind, prompt, createdAt } = request
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div>
        <p className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-xs">
          <span className="font-medium">{messages.kinds[kind]}</span>
          <span>
            {messages.asked} <Time at={createdAt} />
          </span>
          {isPending && <Countdown request={request} />}
        </p>
        <p className="whitespace-pre-wrap break-words text-base">{prompt}</p>
      </div>
      {isPending ? (
        <AnswerForm key={request.id} request={request} token={token} isAlone={isAlone} onLate={() => setIsLate(true)} />
      ) : (
        <>
          <Outcome request={request} isLate={isLate} />
          {request.arguments !== undefined && (
            <div>
              <p className="mb-1 text-muted text-xs">{messages.arguments}</p>
              <JsonView label={messages.arguments} text={JSON.stringify(request.arguments)} maxHeight={320} />
            </div>
          )}
          {after}
        </>
      )}
    </div>
  )
}
