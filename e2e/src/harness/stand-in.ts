/**
 * A stand-in for somebody else's HTTP service (an API, a model): answers what a test tells it to and keeps what it got.
 * Nothing of it is simulated below HTTP: the server under test or the app really calls it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll } from 'vitest'
import { closeServer, listen } from './app.ts'

/** A request that the stand-in got. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What it answers. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A running stand-in. */
export interface StandIn {
  readonly origin: string
  readonly received: readonly Received[]
  /** The requests for a path, whatever their query. */
  to(path: string): readonly Received[]
}

/** Answers every request of a file's tests with what `answer` says. `times` counts requests for the same path, from 1. */
export function useStandIn(answer: (request: Received, times: number) => Reply | Promise<Reply>): StandIn {
  const received: Received[] = []
  const to = (path: string): readonly Received[] => received.filter((request) => request.path.split('?')[0] === path)
  const server = createServer(async (request, response) => {
    const got = await read(request)
    received.push(got)
    send(response, await answer(got, to(got.path.split('?')[0] ?? '').length))
  })
  let origin = ''
  beforeAll(async () => {
    origin = new URL(await listen(server, 0)).origin
  })
  afterAll(() => closeServer(server))
  return {
    get origin() {
      return origin
    },
    received,
    to,
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
  response.end(reply.body ?? '{}')
}
