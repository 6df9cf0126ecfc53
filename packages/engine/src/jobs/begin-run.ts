// A job's run begins: its row, and the item of its call, leased at once where this process has a place for a call; else it is
// queued in the ready index and begins when one is free. From the moment that its row says `running` the call may have been
// made, so that it is never made again: whoever finds such a run without its process ends it as lost.
import type { ItemRow, JobRow, JobRunRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { JOBS_FN } from '../queue/seats.ts'
import { systemItem } from '../runs/line-item.ts'
import { endRun } from './end-run.ts'
import { type CallDetail, callName, idOf, type JobDraft, runRow } from './job-draft.ts'
import { failedWith } from './read-outcome.ts'

/** Apps have circuits, the targets of jobs have none. */
const NO_APP = 0

type Ids = Pick<EngineContext, 'newUlid'>

/** Makes a run of a job that has none open; the caller writes the job. */
export function beginRun(
  ctx: Ids,
  work: JobDraft,
  { job, ...of }: { readonly job: JobRow } & Pick<JobRunRow, 'trigger' | 'scheduledAt'>,
): JobRunRow {
  const { draft } = work
  const isLeased = draft.takeSeat(NO_APP, JOBS_FN)
  const id = ctx.newUlid(work.now)
  const queued = runRow(work, { id, job, ...of, status: 'queued' })
  const run: JobRunRow = isLeased ? { ...queued, status: 'running', startedAt: work.now } : queued
  draft.push({ put: 'jobRun', row: run, excerpt: null })
  const detail: CallDetail = { job: job.id }
  const item: ItemRow = {
    ...systemItem(draft, { kind: 'jobRun', step: callName(id), fn: JOBS_FN, due: of.scheduledAt }),
    detail: JSON.stringify(detail),
  }
  if (isLeased) {
    const leased = leasedItem(work, item)
    draft.push({ put: 'item', row: leased })
    draft.lease(leased)
  } else draft.push({ put: 'item', row: { ...item, state: 'ready' } })
  work.set({ ...job, live: run.key })
  return run
}

/** The item of a call was found in the ready index: it begins, or the process that made the call is gone. */
export function claimRun(work: JobDraft, item: ItemRow): void {
  const { draft, facts } = work
  const run = facts.jobRunById(idOf(item))
  if (run === undefined) return draft.push({ end: 'item', key: item.key })
  if (run.status === 'running') return endRun(work, { run, item }, LOST)
  // Its end takes the item with it, so that this cannot be.
  if (run.status !== 'queued') return draft.push({ end: 'item', key: item.key })
  if (facts.job(run.job)?.deletedAt !== null) return endRun(work, { run, item }, REMOVED)
  if (!draft.takeSeat(NO_APP, JOBS_FN)) return
  draft.push({ set: 'jobRun', row: { ...run, status: 'running', startedAt: work.now }, excerpt: null })
  const leased = leasedItem(work, item)
  draft.push({ set: 'item', row: leased })
  draft.lease(leased)
}

function leasedItem({ draft }: JobDraft, item: ItemRow): ItemRow {
  return {
    ...item,
    state: 'leased',
    owner: draft.owner,
    epoch: item.epoch + 1,
    claims: item.claims + 1,
    startedAt: draft.now,
  }
}

/** What is known of a call whose process is gone. */
export const LOST = {
  status: 'failure',
  httpStatus: null,
  error: {
    code: 'worker_lost',
    message:
      'The server stopped before the answer came. Whether the request was carried out is not known; it was not sent again.',
  },
  responseBytes: null,
  excerpt: null,
} as const

/** A run that was still queued when its job was removed. */
const REMOVED = failedWith('internal', 'The job was removed before it was called.')
