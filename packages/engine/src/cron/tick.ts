/**
 * The instants at which a schedule is due, from its wall time and its zone. When clocks change, a schedule whose hour
 * field is `*` or a step follows real hours; every other one is due once for each wall time it names:
 *
 *     forward  01:59 → 03:00   02:30 does not exist: due at 03:30, moved by the gap
 *     back     02:59 → 02:00   02:30 comes twice: due at the first
 *
 * All instants are epoch milliseconds on whole minutes. (`croner` was tried: it refuses `5/15`, takes 7 for Sunday, and
 * moves 02:30 in the gap to 03:00.)
 */
import type { Cron } from './parse.ts'
import { nextWall } from './wall.ts'
import { type Stretch, stretchAt, type Zone } from './zone.ts'

/** A schedule that names times of a wall clock. */
export interface WallSchedule {
  readonly zone: Zone
  /** See above: each real instant whose wall time is named, instead of once for each wall time. */
  readonly followsRealHours: boolean
  /** The first wall time named at or after one (epoch milliseconds as if it were UTC); null for none within five years. */
  readonly nextWall: (from: number) => number | null
}

// No zone's clock has ever been moved by more than a day (Samoa's, in 2011, by just that).
const SHIFT_MAX_MS = 2 * 86_400_000
const YEARS_MS = 5 * 366 * 86_400_000

/** The first tick after `afterMs`; null when there is none within five years, as for 30 February. */
export function nextTick(cron: Cron, afterMs: number): number | null {
  const { zone, followsRealHours } = cron
  return nextInstant({ zone, followsRealHours, nextWall: (from) => nextWall(cron, from) }, afterMs)
}

/** The first instant after `afterMs` at which a schedule of a wall clock is due; null as for `nextTick`. */
export function nextInstant(schedule: WallSchedule, afterMs: number): number | null {
  const end = afterMs + YEARS_MS
  let from = Math.floor(afterMs) + 1
  while (from <= end) {
    const stretch = stretchAt(schedule.zone, from)
    const tick = tickWithin(schedule, stretch, from)
    if (tick.at !== null) return tick.at <= end ? tick.at : null
    if (tick.next === null) return null
    from = tick.next
  }
  return null
}

interface Found {
  /** The tick, when the stretch has one at or after the asked instant. */
  readonly at: number | null
  /** Where to go on looking; null when the schedule names no further time. */
  readonly next: number | null
}

function tickWithin(schedule: WallSchedule, stretch: Stretch, from: number): Found {
  const wall = schedule.nextWall(from + stretch.offset)
  const plain = wall === null ? null : plainTick(schedule, stretch, wall)
  const moved = schedule.followsRealHours ? null : movedTick(schedule, stretch, from)
  const at = earlier(plain, moved)
  if (at !== null && at < stretch.until) return { at, next: null }
  // Nothing is due before the next wall time, whatever the clocks do until then; so far-off ticks cost no more.
  const far = wall === null ? null : wall - stretch.offset - SHIFT_MAX_MS
  const next = earlier(far, moved)
  return { at: null, next: next === null ? null : Math.max(stretch.until, next) }
}

function earlier(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right
  return Math.min(left, right)
}

// Where the clock was put back, the wall times before the end of the repeated stretch have had their turn.
function plainTick(schedule: WallSchedule, stretch: Stretch, wall: number): number | null {
  const repeatedUntil = stretch.changedAt + stretch.before
  if (schedule.followsRealHours || stretch.before <= stretch.offset || wall >= repeatedUntil)
    return wall - stretch.offset
  const later = schedule.nextWall(repeatedUntil)
  return later === null ? null : later - stretch.offset
}

// Where the clock was put forward, a wall time that it skipped is due as if the clock had not been touched.
function movedTick(schedule: WallSchedule, stretch: Stretch, from: number): number | null {
  const skippedUntil = stretch.changedAt + stretch.offset
  if (stretch.offset <= stretch.before || from + stretch.before >= skippedUntil) return null
  const wall = schedule.nextWall(Math.max(from, stretch.changedAt) + stretch.before)
  return wall === null || wall >= skippedUntil ? null : wall - stretch.before
}

/** The last tick before `beforeMs`; null when there is none within five years. */
export function previousTick(cron: Cron, beforeMs: number): number | null {
  let window = 3_600_000
  while (window <= YEARS_MS) {
    const found = nextTick(cron, beforeMs - window)
    if (found !== null && found < beforeMs) return lastFrom(cron, found, beforeMs)
    if (window === YEARS_MS) return null
    window = Math.min(window * 8, YEARS_MS)
  }
  return null
}

// Halves the time between a known tick and the end until no tick lies between.
function lastFrom(cron: Cron, known: number, beforeMs: number): number {
  let tick = known
  let end = beforeMs
  while (end - tick > 60_000) {
    const middle = Math.floor((tick + end) / 2)
    const found = nextTick(cron, middle)
    if (found !== null && found < end) tick = found
    else end = middle + 1
  }
  return tick
}

/** The ticks after `afterMs` and not after `untilMs`, oldest first; at most `max` of them. */
export function ticksBetween(
  cron: Cron,
  span: { readonly afterMs: number; readonly untilMs: number; readonly max: number },
): readonly number[] {
  const ticks: number[] = []
  let tick = nextTick(cron, span.afterMs)
  while (tick !== null && tick <= span.untilMs && ticks.length < span.max) {
    ticks.push(tick)
    tick = nextTick(cron, tick)
  }
  return ticks
}
