// Keeps the apps in step: syncs those named on the command line, in development also those the engine knows and those
// found on local ports, every interval, so that a change of code shows within seconds. Looking for new ones stops when an app is well.
import type { AppView, Engine } from '@pawl/engine'
import { normalizeAppUrl } from '@pawl/protocol'
import type { AppReport } from './app-report.ts'
import type { SyncOutcome } from './sync-app.ts'

/** Apps asked at the same time; each may take seconds. */
const SYNCS_MAX = 8

/** So many rounds follow soon while an app that is wanted has not come up: both programs are often started together. */
const SOON_ROUNDS = 60

export interface PollerOptions {
  readonly engine: Pick<Engine, 'registry' | 'noteAppError'>
  readonly sync: (url: string) => Promise<SyncOutcome>
  /** Looks for apps; null when that is turned off. */
  readonly discover: (() => Promise<readonly string[]>) | null
  readonly sdkUrls: readonly string[]
  /** Whether apps that are well are synced again. */
  readonly poll: boolean
  /** Whether apps that registered by themselves are asked too. */
  readonly registered: boolean
  readonly report: AppReport
  /** Resolves after the interval (a short one when `soon`), or at once when the poller is closed. */
  readonly pause: (signal: AbortSignal, soon: boolean) => Promise<void>
  /** Takes what no app is to blame for. */
  readonly failed: (error: unknown) => void
}

/** What is known of one serve URL. */
interface KnownUrl {
  /** Normalized; what is no URL stays as it was given. */
  readonly url: string
  /** From its last success; null before. */
  name: string | null
  well: boolean
  /** Grows with each success, so that the last one is known. */
  turn: number
}

export class AppPoller {
  readonly #options: PollerOptions
  readonly #known = new Map<string, KnownUrl>()
  /** Taken off by the user; not found again by looking. */
  readonly #removed = new Set<string>()
  readonly #closing = new AbortController()
  #turn = 0
  #loop: Promise<void> = Promise.resolve()

  constructor(options: PollerOptions) {
    this.#options = options
    for (const url of options.sdkUrls) this.#remember(url)
  }

  start(): void {
    this.#loop = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#loop
  }

  /** Syncs one app now. A URL that is new stays in the rounds to come only when that succeeds: anybody may name any. */
  async add(url: string): Promise<SyncOutcome> {
    this.#removed.delete(identity(url))
    const key = identity(url)
    const known = this.#known.get(key) ?? unknownYet(url)
    const outcome = await this.#syncOne(known)
    if (outcome.kind === 'synced') this.#known.set(key, known)
    return outcome
  }

  /** One round: every app that is due, then a look for new ones if none is well. */
  async round(): Promise<void> {
    if (this.#options.registered) for (const { url } of this.#registered()) this.#remember(url)
    this.#forgetRemoved()
    await this.#syncAll([...this.#known.values()].filter((known) => this.#isDue(known)))
    if (this.#options.discover === null || this.#anyWell()) return
    const found = (await this.#options.discover()).filter(
      (url) => !this.#known.has(identity(url)) && !this.#removed.has(identity(url)),
    )
    await this.#syncAll(found.map((url) => this.#remember(url)))
  }

  async #run(): Promise<void> {
    for (let rounds = 1; !this.#closing.signal.aborted; rounds++) {
      await this.round().catch(this.#options.failed)
      await this.#options.pause(this.#closing.signal, rounds <= SOON_ROUNDS && this.#isWaiting())
    }
  }

  async #syncAll(due: readonly KnownUrl[]): Promise<void> {
    const queue = [...due]
    const takeNext = async (): Promise<void> => {
      for (let known = queue.shift(); known !== undefined && !this.#closing.signal.aborted; known = queue.shift())
        await this.#syncOne(known)
    }
    await Promise.all(Array.from({ length: SYNCS_MAX }, takeNext))
  }

  async #syncOne(known: KnownUrl): Promise<SyncOutcome> {
    const outcome = await this.#options.sync(known.url)
    if (outcome.kind === 'synced') await this.#well(known, outcome)
    else await this.#unwell(known, outcome.error)
    return outcome
  }

  async #well(known: KnownUrl, outcome: Extract<SyncOutcome, { kind: 'synced' }>): Promise<void> {
    known.well = true
    known.name = outcome.name
    known.turn = ++this.#turn
    const app = this.#registered().find(({ name }) => name === outcome.name)
    if (app !== undefined && app.error !== null) await this.#options.engine.noteAppError({ name: app.name }, null)
    const { report } = this.#options
    report.synced({
      url: known.url,
      name: outcome.name,
      functions: app?.functions.length ?? 0,
      modified: outcome.modified,
    })
    report.warned(known.url, outcome.warnings)
  }

  async #unwell(known: KnownUrl, error: { readonly code: string; readonly message: string }): Promise<void> {
    known.well = false
    this.#options.report.failed(known.url, error)
    const app = this.#registered().find(({ url }) => identity(url) === identity(known.url))
    // Written only when it says something new: an app that is down is asked every few seconds.
    if (app !== undefined && app.error?.code !== error.code)
      await this.#options.engine.noteAppError({ url: app.url }, error)
  }

  #isDue(known: KnownUrl): boolean {
    if (this.#isShadowed(known)) return false
    if (this.#options.poll) return true
    const app = this.#registered().find(({ url }) => identity(url) === identity(known.url))
    return app === undefined ? !known.well : app.error !== null
  }

  /** Another URL serves an app of the same name, was synced later and is well: syncing this one too would let them take turns. */
  #isShadowed(known: KnownUrl): boolean {
    if (!known.well || known.name === null) return false
    const app = this.#registered().find(({ name }) => name === known.name)
    if (app === undefined || identity(app.url) === identity(known.url)) return false
    const other = this.#known.get(identity(app.url))
    if (other === undefined || !other.well || other.turn < known.turn) return false
    this.#options.report.shadowed(app.name, known.url, app.url)
    return true
  }

  /** An app that was named, or any at all where apps are looked for, has not been well yet. */
  #isWaiting(): boolean {
    const neverWell = [...this.#known.values()].some(({ turn }) => turn === 0)
    return neverWell || (this.#options.discover !== null && !this.#anyWell())
  }

  #anyWell(): boolean {
    return this.#registered().some(({ error, unreachableSince }) => error === null && unreachableSince === null)
  }

  /** Apps that are called over HTTP. */
  #registered(): readonly AppView[] {
    return this.#options.engine.registry().apps.filter(({ url }) => /^https?:/.test(url))
  }

  #remember(url: string): KnownUrl {
    const known = this.#known.get(identity(url)) ?? unknownYet(url)
    this.#known.set(identity(url), known)
    return known
  }

  /** An app that was here and is not in the registry any more was removed over the API. */
  #forgetRemoved(): void {
    const names = new Set(this.#registered().map(({ name }) => name))
    for (const [key, { name }] of this.#known) {
      if (name === null || names.has(name)) continue
      this.#known.delete(key)
      this.#removed.add(key)
    }
  }
}

function unknownYet(url: string): KnownUrl {
  return { url: identity(url), name: null, well: false, turn: 0 }
}

/** `http://127.0.0.1:3000/x` and `http://localhost:3000/x` are one app. */
function identity(url: string): string {
  return normalizeAppUrl(url) ?? url
}
