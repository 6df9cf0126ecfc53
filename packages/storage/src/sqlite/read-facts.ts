// Reads what a group needs. Every row that is found brings what belongs to it (the rule stands at `Needs`), each row
// once. It runs inside the group's transaction, so nothing of it can change before the group has committed.
import type { FactsData } from '../contract/database.ts'
import type { ItemRow, Key, RunRow, WaitRow } from '../contract/rows.ts'
import type { Fence, Needs } from '../contract/store.ts'
import type { ExpiredReads } from './expired-search.ts'
import type { ReadyReads } from './ready-search.ts'
import { storedEvent } from './stored-events.ts'
import type { Tables } from './tables.ts'

export interface FactsReads {
  readonly tables: Tables
  readonly ready: ReadyReads
  readonly expired: ExpiredReads
}

export interface Question {
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
  readonly now: number
  readonly registryVersion: number
}

const NONE: readonly never[] = []

export function readFacts({ tables, ready, expired }: FactsReads, question: Question): FactsData {
  const { needs, fences, revs, now, registryVersion } = question
  const { events, outcomes, items, registry } = tables
  const found = new Found(tables)
  const claimable = needs.ready === undefined ? NONE : ready.search(needs.ready, now)
  for (const item of claimable) found.bring(item)
  findRows(found, tables, needs)
  return {
    now,
    registryVersion,
    fences: fences.map((fence) => fence !== null && items.hasEpoch(fence.item, fence.epoch)),
    revs: revs.map((rev, index) => rev !== null && hasRev(tables, fences[index], rev)),
    events: (needs.eventIds ?? NONE).map((id) => events.byUlid(id)).filter((row) => row !== undefined),
    idempotency: (needs.idempotency ?? NONE).flatMap(({ fn, key }) => {
      const run = outcomes.idempotency(fn, key, now)
      return run === undefined ? [] : [{ fn, key, run }]
    }),
    since: (needs.since ?? NONE).map(({ name, mark }) => ({
      name,
      events: events.since(name, Number(mark)).map((row) => storedEvent(tables, row)),
    })),
    ready: claimable,
    backlog: (needs.backlog ?? NONE).filter((fn) => items.hasReady(fn)),
    waits: [...found.waits.values()],
    runs: [...found.runs.values()],
    items: [...found.items.values()],
    memos: found.memos,
    crons: (needs.crons ?? NONE).flatMap((fn) => items.crons(fn)),
    apps: needs.registry === true ? registry.apps() : NONE,
    functions: needs.registry === true ? registry.functions() : NONE,
    expired: needs.expired === undefined ? { events: NONE, runs: NONE } : expired.search(needs.expired),
  }
}

function findRows(found: Found, { waits, items }: Tables, needs: Needs): void {
  for (const name of needs.signals ?? NONE) found.addWait(waits.signal(name))
  for (const search of needs.waits ?? NONE) for (const wait of waits.search(search)) found.addWait(wait)
  for (const run of needs.runs ?? NONE) found.addRun(run)
  for (const item of needs.items ?? NONE) found.addItem(items.byKey(item))
  for (const { run, step } of needs.steps ?? NONE) found.addStep(run, step)
  for (const run of needs.itemsOf ?? NONE) found.addItemsOf(run)
}

function hasRev({ runs }: Tables, fence: Fence | null | undefined, rev: number): boolean {
  return fence?.run != null && runs.rev(fence.run) === rev
}

/** Rows found so far, each once, with what each brings. */
class Found {
  readonly waits = new Map<Key, WaitRow>()
  readonly runs = new Map<Key, RunRow>()
  readonly items = new Map<Key, ItemRow>()
  readonly memos: { readonly run: Key; readonly step: string }[] = []
  readonly #tables: Tables
  /** Runs that have brought their parent, which a parent itself does not. */
  readonly #whole = new Set<Key>()
  /** Runs all of whose items were looked up. */
  readonly #allItems = new Set<Key>()
  /** Steps looked up, so that none is looked up twice. */
  readonly #steps = new Set<string>()

  constructor(tables: Tables) {
    this.#tables = tables
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

  /** What an item brings: its run, and its step's wait and memo. */
  bring({ run, step, kind }: ItemRow): void {
    if (run === null) return
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
