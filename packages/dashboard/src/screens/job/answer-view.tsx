// What a call came to: status, time, HTTP status, what went wrong and what to do about it, and the start of the answer. A
// test in the form shows the same as the record of a run.

import type { JobErrorCode, JobTest } from '../../api/index.ts'
import { SessionLink } from '../../frame/index.ts'
import { Bytes, CodeBlock, Duration, Facts, formatBytes, JsonView, Notice } from '../../ui/index.ts'
import { JobRunStatus } from './job-status.tsx'
import { messages } from './messages.ts'

const t = messages.run
const hints: Partial<Record<JobErrorCode, string>> = messages.hints

export function AnswerView({ answer }: { readonly answer: JobTest }) {
  const { status, httpStatus, durationMs, error, responseBytes, sessionIds = [], request } = answer
  const hint = error === undefined ? undefined : hints[error.code]
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Facts
        isInline
        facts={[
          { label: messages.status, value: <JobRunStatus status={status} look="badge" /> },
          httpStatus !== undefined && { label: t.http, value: <span className="mono">{httpStatus}</span> },
          durationMs !== undefined && { label: t.took, value: <Duration ms={durationMs} /> },
          responseBytes !== undefined && { label: t.size, value: <Bytes value={responseBytes} /> },
          sessionIds.length > 0 && {
            label: t.sessions,
            value: sessionIds.map((id) => <SessionLink key={id} id={id} className="link" />),
          },
        ]}
      />
      <p className="mono break-all text-xs">
        {request.method} {request.url}
      </p>
      {error !== undefined && (
        <Notice tone="bad">
          <p className="font-medium">{messages.errors[error.code]}</p>
          <p className="break-words">{error.message}</p>
          {hint !== undefined && <p className="text-muted">{hint}</p>}
        </Notice>
      )}
      <Excerpt answer={answer} />
    </div>
  )
}

function Excerpt({ answer: { responseExcerpt, responseBytes, status } }: { readonly answer: JobTest }) {
  if (responseExcerpt === undefined || responseExcerpt === '') {
    return responseBytes === 0 || (status === 'success' && responseBytes === undefined) ? (
      <p className="text-muted">{t.noExcerpt}</p>
    ) : null
  }
  const shown = new TextEncoder().encode(responseExcerpt).length
  const isCut = responseBytes !== undefined && responseBytes > shown
  return (
    <div>
      <p className="mb-1 flex gap-2 text-muted text-xs">
        <span>{t.excerpt}</span>
        {isCut && <span>{t.excerptText(formatBytes(shown), formatBytes(responseBytes))}</span>}
      </p>
      {isJson(responseExcerpt) ? (
        <JsonView label={t.excerpt} text={responseExcerpt} maxHeight={360} />
      ) : (
        <CodeBlock label={t.excerpt} code={responseExcerpt} />
      )}
    </div>
  )
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
