// HTTP Jobs: URLs that are called by the clock. Lists, changes, pause and resume, a run by hand, the next slots of a schedule
// that is being typed, and a request that is sent once to see what it answers.
import { isUlid } from '@pawl/protocol'
import type { JobRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { EngineError, isWallClock, redactedUrl } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { foundJob, listJobs, shownJob, shownJobs } from '../lists/jobs.ts'
import { readTime } from '../lists/read-time.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'
import { JobRunV2, JobTestV2, JobV2, jobRunV2, jobTestV2 } from '../views/job-view.ts'
import {
  givenChange,
  givenJob,
  givenRequest,
  givenSchedule,
  isPartial,
  JobChangeBody,
  NewJobBody,
  PreviewBody,
  TestBody,
  timeoutMsOf,
} from './job-given.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const tag = 'Jobs'
const jobParams = z.object({ jobId: ulidParameter })
const PREVIEW_USUAL = 5
const TEST_TIMEOUT_SECONDS = 30
/** A change that is built on what is stored meets another one so often, at most. */
const CHANGE_TRIES = 5

export function jobRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: v2Paths('/jobs'),
      rules: v2,
      doc: { id: 'createJob', tag, summary: 'Make an HTTP Job: a URL that is called by the clock.' },
      body: NewJobBody,
      answers: { 201: dataV2(JobV2) },
      async handle({ body }) {
        const row = await ctx.engine.jobs.create(givenJob(body, storeNow(ctx)))
        return { status: 201, ...(await jobAnswer(ctx, row)) }
      },
    }),
    listRoute(ctx),
    previewRoute(ctx),
    testRoute(ctx),
    route({
      method: 'GET',
      path: v2Paths('/jobs/:jobId'),
      rules: v2,
      doc: { id: 'getJob', tag, summary: 'Get one HTTP Job.' },
      params: jobParams,
      answers: { 200: dataV2(JobV2) },
      handle: async ({ params }) => jobAnswer(ctx, await foundJob(ctx, params.jobId)),
    }),
    changeRoute(ctx),
    route({
      method: 'DELETE',
      path: v2Paths('/jobs/:jobId'),
      rules: v2,
      doc: { id: 'deleteJob', tag, summary: 'Remove a job at once, and its runs within a day.' },
      params: jobParams,
      answers: { 204: null },
      async handle({ params }) {
        await ctx.engine.jobs.remove(params.jobId)
        return { status: 204 }
      },
    }),
    switchRoute(ctx, 'pause', 'Leave out slots from now on; a call that is open finishes.'),
    switchRoute(ctx, 'resume', 'Call it by the clock again, from now on.'),
    runRoute(ctx),
  ]
}

async function jobAnswer(ctx: ServerContext, row: JobRow): Promise<Answer> {
  return { ...answerV2(await shownJob(ctx, row), storeNow(ctx)), headers: { etag: `"${instant(row.updatedAt)}"` } }
}

function listRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/jobs'),
    rules: v2,
    doc: { id: 'listJobs', tag, summary: 'List HTTP Jobs with their last runs, newest first.' },
    query: z.object({
      enabled: flagParameter,
      q: z.string().max(200).optional().meta({ description: 'Part of the name.' }),
      limit: limitParameter(100),
      cursor: cursorParameter,
    }),
    answers: { 200: pagedV2(JobV2) },
    async handle({ query: { enabled, q, cursor, limit = 20 } }) {
      const text = q === '' ? undefined : q
      const { rows, ...page } = await listJobs(ctx, { enabled, text, cursor, limit })
      return listV2(await shownJobs(ctx, rows), storeNow(ctx), { ...page, limit })
    },
  })
}

function previewRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/jobs/preview'),
    rules: v2,
    doc: { id: 'previewJob', tag, summary: 'The next slots of a schedule.' },
    body: PreviewBody,
    answers: { 200: dataV2(z.object({ slots: z.array(z.string()), isElapsed: z.literal(true).optional() })) },
    handle({ body: { from, count = PREVIEW_USUAL, ...schedule } }) {
      const now = storeNow(ctx)
      const after = readTime('from', from, now) ?? now
      const slots = ctx.engine.jobs.preview(givenSchedule(schedule, now), after, count)
      const isElapsed = isWallClock(schedule.intervalMinutes) ? undefined : true
      return answerV2({ slots: slots.map(instant), isElapsed }, now)
    },
  })
}

function testRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/jobs/test'),
    rules: v2,
    doc: { id: 'testJob', tag, summary: 'Send a job’s request once and keep nothing; what a run would record.' },
    body: TestBody,
    answers: { 200: dataV2(JobTestV2) },
    async handle({ body: { request, timeoutSeconds = TEST_TIMEOUT_SECONDS, jobId = null } }) {
      if (jobId !== null && !isUlid(jobId.toUpperCase())) throw new HttpError('job_not_found', 'Job not found')
      const given = givenRequest(request)
      const options = { timeoutMs: timeoutMsOf(timeoutSeconds), jobId: jobId?.toUpperCase() ?? null }
      const result = await ctx.engine.jobs.test(given, options)
      return answerV2(jobTestV2(result, { method: given.method, url: redactedUrl(given.url) }), storeNow(ctx))
    },
  })
}

function changeRoute(ctx: ServerContext): Route {
  return route({
    method: 'PATCH',
    path: v2Paths('/jobs/:jobId'),
    rules: v2,
    doc: {
      id: 'changeJob',
      tag,
      summary: 'Change a job; with `If-Match: <updatedAt>` only if nobody has changed it since (412).',
    },
    params: jobParams,
    body: JobChangeBody,
    answers: { 200: dataV2(JobV2) },
    handle: async ({ params, body, headers }) =>
      jobAnswer(ctx, await changed(ctx, { id: params.jobId, body, ifUpdatedAt: wantedVersion(headers['if-match']) })),
  })
}

interface JobEdit {
  readonly id: string
  readonly body: z.infer<typeof JobChangeBody>
  readonly ifUpdatedAt: number | undefined
}

async function changed(ctx: ServerContext, { id, body, ifUpdatedAt }: JobEdit): Promise<JobRow> {
  for (let tries = 1; ; tries++) {
    const row = await foundJob(ctx, id)
    const change = givenChange(body, row, storeNow(ctx))
    const expected = ifUpdatedAt ?? (isPartial(body) ? row.updatedAt : undefined)
    try {
      return await ctx.engine.jobs.update(id, change, expected)
    } catch (error) {
      const hasMet = error instanceof EngineError && error.code === 'job_changed'
      if (!hasMet || ifUpdatedAt !== undefined || tries === CHANGE_TRIES) throw error
    }
  }
}

/** `If-Match`: the instant as it was answered, with quotes or without; `*`: any. */
function wantedVersion(header: string | undefined): number | undefined {
  const text = header?.trim().replace(/^"(.*)"$/, '$1')
  if (text === undefined || text === '' || text === '*') return undefined
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new HttpError('invalid_parameter', 'If-Match must be the updatedAt of the job', { path: 'If-Match' })
}

function switchRoute(ctx: ServerContext, verb: 'pause' | 'resume', summary: string): Route {
  return route({
    method: 'POST',
    path: v2Paths(`/jobs/:jobId/${verb}`),
    rules: v2,
    doc: { id: `${verb}Job`, tag, summary },
    params: jobParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: dataV2(JobV2) },
    handle: async ({ params }) => jobAnswer(ctx, await ctx.engine.jobs[verb](params.jobId)),
  })
}

function runRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/jobs/:jobId/run'),
    rules: v2,
    doc: {
      id: 'runJob',
      tag,
      summary: 'Call it now, also while it is paused; 409 `job_running` while a call is open.',
    },
    params: jobParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 202: dataV2(JobRunV2) },
    async handle({ params: { jobId } }) {
      const row = await ctx.engine.jobs.run(jobId)
      const run = jobRunV2({ row, jobId, sessionIds: [], excerpt: null })
      return { status: 202, ...answerV2(run, storeNow(ctx)) }
    },
  })
}
