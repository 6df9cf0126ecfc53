// The rows that a group has found, each once, and what each brings (the rule stands at `Needs`). A run that is brought and
// is there must be locked; one that is not came while locks were waited for.
import type { ItemRow, Key, RunRow, WaitRow } from '@pawl/storage'
import { FoundRecords } from './found-records.ts'
import { itemLock } from './lock-names.ts'
import { byKey, type Tables } from './tables.ts'

export interface Locking {
  readonly isLocked: (run: Key) => boolean
  /** Takes a lock if nobody is in the way. */
  readonly take: (lock: string) => boolean
}

export class FoundRows {
  /** A run was found that is not locked: the group has to begin again. */
  isUnsettled = false
  /** Waits that searches have found; the others were brought. */
  readonly searched: Key[] = []
  readonly #runs = new Map<Key, RunRow>()
  readonly #items = new Map<Key, ItemRow>()
  readonly #waits = new Map<Key, WaitRow>()
  readonly #memos = new Map<string, { readonly run: Key; readonly step: string }>()
  readonly #tables: Tables
  readonly records: FoundRecords
  readonly #isLocked: (run: Key) => boolean
  /** Runs that have brought their parent, which a parent itself does not. */
  readonly #whole = new Set<Key>()
  readonly #allItems = new Set<Key>()

  constructor(tables: Tables, { isLocked, take }: Locking) {
    this.#tables = tables
    this.#isLocked = isLocked
    const tryLock = (lock: string) => {
      if (!take(lock)) this.isUnsettled = true
    }
    const addItem = (item: ItemRow | undefined) => {
      if (item !== undefined) tryLock(itemLock(item.key))
      this.addItem(item)
    }
    this.records = new FoundRecords({ tables, take: tryLock, addItem })
  }

  get runs(): readonly RunRow[] {
    return [...this.#runs.values()].sort(byKey)
  }

  get items(): readonly ItemRow[] {
    return [...this.#items.values()].sort(byKey)
  }

  get waits(): readonly WaitRow[] {
    return [...this.#waits.values()].sort(byKey)
  }

  get memos(): readonly { readonly run: Key; readonly step: string }[] {
    return [...this.#memos.values()]
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
    if (row === undefined || this.#items.has(row.key)) return
    this.#items.set(row.key, row)
    this.bring(row)
  }

  /** Every open item of the run. */
  addItemsOf(run: Key): void {
    if (this.#allItems.has(run)) return
    this.#allItems.add(run)
    for (const item of this.#tables.itemsOf(run)) this.addItem(item)
  }

  /** A run that may be ended, with all its items. */
  addHolder(run: Key): void {
    this.addRun(run)
    this.addItemsOf(run)
  }

  addWait(row: WaitRow | undefined): void {
    if (row === undefined || this.#waits.has(row.key)) return
    this.#waits.set(row.key, row)
    this.addRun(row.run)
    if (row.kind === 'cancel') this.addItemsOf(row.run)
    if (row.item === null) return
    this.#addMemo(row.run, row.step)
    this.addItem(this.#tables.items.get(row.item))
  }

  /** The item, wait and memo of a step. */
  addStep(run: Key, step: string): void {
    const item = this.#tables.itemOf(run, step)
    if (item !== undefined && !this.#items.has(item.key)) this.#items.set(item.key, item)
    this.#addWaitAndMemo(run, step)
  }

  /** What an item brings besides its limits: its run, and its step's wait and memo; of no run, what it is named for. */
  bring(item: ItemRow): void {
    const { run, step, kind } = item
    if (run === null) return this.records.bring(item)
    if (kind === 'timeout') this.addItemsOf(run)
    this.#addWaitAndMemo(run, step)
    this.addRun(run)
  }

  #addRunAlone(key: Key): RunRow | undefined {
    const row = this.#tables.runs.get(key)
    if (row === undefined) return undefined
    if (!this.#isLocked(key)) this.isUnsettled = true
    if (!this.#runs.has(key)) {
      this.#runs.set(key, row)
      this.addStep(key, '')
    }
    return row
  }

  #addWaitAndMemo(run: Key, step: string): void {
    // Only a step has these: a discovery waits for nothing and leaves no memo, a timer neither.
    if (step === '' || step.startsWith('!')) return
    const wait = this.#tables.waitOf(run, step)
    if (wait !== undefined) this.#waits.set(wait.key, wait)
    this.#addMemo(run, step)
  }

  #addMemo(run: Key, step: string): void {
    if (this.#tables.hasMemo(run, step)) this.#memos.set(`${run} ${step}`, { run, step })
  }
}
