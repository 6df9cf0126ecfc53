// What a group writes, brought together to one write for each row it touches: a set-based statement cannot write a row
// twice. Changes are taken in their order, so that a row that one operation puts and a later one sets is put as it was
// set. The order in which the statements then run is ends, sets, puts.
import type { Change } from '../contract/changes.ts'
import type {
  AdmissionRow,
  BulkRow,
  EffectRow,
  EventRow,
  HistoryRow,
  IdempotencyRow,
  ItemRow,
  Key,
  RateRow,
  RunRow,
  RunState,
  SkipRow,
  StepRow,
  WaitRow,
} from '../contract/rows.ts'
import { raisesRegistry } from '../registry-changes.ts'
import type { Body, NewEvent } from './event-table.ts'
import { RecordRows } from './pending-records.ts'
import { misfit } from './postgres-errors.ts'
import { RowSet, RunRowSet } from './row-sets.ts'
import type { RunEvent } from './run-event-table.ts'
import type { Output, RunSet } from './run-table.ts'
import { type HistoryError, isStepHash } from './step-table.ts'
import type { TallyAdd } from './tally-table.ts'

type Put = Extract<Change, { readonly put: string }>
type Replace = Extract<Change, { readonly set: string }>
type End = Extract<Change, { readonly end: string }>
type Fold = Extract<Change, { readonly fold: string }>

/** Changes of the registry, of its history, of secrets and of the clock, written one by one in their order. */
export type RareChange =
  | Extract<Put, { readonly put: 'app' | 'function' | 'functionVersion' | 'sync' | 'waitPath' | 'secret' }>
  | Extract<Replace, { readonly set: 'app' | 'function' | 'clockOffset' }>
  | Extract<End, { readonly end: 'secret' }>

/** The rows of a group. */
export class GroupRows {
  readonly putRuns = new RowSet<Key, RunRow>()
  readonly setRuns = new RowSet<Key, RunSet>()
  readonly runEvents = new RowSet<string, RunEvent>()
  readonly outputs = new RowSet<Key, Output>()
  readonly items = new RunRowSet<ItemRow>('item')
  readonly waits = new RunRowSet<WaitRow>('wait')
  readonly steps = new RowSet<string, StepRow>()
  readonly history = new RowSet<string, HistoryRow>()
  readonly errors = new RowSet<string, HistoryError>()
  readonly events = new RowSet<Key, NewEvent>()
  readonly bodies = new RowSet<Key, Body>()
  readonly skips = new RowSet<string, SkipRow>()
  readonly effects = new RowSet<string, EffectRow>()
  readonly idempotency = new RowSet<string, IdempotencyRow>()
  readonly rates = new RowSet<string, RateRow>()
  readonly admissions = new RowSet<Key, AdmissionRow>()
  readonly putBulks = new RowSet<Key, BulkRow>()
  readonly setBulks = new RowSet<Key, BulkRow>()
  readonly tallies = new RowSet<string, TallyAdd>()
  records = new RecordRows()
}

/** What has statements of its own. */
export interface RareRows {
  isWiped: boolean
  readonly endRuns: Set<Key>
  readonly endEvents: Set<Key>
  readonly endExpired: { readonly before: number; readonly max: number }[]
  readonly folds: Fold[]
  readonly endRecords: Extract<End, { readonly end: 'records' }>[]
  /** In their order, after the rows. */
  changes: RareChange[]
}

export class PendingRows {
  rows = new GroupRows()
  readonly rare: RareRows = {
    isWiped: false,
    endRuns: new Set(),
    endEvents: new Set(),
    endExpired: [],
    folds: [],
    endRecords: [],
    changes: [],
  }
  registryRaises = 0
  readonly #now: number

  constructor(now: number) {
    this.#now = now
  }

  get isRare(): boolean {
    const { isWiped, endRuns, endEvents, endExpired, folds, endRecords, changes } = this.rare
    const others = endExpired.length + folds.length + endRecords.length + changes.length
    return isWiped || endRuns.size + endEvents.size + others > 0
  }

