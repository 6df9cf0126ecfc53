// I21: what is counted is what is. Each counter is written with what it counts, so that once a world has come to rest the
// sums are told by the rows: no crash, no answer that was lost and no second try has counted twice, or not at all.
import { TALLIES } from '@pawl/engine'
import type { Key } from '@pawl/storage'
import type { Mirror } from './mirror.ts'
import type { Report } from './violation.ts'

export function checkTallies(mirror: Mirror, report: Report): void {
  const wanted = countRows(mirror)
  const counted = countedSums(mirror)
  for (const name of new Set([...wanted.keys(), ...counted.keys()])) {
    const [is = 0, should = 0] = [counted.get(name), wanted.get(name)]
    if (is !== should) report('I21', `the counter ${name} says ${is}, and there are ${should}`)
  }
}

/** What is counted by rows; of a histogram the sum of its classes. */
const HISTOGRAMS: readonly string[] = [TALLIES.delay, TALLIES.duration]
/** What no row tells: calls of the app, starts that had to wait, samples of the queue. */
const UNTOLD: readonly string[] = [TALLIES.request, TALLIES.latency, TALLIES.throttled, 'now:']

function countedSums({ tallies }: Mirror): ReadonlyMap<string, number> {
  const sums = new Sums()
  for (const [counter, value] of tallies) {
    const name = counter.slice(counter.indexOf(' ') + 1)
    if (UNTOLD.some((one) => name.startsWith(one))) continue
    const histogram = HISTOGRAMS.find((one) => name.startsWith(one))
    sums.add(counter.slice(0, counter.indexOf(' ')), histogram ?? name, value)
  }
  return sums.sums
}

function countRows({ runs, skips, events }: Mirror): ReadonlyMap<string, number> {
  const sums = new Sums()
  for (const { row, inherited } of runs.values()) {
    sums.add(row.fn, TALLIES.queued)
    sums.add(row.fn, TALLIES.steps, row.steps - inherited)
    sums.add(row.fn, TALLIES.retries, row.retries)
    if (row.startedAt !== null) for (const name of [TALLIES.started, TALLIES.delay]) sums.add(row.fn, name)
    if (row.endedAt === null) continue
    sums.add(row.fn, `${TALLIES.ended}${row.status}`)
    if (row.status === 'completed' || row.status === 'failed') sums.add(row.fn, TALLIES.duration)
    if (row.skipped !== null) sums.add(row.fn, `${TALLIES.refused}${row.skipped}`)
  }
  for (const { fn, reason } of skips.values()) sums.add(fn, `${TALLIES.refused}${reason}`)
  for (const { row } of events.values()) if (!row.isRepeat) sums.add(0, `event:${row.name}`)
  return sums.sums
}

class Sums {
  readonly sums = new Map<string, number>()

  add(fn: Key | string, name: string, by = 1): void {
    if (by === 0) return
    const counter = `${name} of ${fn}`
    this.sums.set(counter, (this.sums.get(counter) ?? 0) + by)
  }
}
