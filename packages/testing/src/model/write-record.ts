// Writes one change of jobs and sessions into the tables, and refuses what does not fit what is stored.
import type { Change, JobRow, JobRunRow, Key, SessionRow } from '@pawl/storage'
import { sessionLock } from './record-locks.ts'
import type { RecordTables } from './record-tables.ts'
import { refuse } from './refuse.ts'
import { byKey } from './tables.ts'

export type RecordPut = Extract<
  Change,
  { readonly put: 'job' | 'jobRun' | 'secret' | 'session' | 'sessionItem' | 'request' }
>
export type RecordSet = Extract<Change, { readonly set: 'job' | 'jobRun' | 'session' | 'request' }>
type Records = Extract<Change, { readonly end: 'records' }>

export function putRecord(records: RecordTables, change: RecordPut): void {
  const { jobs, sessions, requests } = records
  switch (change.put) {
    case 'job':
      refuse(
        jobs.has(change.row.key) || records.jobByUlid(change.row.id) !== undefined,
        `there is job ${change.row.id}`,
      )
      return jobs.set(change.row.key, change.row)
    case 'jobRun':
      return putRun(records, change.row, change.excerpt)
    case 'secret':
      return records.secrets.set(change.row.name, change.row)
    case 'session':
      refuse(sessions.has(change.row.key), `there is session ${change.row.key}`)
      refuse(records.sessionNamed(change.row.name) !== undefined, `there is session "${change.row.name}"`)
      return sessions.set(change.row.key, change.row)
    case 'sessionItem': {
      const { session, seq, name } = change.row
      refuse(records.sessionItems.has(`${session} ${seq}`), `session ${session} has an item ${seq}`)
      refuse(name !== null && records.sessionItem(session, name) !== undefined, `session ${session} has "${name}"`)
      return records.sessionItems.set(`${session} ${seq}`, change.row)
    }
    case 'request': {
      const { key, session, name } = change.row
      refuse(requests.has(key) || records.requestNamed(session, name) !== undefined, `session ${session} has "${name}"`)
      return requests.set(key, change.row)
    }
  }
}

function putRun(records: RecordTables, row: JobRunRow, excerpt: string | null): void {
  const { key, id, job, trigger, scheduledAt } = row
  const isSlot = (run: JobRunRow) => run.job === job && run.scheduledAt === scheduledAt && run.trigger === 'schedule'
  refuse(records.jobRuns.has(key) || records.jobRunByUlid(id) !== undefined, `there is run ${id} of a job`)
  refuse(trigger === 'schedule' && records.jobRuns.find(isSlot) !== undefined, `slot ${scheduledAt} has a run`)
  records.jobRuns.set(key, row)
  if (excerpt !== null) records.excerpts.set(key, excerpt)
}

export function setRecord({ jobs, jobRuns, excerpts, sessions, requests }: RecordTables, change: RecordSet): void {
  const { key } = change.row
  switch (change.set) {
    case 'job': {
      const before = jobs.get(key)
      if (before === undefined) return refuse(true, `there is no job ${key}`)
      return jobs.set(key, { ...change.row, id: before.id, createdAt: before.createdAt })
    }
    case 'jobRun': {
      const before = jobRuns.get(key)
      if (before === undefined) return refuse(true, `there is no run ${key} of a job`)
      const { id, job, trigger, scheduledAt } = before
      if (change.excerpt !== null) excerpts.set(key, change.excerpt)
      return jobRuns.set(key, { ...change.row, id, job, trigger, scheduledAt })
    }
    case 'session': {
      const before = sessions.get(key)
      if (before === undefined) return refuse(true, `there is no session ${key}`)
      const { id, name, createdAt } = before
      return sessions.set(key, { ...change.row, id, name, createdAt })
    }
    case 'request': {
      const before = requests.get(key)
      if (before === undefined) return refuse(true, `there is no request ${key}`)
      const { status, response, reason, respondedBy, resolvedAt, tokenHash } = change.row
      const moving = { status, response, reason, respondedBy, resolvedAt, tokenHash, arguments: change.row.arguments }
      return requests.set(key, { ...before, ...moving })
    }
  }
}

/** @param take Takes a lock that nobody else has. */
export function endRecords(records: RecordTables, change: Records, take: (lock: string) => boolean): void {
  let left = change.max
  for (const job of records.jobs.values().sort(byKey)) {
    const ending = excessOf(records, job, change).slice(0, left)
    left -= ending.length
    for (const { key } of ending) {
      records.excerpts.delete(key)
      records.jobRuns.delete(key)
    }
    const isEmpty = records.jobRuns.find((run) => run.job === job.key) === undefined
    if (job.deletedAt !== null && isEmpty) records.jobs.delete(job.key)
  }
  endSessions(records, change, take)
}

/** The runs that a job has too many of, the oldest first. */
function excessOf(
  { jobRuns }: RecordTables,
  job: JobRow,
  { jobRunsBefore, keepLeast, keepMost }: Records,
): JobRunRow[] {
  const newest = jobRuns
    .filter((run) => run.job === job.key)
    .sort((a, b) => b.scheduledAt - a.scheduledAt || b.key - a.key)
  const isExcess = (run: JobRunRow, rank: number) => {
    if (run.status === 'queued' || run.status === 'running') return false
    if (job.deletedAt !== null) return true
    return rank >= keepLeast && (rank >= keepMost || (run.finishedAt ?? run.scheduledAt) < jobRunsBefore)
  }
  return newest.filter(isExcess).reverse()
}

function endSessions(records: RecordTables, change: Records, take: (lock: string) => boolean): void {
  const endOf = ({ endedAt }: SessionRow) => endedAt ?? change.sessionsBefore
  const old = records.sessions.filter((row) => endOf(row) < change.sessionsBefore)
  let left = change.max
  for (const row of old.sort((a, b) => endOf(a) - endOf(b) || a.key - b.key)) {
    if (!take(sessionLock(row.key))) continue
    if (left < change.max && row.items + 1 > left) return
    left -= row.items + 1
    endSession(records, row.key)
  }
}

function endSession({ sessions, sessionItems, requests }: RecordTables, key: Key): void {
  sessionItems.deleteWhere((item) => item.session === key)
  requests.deleteWhere((request) => request.session === key)
  sessions.delete(key)
}
