// A row of the list, whatever kind of thing runs by the clock: a cron of a function is made into one here, and another kind
// gets a function of its own beside it. Filters and order work on rows only. Pure: the present moment comes in.

import type { Pause, RunStatus, Schedule } from '../../api/index.ts'

/** What a row stands for, with what its actions need. */
export interface CronOf {
  readonly kind: 'CRON'
  readonly appId: string
  /** Without the app. */
  readonly functionId: string
}

export type ScheduleOf = CronOf

export interface ScheduleCell {
  readonly runId: string
  readonly status: RunStatus
  /** Epoch milliseconds. */
  readonly at: number
  readonly durationMs?: number
}

export interface ScheduleRow {
  readonly id: string
  readonly of: ScheduleOf
  readonly name: string
  /** The app, or whatever else tells rows of the same name apart. */
  readonly place: string
  /** A cron without its zone, to be put in words; another kind says its words itself. */
  readonly when: { readonly cron: string } | { readonly words: string }
  /** IANA name. */
  readonly timeZone: string
  readonly nextAt?: number
  readonly isOn: boolean
  readonly pause?: Pause
  readonly lateSince?: number
  /** The oldest first. */
  readonly cells: readonly ScheduleCell[]
}

/** The row of a function's cron. */
export function rowOfCron(schedule: Schedule, now: number): ScheduleRow {
  const { id, name, function: fn, app, expression, timezone, nextRunAt, isPaused, pause, strip } = schedule
  const lateSince = isPaused ? undefined : lateSinceOf(schedule, now)
  return {
    id,
    of: { kind: 'CRON', appId: app.id, functionId: fn.id },
    name,
    place: app.id,
    when: { cron: cronOf(expression) },
    timeZone: timezone,
    ...(nextRunAt === undefined ? {} : { nextAt: Date.parse(nextRunAt) }),
    isOn: !isPaused,
    ...(pause === undefined ? {} : { pause }),
    ...(lateSince === undefined ? {} : { lateSince }),
    cells: (strip ?? [])
      .map(({ runId, status, queuedAt, durationMs }) => ({
        runId,
        status,
        at: Date.parse(queuedAt),
        ...(durationMs === undefined ? {} : { durationMs: Number(durationMs) }),
      }))
      .reverse(),
  }
}

/** As the server has it: a tick is not late within a minute. */
const LATE_MS = 60_000

/** The server says it; a page that has been open since before the tick sees it by itself. */
function lateSinceOf({ lateSince, nextRunAt }: Schedule, now: number): number | undefined {
  if (lateSince !== undefined) return Date.parse(lateSince)
  const next = nextRunAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(nextRunAt)
  return next < now - LATE_MS ? next : undefined
}

/** The five fields, without the zone in front. */
export function cronOf(expression: string): string {
  return expression.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, '')
}

export interface RowFilter {
  readonly words?: string | undefined
  readonly state?: 'on' | 'off' | 'late' | undefined
}

/** The rows that have every word in name, place, id or expression, and are in the state. */
export function filterRows(rows: readonly ScheduleRow[], { words = '', state }: RowFilter): readonly ScheduleRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (state === 'late' && row.lateSince === undefined) return false
    if (state !== undefined && state !== 'late' && row.isOn !== (state === 'on')) return false
    const all = `${row.name} ${row.place} ${row.id} ${row.timeZone}`.toLowerCase()
    return wanted.every((word) => all.includes(word))
  })
}

export type SortBy = 'next' | 'name' | 'last'

/** In the wanted order; what never runs stands at the end of either direction. */
export function sortRows(rows: readonly ScheduleRow[], by: SortBy, isDescending: boolean): readonly ScheduleRow[] {
  const sign = isDescending ? -1 : 1
  if (by === 'name') return rows.toSorted((a, b) => sign * a.name.localeCompare(b.name))
  const timeOf = (row: ScheduleRow) => (by === 'next' ? (row.isOn ? row.nextAt : undefined) : row.cells.at(-1)?.at)
  return rows.toSorted((a, b) => {
    const [x, y] = [timeOf(a), timeOf(b)]
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
    return sign * (x - y)
  })
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** An instant on the clock of a zone, without the zone's name: `25 Nov, 09:00`. A zone that is unknown here is UTC. */
export function clockIn(timeZone: string, at: number): string {
  let clock = clocks.get(timeZone)
  if (clock === undefined) {
    clock = makeClock(timeZone)
    clocks.set(timeZone, clock)
  }
  return clock.format(at)
}

function makeClock(timeZone: string): Intl.DateTimeFormat {
  const shape = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shape, hourCycle: 'h23', timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...shape, hourCycle: 'h23', timeZone: 'UTC' })
  }
}

/** The place of a zone, for a cell: `New York`. */
export function placeOf(timeZone: string): string {
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ')
}
