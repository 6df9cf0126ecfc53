// Requests of the server's own over the network, under the outbound policy: those of gateway steps, the calls of HTTP Jobs,
// and callbacks.
import type { Gateway, GatewayRequest, GatewayResult } from './driver.ts'
import { HttpClient } from './http-client.ts'
import type { OutboundPolicy, Resolve } from './outbound-policy.ts'

/** Where the request says nothing: a model may think for long; its answer becomes a step's output, at most 4 MiB. */
const LIMITS = { bodyBytesMax: 4 * 1024 * 1024, redirectsMax: 3, redirects: 'plain', timeoutMs: 7_200_000 } as const

/** Headers of one hop, or of a body that is no longer encoded: not for the step to see. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-encoding',
  'content-length',
])

/** What the client sets itself. */
const OWN: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
])

/** No request but a tunnel, or an echo of the request's own headers (Fetch standard, "forbidden method"). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** `resolve`: how names become addresses, where it is not the system's way. */
export function createHttpGateway(policy: OutboundPolicy, resolve?: Resolve): Gateway {
  const client = new HttpClient(policy, resolve)
  return {
    async fetch(request: GatewayRequest): Promise<GatewayResult> {
      const method = request.method.toUpperCase()
      if (FORBIDDEN_METHODS.has(method))
        return { kind: 'lost', reason: 'blocked', message: `the method ${method} is not sent` }
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => !OWN.has(name.toLowerCase())),
      )
      const { url, body, timeoutMs = LIMITS.timeoutMs, bodyBytesMax = LIMITS.bodyBytesMax, cutsBody } = request
      const result = await client.send({ url, method, headers, body }, { ...LIMITS, timeoutMs, bodyBytesMax, cutsBody })
      if (result.kind === 'lost') return result
      return {
        kind: 'answer',
        status: result.status,
        headers: shownHeaders(result.headers),
        body: result.body.toString('utf8'),
        bodyBytes: result.bodyBytes,
      }
    },
    close: () => client.close(),
  }
}

function shownHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || DROPPED.has(name)) continue
    shown[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return shown
}
