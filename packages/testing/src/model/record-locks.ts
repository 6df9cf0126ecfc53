// The locks of sessions and jobs, in their place in the order of locks: after limits, before runs; first sessions, then
// jobs. A request and an item of a session are locked by the session, a run of a job by the job.
import type { Change, ItemRow, Key, Needs } from '@pawl/storage'
import type { Lock } from './lock-names.ts'
import { type RecordTables, type Subject, subjectNamed, subjectOf } from './record-tables.ts'

export function sessionLock(session: Key): string {
  return `session ${session}`
}

export function jobLock(job: Key): string {
  return `job ${job}`
}

/** What the needs name, and the sessions and jobs of it. */
export function recordLocks(records: RecordTables, needs: Needs): readonly Lock[] {
  const sessions = new Set<Key>([...(needs.sessions ?? []), ...(needs.pendingOf ?? [])])
  const jobs = new Set<Key>(needs.jobs)
  for (const name of needs.sessionNames ?? []) addTo(sessions, records.sessionNamed(name)?.key)
  for (const key of needs.requests ?? []) addTo(sessions, records.requests.get(key)?.session)
  for (const key of needs.jobRuns ?? []) addTo(jobs, records.jobRuns.get(key)?.job)
  for (const name of needs.named ?? []) {
    const subject = subjectNamed(name)
    if (subject === undefined) continue
    addTo(subject.of === 'request' ? sessions : jobs, ownerOf(records, subject))
  }
  return inOrder(records, sessions, jobs)
}

/** An update locks its row too. */
export function touchedRecords(records: RecordTables, changes: readonly Change[]): readonly Lock[] {
  const sessions = new Set<Key>()
  const jobs = new Set<Key>()
  for (const change of changes) {
    if (!('set' in change)) continue
    if (change.set === 'job') jobs.add(change.row.key)
    else if (change.set === 'session') sessions.add(change.row.key)
  }
  return inOrder(records, sessions, jobs)
}

/** The lock of what the item is named for, where that is there. */
export function subjectLock(records: RecordTables, item: ItemRow): string | undefined {
  const subject = subjectOf(item)
  const owner = subject === undefined ? undefined : ownerOf(records, subject)
  if (owner === undefined) return undefined
  return subject?.of === 'request' ? sessionLock(owner) : jobLock(owner)
}

function ownerOf(records: RecordTables, { of, id }: Subject): Key | undefined {
  if (of === 'request') return records.requestByUlid(id)?.session
  return of === 'job' ? records.jobByUlid(id)?.key : records.jobRunByUlid(id)?.job
}

function inOrder(records: RecordTables, sessions: ReadonlySet<Key>, jobs: ReadonlySet<Key>): readonly Lock[] {
  const alone = (names: readonly string[]) => names.map((name): Lock => [name, 'alone'])
  const sorted = (keys: ReadonlySet<Key>) => [...keys].sort((a, b) => a - b)
  return [
    ...alone(
      sorted(sessions)
        .filter((key) => records.sessions.has(key))
        .map(sessionLock),
    ),
    ...alone(
      sorted(jobs)
        .filter((key) => records.jobs.has(key))
        .map(jobLock),
    ),
  ]
}

function addTo(keys: Set<Key>, key: Key | undefined): void {
  if (key !== undefined) keys.add(key)
}
