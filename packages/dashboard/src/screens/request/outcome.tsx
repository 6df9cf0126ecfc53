// What became of a question: the decision, by whom, when, why, and with what. It stands where the buttons were.

import type { ShownRequest } from '../../api/index.ts'
import { JsonView, Notice, Status, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { kindOfRequest } from './request-state.ts'

export interface OutcomeProps {
  readonly request: ShownRequest
  /** An answer of this page came second. */
  readonly isLate?: boolean
}

export function Outcome({ request, isLate }: OutcomeProps) {
  const { status, respondedBy, resolvedAt, reason, response } = request
  if (status === 'pending') return null
  return (
    <section aria-label={messages.decided[status]} className="flex flex-col gap-3">
      {isLate && <Notice tone="warn">{messages.late}</Notice>}
      <p role="status" className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Status kind={kindOfRequest(status)} look="badge" word={messages.decided[status]} />
        {respondedBy !== undefined && (
          <span>
            {messages.decidedBy} <bdi className="font-medium">{respondedBy}</bdi>
          </span>
        )}
        {resolvedAt !== undefined && (
          <span className="text-muted">
            <Time at={resolvedAt} />
          </span>
        )}
      </p>
      {reason !== undefined && (
        <div>
          <p className="text-muted text-xs">{messages.withReason}</p>
          <p className="whitespace-pre-wrap break-words">{reason}</p>
        </div>
      )}
      {response !== undefined && (
        <div>
          <p className="mb-1 text-muted text-xs">{messages.response}</p>
          <Answered value={response} request={request} />
        </div>
      )}
    </section>
  )
}

function Answered({ value, request }: { readonly value: unknown; readonly request: ShownRequest }) {
  if (typeof value !== 'string') return <JsonView label={messages.response} text={JSON.stringify(value)} />
  const option = request.options?.find((each) => each.value === value)
  return <p className="whitespace-pre-wrap break-words">{option?.label ?? value}</p>
}
