// The ground of a decision on hot state alone: a run with one branch, so that its only item is the one that is leased and
// no other row needs to be read. Given with the run's revision; when that has moved, the operation is built again.
import type { Facts, ItemRow, Key, RunRow } from '@pawl/storage'
import type { Ground } from './draft.ts'
import type { HotRun } from './hot-runs.ts'

const NO_LINE = { items: [], isWhole: false } as const

export function hotGround(facts: Facts, hot: HotRun, item: ItemRow): Ground {
  return {
    now: facts.now,
    registryVersion: facts.registryVersion,
    key: () => facts.key(),
    run: (key: Key): RunRow | undefined => (key === hot.row.key ? hot.row : undefined),
    hasMemo: (_run, step) => hot.results.has(step),
    itemOf: (_run, step) => (step === item.step ? item : undefined),
    waitOf: () => undefined,
    itemsOf: () => [item],
    limit: () => undefined,
    line: () => NO_LINE,
  }
}
