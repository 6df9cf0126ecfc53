// Deletes what jobs and sessions leave behind, a page at a time (the rule stands at the change `records`). Jobs are gone
// through in the order of keys, and a page goes on where the one before it stopped.
import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../contract/changes.ts'
import type { Key } from '../contract/rows.ts'
import { LIMIT, query } from './statement.ts'

type Records = Extract<Change, { readonly end: 'records' }>

/** Jobs looked at in one page: at most 1,000 entries of an index each. */
const JOBS_MAX = 200

/** Runs of deleted jobs. */
export const OF_DELETED = `SELECT r.key FROM jobs j CROSS JOIN job_runs r ON r.job = j.key
  WHERE j.deleted_at IS NOT NULL AND ${isOver('r.')} ${LIMIT}`
export const EMPTY_JOBS = `SELECT key FROM jobs j
  WHERE j.deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job_runs r WHERE r.job = j.key) ${LIMIT}`
export const NEXT_JOBS = `SELECT key FROM jobs WHERE key > ? ORDER BY key ${LIMIT}`
/** The run of a job that has this many newer ones. */
export const NTH_NEWEST = `SELECT scheduled_at, key FROM job_runs WHERE job = ?
  ORDER BY scheduled_at DESC, key DESC LIMIT 1 OFFSET ? + 0`
/** Of the runs from there on to older ones: those that are too old, or too many. */
export const TOO_OLD = `SELECT key FROM job_runs WHERE job = ? AND (scheduled_at, key) <= (?, ?)
  AND ${isOver()} AND coalesce(finished_at, scheduled_at) < ? ORDER BY scheduled_at, key ${LIMIT}`
export const TOO_MANY = `SELECT key FROM job_runs WHERE job = ? AND (scheduled_at, key) <= (?, ?)
  AND ${isOver()} ORDER BY scheduled_at, key ${LIMIT}`
export const OLD_SESSIONS = `SELECT key, items FROM sessions
  WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, key ${LIMIT}`

function isOver(prefix = ''): string {
  return `${prefix}status NOT IN ('queued', 'running')`
}

export type EndRecords = (change: Records) => void

export function openExpiredRecords(db: DatabaseSync): EndRecords {
  const endRuns = openRunPages(db)
  const endSessions = openSessionPages(db)
  return (change) => {
    endRuns(change)
    endSessions(change)
  }
}

function openRunPages(db: DatabaseSync): EndRecords {
  const ofDeleted = query<[number]>(db, OF_DELETED)
  const emptyJobs = query<[number]>(db, EMPTY_JOBS)
  const nextJobs = query<[number]>(db, NEXT_JOBS)
  const excessOf = openExcess(db)
  const endExcerpt = db.prepare('DELETE FROM job_excerpts WHERE run = ?')
  const endRun = db.prepare('DELETE FROM job_runs WHERE key = ?')
  const endRequest = db.prepare('DELETE FROM job_requests WHERE job = ?')
  const endJob = db.prepare('DELETE FROM jobs WHERE key = ?')
  /** The job that was looked at last. */
  let last: Key = 0

  const end = (keys: readonly Key[]): number => {
    for (const key of keys) {
      endExcerpt.run(key)
      endRun.run(key)
    }
    return keys.length
  }
  return (change) => {
    let left = change.max - end(ofDeleted.all(change.max).map(([key]) => key))
    for (const [key] of emptyJobs.all(change.max)) {
      endRequest.run(key)
      endJob.run(key)
    }
    const jobs = nextJobs.all(last, JOBS_MAX)
    for (const [job] of jobs) {
      if (left === 0) return
      left -= end(excessOf(job, change, left))
      last = job
    }
    if (jobs.length < JOBS_MAX) last = 0
  }
}

/** What one job has too much of, the oldest first. */
function openExcess(db: DatabaseSync): (job: Key, change: Records, max: number) => Key[] {
  const nth = query<[number, number]>(db, NTH_NEWEST)
  const tooOld = query<[number]>(db, TOO_OLD)
  const tooMany = query<[number]>(db, TOO_MANY)
  return (job, { jobRunsBefore, keepLeast, keepMost }, max) => {
    const free = nth.get(job, keepLeast)
    if (free === undefined) return []
    // A run ends after its slot, so that the slot bounds the search.
    const newest = free[0] < jobRunsBefore ? free : ([jobRunsBefore, 0] as const)
    const old = tooOld.all(job, ...newest, jobRunsBefore, max)
    const beyond = old.length === max ? undefined : nth.get(job, Math.max(keepLeast, keepMost))
    const many = beyond === undefined ? [] : tooMany.all(job, ...beyond, max)
    return [...new Set([...old, ...many].map(([key]) => key))].slice(0, max)
  }
}

function openSessionPages(db: DatabaseSync): EndRecords {
  const old = query<[number, number]>(db, OLD_SESSIONS)
  const endItems = db.prepare('DELETE FROM session_items WHERE session = ?')
  const endRequests = db.prepare('DELETE FROM requests WHERE session = ?')
  const endSession = db.prepare('DELETE FROM sessions WHERE key = ?')
  return ({ sessionsBefore, max }) => {
    let left = max
    for (const [key, items] of old.all(sessionsBefore, max)) {
      if (left < max && items + 1 > left) return
      left -= items + 1
      endItems.run(key)
      endRequests.run(key)
      endSession.run(key)
    }
  }
}
