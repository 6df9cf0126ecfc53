// A row of the list, whatever kind of thing runs by the clock: a cron of a function is made into one here, and another kind
// gets a function of its own beside it. Filters and order work on rows only. Pure: the present moment comes in.

import type { Job, JobStatus, Pause, RunStatus, Schedule } from '../../api/index.ts'
import { scheduleWords } from '../job/schedule-words.ts'

/** What a row stands for, with what its actions need. */
export interface CronOf {
  readonly kind: 'CRON'
  readonly appId: string
  /** Without the app. */
  readonly functionId: string
}

/** An HTTP Job. */
export interface JobOf {
  readonly kind: 'JOB'
  readonly jobId: string
  /** A call is open: another one has to wait for its end. */
  readonly isLive: boolean
}

export type ScheduleOf = CronOf | JobOf

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

const OF_JOB: Record<JobStatus, RunStatus> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  success: 'COMPLETED',
  failure: 'FAILED',
  skipped: 'SKIPPED',
}

/** The row of an HTTP Job. */
export function rowOfJob(job: Job, now: number): ScheduleRow {
  const { id, name, request, timeZone, nextRunAt, enabled, liveRunId, strip } = job
  const nextAt = nextRunAt === undefined ? undefined : Date.parse(nextRunAt)
  const isLate = enabled && nextAt !== undefined && nextAt < now - LATE_MS
  return {
    id,
    of: { kind: 'JOB', jobId: id, isLive: liveRunId !== undefined },
    name,
    place: hostOf(request.url),
    when: { words: scheduleWords(job) },
    timeZone,
    ...(nextAt === undefined ? {} : { nextAt }),
    isOn: enabled,
    ...(isLate ? { lateSince: nextAt } : {}),
    cells: (strip ?? [])
      .map(({ runId, status, scheduledAt, durationMs }) => ({
        runId,
        status: OF_JOB[status],
        at: Date.parse(scheduledAt),
        ...(durationMs === undefined ? {} : { durationMs }),
      }))
      .reverse(),
  }
}

/** Host of a URL, which may hold secrets by name; the URL as it is when it cannot be taken apart. */
function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url
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
  readonly kind?: ScheduleOf['kind'] | undefined
}

/** The rows that have every word in name, place, id or expression, and are in the state. */
export function filterRows(
  rows: readonly ScheduleRow[],
  { words = '', state, kind }: RowFilter,
): readonly ScheduleRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (kind !== undefined && row.of.kind !== kind) return false
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
