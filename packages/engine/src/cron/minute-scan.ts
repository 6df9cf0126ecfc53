/**
 * A second, slow way to find ticks, for the tests of this room alone: every minute of a window is asked of Intl, and
 * the rules are applied to the list. It shares no code with the search it checks.
 */
const MINUTE_MS = 60_000

/** A window of minutes in a zone; `walls[i]` is the wall time of `fromMs + i` minutes, written as if it were UTC. */
export interface Window {
  readonly fromMs: number
  readonly walls: readonly number[]
}

/** Asks Intl for every minute of a window. */
export function scanWindow(timeZone: string, fromMs: number, untilMs: number): Window {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const walls: number[] = []
  for (let ms = fromMs; ms < untilMs; ms += MINUTE_MS) walls.push(Date.parse(`${format.format(ms).replace(' ', 'T')}Z`))
  return { fromMs, walls }
}

/** Whether the wall time is one that the five fields name, each field a list of numbers or null for any. */
export type Names = (wall: Date) => boolean

/** The ticks whose wall times lie well inside the window, in order. */
export function scanTicks(window: Window, names: Names, followsRealHours: boolean): readonly number[] {
  return followsRealHours ? everyMatch(window, names) : oncePerWallTime(window, names)
}

function everyMatch({ fromMs, walls }: Window, names: Names): readonly number[] {
  return walls.flatMap((wall, index) => (names(new Date(wall)) ? [fromMs + index * MINUTE_MS] : []))
}

function oncePerWallTime({ fromMs, walls }: Window, names: Names): readonly number[] {
  const first = new Map<number, number>()
  for (const [index, wall] of walls.entries()) if (!first.has(wall)) first.set(wall, fromMs + index * MINUTE_MS)
  const ticks = new Set<number>()
  const last = walls.at(-1) ?? 0
  for (let wall = walls[0] ?? 0; wall <= last; wall += MINUTE_MS) {
    if (names(new Date(wall))) ticks.add(first.get(wall) ?? movedByGap({ fromMs, walls }, wall))
  }
  return [...ticks].sort((left, right) => left - right)
}

// The gap is where the clock jumps over the wall time; the offset before it still counts.
function movedByGap({ fromMs, walls }: Window, wall: number): number {
  const index = walls.findIndex((before, at) => before < wall && (walls[at + 1] ?? 0) > wall)
  return fromMs + index * MINUTE_MS + (wall - (walls[index] ?? 0))
}
