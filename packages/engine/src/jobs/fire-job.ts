// A job's timer has gone off: its slot becomes a run, or a record that it was skipped, and the timer moves to the next slot,
// all in the operation that found it. So no slot is run twice, whoever finds it, and none is lost.
//
//     found            the call before it     the slot becomes
//     in time          has ended              a run
//     in time          is open                skipped, `overlap`
//     over 60 s late   either                 one record for all such slots, `missed`; one that is not so late still fires
import type { ItemRow, JobRow, JobRunRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { beginRun } from './begin-run.ts'
import { idOf, type JobDraft, runRow } from './job-draft.ts'
import { JOB_LIMITS } from './limits.ts'
import { readSchedule } from './read-schedule.ts'
import { countSlots, type JobSchedule, nextSlot } from './slots.ts'

export function fireJob(ctx: Pick<EngineContext, 'newUlid'>, work: JobDraft, timer: ItemRow): void {
  const { draft, facts } = work
  const stored = facts.jobById(idOf(timer))
  if (stored === undefined || stored.nextAt === null || stored.deletedAt !== null)
    return draft.push({ end: 'item', key: timer.key })
  // Another operation of this group has moved the slot.
  if (stored.nextAt > work.now) return work.arm(stored, timer)
  const schedule = readSchedule(stored)
  const { slot, missed } = dueSlots(schedule, stored.nextAt, work.now)
  if (missed > 0) recordSkip(ctx, work, { stored, slot: stored.nextAt, reason: 'missed', slots: missed })
  if (slot > work.now) return moveOn(work, stored, { timer, nextAt: slot })
  if (work.latest(stored).live === null) {
    beginRun(ctx, work, { job: work.latest(stored), trigger: 'schedule', scheduledAt: slot })
  } else recordSkip(ctx, work, { stored, slot, reason: 'overlap', slots: 1 })
  moveOn(work, stored, { timer, nextAt: nextSlot(schedule, slot) })
}

/** How many slots from `first` on are too late, and the first one that is not. */
export function dueSlots(
  schedule: JobSchedule,
  first: number,
  now: number,
): { readonly slot: number; readonly missed: number } {
  const inTime = now - JOB_LIMITS.lateMs
  if (first >= inTime) return { slot: first, missed: 0 }
  return {
    slot: nextSlot(schedule, inTime - 1),
    missed: 1 + countSlots(schedule, { afterMs: first, beforeMs: inTime, max: Number.MAX_SAFE_INTEGER }),
  }
}

/** The counters of runs stay as they are: nothing was called. */
function recordSkip(
  ctx: Pick<EngineContext, 'newUlid'>,
  work: JobDraft,
  skip: {
    readonly stored: JobRow
    readonly slot: number
    readonly reason: 'missed' | 'overlap'
    readonly slots: number
  },
): void {
  const job = work.latest(skip.stored)
  const of = { id: ctx.newUlid(work.now), job, trigger: 'schedule', scheduledAt: skip.slot, status: 'skipped' } as const
  const row: JobRunRow = {
    ...runRow(work, of),
    finishedAt: work.now,
    skipReason: skip.reason,
    skipSlots: skip.slots,
  }
  work.draft.push({ put: 'jobRun', row, excerpt: null })
  work.set({ ...job, skips: job.skips + skip.slots })
}

function moveOn(
  work: JobDraft,
  stored: JobRow,
  { timer, nextAt }: { readonly timer: ItemRow; readonly nextAt: number },
): void {
  const job = { ...work.latest(stored), nextAt }
  work.set(job)
  work.arm(job, timer)
}
