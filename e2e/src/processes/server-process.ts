/**
 * One of several servers on one PostgreSQL: a process that is started, stopped in order, killed, or put to sleep and woken
 * as an overloaded machine would. A restart keeps its port.
 */
import { serverEntry } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { type Child, startChild } from '../harness/process.ts'
import { Hopeless, until } from '../harness/until.ts'
import type { Store } from './database.ts'
import { EVENT_KEY, ProductionApi, SIGNING_KEY } from './production.ts'

/** How the servers of a cluster are started. */
export interface ServerSettings {
  /** `start` by default. */
  readonly command?: 'dev' | 'start'
  /** Seconds; within it the others take up the work of one that died. */
  readonly lease?: number
  /** Further flags, as they are. */
  readonly flags?: readonly string[]
}

export class ServerProcess {
  readonly port: number
  readonly url: string
  readonly api: ProductionApi
  readonly #store: Store
  readonly #settings: ServerSettings
  readonly #earlier: string[] = []
  #child: Child | undefined

  private constructor(port: number, store: Store, settings: ServerSettings) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.api = new ProductionApi(this.url)
    this.#store = store
    this.#settings = settings
  }

  /** Starts a server and waits until it is ready. */
  static async start(store: Store, settings: ServerSettings = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), store, settings)
    await server.start()
    return server
  }

  /** Starts it again on the same port, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#child !== undefined) this.#earlier.push(this.#child.output())
    const child = startChild(serverEntry, { args: this.#arguments() })
    this.#child = child
    await until('the server to be ready', () => this.#isReady(child), { onGivingUp: () => child.output() })
  }

  /** Everything that it wrote, over all its lives. */
  log(): string {
    return [...this.#earlier, this.#child?.output() ?? ''].join('\n--- next life ---\n')
  }

  get running(): boolean {
    return this.#child?.running() ?? false
  }

  async kill(): Promise<void> {
    await this.#child?.end('SIGKILL')
  }

  /** Ends it the way an operator does. @returns the milliseconds that it took. */
  async stop(): Promise<number> {
    const began = performance.now()
    await this.#child?.end('SIGTERM')
    return performance.now() - began
  }

  /** Stops the process in its tracks, without its knowledge. */
  freeze(): void {
    if (this.#child !== undefined) process.kill(this.#child.pid, 'SIGSTOP')
  }

  thaw(): void {
    if (this.#child !== undefined) process.kill(this.#child.pid, 'SIGCONT')
  }

  async #isReady(child: Child): Promise<boolean> {
    if (!child.running()) throw new Hopeless(`The server ended by itself:\n${child.output()}`)
    return (await this.api.exchange('/ready', { timeoutMs: 1_000 })).status === 200
  }

  #arguments(): readonly string[] {
    const { command = 'start', lease, flags = [] } = this.#settings
    const keys = ['--event-key', EVENT_KEY, '--signing-key', SIGNING_KEY]
    return [
      command,
      ...['--host', '127.0.0.1', '--port', String(this.port)],
      ...['--postgres-uri', this.#store.uri, '--postgres-schema', this.#store.schema],
      ...(lease === undefined ? [] : ['--lease', String(lease)]),
      ...(command === 'start' ? keys : ['--no-discovery', '--no-poll']),
      ...['--retry-interval', '1'],
      ...flags,
    ]
  }
}
