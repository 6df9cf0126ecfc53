// The rows that a group has found, each once, and what each brings (the rule stands at `Needs`).
import type { ItemRow, Key, RunRow, WaitRow } from '../contract/rows.ts'
import { FoundRecords } from './found-records.ts'
import type { Tables } from './tables.ts'

/** Rows found so far, each once, with what each brings. */
export class Found {
  readonly waits = new Map<Key, WaitRow>()
  readonly runs = new Map<Key, RunRow>()
  readonly items = new Map<Key, ItemRow>()
  readonly memos: { readonly run: Key; readonly step: string }[] = []
  readonly records: FoundRecords
  readonly #tables: Tables
  /** Runs that have brought their parent, which a parent itself does not. */
  readonly #whole = new Set<Key>()
  /** Runs all of whose items were looked up. */
  readonly #allItems = new Set<Key>()
  /** Steps looked up, so that none is looked up twice. */
  readonly #steps = new Set<string>()

  constructor(tables: Tables) {
    this.#tables = tables
    this.records = new FoundRecords(tables, (row) => this.addItem(row))
  }

  addRun(key: Key): void {
    if (this.#whole.has(key)) return
    this.#whole.add(key)
    const row = this.#addRunAlone(key)
    if (row === undefined || row.parentRun === null) return
    this.#addRunAlone(row.parentRun)
    if (row.parentStep !== null) this.addStep(row.parentRun, row.parentStep)
  }

  addItem(row: ItemRow | undefined): void {
    if (row === undefined || this.items.has(row.key)) return
    this.items.set(row.key, row)
    this.bring(row)
  }

  /** Every open item of the run. */
  addItemsOf(run: Key): void {
    if (this.#allItems.has(run)) return
    this.#allItems.add(run)
    for (const item of this.#tables.items.byRun(run)) this.addItem(item)
  }

  /** A run that an operation may end: with every open item of it. */
  addHolder(row: RunRow | undefined): void {
    if (row === undefined) return
    this.addRun(row.key)
    this.addItemsOf(row.key)
  }

  addWait(row: WaitRow | undefined): void {
    if (row === undefined || this.waits.has(row.key)) return
    this.waits.set(row.key, row)
    this.addRun(row.run)
    if (row.kind === 'cancel') this.addItemsOf(row.run)
    if (row.item === null) return
    if (this.#isNewStep(row.run, row.step)) this.#addMemo(row.run, row.step)
    this.addItem(this.#tables.items.byKey(row.item))
  }

  /** The item, wait and memo of a step. */
  addStep(run: Key, step: string): void {
    if (!this.#isNewStep(run, step)) return
    const item = this.#tables.items.byStep(run, step)
    if (item !== undefined && !this.items.has(item.key)) this.items.set(item.key, item)
    this.#addWaitAndMemo(run, step)
  }

  /** What an item brings besides its limits: its run, and its step's wait and memo; of no run, what it is named for. */
  bring(item: ItemRow): void {
    const { run, step, kind } = item
    if (run === null) return this.records.bring(item)
    if (kind === 'timeout') this.addItemsOf(run)
    if (this.#isNewStep(run, step)) this.#addWaitAndMemo(run, step)
    this.addRun(run)
  }

  #addRunAlone(key: Key): RunRow | undefined {
    const known = this.runs.get(key)
    if (known !== undefined) return known
    const row = this.#tables.runs.byKey(key)
    if (row === undefined) return undefined
    this.runs.set(key, row)
    this.addStep(key, '')
    return row
  }

  #addWaitAndMemo(run: Key, step: string): void {
    // Only a step has these: a discovery waits for nothing and leaves no memo, a timer neither.
    if (step === '' || step.startsWith('!')) return
    const wait = this.#tables.waits.byStep(run, step)
    if (wait !== undefined) this.waits.set(wait.key, wait)
    this.#addMemo(run, step)
  }

  #addMemo(run: Key, step: string): void {
    if (this.#tables.steps.hasMemo(run, step)) this.memos.push({ run, step })
  }

  #isNewStep(run: Key, step: string): boolean {
    const name = `${run} ${step}`
    return !this.#steps.has(name) && this.#steps.add(name) !== undefined
  }
}
