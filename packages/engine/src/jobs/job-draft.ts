// What one operation does to jobs. Several of its decisions may concern one job (its slot falls due while its last call is
// found to be lost): each sees the row as those before it leave it, and the row is written once.
import type { Facts, ItemRow, JobRow, JobRunRow, Key } from '@pawl/storage'
import type { Draft } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'
import { redactedUrl } from './mask.ts'
import { readRequest } from './stored-request.ts'

export class JobDraft {
  readonly draft: Draft
  readonly facts: Facts
  readonly #jobs = new Map<Key, JobRow>()

  constructor(draft: Draft, facts: Facts) {
    this.draft = draft
    this.facts = facts
  }

  get now(): number {
    return this.draft.now
  }

  /** As this operation leaves it. */
  latest(row: JobRow): JobRow {
    return this.#jobs.get(row.key) ?? row
  }

  set(row: JobRow): void {
    this.#jobs.set(row.key, row)
  }

  /** Writes the rows. Once, when all is decided. */
  finish(): void {
    for (const row of this.#jobs.values()) this.draft.push({ set: 'job', row })
    this.#jobs.clear()
  }

  /** Lets a job's timer go off at its next slot, or never. `timer`: as it is stored. */
  arm(job: JobRow, timer: ItemRow | undefined): void {
    const { draft } = this
    const { nextAt } = job
    if (nextAt === null) {
      if (timer !== undefined) draft.push({ end: 'item', key: timer.key })
    } else if (timer === undefined) {
      draft.push({
        put: 'item',
        row: systemItem(draft, { kind: 'job', step: timerName(job.id), fn: null, due: nextAt }),
      })
    } else {
      draft.push({ set: 'item', row: { ...timer, state: 'sleeping', owner: 0, claims: 0, due: nextAt } })
    }
  }
}

export function timerName(jobId: string): string {
  return `job:${jobId}`
}

export function callName(runId: string): string {
  return `jobRun:${runId}`
}

/** The `detail` of a `jobRun` item. */
export interface CallDetail {
  /** ULID of the job. */
  readonly job: string
}

export function callDetail(item: ItemRow): CallDetail {
  // The engine wrote it.
  return JSON.parse(item.detail ?? '{"job":""}') as CallDetail
}

/** The ULID in the name of an item. */
export function idOf({ kind, step }: ItemRow): string {
  return step.slice(kind.length + 1)
}

/** A run that is nothing but a record so far. */
export function runRow(
  work: JobDraft,
  of: { readonly id: string; readonly job: JobRow } & Pick<JobRunRow, 'trigger' | 'scheduledAt' | 'status'>,
): JobRunRow {
  const { job, ...given } = of
  const { method, url } = readRequest(job)
  return {
    key: work.draft.ground.key(),
    ...given,
    job: job.key,
    startedAt: null,
    finishedAt: null,
    httpStatus: null,
    errorCode: null,
    errorMessage: null,
    method,
    url: redactedUrl(url),
    responseBytes: null,
    skipReason: null,
    skipSlots: 0,
  }
}
