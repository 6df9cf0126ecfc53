// A server for the tests of the client: real HTTP on loopback, with answers that a test gives.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

/** `hang`: no answer; `drop`: the connection is closed. */
export type Answer = 'hang' | 'drop' | { readonly status: number; readonly body?: unknown }

export class FakeServer {
  readonly seen: SeenRequest[] = []
  answer: (request: SeenRequest) => Answer | Promise<Answer> = () => ({ status: 204 })
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<FakeServer> {
    const server = createServer()
    const fake = new FakeServer(server)
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      const seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      }
      fake.seen.push(seen)
      const answer = await fake.answer(seen)
      if (answer === 'hang') return
      if (answer === 'drop') return void request.socket.destroy()
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.status === 204 ? undefined : body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
