// The door of HTTP Jobs: what people and programs do with them. Each is one operation under the job's row, so that an edit, a
// pause, a manual call and a slot that falls due see each other whole.
import type { JobRow, JobRunRow } from '@pawl/storage'
import { type Committed, commit, type Plan } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import type { Effects } from '../runs/draft.ts'
import { beginRun } from './begin-run.ts'
import { callOnce } from './call-job.ts'
import { checkJob, checkRequest, checkSchedule, checkSecret, checkTimeout, invalid, placesOf } from './check-job.ts'
import type { GivenRequest, JobGiven, JobResult, Jobs } from './door.ts'
import { JobDraft, timerName } from './job-draft.ts'
import { JOB_LIMITS } from './limits.ts'
import { readSchedule, scheduleText } from './read-schedule.ts'
import { nextSlot, nextSlots } from './slots.ts'
import { readRequest, requestText, sealedRequest, shownRequest, withKept } from './stored-request.ts'
import { secretNamesIn } from './templates.ts'

export interface JobsHost {
  /** Runs an operation that a request waits for. */
  stored<R>(operate: () => Promise<R>): Promise<R>
  follow(effects: Effects, mark: number | string): unknown
}

export function createJobs(ctx: EngineContext, host: JobsHost): Jobs {
  /** Commits for a request, and goes on with what follows. */
  async function done<R>(plan: Plan<R>): Promise<R> {
    const committed = await host.stored(async () => whole(await commit(ctx, plan)))
    host.follow(committed.effects, committed.mark)
    return committed.result
  }

  /** Changes a job that is there. `change` returns the row as it is to be, and may begin a run. */
  async function changed<R>(id: string, change: (work: JobDraft, row: JobRow) => R): Promise<R> {
    const found = await host.stored(() => liveJob(ctx, id))
    return done({
      needs: { jobs: [found.key] },
      decide: (draft, facts) => {
        const work = new JobDraft(draft, facts)
        const row = facts.job(found.key)
        if (row === undefined || row.deletedAt !== null) throw notFound(id)
        const result = change(work, row)
        work.finish()
        return result
      },
    })
  }

  /** Writes a job and its timer. */
  function written(work: JobDraft, row: JobRow): JobRow {
    work.set(row)
    work.arm(row, work.facts.named(timerName(row.id)))
    return row
  }

  return {
    async create(given) {
      checkJob(given)
      await host.stored(() => refuseUnknownSecrets(ctx, given.request))
      const request = withKept(sealedRequest(ctx.seal, given.request), null)
      const signingSecret = given.signingSecret == null ? null : ctx.seal.seal(given.signingSecret)
      const id = ctx.newUlid(ctx.time.now())
      return done({
        needs: {},
        decide: (draft, facts) => {
          const row = newJob(given, { key: draft.ground.key(), id, now: draft.now })
          const whole = { ...row, request: requestText({ ...request, signingSecret }) }
          draft.push({ put: 'job', row: whole })
          new JobDraft(draft, facts).arm(whole, undefined)
          return whole
        },
      })
    },
    async update(id, change, ifUpdatedAt) {
      checkJob(change)
      const { request, signingSecret } = change
      if (request !== undefined) await host.stored(() => refuseUnknownSecrets(ctx, request))
      const sealed = request === undefined ? undefined : sealedRequest(ctx.seal, request)
      const sealedSigning = typeof signingSecret === 'string' ? ctx.seal.seal(signingSecret) : signingSecret
      return changed(id, (work, row) => {
        if (ifUpdatedAt !== undefined && ifUpdatedAt !== row.updatedAt) throw changedMeanwhile(row)
        const stored = readRequest(row)
        const next = sealed === undefined ? stored : withKept(sealed, stored)
        const signing = sealedSigning === undefined ? stored.signingSecret : sealedSigning
        return written(work, {
          ...withChange(row, change, work.now),
          request: requestText({ ...next, signingSecret: signing }),
        })
      })
    },
    pause: (id) => changed(id, (work, row) => (row.enabled ? written(work, switched(row, false, work.now)) : row)),
    resume: (id) => changed(id, (work, row) => (row.enabled ? row : written(work, switched(row, true, work.now)))),
    run: (id) =>
      changed(id, (work, row): JobRunRow => {
        if (row.live !== null)
          throw new EngineError('job_running', `Job ${id} is being called already.`, { details: { jobId: id } })
        return beginRun(ctx, work, { job: row, trigger: 'manual', scheduledAt: work.now })
      }),
    async remove(id) {
      await changed(id, (work, row) => {
        const { now } = work
        written(work, { ...row, enabled: false, nextAt: null, updatedAt: laterThan(row, now), deletedAt: now })
      })
    },
    preview(schedule, afterMs, count) {
      checkSchedule(schedule)
      if (!Number.isSafeInteger(count) || count < 1 || count > JOB_LIMITS.previewMax)
        throw invalid('count', `must be a whole number from 1 to ${JOB_LIMITS.previewMax}`)
      return nextSlots(schedule, afterMs, count)
    },
    test: (request, how) => testCall(ctx, host, request, how),
    shown: (row) => shownRequest(readRequest(row)),
    async setSecret(name, value) {
      checkSecret(name, value)
      const sealed = ctx.seal.seal(value)
      await done({
        needs: {},
        decide: (draft) => draft.push({ put: 'secret', row: { name, sealed, updatedAt: draft.now } }),
      })
    },
    async removeSecret(name) {
      const isUsers = !name.startsWith('!')
      const [row] = isUsers ? await host.stored(() => ctx.store.state.secrets([name])) : []
      if (row === undefined) return false
      await done({ needs: {}, decide: (draft) => draft.push({ end: 'secret', name }) })
      return true
    },
  }
}

