// Looks for apps where frameworks put them: the usual local ports and paths. An answer with an SDK's header is an app,
// also one that refuses us; anything else is somebody else's program and is left alone.
import { DISCOVERY_PATHS, DISCOVERY_PORTS } from '@pawl/protocol'
import type { RequestApp } from './app-request.ts'
import { isFromSdk } from './sync-fault.ts'

/** A look must not wait for a program that accepts and never answers. */
const PROBE_MS = 2_000

/** What one look needs. */
export interface Discovery {
  readonly request: RequestApp
  /** `$PORT`, or null. */
  readonly appPort: number | null
  /** The server's own port: it must not ask itself. */
  readonly ownPort: number
}

/** URLs at which apps answer now. */
export async function discoverApps({ request, appPort, ownPort }: Discovery): Promise<readonly string[]> {
  const ports = new Set([...DISCOVERY_PORTS, ...(appPort === null ? [] : [appPort])])
  ports.delete(ownPort)
  const found = await Promise.all([...ports].map((port) => discoverOn(port, request)))
  return found.flat()
}

/** One path after the other: the first answers whether anybody listens at all. */
async function discoverOn(port: number, request: RequestApp): Promise<readonly string[]> {
  // By name, so that both loopback addresses are tried: some frameworks listen on one of them only.
  const url = await findServeUrl(`http://localhost:${port}`, request)
  return url === null ? [] : [url]
}

/** Where on an origin an SDK answers, of the usual paths; null when nowhere. */
export async function findServeUrl(origin: string, request: RequestApp): Promise<string | null> {
  for (const path of DISCOVERY_PATHS) {
    const url = `${origin}${path}`
    const answer = await request({ method: 'GET', url, timeoutMs: PROBE_MS })
    if (answer.kind === 'lost') return null
    if (isFromSdk(answer)) return url
  }
  return null
}
