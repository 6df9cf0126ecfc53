// The store as plain maps, kept by what every committed group has written: what later checks compare the store, the app's
// ledger and the clients' answers with. It holds everything that ever was, also what has ended.
import type {
  AdmissionRow,
  AppRow,
  BulkRow,
  Change,
  EventRow,
  FunctionRow,
  HistoryRow,
  ItemRow,
  Key,
  RequestRow,
  RunRow,
  SessionItemRow,
  SessionRow,
  SkipRow,
  StepRow,
  WaitRow,
} from '@pawl/storage'
import type { Seen } from './model/model-server.ts'

export interface MirrorRun {
  row: RunRow
  /** The group that made it. */
  readonly seq: number
  /** Steps that it took over from the run that it repeats. */
  readonly inherited: number
  output: { readonly text: string; readonly isError: boolean } | null
  readonly steps: Map<string, { readonly row: StepRow; readonly seq: number }>
  readonly stack: string[]
  readonly history: HistoryRow[]
  /** Open items by step. */
  readonly items: Map<string, ItemRow>
  readonly waits: Map<Key, WaitRow>
}

export interface MirrorEvent {
  readonly row: EventRow
  readonly text: string | null
  /** The group that stored it. */
  readonly seq: number
  /** The last group that this one had read. */
  readonly seen: number
}

/** One claim or call: what was known when it began. */
export interface Lease {
  readonly item: ItemRow
  /** The group that wrote it. */
  readonly seq: number
  /** The last group that it had seen: what committed between the two may be known to it, or not. */
  readonly seen: number
}

export class Mirror {
  /** Groups committed so far. */
  seq = 0
  /** What the group that is taken over now had seen. */
  seen: Seen = { whenRead: 0, whenWritten: 0 }
  readonly runs = new Map<Key, MirrorRun>()
  readonly runsById = new Map<string, MirrorRun>()
  /** Open items. */
  readonly items = new Map<Key, ItemRow>()
  readonly waits = new Map<Key, WaitRow>()
  /** The groups that opened waits. */
  readonly waitSeqs = new Map<Key, number>()
  readonly events = new Map<Key, MirrorEvent>()
  /** Events that are no repeats, by ULID. */
  readonly eventsById = new Map<string, MirrorEvent>()
  /** The events that tell of a run's end, by the run. */
  readonly finishEvents = new Map<Key, MirrorEvent[]>()
  /** By event and function. */
  readonly skips = new Map<string, SkipRow>()
  readonly apps = new Map<Key, AppRow>()
  readonly functions = new Map<Key, FunctionRow>()
  /** All events of runs that began with several. */
  readonly runEvents = new Map<Key, readonly Key[]>()
  readonly admissions: AdmissionRow[] = []
  readonly bulks = new Map<Key, BulkRow>()
  readonly sessions = new Map<Key, SessionRow>()
  /** In the order of `seq`. */
  readonly sessionItems = new Map<Key, SessionItemRow[]>()
  readonly requests = new Map<Key, RequestRow>()
  /** Sums of counters, by function and name. */
  readonly tallies = new Map<string, number>()
  readonly #leases = new Map<string, Lease>()

  lease(item: Key, epoch: number): Lease | undefined {
    return this.#leases.get(`${item}.${epoch}`)
  }

  fnBySlug(slug: string): FunctionRow | undefined {
    for (const row of this.functions.values()) if (row.slug === slug) return row
    return undefined
  }

  apply(change: Change): void {
    if ('put' in change) this.#put(change)
    else if ('set' in change) this.#set(change)
    else if ('add' in change) this.#add(change)
    else if ('end' in change) this.#end(change)
  }

  /** Leases of servers that are gone have ended. */
  release(items: readonly ItemRow[]): void {
    for (const item of items) this.#fileItem(item)
  }

  /** A server that begins has no other holder beside it: what was leased is ready again. */
  voidLeases(now: number): void {
    for (const item of this.items.values()) {
      if (item.state === 'leased') this.#fileItem({ ...item, state: 'ready', due: now, owner: 0 })
    }
  }

