// When a job runs and what it calls, with its secrets masked: their values are not known here.

import type { Job } from '../../api/index.ts'
import { CodeBlock, Facts, formatDuration } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { scheduleWords } from './schedule-words.ts'

export function JobFacts({ job }: { readonly job: Job }) {
  const { request, timeZone, timeoutSeconds, hasSigningSecret, isElapsed } = job
  const { method, url, headers, body } = request
  return (
    <Facts
      facts={[
        {
          label: messages.schedule,
          value: (
            <>
              {scheduleWords(job)} <span className="text-muted">{timeZone}</span>
              {isElapsed && <span className="block text-muted text-xs">{messages.drifts}</span>}
            </>
          ),
        },
        {
          label: messages.request,
          value: (
            <span className="mono break-all">
              {method} {url}
            </span>
          ),
        },
        headers.length > 0 && {
          label: messages.headers,
          value: (
            <ul>
              {headers.map(({ name, value, secret }) => (
                <li key={name} className="mono break-all">
                  {name}: {secret ? <span className="text-muted">{messages.secretValue}</span> : value}
                </li>
              ))}
            </ul>
          ),
        },
        body !== undefined && {
          label: messages.body,
          value: (
            <details>
              <summary className="mono truncate text-muted">{oneLine(body)}</summary>
              <CodeBlock label={messages.body} code={typeof body === 'string' ? body : JSON.stringify(body, null, 2)} />
            </details>
          ),
        },
        {
          label: messages.timeout,
          value: (
            <>
              {formatDuration(timeoutSeconds * 1000)}
              {hasSigningSecret && <span className="ml-3 text-muted">{messages.signedYes}</span>}
            </>
          ),
        },
      ]}
    />
  )
}

function oneLine(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
