// The rows that have committed, as plain maps. Linear scans are fine at the sizes of a simulated world; every list that is
// handed out is sorted, so that the order of the maps never matters.
import type {
  AdmissionRow,
  AppRow,
  BulkRow,
  EffectRow,
  EndedRun,
  EventRow,
  FunctionRow,
  FunctionVersionRow,
  HistoryRow,
  IdempotencyRow,
  ItemRow,
  Key,
  LoadedRun,
  Mark,
  RateRow,
  RunRow,
  SkipRow,
  StepRow,
  StoredEvent,
  SyncRow,
  WaitRow,
  WaitSearch,
  Written,
} from '@pawl/storage'
import { LoggedMap, UndoLog } from './logged-map.ts'
import { RecordTables } from './record-tables.ts'
import { covers } from './snapshots.ts'

/** An event with the number of the transaction that stored it. */
export interface ModelEvent {
  readonly row: EventRow
  readonly body: string | null
  readonly xid: number
}

/** The row of a server process. */
export interface ProcessRow {
  readonly key: Key
  /** Shuts out what an older connection of the same process may still be doing. */
  readonly session: number
  readonly heartbeatAt: number
  readonly newestAt: number
  readonly groupNumber: number
  readonly results: Written['results']
}

export interface HistoryEntry {
  readonly row: HistoryRow
  readonly error: string | null
}

/** A counter of a minute by one process, or of an hour by all of them (`process` 0). */
export interface TallyRow {
  readonly level: 'minute' | 'hour'
  readonly at: number
  readonly fn: Key
  readonly name: string
  readonly process: Key
  readonly value: number
}

export interface Output {
  readonly run: Key
  readonly text: string
  readonly isError: boolean
}

export class Tables {
  readonly log = new UndoLog()
  nextKey: Key = 1
  registryVersion = 1
  clockOffset = 0
  newestAt = 0
  readonly processes = this.#map<Key, ProcessRow>()
  readonly apps = this.#map<Key, AppRow>()
  readonly functions = this.#map<Key, FunctionRow>()
  readonly waitPaths = this.#map<string, { readonly name: string; readonly path: string }>()
  readonly events = this.#map<Key, ModelEvent>()
  readonly runs = this.#map<Key, RunRow>()
  /** Names of the events that runs began with: an event may be gone before its run. */
  readonly eventNames = this.#map<Key, string>()
  readonly runEvents = this.#map<Key, readonly Key[]>()
  readonly outputs = this.#map<Key, Output>()
  readonly items = this.#map<Key, ItemRow>()
  /** By run and step. */
  readonly steps = this.#map<string, StepRow>()
  /** By run and number. */
  readonly history = this.#map<string, HistoryEntry>()
  readonly waits = this.#map<Key, WaitRow>()
  /** What each wait could see when it was opened. */
  readonly waitMarks = this.#map<Key, { readonly xid: number; readonly mark: Mark }>()
  readonly skips = this.#map<string, SkipRow>()
  readonly idempotency = this.#map<string, IdempotencyRow>()
  readonly rates = this.#map<string, RateRow>()
  readonly admissions = this.#map<Key, AdmissionRow>()
  readonly bulks = this.#map<Key, BulkRow>()
  readonly effects = this.#map<string, EffectRow>()
  readonly tallies = this.#map<string, TallyRow>()
  readonly syncs = this.#map<Key, SyncRow>()
  readonly functionVersions = this.#map<string, FunctionVersionRow>()
  /** Jobs and sessions. */
  readonly records = new RecordTables(this.log)

  /** Everything but apps and functions with their history, jobs and secrets, processes and counters. */
  wipe(): void {
    const { events, runs, runEvents, outputs, items, steps, history, waits, skips, idempotency, waitPaths } = this
    for (const map of [events, runs, runEvents, outputs, items, steps, history, waits]) map.clear()
    for (const map of [skips, idempotency, waitPaths, this.rates, this.admissions, this.bulks]) map.clear()
    for (const map of [this.effects, this.tallies, this.eventNames]) map.clear()
    this.records.wipe()
  }

  eventByUlid(id: string): ModelEvent | undefined {
    return this.events.find(({ row }) => row.id === id && !row.isRepeat)
  }