function whole<R>(committed: Committed<R>): Exclude<Committed<R>, string> {
  // Without a fence and a revision nothing can be stale or have moved.
  if (typeof committed === 'string') throw new Error(`an operation without a lease was ${committed}`)
  return committed
}

async function liveJob(ctx: EngineContext, id: string): Promise<JobRow> {
  const row = await ctx.store.state.jobByUlid(id)
  if (row === undefined || row.deletedAt !== null) throw notFound(id)
  return row
}

function notFound(id: string): EngineError {
  return new EngineError('job_not_found', `Job ${id.slice(0, 80)} is not known.`)
}

function changedMeanwhile({ id, updatedAt }: JobRow): EngineError {
  return new EngineError('job_changed', `Job ${id} was changed meanwhile: read it again.`, { details: { updatedAt } })
}

/** @throws EngineError `secret_unknown` */
async function refuseUnknownSecrets(ctx: EngineContext, request: GivenRequest): Promise<void> {
  const places = placesOf(request).map(([path, texts]) => ({ path, names: secretNamesIn(texts) }))
  const names = [...new Set(places.flatMap((place) => place.names))]
  if (names.length === 0) return
  const known = new Set((await ctx.store.state.secrets(names)).map(({ name }) => name))
  for (const { path, names: named } of places) {
    const name = named.find((each) => !known.has(each))
    if (name !== undefined)
      throw new EngineError('secret_unknown', `${path} names the secret ${name}, which is not set.`, {
        details: { path, name },
      })
  }
}

function newJob(
  given: JobGiven,
  { key, id, now }: { readonly key: number; readonly id: string; readonly now: number },
): Omit<JobRow, 'request'> {
  return {
    key,
    id,
    name: given.name,
    enabled: given.enabled,
    schedule: scheduleText(given.schedule),
    timeoutMs: given.timeoutMs,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
    nextAt: given.enabled ? nextSlot(given.schedule, now) : null,
    successes: 0,
    failures: 0,
    skips: 0,
    lastAt: null,
    lastStatus: null,
    live: null,
  }
}

/** Another schedule is computed from now on; nothing is made up for. */
function withChange(row: JobRow, change: Partial<JobGiven>, now: number): JobRow {
  const schedule = change.schedule === undefined ? row.schedule : scheduleText(change.schedule)
  const enabled = change.enabled ?? row.enabled
  const isSame = schedule === row.schedule && enabled === row.enabled
  return {
    ...row,
    name: change.name ?? row.name,
    timeoutMs: change.timeoutMs ?? row.timeoutMs,
    schedule,
    enabled,
    updatedAt: laterThan(row, now),
    nextAt: isSame ? row.nextAt : nextOf({ enabled, schedule }, now),
  }
}

function switched(row: JobRow, enabled: boolean, now: number): JobRow {
  return { ...row, enabled, updatedAt: laterThan(row, now), nextAt: nextOf({ ...row, enabled }, now) }
}

/** The next slot of a job as it is now, or null while it is paused. */
export function nextOf(row: Pick<JobRow, 'enabled' | 'schedule'>, now: number): number | null {
  return row.enabled ? nextSlot(readSchedule(row), now) : null
}

/** Two changes within a millisecond differ too: `If-Match` goes by it. */
function laterThan({ updatedAt }: JobRow, now: number): number {
  return Math.max(now, updatedAt + 1)
}

async function testCall(
  ctx: EngineContext,
  host: JobsHost,
  given: GivenRequest,
  how: { readonly timeoutMs: number; readonly jobId: string | null },
): Promise<JobResult> {
  checkRequest(given)
  checkTimeout(how.timeoutMs)
  const { jobId } = how
  const stored = jobId === null ? null : readRequest(await host.stored(() => liveJob(ctx, jobId)))
  await host.stored(() => refuseUnknownSecrets(ctx, given))
  const request = withKept(sealedRequest(ctx.seal, given), stored)
  const startedAt = ctx.time.now()
  const runId = ctx.newUlid(startedAt)
  const told = {
    jobId: jobId ?? runId,
    runId,
    scheduledAt: startedAt,
    trigger: 'test',
    wallMs: ctx.clock.wall(),
  } as const
  const { outcome, sessionId } = await callOnce(
    ctx,
    { ...request, signingSecret: stored?.signingSecret ?? null },
    { told, timeoutMs: how.timeoutMs },
  )
  return { ...outcome, startedAt, finishedAt: Math.max(ctx.time.now(), startedAt), sessionId }
}
