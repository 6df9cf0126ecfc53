// Tells the person at the terminal what becomes of each app: once when it changes, not at every poll.
import type { AppError } from '@pawl/engine'
import type { Log } from '../log.ts'

export class AppReport {
  readonly #log: Pick<Log, 'info' | 'warn'>
  /** What was last said about a URL. */
  readonly #said = new Map<string, string>()

  constructor(log: Pick<Log, 'info' | 'warn'>) {
    this.#log = log
  }

  synced(app: {
    readonly url: string
    readonly name: string
    readonly functions: number
    readonly modified: boolean
  }): void {
    const { url, name, functions, modified } = app
    const isNew = this.#once(url, 'ok')
    if (isNew || modified)
      this.#log.info(
        { app: name, url },
        `App ${name} is synced: ${functions} ${functions === 1 ? 'function' : 'functions'} at ${url}`,
      )
  }

  failed(url: string, error: AppError): void {
    if (this.#once(url, `${error.code} ${error.message}`)) this.#log.warn({ url, code: error.code }, error.message)
  }

  warned(url: string, warnings: readonly string[]): void {
    for (const warning of warnings) if (this.#once(`${url} ${warning}`, 'said')) this.#log.warn({ url }, warning)
  }

  /** Two apps of one name at two URLs: only one of them gets calls. */
  shadowed(name: string, url: string, served: string): void {
    if (!this.#once(`${name} ${url} ${served}`, 'said')) return
    this.#log.warn(
      { app: name, url },
      `Two apps are named ${name}: ${served} was synced last and gets all calls, ${url} gets none. Give one of them another id in new Inngest({ id }).`,
    )
  }

  #once(about: string, text: string): boolean {
    if (this.#said.get(about) === text) return false
    this.#said.set(about, text)
    return true
  }
}