  /**
   * Takes the changes of the operation at this place; operations that cannot be refused any more share one place.
   *
   * @throws Error when a change does not fit another of the group, or when two places would write one row.
   */
  add(changes: readonly Change[], at: number): void {
    for (const change of changes) {
      if ('put' in change) this.#put(change, at)
      else if ('set' in change) this.#set(change, at)
      else if ('end' in change) this.#end(change, at)
      else if ('add' in change) this.#addTally(change, at)
      else this.rare.folds.push(change)
    }
    if (raisesRegistry(changes)) this.registryRaises++
  }

  #put(change: Put, at: number): void {
    const { rows } = this
    switch (change.put) {
      case 'event':
        return this.#putEvent(change.row, change.body, at)
      case 'run':
        this.#startedBy(change.row.event)
        return rows.putRuns.put(change.row.key, { at, row: change.row })
      case 'runEvents':
        return this.#putRunEvents(change.run, change.events, at)
      case 'output':
        return rows.outputs.put(change.run, { at, row: change })
      case 'item':
        return rows.items.put({ at, row: change.row })
      case 'step':
        return this.#putStep(change.row, at)
      case 'history':
        return this.#putHistory(change.row, change.error, at)
      case 'wait':
        return rows.waits.put({ at, row: change.row })
      case 'skip':
        return rows.skips.put(`${change.row.event} ${change.row.fn}`, { at, row: change.row })
      case 'effect': {
        const { event, run, how } = change.row
        return rows.effects.replace(`${event} ${run} ${how}`, { at, row: change.row })
      }
      case 'idempotency':
        return this.#putIdempotency(change.row, at)
      case 'rate':
        return rows.rates.replace(change.row.name, { at, row: change.row })
      case 'admission':
        return rows.admissions.put(change.row.key, { at, row: change.row })
      case 'bulk':
        return rows.putBulks.put(change.row.key, { at, row: change.row })
      case 'app':
      case 'function':
      case 'functionVersion':
      case 'sync':
      case 'waitPath':
      case 'secret':
        this.rare.changes.push(change)
        return
      case 'job':
      case 'jobRun':
      case 'session':
      case 'sessionItem':
      case 'request':
        return rows.records.add(change, at)
      default:
        return assertNever(change)
    }
  }

  #set(change: Replace, at: number): void {
    switch (change.set) {
      case 'run':
        return this.#setRun(change.key, change.state, at)
      case 'item':
        return this.rows.items.set({ at, row: change.row })
      case 'wait':
        return this.rows.waits.set({ at, row: change.row })
      case 'bulk':
        return this.#setBulk(change.row, at)
      case 'job':
      case 'jobRun':
      case 'session':
      case 'request':
        return this.rows.records.add(change, at)
      case 'app':
      case 'function':
      case 'clockOffset':
        this.rare.changes.push(change)
        return
      default:
        return assertNever(change)
    }
  }

  #end(change: End, at: number): void {
    switch (change.end) {
      case 'item':
        return this.rows.items.end(change.key, at)
      case 'items':
        return this.rows.items.endOf(change.run, at)
      case 'wait':
        return this.rows.waits.end(change.key, at)
      case 'waits':
        return this.rows.waits.endOf(change.run, at)
      case 'event':
        return this.#endEvent(change.key, at)
      case 'run':
        return this.#endRun(change.key, at)
      case 'expired':
        this.rare.endExpired.push(change)
        return
      case 'secret':
        this.rare.changes.push(change)
        return
      case 'records':
        this.rare.endRecords.push(change)
        return
      case 'everything':
        return this.#wipe()
      default:
        return assertNever(change)
    }
  }

  #putEvent(row: EventRow, body: string | null, at: number): void {
    const isInternal = row.ofRun !== null || row.name.startsWith('inngest/') || row.name.startsWith('pawl/')
    this.rows.events.put(row.key, { at, row: { row, idle: !isInternal } })
    if (body !== null) this.rows.bodies.put(row.key, { at, row: { event: row.key, text: body } })
  }

  /** A run comes with the event, which is put before it. */
  #startedBy(event: Key): void {
    const stored = this.rows.events.get(event)
    if (stored !== undefined) stored.idle = false
  }

  /** Operations that may be refused count by themselves. */
  #addTally({ fn, name, by }: TallyAdd, at: number): void {
    const { tallies } = this.rows
    const id = `${at} ${fn} ${name}`
    tallies.replace(id, { at, row: { fn, name, by: (tallies.get(id)?.by ?? 0) + by } })
  }

  #putRunEvents(run: Key, events: readonly Key[], at: number): void {
    for (const [position, event] of events.entries()) {
      this.#startedBy(event)
      this.rows.runEvents.put(`${run} ${position}`, { at, row: { run, position, event } })
    }
  }

  #setBulk(row: BulkRow, at: number): void {
    const { putBulks, setBulks } = this.rows
    const into = putBulks.get(row.key) === undefined ? setBulks : putBulks
    into.replace(row.key, { at, row })
  }

  #putStep(row: StepRow, at: number): void {
    const { run, step } = row
    if (!isStepHash(step)) throw misfit(`"${step}" is no hash of a step`)
    const before = this.rows.steps.get(`${run} ${step}`)
    if (before !== undefined && before.position >= 0) throw misfit(`run ${run} has a memo of step ${step}`)
    this.rows.steps.replace(`${run} ${step}`, { at, row })
  }

  #putHistory(row: HistoryRow, error: string | null, at: number): void {
    const { run, seq } = row
    this.rows.history.put(`${run} ${seq}`, { at, row })
    if (error !== null) this.rows.errors.put(`${run} ${seq}`, { at, row: { run, seq, error } })
  }

  #putIdempotency(row: IdempotencyRow, at: number): void {
    const { fn, key } = row
    const before = this.rows.idempotency.get(`${fn} ${key}`)
    if (before !== undefined && before.expiresAt > this.#now) {
      throw misfit(`function ${fn} has a run under the idempotency key "${key}"`)
    }
    this.rows.idempotency.replace(`${fn} ${key}`, { at, row })
  }

  #setRun(key: Key, state: RunState, at: number): void {
    const { putRuns, setRuns } = this.rows
    const made = putRuns.get(key)
    const set = setRuns.get(key)
    const rev = made?.rev ?? set?.state.rev
    if (rev !== undefined && rev !== state.rev - 1) throw misfit(`run ${key} has another revision`)
    if (made !== undefined) return putRuns.replace(key, { at, row: { ...made, ...state } })
    setRuns.replace(key, { at, row: { key, from: set?.from ?? state.rev - 1, state } })
  }

  #endEvent(key: Key, at: number): void {
    const { events, bodies, skips, effects } = this.rows
    events.drop(key, at)
    bodies.drop(key, at)
    skips.dropWhere(at, (row) => row.event === key)
    effects.dropWhere(at, (row) => row.event === key)
    this.rare.endEvents.add(key)
  }

  #endRun(key: Key, at: number): void {
    const { putRuns, setRuns, runEvents, outputs, steps, history, errors, effects } = this.rows
    putRuns.drop(key, at)
    setRuns.drop(key, at)
    outputs.drop(key, at)
    for (const set of [runEvents, steps, history, errors, effects])
      set.dropWhere(at, (row: { readonly run: Key }) => row.run === key)
    this.rare.endRuns.add(key)
  }

  /** What the group has written until here is gone, but for apps, functions, jobs and secrets. */
  #wipe(): void {
    const kept = this.rows.records.keptAfterReset()
    this.rows = new GroupRows()
    this.rows.records = kept
    this.rare.isWiped = true
    for (const set of [this.rare.endRuns, this.rare.endEvents]) set.clear()
    this.rare.endExpired.length = 0
    this.rare.folds.length = 0
    this.rare.endRecords.length = 0
    this.rare.changes = this.rare.changes.filter((change) =>
      'put' in change ? change.put !== 'waitPath' : 'end' in change || change.set !== 'clockOffset',
    )
  }
}

function assertNever(value: never): never {
  throw new Error(`Unexpected change: ${JSON.stringify(value)}`)
}
