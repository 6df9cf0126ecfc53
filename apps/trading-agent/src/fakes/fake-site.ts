// A site that stands in for a real one, as a process of its own: it keeps a log of what it was asked, which is what tests
// count by. `GET /__log` shows it, `POST /__script` sets what it answers next, `POST /__reset` forgets both.
import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** Something that the site was asked, and what it answered. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: unknown
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Told {
  readonly status: number
  readonly body: unknown
}

/** What a site does. `script` is what a test has set; undefined as long as none has. */
export interface Site {
  readonly name: string
  readonly answer: (asked: Asked, script: unknown) => Told
  /** Forgets what the site itself keeps. */
  readonly reset?: () => void
}

/** Serves the site at PORT, or at a free port; says where. */
export function serveSite(site: Site): void {
  const log: Asked[] = []
  let script: unknown
  const server = createServer(async (request, response) => {
    const { method = 'GET', headers } = request
    const { pathname: path } = new URL(request.url ?? '/', 'http://site')
    const body = parsed(await text(request))
    if (path === '/__log') return tell(response, { status: 200, body: log })
    if (path === '/__script') {
      script = body
      return tell(response, { status: 200, body: {} })
    }
    if (path === '/__reset') {
      log.length = 0
      script = undefined
      site.reset?.()
      return tell(response, { status: 200, body: {} })
    }
    const asked = { method, path, headers, body, at: Date.now() }
    log.push(asked)
    tell(response, site.answer(asked, script))
  })
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    process.stdout.write(`${site.name} listens at http://localhost:${port}\n`)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0))
}

function tell(response: ServerResponse, { status, body }: Told): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
