// What a group writes of jobs and sessions, each row once (see `pending-rows.ts`).
import type { Change } from '../contract/changes.ts'
import type { JobRow, JobRunRow, Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import type { Excerpt } from './job-table.ts'
import { RowSet } from './row-sets.ts'

/** Changes that are written with the rows of the group. */
export type RecordChange = Extract<
  Change,
  | { readonly put: 'job' | 'jobRun' | 'session' | 'sessionItem' | 'request' }
  | { readonly set: 'job' | 'jobRun' | 'session' | 'request' }
>

interface Keyed {
  readonly key: Key
}

/** Rows that are put once and set any number of times. */
class PutAndSet<Row extends Keyed> {
  readonly puts = new RowSet<Key, Row>()
  readonly sets = new RowSet<Key, Row>()

  put(row: Row, at: number): void {
    this.puts.put(row.key, { at, row })
  }

  set(row: Row, at: number): void {
    const into = this.puts.get(row.key) === undefined ? this.sets : this.puts
    into.replace(row.key, { at, row })
  }
}

export class RecordRows {
  readonly jobs = new PutAndSet<JobRow>()
  readonly jobRuns = new PutAndSet<JobRunRow>()
  readonly excerpts = new RowSet<Key, Excerpt>()
  readonly sessions = new PutAndSet<SessionRow>()
  readonly sessionItems = new RowSet<string, SessionItemRow>()
  readonly requests = new PutAndSet<RequestRow>()

  add(change: RecordChange, at: number): void {
    if ('put' in change) this.#put(change, at)
    else this.#set(change, at)
  }

  /** What a reset leaves of them: jobs, without their live runs. */
  keptAfterReset(): RecordRows {
    const kept = new RecordRows()
    for (const { at, row } of this.jobs.puts.values()) kept.jobs.put({ ...row, live: null }, at)
    for (const { at, row } of this.jobs.sets.values()) kept.jobs.set({ ...row, live: null }, at)
    return kept
  }

  #put(change: Extract<RecordChange, { readonly put: string }>, at: number): void {
    switch (change.put) {
      case 'job':
        return this.jobs.put(change.row, at)
      case 'jobRun':
        this.#putExcerpt(change.row.key, change.excerpt, at)
        return this.jobRuns.put(change.row, at)
      case 'session':
        return this.sessions.put(change.row, at)
      case 'sessionItem': {
        const { session, seq } = change.row
        return this.sessionItems.put(`${session} ${seq}`, { at, row: change.row })
      }
      case 'request':
        return this.requests.put(change.row, at)
    }
  }

  #set(change: Extract<RecordChange, { readonly set: string }>, at: number): void {
    switch (change.set) {
      case 'job':
        return this.jobs.set(change.row, at)
      case 'jobRun':
        this.#putExcerpt(change.row.key, change.excerpt, at)
        return this.jobRuns.set(change.row, at)
      case 'session':
        return this.sessions.set(change.row, at)
      case 'request':
        return this.requests.set(change.row, at)
    }
  }

  #putExcerpt(run: Key, text: string | null, at: number): void {
    if (text !== null) this.excerpts.replace(run, { at, row: { run, text } })
  }
}
