// The rows that a group has found so far, each once, and what each brings (the rule stands at `Needs`). What is brought
// but not known yet is a question, which the next flight asks.
import type { ItemRow, Key, RunRow, WaitRow } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import type { Flight, Value } from './connection.ts'
import type { FoundRecords } from './found-records.ts'
import { ITEMS_BY_KEY, ITEMS_BY_STEP, ITEMS_OF, type ItemCells, toItem } from './item-table.ts'
import { isStepHash, MEMOS } from './step-table.ts'
import { toWait, WAITS_BY_STEP, type WaitCells } from './wait-table.ts'

interface StepName {
  readonly run: Key
  readonly step: string
}

export class FoundRows {
  readonly runs = new Map<Key, RunRow>()
  readonly items = new Map<Key, ItemRow>()
  readonly waits = new Map<Key, WaitRow>()
  /** Those that the searches found. */
  readonly searched: Key[] = []
  readonly memos: StepName[] = []
  readonly named: ItemRow[] = []
  /** Runs that were brought and are not locked: they are not there, or came too late. */
  readonly unlocked = new Set<Key>()
  readonly records: FoundRecords
  readonly #locked = new Map<Key, RunRow>()
  /** Runs that have brought their parent, which a parent itself does not. */
  readonly #whole = new Set<Key>()
  readonly #itemsOf = new Questions<Key>()
  readonly #itemKeys = new Questions<Key>()
  readonly #items = new Questions<string, StepName>()
  readonly #steps = new Questions<string, StepName>()
  /** Limits that found items name, until they are taken. */
  #limits = new Set<string>()
  /** Items whose limits nobody asks for. */
  readonly #unlimited = new Set<Key>()

  constructor(records: FoundRecords) {
    this.records = records
  }

  /** A run that is locked for this group, whether or not it belongs to the facts. */
  lock(row: RunRow): void {
    this.#locked.set(row.key, row)
  }

  isLocked(run: Key): boolean {
    return this.#locked.has(run)
  }

  hasRev(run: Key | null, rev: number): boolean {
    return run !== null && this.#locked.get(run)?.rev === rev
  }

