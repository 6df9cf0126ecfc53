// Fills a store as a server would have filled it in a month: through the store's own contract, minute by minute, under a
// clock that goes through that month. For tests and measurements that need a store of a size; nothing of it runs.
import type { Change, Key, RunStatus, Store } from '@pawl/storage'
import { Random } from '../random.ts'
import { type FilledFunction, registryRows } from './fill-functions.ts'
import { fillRun } from './fill-run.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Minutes of counters that stay, as an engine keeps them. */
const MINUTES_KEPT_MS = 48 * HOUR_MS
/** Keys at most: ten events of a batch, its run and item, two events of its end, an event that starts nothing. */
const KEYS_A_RUN = 16
/** Runs that one bulk operation started, of a thousand. */
const OF_BULK = 20

export interface FillOptions {
  /** Opens the store to fill under this wall clock. It is closed when it is full. */
  readonly open: (now: () => number) => Promise<Store>
  readonly runs: number
  /** The newest instant in the store, epoch milliseconds; default now. */
  readonly until?: number | undefined
  /** Default 30. A tenth of the runs is of the last day. */
  readonly days?: number | undefined
  readonly seed?: number | undefined
  /** Told after each minute. */
  readonly progress?: ((runs: number) => void) | undefined
}

export interface Filled {
  readonly functions: readonly FilledFunction[]
  /** ULIDs: a run of 1,000 steps, one with 5 MB of event and of output, one that failed, one that sleeps. */
  readonly longRun: string
  readonly largeRun: string
  readonly failedRun: string
  readonly sleepingRun: string
  /** A run that others were invoked by, one that was started again, the operation that started many. */
  readonly parent: Key
  readonly original: Key
  readonly bulk: Key
}

export async function fillStore(options: FillOptions): Promise<Filled> {
  const { runs, days = 30, until = Date.now() } = options
  let at = until - days * DAY_MS
  const store = await options.open(() => at)
  const fill = new Fill(store, new Random(options.seed ?? 1))
  await fill.begin(at)
  const timeOf = (index: number) => Math.floor(until - days * DAY_MS * (1 - index / runs) ** 1.5)
  let folded = at
  for (let index = 0; index < runs; ) {
    const minuteEnd = timeOf(index) - (timeOf(index) % MINUTE_MS) + MINUTE_MS
    const times: number[] = []
    while (index < runs && timeOf(index) < minuteEnd && times.length < 300) times.push(timeOf(index++))
    at = Math.max(at, times.at(-1) ?? at)
    await fill.minute(times, until)
    if (at - folded > HOUR_MS) {
      folded = at
      await fill.fold(at)
    }
    options.progress?.(index)
  }
  at = Math.max(at, until)
  const filled = await fill.end(until)
  await store.close()
  return filled
}

class Fill {
  readonly #store: Store
  readonly #random: Random
  #functions: readonly FilledFunction[] = []
  #shares: readonly FilledFunction[] = []
  #parent = 0
  #original = 0
  #bulk = 0
  #failedRun = ''
  #sleepingRun = ''

  constructor(store: Store, random: Random) {
    this.#store = store
    this.#random = random
  }

