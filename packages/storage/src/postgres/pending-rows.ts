// What a group writes, brought together to one write for each row it touches: a set-based statement cannot write a row
// twice. Changes are taken in their order, so that a row that one operation puts and a later one sets is put as it was
// set. The order in which the statements then run is ends, sets, puts.
import type { Change } from '../contract/changes.ts'
import type { EventRow, HistoryRow, IdempotencyRow, ItemRow, Key, RunRow, SkipRow, StepRow, WaitRow } from '../contract/rows.ts'
import { raisesRegistry } from '../registry-changes.ts'
import type { Body } from './event-table.ts'
import { misfit } from './postgres-errors.ts'
import type { Output, RunSet } from './run-table.ts'
import { type HistoryError, isStepHash } from './step-table.ts'
import type { Placed } from './write-parts.ts'

type Put = Extract<Change, { readonly put: string }>
type Set_ = Extract<Change, { readonly set: string }>
type End = Exclude<Change, Put | Set_>

/** Changes of the registry and of the clock: rare, and written one by one in their order. */
export type RareChange = Extract<
  Change,
  { readonly put: 'app' | 'function' | 'waitPath' } | { readonly set: 'app' | 'function' | 'clockOffset' }
>

export interface PendingOptions {
  /**
   * Whether `finish` still has to check each operation, which may then be left out. A row that two such operations
   * touch cannot be written once.
   */
  readonly isGuarded: boolean
  readonly now: number
}

export class PendingRows {
  readonly putRuns = new Rows<Key, RunRow>()
  readonly setRuns = new Rows<Key, RunSet>()
  readonly outputs: Placed<Output>[] = []
  readonly items = new RowsOfRuns<ItemRow>('item')
  readonly waits = new RowsOfRuns<WaitRow>('wait')
  readonly steps = new Rows<string, StepRow>()
  readonly history: Placed<HistoryRow>[] = []
  readonly errors: Placed<HistoryError>[] = []
  readonly events = new Rows<Key, EventRow>()
  readonly bodies = new Rows<Key, Body>()
  readonly skips: Placed<SkipRow>[] = []
  readonly idempotency = new Rows<string, IdempotencyRow>()
  /** What is done before the rows are written. */
  readonly endRuns = new Set<Key>()
  readonly endEvents = new Set<Key>()
  readonly endExpired: { readonly before: number; readonly max: number }[] = []
  isWiped = false
  /** What is done after. */
  rare: RareChange[] = []
  registryRaises = 0
  readonly #options: PendingOptions

  constructor(options: PendingOptions) {
    this.#options = options
  }

  /** Whether the group has more than rows of runs and events. */
  get isRare(): boolean {
    return this.isWiped || this.rare.length + this.endRuns.size + this.endEvents.size + this.endExpired.length > 0
  }

  /**
   * Takes the changes of the operation at this place in the group.
   *
   * @throws Error when a change does not fit another of the group, or when a row would be written twice.
   */
  add(changes: readonly Change[], at: number): void {
    for (const change of changes) {
      if ('put' in change) this.#put(change, at)
      else if ('set' in change) this.#set(change, at)
      else this.#end(change, at)
    }
    if (raisesRegistry(changes)) this.registryRaises++
  }