  /** A run that may be absent. */
  addRunIfLocked(key: Key): void {
    if (this.#locked.has(key)) this.addRun(key)
  }

  addRun(key: Key): void {
    if (this.#whole.has(key)) return
    this.#whole.add(key)
    const row = this.#addRunAlone(key)
    if (row === undefined || row.parentRun === null) return
    this.#addRunAlone(row.parentRun)
    if (row.parentStep !== null) this.addStep({ run: row.parentRun, step: row.parentStep })
  }

  addItem(row: ItemRow): void {
    this.#keep(row)
    if (row.run === null) this.records.bring(row)
    else this.bring(row)
  }

  addNamed(row: ItemRow): void {
    this.named.push(row)
    this.addItem(row)
  }

  /** The live runs that hold singletons of these names; each may have to end, with every item. */
  addHolders(singletons: readonly string[]): void {
    if (singletons.length === 0) return
    const names = new Set(singletons)
    for (const { key, singleton, endedAt } of this.#locked.values()) {
      if (singleton === null || endedAt !== null || !names.has(singleton)) continue
      this.addRun(key)
      this.addItemsOf(key)
    }
  }

  /** The item was found where items hold their slots already: its limits are not asked for while it does. */
  leaveLimitsOf(key: Key): void {
    this.#unlimited.add(key)
  }

  /** The limits that items have brought since the last time. */
  takeLimits(): readonly string[] {
    const limits = [...this.#limits]
    this.#limits = new Set()
    return limits
  }

  /** Every open item of the run. */
  addItemsOf(run: Key): void {
    this.#itemsOf.add(run, run)
  }

  addWait(row: WaitRow): void {
    this.waits.set(row.key, row)
    this.addRun(row.run)
    if (row.kind === 'cancel') this.addItemsOf(row.run)
    if (row.item === null) return
    this.addStep(row)
    if (!this.items.has(row.item)) this.#itemKeys.add(row.item, row.item)
  }

  /** The item, wait and memo of a step. */
  addStep({ run, step }: StepName): void {
    this.#items.add(`${run} ${step}`, { run, step })
    this.#addWaitAndMemo({ run, step })
  }

  /** What an item brings: its run, and its step's wait and memo. */
  bring({ run, step, kind }: Pick<ItemRow, 'run' | 'step' | 'kind'>): void {
    if (run === null) return
    if (kind === 'timeout') this.addItemsOf(run)
    this.#items.know(`${run} ${step}`)
    this.#addWaitAndMemo({ run, step })
    this.addRun(run)
  }

  /** An item that is read again by its key. */
  addItemKey(key: Key): void {
    this.#itemKeys.add(key, key)
  }

  get hasQuestions(): boolean {
    return (
      this.#itemsOf.isOpen ||
      this.#itemKeys.isOpen ||
      this.#items.isOpen ||
      this.#steps.isOpen ||
      this.unlocked.size > 0
    )
  }

  /** Puts the questions into a flight; the answer takes the rows in once it has landed. */
  ask(flight: Flight): () => Promise<void> {
    const runs = this.#itemsOf.take()
    const keys = this.#itemKeys.take()
    const items = this.#items.take()
    const steps = this.#steps.take()
    const hashes = steps.filter(({ step }) => isStepHash(step))
    const itemsOf = runs.length === 0 ? [] : flight.ask(ITEMS_OF, [encodeArray('int8', runs)])
    const byKey = keys.length === 0 ? [] : flight.ask(ITEMS_BY_KEY, [encodeArray('int8', keys)])
    const byStep = items.length === 0 ? [] : flight.ask(ITEMS_BY_STEP, names(items, 'text'))
    const waits = steps.length === 0 ? [] : flight.ask(WAITS_BY_STEP, names(steps, 'text'))
    const memos = hashes.length === 0 ? [] : flight.ask(MEMOS, names(hashes, 'bytea'))
    return async () => {
      for (const cells of [...(await byKey), ...(await byStep)]) this.#keepItem(cells)
      for (const cells of await waits) this.#keepWait(cells)
      for (const cells of await itemsOf) this.addItem(toItem(cells))
      for (const [run, step] of await memos) this.memos.push({ run, step })
    }
  }

  #keepItem(cells: ItemCells): void {
    const row = toItem(cells)
    this.#keep(row)
    if (row.run === null) this.records.bring(row)
  }

  #keep(row: ItemRow): void {
    this.items.set(row.key, row)
    if (row.limits.length === 0 || (row.holds && this.#unlimited.has(row.key))) return
    for (const name of row.limits) this.#limits.add(name)
  }

  #keepWait(cells: WaitCells): void {
    const row = toWait(cells)
    this.waits.set(row.key, row)
  }

  #addRunAlone(key: Key): RunRow | undefined {
    const row = this.#locked.get(key)
    if (row === undefined) {
      this.unlocked.add(key)
      return undefined
    }
    if (this.runs.has(key)) return row
    this.runs.set(key, row)
    this.addStep({ run: key, step: '' })
    return row
  }

  #addWaitAndMemo({ run, step }: StepName): void {
    // Only a step has these: a discovery waits for nothing and leaves no memo, a timer neither.
    if (step !== '' && !step.startsWith('!')) this.#steps.add(`${run} ${step}`, { run, step })
  }
}

function names(steps: readonly StepName[], type: 'text' | 'bytea'): Value[] {
  const runs = steps.map(({ run }) => run)
  return [
    encodeArray('int8', runs),
    encodeArray(
      type,
      steps.map(({ step }) => step),
    ),
  ]
}

/** Questions by what they are about; each is asked once. */
class Questions<Id, About = Id> {
  readonly #known = new Set<Id>()
  #open = new Map<Id, About>()

  get isOpen(): boolean {
    return this.#open.size > 0
  }

  add(id: Id, about: About): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    this.#open.set(id, about)
  }

  /** The answer is there already. */
  know(id: Id): void {
    this.#known.add(id)
    this.#open.delete(id)
  }

  take(): readonly About[] {
    const open = [...this.#open.values()]
    this.#open = new Map()
    return open
  }
}