  #put(change: Extract<Change, { put: unknown }>): void {
    switch (change.put) {
      case 'event':
        return this.#putEvent({ row: change.row, text: change.body, seq: this.seq, seen: this.seen.whenRead })
      case 'run':
        return this.#putRun(change.row)
      case 'output':
        this.#run(change.run).output = { text: change.text, isError: change.isError }
        return
      case 'item':
        return this.#fileItem(change.row)
      case 'step': {
        const run = this.#run(change.row.run)
        run.steps.set(change.row.step, { row: change.row, seq: this.seq })
        if (change.row.position >= 0) run.stack[change.row.position] = change.row.step
        return
      }
      case 'history':
        this.#run(change.row.run).history.push(change.row)
        return
      case 'wait':
        this.waitSeqs.set(change.row.key, this.seq)
        this.waits.set(change.row.key, change.row)
        this.#run(change.row.run).waits.set(change.row.key, change.row)
        return
      case 'skip':
        this.skips.set(`${change.row.event} ${change.row.fn}`, change.row)
        return
      case 'app':
        this.apps.set(change.row.key, change.row)
        return
      case 'function':
        this.functions.set(change.row.key, change.row)
        return
      case 'runEvents':
        this.runEvents.set(change.run, change.events)
        return
      case 'admission':
        this.admissions.push(change.row)
        return
      case 'bulk':
        this.bulks.set(change.row.key, change.row)
        return
      case 'session':
        this.sessions.set(change.row.key, change.row)
        return
      case 'sessionItem': {
        const items = this.sessionItems.get(change.row.session) ?? []
        items.push(change.row)
        this.sessionItems.set(change.row.session, items)
        return
      }
      case 'request':
        this.requests.set(change.row.key, change.row)
        return
      case 'rate':
      case 'idempotency':
      case 'waitPath':
      case 'effect':
      case 'sync':
      case 'functionVersion':
    }
  }

  #add({ fn, name, by }: Extract<Change, { add: unknown }>): void {
    const counter = `${fn} ${name}`
    this.tallies.set(counter, (this.tallies.get(counter) ?? 0) + by)
  }

  #set(change: Extract<Change, { set: unknown }>): void {
    switch (change.set) {
      case 'run': {
        const run = this.#run(change.key)
        run.row = { ...run.row, ...change.state }
        return
      }
      case 'item':
        return this.#fileItem(change.row)
      case 'wait':
        this.waits.set(change.row.key, change.row)
        this.#run(change.row.run).waits.set(change.row.key, change.row)
        return
      case 'app':
        this.apps.set(change.row.key, change.row)
        return
      case 'function':
        this.functions.set(change.row.key, change.row)
        return
      case 'bulk':
        this.bulks.set(change.row.key, change.row)
        return
      case 'session':
        this.sessions.set(change.row.key, change.row)
        return
      case 'request':
        this.requests.set(change.row.key, change.row)
        return
      case 'clockOffset':
    }
  }

  #end(change: Extract<Change, { end: unknown }>): void {
    switch (change.end) {
      case 'item':
        return this.#endItem(change.key)
      case 'items':
        for (const item of this.#run(change.run).items.values()) this.#endItem(item.key)
        return
      case 'wait':
        return this.#endWait(change.key)
      case 'waits':
        for (const key of this.#run(change.run).waits.keys()) this.#endWait(key)
        return
      case 'event':
      case 'run':
      case 'expired':
        return
      case 'everything':
        throw new Error('a world is never reset')
    }
  }

  #run(key: Key): MirrorRun {
    const run = this.runs.get(key)
    if (run === undefined) throw new Error(`run ${key} was never made`)
    return run
  }

  #putRun(row: RunRow): void {
    const run: MirrorRun = {
      row,
      seq: this.seq,
      inherited: row.steps,
      output: null,
      steps: new Map(),
      stack: [],
      history: [],
      items: new Map(),
      waits: new Map(),
    }
    this.runs.set(row.key, run)
    this.runsById.set(row.id, run)
  }

  #putEvent(event: MirrorEvent): void {
    this.events.set(event.row.key, event)
    if (!event.row.isRepeat) this.eventsById.set(event.row.id, event)
    const { ofRun } = event.row
    if (ofRun !== null) this.finishEvents.set(ofRun, [...(this.finishEvents.get(ofRun) ?? []), event])
  }

  #fileItem(row: ItemRow): void {
    const before = this.items.get(row.key)
    const run = row.run === null ? undefined : this.#run(row.run)
    if (before !== undefined && before.step !== row.step) run?.items.delete(before.step)
    this.items.set(row.key, row)
    run?.items.set(row.step, row)
    if (row.state === 'leased') {
      const name = `${row.key}.${row.epoch}`
      if (!this.#leases.has(name)) this.#leases.set(name, { item: row, seq: this.seq, seen: this.seen.whenWritten })
    }
  }

  #endItem(key: Key): void {
    const row = this.items.get(key)
    if (row === undefined) return
    this.items.delete(key)
    if (row.run !== null) this.#run(row.run).items.delete(row.step)
  }

  #endWait(key: Key): void {
    const row = this.waits.get(key)
    if (row === undefined) return
    this.waits.delete(key)
    this.#run(row.run).waits.delete(key)
  }
}
