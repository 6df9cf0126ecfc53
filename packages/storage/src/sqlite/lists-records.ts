// The list reads of what is written for people alone: effects of events, syncs of apps, versions of functions; and of what
// runs by the clock or has failed.
import type { FailureView, ListReads, StripRun } from '../contract/lists.ts'
import type { EffectRow, FunctionVersionRow, ItemRow, Key, RunStatus, SyncRow } from '../contract/rows.ts'
import type { Reader } from './lists-reader.ts'
import { number, numberOrNull, type Row, readItem, readSync, text, textOrNull } from './lists-rows.ts'

type FailureQuery = Parameters<ListReads['failures']>[0]
type Effects = Awaited<ReturnType<ListReads['effects']>>

const EFFECTS_MAX = 100

export const EFFECTS = `SELECT r.id, r.fn, e.how FROM effects e JOIN runs r ON r.key = e.run
  WHERE e.event = ? ORDER BY e.run, e.how LIMIT ${EFFECTS_MAX}`
export const SYNCS = 'SELECT * FROM syncs WHERE app = ? ORDER BY at DESC, key DESC LIMIT ?'
export const VERSIONS = 'SELECT * FROM function_versions WHERE fn = ? ORDER BY version DESC'
export const ALL_CRONS = "SELECT * FROM items INDEXED BY items_cron WHERE kind = 'cron'"

export function effectsOf(reader: Reader, event: Key): Effects {
  return reader.all(EFFECTS, [event]).map((row) => {
    return { runId: text(row.id), fn: number(row.fn), how: text(row.how) as EffectRow['how'] }
  })
}

export function syncsOf(reader: Reader, app: Key, limit: number): SyncRow[] {
  return reader.all(SYNCS, [app, limit]).map(readSync)
}

export function versionsOf(reader: Reader, fn: Key): FunctionVersionRow[] {
  return reader.all(VERSIONS, [fn]).map((row) => {
    return { fn: number(row.fn), version: number(row.version), at: number(row.at), config: text(row.config) }
  })
}

export function allCrons(reader: Reader): ItemRow[] {
  return reader.all(ALL_CRONS).map(readItem)
}

/** The next function, after one, that has a failed run. */
export const NEXT_FAILED = `SELECT fn FROM runs INDEXED BY runs_failed WHERE status = 'failed' AND fn > ? ORDER BY fn LIMIT 1`
export const FAILURES = `SELECT r.key, r.id, r.fn, r.ended_at, o.text FROM runs r INDEXED BY runs_failed
  LEFT JOIN run_outputs o ON o.run = r.key AND o.is_error = 1
  WHERE r.status = 'failed' AND r.fn = ? AND r.ended_at >= ? AND r.ended_at <= ?
  ORDER BY r.ended_at DESC, r.key DESC LIMIT ?`

export function listFailures(reader: Reader, { fn, from, until, limit }: FailureQuery): FailureView[] {
  const fns = fn === undefined ? failedFunctions(reader) : [fn]
  const rows = fns.flatMap((one) => reader.all(FAILURES, [one, from, until, limit]))
  rows.sort((a, b) => number(b.ended_at) - number(a.ended_at) || number(b.key) - number(a.key))
  return rows.slice(0, limit).map(toFailure)
}

export function lastFailures(reader: Reader, fns: readonly Key[]): FailureView[] {
  return fns.flatMap((fn) => reader.all(FAILURES, [fn, 0, Number.MAX_SAFE_INTEGER, 1])).map(toFailure)
}

function failedFunctions(reader: Reader): Key[] {
  const fns: Key[] = []
  for (let next: Key | null = 0; next !== null; ) {
    next = numberOrNull(reader.one(NEXT_FAILED, [next])?.fn)
    if (next !== null) fns.push(next)
  }
  return fns
}

function toFailure(row: Row): FailureView {
  return { fn: number(row.fn), runId: text(row.id), endedAt: number(row.ended_at), error: textOrNull(row.text) }
}

/** The next expression, after one, that has begun a run of a function. */
export const NEXT_CRON = `SELECT cron FROM runs INDEXED BY runs_cron WHERE cron IS NOT NULL AND fn = ? AND cron > ?
  ORDER BY cron LIMIT 1`
export const STRIP = `SELECT fn, cron, id, status, queued_at, started_at, ended_at FROM runs INDEXED BY runs_cron
  WHERE cron IS NOT NULL AND fn = ? AND cron = ? ORDER BY queued_at DESC, key DESC LIMIT ?`

export function stripsOf(reader: Reader, fns: readonly Key[], limit: number): StripRun[] {
  return fns.flatMap((fn) => cronsOf(reader, fn).flatMap((cron) => reader.all(STRIP, [fn, cron, limit]).map(toStrip)))
}

function cronsOf(reader: Reader, fn: Key): string[] {
  const crons: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    next = textOrNull(reader.one(NEXT_CRON, [fn, next])?.cron)
    if (next !== null) crons.push(next)
  }
  return crons
}

function toStrip(row: Row): StripRun {
  return {
    fn: number(row.fn),
    cron: text(row.cron),
    id: text(row.id),
    status: text(row.status) as RunStatus,
    queuedAt: number(row.queued_at),
    startedAt: numberOrNull(row.started_at),
    endedAt: numberOrNull(row.ended_at),
  }
}
