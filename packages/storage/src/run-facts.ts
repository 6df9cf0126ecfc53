// What a group knows of the steps of each run: items, waits and memos by step, and whether all of the run's items are
// known. "Known to be absent" and "not asked for" stay apart here: the first answers, the second is an error.
import type { FactsData } from './contract/database.ts'
import type { ItemRow, Key, RunRow, WaitRow } from './contract/rows.ts'
import type { Needs } from './contract/store.ts'

export class RunFacts {
  /** Null: known to be absent. */
  readonly items = new Map<string, ItemRow | null>()
  readonly waits = new Map<string, WaitRow | null>()
  readonly memos = new Map<string, boolean>()
  /** Every item is known, so that a step without an entry has none. */
  hasAllItems = false
}

/** Files what `begin` read by run and step, and marks as absent what it looked for and did not find. */
export function fileByRun(data: FactsData, needs: Needs): Map<Key, RunFacts> {
  const runs = new Map<Key, RunFacts>()
  for (const wait of data.waits) fileWait(runs, wait)
  for (const item of data.items) fileItem(runs, item)
  for (const item of data.ready) fileItem(runs, item)
  for (const { run, step } of data.memos) factsOf(runs, run).memos.set(step, true)
  for (const run of data.runs) {
    markAbsent(factsOf(runs, run.key), '')
    if (run.parentRun !== null && run.parentStep !== null) markAbsent(factsOf(runs, run.parentRun), run.parentStep)
  }
  for (const { run, step } of needs.steps ?? []) markAbsent(factsOf(runs, run), step)
  for (const run of needs.itemsOf ?? []) factsOf(runs, run).hasAllItems = true
  for (const wait of data.waits) if (wait.kind === 'cancel') factsOf(runs, wait.run).hasAllItems = true
  const singletons = new Set(needs.singletons)
  for (const run of data.runs) if (isHolder(run, singletons)) factsOf(runs, run.key).hasAllItems = true
  for (const item of data.ready)
    if (item.kind === 'timeout' && item.run !== null) factsOf(runs, item.run).hasAllItems = true
  return runs
}

/** A run that was found by its singleton has brought every item. */
function isHolder({ singleton, endedAt }: RunRow, singletons: ReadonlySet<string>): boolean {
  return singleton !== null && endedAt === null && singletons.has(singleton)
}

/** The facts of one run, made when there are none yet. */
export function factsOf(runs: Map<Key, RunFacts>, run: Key): RunFacts {
  let facts = runs.get(run)
  if (facts === undefined) {
    facts = new RunFacts()
    runs.set(run, facts)
  }
  return facts
}

/** What a search for the step would have found is absent where it is not known. */
function markAbsent(facts: RunFacts, step: string): void {
  if (!facts.items.has(step)) facts.items.set(step, null)
  if (!facts.waits.has(step)) facts.waits.set(step, null)
  if (!facts.memos.has(step)) facts.memos.set(step, false)
}

function fileItem(runs: Map<Key, RunFacts>, item: ItemRow): void {
  if (item.run === null) return
  const facts = factsOf(runs, item.run)
  facts.items.set(item.step, item)
  // An item brings its step's wait and memo: those that did not come are not there.
  if (!facts.waits.has(item.step)) facts.waits.set(item.step, null)
  if (!facts.memos.has(item.step)) facts.memos.set(item.step, false)
}

function fileWait(runs: Map<Key, RunFacts>, wait: WaitRow): void {
  const facts = factsOf(runs, wait.run)
  facts.waits.set(wait.step, wait)
  if (wait.item !== null && !facts.items.has(wait.step)) facts.items.set(wait.step, null)
}