  async begin(at: number): Promise<void> {
    await this.#write((key) => {
      const { changes, functions } = registryRows(key, at)
      this.#functions = functions
      this.#shares = functions.flatMap((fn) => new Array<FilledFunction>(fn.share).fill(fn))
      this.#bulk = key()
      const bulk = { key: this.#bulk, id: '01K0000000000000000000BK0F', kind: 'replay', fn: null } as const
      const request =
        '{"conditions":[],"dryRun":false,"from":0,"functionIds":null,"kind":"replay","name":"After the outage","perMinute":null,"runIds":null,"statuses":["failed"],"totalCount":1,"until":0}'
      const progress = '{"done":1,"failed":0,"lastError":null,"paused":false,"seen":1,"skipped":0,"stopped":false}'
      changes.push({ put: 'bulk', row: { ...bulk, request, progress, createdAt: at, endedAt: at + HOUR_MS } })
      return [...changes, ...functions.flatMap((fn) => cronItem(fn, key, at))]
    })
  }

  /** Runs that were queued at these instants, which lie in one minute. */
  async minute(times: readonly number[], until: number): Promise<void> {
    await this.#write((key) => times.flatMap((queuedAt) => this.#run(key, queuedAt, until)), times.length)
  }

  #run(key: () => Key, queuedAt: number, until: number): readonly Change[] {
    const random = this.#random
    const fn = this.#shares[random.whole(0, this.#shares.length - 1)]
    if (fn === undefined) return []
    const status = this.#status(fn, until - queuedAt)
    const kind = random.whole(0, 999)
    const payload = random.whole(0, 199) === 0 ? 10_000 : undefined
    const isChild = kind >= 990 && this.#parent !== 0 && fn.cron === undefined
    const made = fillRun({
      fn,
      queuedAt,
      status,
      random,
      key,
      payload,
      bulk: kind < OF_BULK ? this.#bulk : undefined,
      original: kind < OF_BULK && this.#original !== 0 ? this.#original : undefined,
      parent: isChild ? this.#parent : undefined,
    })
    // Every thousandth run invokes and is repeated from then on, so that none has too many of either.
    if (this.#parent === 0 || random.whole(0, 999) === 0) this.#parent = this.#original = made.row.key
    if (status === 'failed') this.#failedRun = made.row.id
    if (status === 'running') this.#sleepingRun = made.row.id
    return made.changes
  }

  #status(fn: FilledFunction, age: number): RunStatus {
    const chance = this.#random.float() * 100
    if (chance < fn.failed) return 'failed'
    if (chance < fn.failed + 1) return 'cancelled'
    if (chance < fn.failed + 1.3) return 'skipped'
    // What is live sleeps: of old runs one in five hundred, of the last hour one in twenty.
    if (chance > (age < HOUR_MS ? 95 : 99.8)) return chance > 99.9 ? 'scheduled' : 'running'
    return 'completed'
  }

  async fold(at: number): Promise<void> {
    const kept = { deleteMinutesBefore: at - MINUTES_KEPT_MS, deleteHoursBefore: 0, deleteRecordsBefore: 0 }
    await this.#write(() => [{ fold: 'tallies', before: at - 5 * MINUTE_MS, ...kept }])
  }

  async end(at: number): Promise<Filled> {
    const fn = this.#functions[0]
    if (fn === undefined) throw new Error('there are no functions')
    const own = { fn, random: this.#random, status: 'completed' } as const
    const ids: string[] = []
    for (const over of [{ steps: 1_000 - fn.steps.length }, { payload: 5 * 1024 * 1024 }]) {
      const run = { ...own, ...over, queuedAt: at - 70_000 }
      await this.#write((key) => {
        const made = fillRun({ ...run, key })
        ids.push(made.row.id)
        return made.changes
      })
    }
    const [longRun = '', largeRun = ''] = ids
    const keys = { parent: this.#parent, original: this.#original, bulk: this.#bulk }
    const named = { longRun, largeRun, failedRun: this.#failedRun, sleepingRun: this.#sleepingRun }
    return { functions: this.#functions, ...named, ...keys }
  }

  /** `make` is called once, with keys enough for so many runs: what is drawn by chance is not drawn again. */
  async #write(make: (key: () => Key) => readonly Change[], runs = 10): Promise<void> {
    let made: readonly Change[] | null = null
    const outcome = await this.#store.commit({
      needs: {},
      decide: (facts) => {
        const keys = Array.from({ length: runs * KEYS_A_RUN }, () => facts.key())
        let next = 0
        made ??= make(() => keys[next++] ?? outOfKeys())
        return { changes: made, result: undefined }
      },
    })
    if (typeof outcome === 'string') throw new Error(`a minute was ${outcome}`)
  }
}

function outOfKeys(): never {
  throw new Error('A run has more rows than it was given keys')
}

/** The next tick is a day away, so that a server over the store has time to be looked at. */
function cronItem({ key: fn, cron }: FilledFunction, key: () => Key, at: number): Change[] {
  if (cron === undefined) return []
  const times = { due: at + 400 * DAY_MS, rank: at, queuedAt: at, startedAt: null }
  const idle = {
    limits: [],
    holds: false,
    line: null,
    attempt: 0,
    claims: 0,
    epoch: 0,
    owner: 0,
    again: false,
    race: false,
  }
  const own = { key: key(), run: null, fn, step: cron, kind: 'cron', state: 'sleeping', detail: null } as const
  return [{ put: 'item', row: { ...own, ...times, ...idle } }]
}
