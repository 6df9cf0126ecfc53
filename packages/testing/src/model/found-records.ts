// The jobs, sessions and requests that a group has found, each once, and what each brings (the rule stands at `Needs`). What
// is brought must be locked, or be to be had at once.
import type { FactsData, ItemRow, JobRow, JobRunRow, Key, Needs, RequestRow, SessionRow } from '@pawl/storage'
import { jobLock, sessionLock } from './record-locks.ts'
import { subjectOf } from './record-tables.ts'
import { byKey, type Tables } from './tables.ts'

type Facts = Pick<FactsData, 'jobs' | 'jobRuns' | 'sessions' | 'sessionItems' | 'requests'>

export interface Finding {
  readonly tables: Tables
  /** Takes a lock if nobody is in the way; else the group has to begin again. */
  readonly take: (lock: string) => void
  /** A timer or deadline that a row has brought. */
  readonly addItem: (item: ItemRow | undefined) => void
}

export class FoundRecords {
  readonly #jobs = new Map<Key, JobRow>()
  readonly #jobRuns = new Map<Key, JobRunRow>()
  readonly #sessions = new Map<Key, SessionRow>()
  readonly #requests = new Map<Key, RequestRow>()
  #sessionItems: Facts['sessionItems'] = []
  readonly #finding: Finding

  constructor(finding: Finding) {
    this.#finding = finding
  }

  get facts(): Facts {
    return {
      jobs: [...this.#jobs.values()].sort(byKey),
      jobRuns: [...this.#jobRuns.values()].sort(byKey),
      sessions: [...this.#sessions.values()].sort(byKey),
      sessionItems: this.#sessionItems,
      requests: [...this.#requests.values()].sort(byKey),
    }
  }

  find(needs: Needs): void {
    const { records } = this.#finding.tables
    for (const key of needs.jobs ?? []) this.#addJob(records.jobs.get(key))
    for (const key of needs.jobRuns ?? []) this.#addRun(records.jobRuns.get(key))
    for (const key of needs.sessions ?? []) this.#addSession(records.sessions.get(key))
    for (const name of needs.sessionNames ?? []) this.#addSession(records.sessionNamed(name))
    for (const key of needs.requests ?? []) this.#addRequest(records.requests.get(key))
    for (const { session, name } of needs.requestNames ?? []) this.#addRequest(records.requestNamed(session, name))
    for (const session of needs.pendingOf ?? []) {
      this.#addSession(records.sessions.get(session))
      for (const row of records.pendingOf(session)) this.#addRequest(row)
    }
    const items = needs.sessionItems ?? []
    this.#sessionItems = items.flatMap(({ session, name }) => records.sessionItem(session, name) ?? [])
  }

  /** What the name of an item says that it is about. */
  bring(item: ItemRow): void {
    const subject = subjectOf(item)
    if (subject === undefined) return
    const { records } = this.#finding.tables
    if (subject.of === 'job') this.#addJob(records.jobByUlid(subject.id))
    else if (subject.of === 'jobRun') this.#addRun(records.jobRunByUlid(subject.id))
    else this.#addRequest(records.requestByUlid(subject.id))
  }

  #addJob(row: JobRow | undefined): void {
    if (row === undefined || this.#jobs.has(row.key)) return
    const { tables, take, addItem } = this.#finding
    take(jobLock(row.key))
    this.#jobs.set(row.key, row)
    if (row.live !== null) this.#addRun(tables.records.jobRuns.get(row.live))
    addItem(tables.named(`job:${row.id}`))
  }

  #addRun(row: JobRunRow | undefined): void {
    if (row === undefined || this.#jobRuns.has(row.key)) return
    this.#jobRuns.set(row.key, row)
    this.#addJob(this.#finding.tables.records.jobs.get(row.job))
  }

  #addSession(row: SessionRow | undefined): void {
    if (row === undefined || this.#sessions.has(row.key)) return
    this.#finding.take(sessionLock(row.key))
    this.#sessions.set(row.key, row)
  }

  #addRequest(row: RequestRow | undefined): void {
    if (row === undefined || this.#requests.has(row.key)) return
    const { tables, addItem } = this.#finding
    this.#requests.set(row.key, row)
    this.#addSession(tables.records.sessions.get(row.session))
    addItem(tables.named(`request:${row.id}`))
  }
}
