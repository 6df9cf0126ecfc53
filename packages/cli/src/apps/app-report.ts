// Tells the person at the terminal what becomes of each app: once when it changes, not at every poll. URLs are shown
// without their credentials.
import type { AppError } from '@pawl/engine'
import type { Log } from '../log.ts'
import { shownUrl } from './shown-url.ts'

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
    const { name, functions, modified } = app
    const url = shownUrl(app.url)
    const isNew = this.#once(app.url, 'ok')
    if (isNew || modified)
      this.#log.info(
        { app: name, url },
        `App ${name} is synced: ${functions} ${functions === 1 ? 'function' : 'functions'} at ${url}`,
      )
  }

  failed(url: string, error: AppError): void {
    if (this.#once(url, `${error.code} ${error.message}`))
      this.#log.warn({ url: shownUrl(url), code: error.code }, error.message)
  }

  warned(url: string, warnings: readonly string[]): void {
    for (const warning of warnings)
      if (this.#once(`${url} ${warning}`, 'said')) this.#log.warn({ url: shownUrl(url) }, warning)
  }

  /** Two apps of one name at two URLs: only one of them gets calls. */
  shadowed(name: string, url: string, served: string): void {
    if (!this.#once(`${name} ${url} ${served}`, 'said')) return
    const shown = shownUrl(url)
    this.#log.warn(
      { app: name, url: shown },
      `Two apps are named ${name}: ${shownUrl(served)} was synced last and gets all calls, ${shown} gets none. Give one of them another id in new Inngest({ id }).`,
    )
  }

  #once(about: string, text: string): boolean {
    if (this.#said.get(about) === text) return false
    this.#said.set(about, text)
    return true
  }
}
