/**
 * What jobs call: an HTTP server that writes down every request, knows how many were open at once, and answers as it is
 * told, or holds its answers until it is told.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeServer } from '../harness/app.ts'

export interface SeenCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
  /** Epoch milliseconds. */
  readonly at: number
  /** `X-Job-Run-Id`. */
  readonly runId: string
}

export interface TargetAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** `hang`: there is no answer; `break`: it ends in the middle. */
type Answering = (call: SeenCall) => TargetAnswer | 'hang' | 'break'

export class Target {
  readonly url: string
  readonly calls: SeenCall[] = []
  answer: Answering = () => ({})
  /** Connections that were ever made, whether a request came or not. */
  connections = 0
  /** The most calls that were open at once. */
  peak = 0
  readonly #server: Server
  #open = 0
  #held: (() => void)[] | null = null

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
    server.on('connection', () => this.connections++)
    server.on('request', (request, response) => void this.#take(request, response))
  }

  static async open(): Promise<Target> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return new Target(server, typeof address === 'object' && address !== null ? address.port : 0)
  }

  get port(): string {
    return new URL(this.url).port
  }

  /** Calls that wait for their answer. */
  get held(): number {
    return this.#held?.length ?? 0
  }

  /** Holds all answers from now on. */
  hold(): void {
    this.#held ??= []
  }

  /** Gives all answers that were held. */
  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const go of held) go()
  }

  at(path: string): readonly SeenCall[] {
    return this.calls.filter((call) => call.path === path)
  }

  async close(): Promise<void> {
    this.release()
    await closeServer(this.#server)
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open++
    this.peak = Math.max(this.peak, this.#open)
    response.once('close', () => this.#open--)
    const { method = '', url: path = '', headers } = request
    const body = await text(request).catch(() => '')
    const call = { method, path, headers, body, at: Date.now(), runId: String(headers['x-job-run-id']) }
    this.calls.push(call)
    const answer = this.answer(call)
    const held = this.#held
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve))
    if (answer === 'hang') return
    if (answer === 'break') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
      return
    }
    response.writeHead(answer.status ?? 200, { ...answer.headers }).end(answer.body ?? 'ok')
  }
}
