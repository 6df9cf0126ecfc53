// Which of a group's leases and revisions are looked at by the very rows that it writes: an item that is set or ended
// only under its epoch, a run only onto its revision. A group of which this holds for all needs no locks before it
// writes; one row that is not as it was known to be refuses all of it, and it is done again with locks.
import type { Write } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import type { GroupRows } from './pending-rows.ts'

export interface Hope {
  /** The epochs that items must have. */
  readonly epochs: ReadonlyMap<Key, number>
  /** The item that must be among those that end with their run. */
  readonly owns: ReadonlyMap<Key, { readonly item: Key; readonly epoch: number }>
  /** How many rows have to be written as they were known. */
  readonly held: number
}

/** @returns null when a guard is not about a row that is written. */
export function hopeFor(writes: readonly Write[], rows: GroupRows): Hope | null {
  const epochs = new Map<Key, number>()
  const owns = new Map<Key, { readonly item: Key; readonly epoch: number }>()
  let ended = 0
  for (const { fence, rev } of writes) {
    if (rev !== null && (fence === null || fence.run === null || rows.setRuns.get(fence.run)?.from !== rev)) return null
    if (fence === null) continue
    const { run, item, epoch } = fence
    // Two operations under one lease are more than is worth to be told apart here.
    if (epochs.has(item) || (run !== null && owns.get(run)?.item === item)) return null
    if (rows.items.sets.get(item) !== undefined) epochs.set(item, epoch)
    else if (rows.items.ends.get(item) !== undefined) {
      epochs.set(item, epoch)
      ended++
    } else if (run !== null && rows.items.endsOf.get(run) !== undefined && !owns.has(run))
      owns.set(run, { item, epoch })
    else return null
  }
  const held = rows.setRuns.size + rows.items.sets.size + ended + owns.size
  return { epochs, owns, held }
}
