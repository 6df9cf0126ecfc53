// A job's run ends, once: its row, the job's counters and the end of its item are one operation, under the item's lease.
import type { ItemRow, JobRunRow } from '@pawl/storage'
import type { JobResult } from './door.ts'
import type { JobDraft } from './job-draft.ts'

export type RunOutcome = Pick<JobResult, 'status' | 'httpStatus' | 'error' | 'responseBytes' | 'excerpt'>

export function endRun(
  work: JobDraft,
  { run, item }: { readonly run: JobRunRow; readonly item: ItemRow },
  outcome: RunOutcome,
): void {
  const { draft, facts, now } = work
  const { status, httpStatus, error, responseBytes, excerpt } = outcome
  const row: JobRunRow = {
    ...run,
    status,
    // A process whose clock is behind, or a clock that was put back.
    finishedAt: Math.max(now, run.startedAt ?? 0),
    httpStatus,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    responseBytes,
  }
  draft.push({ set: 'jobRun', row, excerpt })
  draft.push({ end: 'item', key: item.key })
  const stored = facts.job(run.job)
  if (stored === undefined) return
  const job = work.latest(stored)
  work.set({
    ...job,
    successes: job.successes + (status === 'success' ? 1 : 0),
    failures: job.failures + (status === 'failure' ? 1 : 0),
    lastAt: run.startedAt ?? now,
    lastStatus: status,
    live: job.live === run.key ? null : job.live,
  })
}