  #put(change: Put, at: number): void {
    switch (change.put) {
      case 'event':
        this.events.put(change.row.key, { at, row: change.row })
        if (change.body === null) return
        return this.bodies.put(change.row.key, { at, row: { event: change.row.key, text: change.body } })
      case 'run':
        return this.putRuns.put(change.row.key, { at, row: change.row })
      case 'output':
        this.outputs.push({ at, row: { run: change.run, text: change.text, isError: change.isError } })
        return
      case 'item':
        return this.items.put({ at, row: change.row })
      case 'step':
        return this.#putStep({ at, row: change.row })
      case 'history':
        return this.#putHistory({ at, row: change.row }, change.error)
      case 'wait':
        return this.waits.put({ at, row: change.row })
      case 'skip':
        this.skips.push({ at, row: change.row })
        return
      case 'idempotency':
        return this.#putIdempotency({ at, row: change.row })
      case 'app':
      case 'function':
      case 'waitPath':
        this.rare.push(change)
        return
      default:
        return assertNever(change)
    }
  }

  #set(change: Set_, at: number): void {
    switch (change.set) {
      case 'run':
        return this.#setRun(change.key, { at, row: { key: change.key, from: change.state.rev - 1, state: change.state } })
      case 'item':
        return this.items.set({ at, row: change.row })
      case 'wait':
        return this.waits.set({ at, row: change.row })
      case 'app':
      case 'function':
      case 'clockOffset':
        this.rare.push(change)
        return
      default:
        return assertNever(change)
    }
  }

  #end(change: End, at: number): void {
    switch (change.end) {
      case 'item':
        return this.items.end(change.key, at)
      case 'items':
        return this.items.endOf(change.run, at)
      case 'wait':
        return this.waits.end(change.key, at)
      case 'waits':
        return this.waits.endOf(change.run, at)
      case 'event':
        return this.#endEvent(change.key)
      case 'run':
        return this.#endRun(change.key)
      case 'expired':
        this.endExpired.push(change)
        return
      case 'everything':
        return this.#wipe()
      default:
        return assertNever(change)
    }
  }

  #putStep(placed: Placed<StepRow>): void {
    const { run, step } = placed.row
    if (!isStepHash(step)) throw misfit(`"${step}" is no hash of a step`)
    const before = this.steps.get(`${run} ${step}`)
    if (before !== undefined && before.row.position >= 0) throw misfit(`run ${run} has a memo of step ${step}`)
    this.steps.replace(`${run} ${step}`, placed)
  }

  #putHistory({ at, row }: Placed<HistoryRow>, error: string | null): void {
    this.history.push({ at, row })
    if (error !== null) this.errors.push({ at, row: { run: row.run, seq: row.seq, error } })
  }

  #putIdempotency(placed: Placed<IdempotencyRow>): void {
    const { fn, key } = placed.row
    const before = this.idempotency.get(`${fn} ${key}`)
    if (before !== undefined && before.row.expiresAt > this.#options.now) {
      throw misfit(`function ${fn} has a run under the idempotency key "${key}"`)
    }
    this.idempotency.replace(`${fn} ${key}`, placed)
  }

  #setRun(key: Key, placed: Placed<RunSet>): void {
    const { from, state } = placed.row
    const made = this.putRuns.get(key)
    const before = made?.row.rev ?? this.setRuns.get(key)?.row.state.rev
    if (before !== undefined && before !== from) throw misfit(`run ${key} has another revision`)
    if (made !== undefined) return this.putRuns.replace(key, { at: placed.at, row: { ...made.row, ...state } })
    const first = this.setRuns.get(key)?.row.from ?? from
    this.setRuns.replace(key, { at: placed.at, row: { key, from: first, state } })
  }

  #endEvent(key: Key): void {
    this.events.drop(key)
    this.bodies.drop(key)
    dropWhere(this.skips, ({ row }) => row.event === key)
    this.endEvents.add(key)
  }

  #endRun(key: Key): void {
    this.putRuns.drop(key)
    this.setRuns.drop(key)
    this.steps.dropWhere((row) => row.run === key)
    for (const rows of [this.outputs, this.history, this.errors]) dropWhere(rows, ({ row }) => row.run === key)
    this.endRuns.add(key)
  }

  #wipe(): void {
    const { rare, registryRaises } = this
    Object.assign(this, new PendingRows(this.#options))
    this.isWiped = true
    this.registryRaises = registryRaises
    this.rare = rare.filter((change) => !('put' in change && change.put === 'waitPath') && !isClockOffset(change))
  }
}

/** Rows by what they are known by, each once. */
class Rows<Id, Row> {
  readonly #rows = new Map<Id, Placed<Row>>()

  get size(): number {
    return this.#rows.size
  }

  get(id: Id): Placed<Row> | undefined {
    return this.#rows.get(id)
  }

  values(): readonly Placed<Row>[] {
    return [...this.#rows.values()]
  }

  put(id: Id, placed: Placed<Row>): void {
    if (this.#rows.has(id)) throw misfit(`${id} is put twice`)
    this.#rows.set(id, placed)
  }

  replace(id: Id, placed: Placed<Row>): void {
    assertOwn(this.#rows.get(id), placed.at)
    this.#rows.set(id, placed)
  }

  drop(id: Id): void {
    this.#rows.delete(id)
  }

  dropWhere(isGone: (row: Row) => boolean): void {
    for (const [id, { row }] of this.#rows) if (isGone(row)) this.#rows.delete(id)
  }
}
