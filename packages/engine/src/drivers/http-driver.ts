// Apps over HTTP.
import type { CallRequest, CallResult, Driver } from './driver.ts'
import { HttpClient } from './http-client.ts'
import type { OutboundPolicy } from './outbound-policy.ts'

/** Two hours for the first byte and for the whole answer: functions may run long. Answers: input and output of 4 MiB. */
const LIMITS = { bodyBytesMax: 8 * 1024 * 1024, redirectsMax: 60, redirects: 'app', timeoutMs: 7_200_000 } as const

export function createHttpDriver(policy: OutboundPolicy): Driver {
  const client = new HttpClient(policy)
  return {
    async call(request: CallRequest): Promise<CallResult> {
      const result = await client.send(
        { url: request.url, method: 'POST', headers: request.headers, body: request.body },
        LIMITS,
      )
      return result.kind === 'lost'
        ? result
        : { kind: 'answer', raw: { status: result.status, headers: result.headers, body: result.body } }
    },
    close: () => client.close(),
  }
}
