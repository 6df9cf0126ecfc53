// Jobs and their runs that a group has read, as its operations have left them: by key, and by the ULID that stands in the
// name of an item which has brought them.
import type { FactsData } from './contract/database.ts'
import type { JobRow, JobRunRow, Key } from './contract/rows.ts'
import type { Needs } from './contract/store.ts'
import { subjectOf } from './named-items.ts'

export class JobFacts {
  /** Null: known to be absent. So are those by ULID. */
  readonly #jobs = new Map<Key, JobRow | null>()
  readonly #runs = new Map<Key, JobRunRow | null>()
  readonly #jobKeys = new Map<string, Key | null>()
  readonly #runKeys = new Map<string, Key | null>()

  constructor(data: FactsData, needs: Needs) {
    for (const key of needs.jobs ?? []) this.#jobs.set(key, null)
    for (const key of needs.jobRuns ?? []) this.#runs.set(key, null)
    for (const items of [data.items, data.named, data.ready]) {
      for (const item of items) {
        const subject = subjectOf(item)
        if (subject?.of === 'job') this.#jobKeys.set(subject.id, null)
        else if (subject?.of === 'jobRun') this.#runKeys.set(subject.id, null)
      }
    }
    for (const row of data.jobs) {
      this.putJob(row)
      if (row.live !== null && !this.#runs.has(row.live)) this.#runs.set(row.live, null)
    }
    for (const row of data.jobRuns) {
      this.putRun(row)
      if (!this.#jobs.has(row.job)) this.#jobs.set(row.job, null)
    }
  }

  /** Null is known to be absent; undefined was not asked for. */
  job(key: Key): JobRow | null | undefined {
    return this.#jobs.get(key)
  }

  jobById(id: string): JobRow | null | undefined {
    const key = this.#jobKeys.get(id)
    return key == null ? key : this.#jobs.get(key)
  }

  run(key: Key): JobRunRow | null | undefined {
    return this.#runs.get(key)
  }

  runById(id: string): JobRunRow | null | undefined {
    const key = this.#runKeys.get(id)
    return key == null ? key : this.#runs.get(key)
  }

  putJob(row: JobRow): void {
    this.#jobs.set(row.key, row)
    this.#jobKeys.set(row.id, row.key)
  }

  putRun(row: JobRunRow): void {
    this.#runs.set(row.key, row)
    this.#runKeys.set(row.id, row.key)
  }
}