  runByUlid(id: string): RunRow | undefined {
    return this.runs.find((run) => run.id === id)
  }

  itemOf(run: Key, step: string): ItemRow | undefined {
    return this.items.find((item) => item.run === run && item.step === step)
  }

  itemsOf(run: Key): ItemRow[] {
    return this.items.filter((item) => item.run === run).sort(byKey)
  }

  /** The item of no run that has this name. */
  named(name: string): ItemRow | undefined {
    return this.items.find((item) => item.run === null && isNamed(item) && item.step === name)
  }

  crons(fn: Key): ItemRow[] {
    return this.items.filter((item) => item.kind === 'cron' && item.fn === fn).sort(byKey)
  }

  waitOf(run: Key, step: string): WaitRow | undefined {
    return this.waits.find((wait) => wait.run === run && wait.step === step)
  }

  signal(name: string): WaitRow | undefined {
    return this.waits.find((wait) => wait.kind === 'signal' && wait.name !== '' && wait.name === name)
  }

  searchWaits({ name, keys, after, max, stored }: WaitSearch): WaitRow[] {
    const event = stored === undefined ? undefined : this.events.get(stored)
    // A wait that could see the event has looked back itself; of one transaction the earlier operation has the lesser keys.
    const hasSeen = ({ key }: WaitRow) => {
      const opened = this.waitMarks.get(key)
      if (event === undefined || opened === undefined) return false
      return opened.xid === event.xid ? key > event.row.key : covers(opened.mark, event.xid)
    }
    const isMeant = (wait: WaitRow) =>
      (wait.kind === 'event' || wait.kind === 'cancel') &&
      wait.name === name &&
      wait.key > after &&
      keys.some(({ path, value }) => path === wait.path && value === wait.value) &&
      !hasSeen(wait)
    return this.waits.filter(isMeant).sort(byKey).slice(0, max)
  }

  hasMemo(run: Key, step: string): boolean {
    const row = this.steps.get(stepName(run, step))
    return row !== undefined && row.position >= 0
  }

  /** The live run that holds the singleton. */
  singleton(name: string): RunRow | undefined {
    return this.runs.find((run) => run.singleton === name && run.endedAt === null)
  }

  /** Slots held of a limit. */
  held(limit: string): number {
    return this.items.filter((item) => item.holds && item.limits.includes(limit)).length
  }

  storedEvent({ row, body }: ModelEvent): StoredEvent {
    return { row, text: body, ofRun: body === null && row.ofRun !== null ? this.#endedRun(row.ofRun) : null }
  }

  loadRun(key: Key): LoadedRun | undefined {
    const row = this.runs.get(key)
    if (row === undefined) return undefined
    const events = this.eventsOf(row).map((event) => this.storedEvent(event))
    const steps = this.steps.filter((step) => step.run === key)
    return { row, events, steps: steps.sort((a, b) => (a.step < b.step ? -1 : 1)) }
  }

  /** The events that a run began with. */
  eventsOf(run: RunRow): ModelEvent[] {
    const keys = this.runEvents.get(run.key) ?? [run.event]
    return keys.flatMap((key) => this.events.get(key) ?? [])
  }

  #endedRun(key: Key): EndedRun | null {
    const row = this.runs.get(key)
    if (row === undefined) return null
    const output = this.outputs.get(key)
    const events = this.eventsOf(row).flatMap(({ body }) => (body === null ? [] : [body]))
    return { row, output: output?.text ?? null, isError: output?.isError ?? false, events }
  }

  #map<K, V>(): LoggedMap<K, V> {
    return new LoggedMap(this.log)
  }
}

const NAMED = ['debounce', 'batch', 'line', 'bulk', 'job', 'jobRun', 'request', 'callback']

/** Items of no run whose step is a name that no other of them has. */
export function isNamed(item: ItemRow): boolean {
  return item.step !== '' && NAMED.includes(item.kind)
}

export function stepName(run: Key, step: string): string {
  return `${run} ${step}`
}

export function byKey(a: { readonly key: Key }, b: { readonly key: Key }): number {
  return a.key - b.key
}
