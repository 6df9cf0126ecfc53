// The jobs, sessions and requests that a group has found, each once, and what each brings (the rule stands at `Needs`).
import type { ItemRow, JobRow, JobRunRow, Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import type { Needs } from '../contract/store.ts'
import { jobTimer, requestDeadline, subjectOf } from '../named-items.ts'
import type { Tables } from './tables.ts'

export class FoundRecords {
  readonly jobs = new Map<Key, JobRow>()
  readonly jobRuns = new Map<Key, JobRunRow>()
  readonly sessions = new Map<Key, SessionRow>()
  readonly sessionItems: SessionItemRow[] = []
  readonly requests = new Map<Key, RequestRow>()
  readonly #tables: Tables
  readonly #addItem: (row: ItemRow | undefined) => void

  constructor(tables: Tables, addItem: (row: ItemRow | undefined) => void) {
    this.#tables = tables
    this.#addItem = addItem
  }

  find(needs: Needs): void {
    const { sessions } = this.#tables
    for (const job of needs.jobs ?? []) this.#addJobByKey(job)
    for (const run of needs.jobRuns ?? []) this.#addRunByKey(run)
    for (const session of needs.sessions ?? []) this.#addSession(session)
    for (const name of needs.sessionNames ?? []) {
      const row = sessions.byName(name)
      if (row !== undefined) this.sessions.set(row.key, row)
    }
    for (const { session, name } of needs.sessionItems ?? []) {
      const row = sessions.item(session, name)
      if (row !== undefined) this.sessionItems.push(row)
    }
    for (const request of needs.requests ?? []) this.#addRequest(sessions.request(request))
    for (const { session, name } of needs.requestNames ?? []) this.#addRequest(sessions.requestNamed(session, name))
    for (const session of needs.pendingOf ?? []) {
      this.#addSession(session)
      for (const row of sessions.pendingOf(session)) this.#addRequest(row)
    }
  }

  /** What the name of an item says that it is about. */
  bring(item: ItemRow): void {
    const subject = subjectOf(item)
    if (subject === undefined) return
    const { jobs, sessions } = this.#tables
    if (subject.of === 'job') this.#addJob(jobs.jobByUlid(subject.id))
    else if (subject.of === 'jobRun') this.#addRun(jobs.runByUlid(subject.id))
    else this.#addRequest(sessions.requestByUlid(subject.id))
  }

  #addJobByKey(key: Key): void {
    if (!this.jobs.has(key)) this.#addJob(this.#tables.jobs.job(key))
  }

  #addJob(row: JobRow | undefined): void {
    if (row === undefined || this.jobs.has(row.key)) return
    this.jobs.set(row.key, row)
    if (row.live !== null) this.#addRunByKey(row.live)
    this.#addItem(this.#tables.items.byName(jobTimer(row.id)))
  }

  #addRunByKey(key: Key): void {
    if (!this.jobRuns.has(key)) this.#addRun(this.#tables.jobs.run(key))
  }

  #addRun(row: JobRunRow | undefined): void {
    if (row === undefined || this.jobRuns.has(row.key)) return
    this.jobRuns.set(row.key, row)
    this.#addJobByKey(row.job)
  }

  #addSession(key: Key): void {
    if (this.sessions.has(key)) return
    const row = this.#tables.sessions.byKey(key)
    if (row !== undefined) this.sessions.set(key, row)
  }

  #addRequest(row: RequestRow | undefined): void {
    if (row === undefined || this.requests.has(row.key)) return
    this.requests.set(row.key, row)
    this.#addSession(row.session)
    this.#addItem(this.#tables.items.byName(requestDeadline(row.id)))
  }
}
