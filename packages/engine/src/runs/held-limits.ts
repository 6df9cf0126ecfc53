// The limits on which a live run may hold slots, as needs of an operation that may free them.
import type { LimitSearch, RunRow } from '@pawl/storage'
import { readLimits } from '../lines/run-limits.ts'

/** Of each line two are brought along: one who may be let in, and one who shows whether there are more. */
const HEADS = 2

export function heldLimits(run: Pick<RunRow, 'flow'>): readonly LimitSearch[] {
  if (run.flow === null) return []
  const { steps, runs } = readLimits(run.flow)
  return [...steps, ...(runs === null ? [] : [runs])].map((name) => ({ name, take: HEADS }))
}
