// The rows of runs that a group has read, as its operations have left them: by key, by the singleton that a live run holds,
// and with the revision that the group has given them.
import type { FactsData } from './contract/database.ts'
import type { Key, RunRow, RunState } from './contract/rows.ts'
import type { Needs } from './contract/store.ts'

export class RunRows {
  /** Null: known to be absent. */
  readonly #rows = new Map<Key, RunRow | null>()
  readonly #singletons = new Map<string, Key | null>()
  /** Revisions that this group has written. */
  readonly #revs = new Map<Key, number>()

  constructor(data: FactsData, needs: Needs) {
    for (const run of needs.runs ?? []) this.#rows.set(run, null)
    for (const name of needs.singletons ?? []) this.#singletons.set(name, null)
    for (const row of data.runs) {
      this.#file(row)
      if (row.parentRun !== null && !this.#rows.has(row.parentRun)) this.#rows.set(row.parentRun, null)
    }
  }

  /** Undefined was not asked for. */
  byKey(key: Key): RunRow | null | undefined {
    return this.#rows.get(key)
  }

  bySingleton(name: string): RunRow | null | undefined {
    const key = this.#singletons.get(name)
    return key === undefined || key === null ? key : (this.#rows.get(key) ?? null)
  }

  /** The revision that the group has given to the run, or undefined when it has not touched it. */
  revisedTo(run: Key): number | undefined {
    return this.#revs.get(run)
  }

  put(row: RunRow): void {
    this.#file(row)
    this.#revs.set(row.key, row.rev)
  }

  set(key: Key, state: RunState): void {
    const row = this.#rows.get(key)
    if (row !== undefined && row !== null) this.#file({ ...row, ...state })
    this.#revs.set(key, state.rev)
  }

  end(key: Key): void {
    this.#leaveSingleton(this.#rows.get(key))
    this.#rows.set(key, null)
  }

  #file(row: RunRow): void {
    this.#rows.set(row.key, row)
    if (row.singleton === null) return
    if (row.endedAt === null) this.#singletons.set(row.singleton, row.key)
    else this.#leaveSingleton(row)
  }

  #leaveSingleton(row: RunRow | null | undefined): void {
    const name = row?.singleton ?? null
    if (name !== null && this.#singletons.get(name) === row?.key) this.#singletons.set(name, null)
  }
}
