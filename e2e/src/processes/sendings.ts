/**
 * Events that were sent to a cluster, with what must come of each: one run, which ended once, with this result. Requests
 * go round the servers, and one that fails is sent again with the same seed, as the same events.
 */
import { randomBytes } from 'node:crypto'
import type { RunView } from '../harness/api.ts'
import { at, type Fields, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import type { Kind } from './functions.ts'
import { OUTPUTS } from './functions.ts'
import type { ProductionApi } from './production.ts'
import type { ProductionApp } from './production-app.ts'

interface Sent {
  readonly id: string
  readonly app: ProductionApp
  readonly kind: Kind
  readonly key: string
}

/** What came of one event: its runs, by status and output. */
export interface Result {
  readonly id: string
  readonly kind: Kind
  readonly runs: readonly Pick<RunView, 'id' | 'status' | 'output' | 'endedAt'>[]
}

/** What is sent: kinds in turn, for each app. */
interface Load {
  readonly kinds: readonly Kind[]
  /** Keys are taken from so many; one for each event by default. */
  readonly keys?: number
}

/** How long a request is sent again. */
const SURELY_MS = 60_000
/** How long runs may take to end after the last event. */
const PATIENCE_MS = 45_000
const WAKE_EVERY_MS = 400
/** Results that are read at the same time. */
const READS = 16
let sendings = 0

export class Sendings {
  readonly #apis: readonly ProductionApi[]
  readonly #sent: Sent[]
  #turn = 0

  constructor(apis: readonly ProductionApi[], sent: readonly Sent[] = []) {
    this.#apis = apis
    this.#sent = [...sent]
  }

  get count(): number {
    return this.#sent.length
  }

  idsOf(app: ProductionApp): readonly string[] {
    return this.#sent.filter((sent) => sent.app === app).map(({ id }) => id)
  }

  /** Both together, asked for where this one asks. */
  and(others: Sendings): Sendings {
    return new Sendings(this.#apis, [...this.#sent, ...others.#sent])
  }

  /** The same, asked for at these servers. */
  seenBy(apis: readonly ProductionApi[]): Sendings {
    return new Sendings(apis, this.#sent)
  }

  /** Sends so many events of each kind for each app. */
  async sendAll(apps: readonly ProductionApp[], load: Load & { readonly count: number }): Promise<void> {
    for (let n = 0; n < load.count; n++) await this.#sendOneOfEach(apps, load)
  }

  /** Sends until it is told to stop. */
  async keepSending(
    apps: readonly ProductionApp[],
    load: Load & { readonly everyMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    while (!load.signal.aborted) {
      await this.#sendOneOfEach(apps, load)
      await moment(load.everyMs)
    }
  }

  /** Wakes those that wait, again and again since a wake before its wait is lost, until all runs have ended. */
  async wakeUntilEnded(withinMs: number = PATIENCE_MS): Promise<void> {
    let wokenAt = 0
    let open = 0
    await until(
      'all runs to end',
      async () => {
        if (Date.now() - wokenAt > WAKE_EVERY_MS) {
          wokenAt = Date.now()
          await this.wake()
        }
        open = await this.#openCount()
        return open === 0
      },
      { withinMs, onGivingUp: () => `${open} open runs` },
    )
  }

  /** Sends what the waiting runs wait for. */
  async wake(): Promise<void> {
    const waiting = this.#sent.filter(({ kind }) => kind === 'waits')
    for (let from = 0; from < waiting.length; from += 500) {
      const page = waiting.slice(from, from + 500)
      await this.#surely(page.map(({ app, key }) => ({ name: app.event('wake'), data: { key } })))
    }
  }

  async results(): Promise<readonly Result[]> {
    const results: Result[] = []
    for (let from = 0; from < this.#sent.length; from += READS)
      results.push(...(await Promise.all(this.#sent.slice(from, from + READS).map((sent) => this.#resultOf(sent)))))
    return results
  }

  /** Every event that has not exactly one run, with the result that it must have, and told once that it has finished. */
  async faults(): Promise<readonly string[]> {
    const results = await this.results()
    const finished = await this.#allEvents('inngest/function.finished')
    const times = Map.groupBy(finished, (event) => text(at(event, 'data', 'run_id')))
    return results.flatMap(({ id, kind, runs }) => {
      const [run] = runs
      const about = `event ${id} (${kind})`
      if (run === undefined || runs.length > 1) return [`${about} has ${runs.length} runs`]
      const told = times.get(run.id)?.length ?? 0
      const isRight = run.status === 'Completed' && (OUTPUTS[kind] === undefined || run.output === OUTPUTS[kind])
      return [
        ...(isRight ? [] : [`${about}: run ${run.id} is ${run.status} with ${JSON.stringify(run.output)}`]),
        ...(told === 1 ? [] : [`${about}: run ${run.id} has finished ${told} times`]),
      ]
    })
  }

  async #resultOf({ id, kind }: Sent): Promise<Result> {
    const runs = await this.#next().runsOf(id)
    return {
      id,
      kind,
      runs: runs.map((run) => ({ id: run.id, status: run.status, output: run.output, endedAt: run.endedAt })),
    }
  }

  async #sendOneOfEach(apps: readonly ProductionApp[], { kinds, keys }: Load): Promise<void> {
    const batch = apps.flatMap((app) => kinds.map((kind) => ({ app, kind, key: `k${++sendings % (keys ?? 1e9)}` })))
    const ids = await this.#surely(batch.map(({ app, kind, key }) => ({ name: app.event(kind), data: { key } })))
    this.#sent.push(...batch.map((each, n) => ({ ...each, id: text(ids[n]) })))
  }

  /** Sends events until they are answered. The seed makes a repeated request the same events. */
  async #surely(events: readonly { name: string; data: object }[]): Promise<readonly string[]> {
    if (events.length === 0) return []
    const headers = { 'x-inngest-event-id-seed': `${Date.now()},${randomBytes(10).toString('base64')}` }
    return until(
      'events to be taken',
      () =>
        this.#next()
          .send(events, headers)
          .catch(() => undefined),
      { withinMs: SURELY_MS },
    )
  }

  async #openCount(): Promise<number> {
    const answer = await this.#next().ask('/v2/runs?status=RUNNING&status=QUEUED&limit=1&includeTotal=true')
    return Number(at(answer, 'page', 'totalCount'))
  }

  async #allEvents(name: string): Promise<readonly Fields[]> {
    const all: Fields[] = []
    for (let cursor = ''; ; ) {
      const page = await this.#next().events(
        `include_internal=true&limit=50&name=${encodeURIComponent(name)}${cursor && `&cursor=${cursor}`}`,
      )
      all.push(...page)
      const last = page.at(-1)
      if (page.length < 50 || last === undefined) return all
      cursor = text(last.internal_id)
    }
  }

  #next(): ProductionApi {
    const api = this.#apis[this.#turn++ % this.#apis.length]
    if (api === undefined) throw new Error('No server')
    return api
  }
}
