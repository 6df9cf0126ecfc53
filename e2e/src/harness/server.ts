/**
 * The server under test, as its own process with a data folder of its own: started, stopped, killed, started again.
 * A restart keeps port and folder, so that apps and clients find the same server with the same data.
 */
import { rm } from 'node:fs/promises'
import { serverEntry, temporaryFolder } from './paths.ts'
import { freePort } from './port.ts'
import { type Child, startChild } from './process.ts'
import { Hopeless, until } from './until.ts'

/** How the server is started. */
export interface ServerOptions {
  /** App URLs that the server syncs by itself. */
  readonly sdkUrls?: readonly string[]
  /** Seconds between attempts; `null` keeps the retry table. 1 by default. */
  readonly retryInterval?: number | null
  readonly discovery?: boolean
  /** Seconds between polls of the apps; none by default. */
  readonly pollInterval?: number
  /** Further flags, as they are. */
  readonly flags?: readonly string[]
}

/** A server that can be killed and started again. */
export interface PawlServer {
  /** Origin, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly child: Child
  /** Everything that the server wrote, over all its lives. */
  log(): string
  /** Ends it without warning, as a power cut would. */
  kill(): Promise<void>
  /** Ends it the way an operator does. */
  stop(): Promise<void>
  /** Starts it again on the same port and folder. Returns the milliseconds until it answered. */
  start(): Promise<number>
  /** Ends it for good and removes its folder. */
  close(): Promise<void>
}

/** Starts a server and waits until it answers `GET /health`. */
export async function startServer(options: ServerOptions = {}): Promise<PawlServer> {
  const server = new ServerProcess(await freePort(), await temporaryFolder('data'), options)
  await server.start()
  return server
}

class ServerProcess implements PawlServer {
  readonly port: number
  readonly url: string
  readonly #folder: string
  readonly #options: ServerOptions
  readonly #earlier: string[] = []
  #child: Child | undefined

  constructor(port: number, folder: string, options: ServerOptions) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.#folder = folder
    this.#options = options
  }

  get child(): Child {
    if (this.#child === undefined) throw new Error('The server has not been started')
    return this.#child
  }

  log(): string {
    return [...this.#earlier, this.#child?.output() ?? ''].join('\n--- next life ---\n')
  }

  async start(): Promise<number> {
    const began = performance.now()
    if (this.#child !== undefined) this.#earlier.push(this.#child.output())
    const child = startChild(serverEntry, { args: this.#arguments() })
    this.#child = child
    await until('the server to answer GET /health', () => this.#healthy(child), {
      withinMs: 20_000,
      onGivingUp: () => child.output(),
    })
    return performance.now() - began
  }

  kill(): Promise<void> {
    return this.child.end('SIGKILL')
  }

  stop(): Promise<void> {
    return this.child.end('SIGTERM')
  }

  async close(): Promise<void> {
    await this.#child?.end('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #healthy(child: Child): Promise<boolean> {
    if (!child.running()) throw new Hopeless(`The server ended by itself:\n${child.output()}`)
    const answer = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(1_000) })
    await answer.body?.cancel()
    return answer.ok
  }

  #arguments(): readonly string[] {
    const { sdkUrls = [], retryInterval = 1, discovery = false, pollInterval, flags = [] } = this.#options
    return [
      'dev',
      '--port',
      String(this.port),
      '--sqlite-dir',
      this.#folder,
      ...(discovery ? [] : ['--no-discovery']),
      ...(pollInterval === undefined ? ['--no-poll'] : ['--poll-interval', String(pollInterval)]),
      ...(retryInterval === null ? [] : ['--retry-interval', String(retryInterval)]),
      ...sdkUrls.flatMap((url) => ['--sdk-url', url]),
      ...flags,
    ]
  }
}
