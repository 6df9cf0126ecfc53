// A step's own HTTP call over the network, under the outbound policy.
import type { Gateway, GatewayRequest, GatewayResult } from './driver.ts'
import { HttpClient } from './http-client.ts'
import type { OutboundPolicy } from './outbound-policy.ts'

/** A model may think for long; its answer becomes a step's output, at most 4 MiB. */
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

export function createHttpGateway(policy: OutboundPolicy): Gateway {
  const client = new HttpClient(policy)
  return {
    async fetch(request: GatewayRequest): Promise<GatewayResult> {
      const method = request.method.toUpperCase()
      if (FORBIDDEN_METHODS.has(method))
        return { kind: 'lost', reason: 'blocked', message: `the method ${method} is not sent` }
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => !OWN.has(name.toLowerCase())),
      )
      const result = await client.send({ ...request, method, headers }, LIMITS)
      if (result.kind === 'lost') return result
      return {
        kind: 'answer',
        status: result.status,
        headers: shownHeaders(result.headers),
        body: result.body.toString('utf8'),
      }
    },
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
