// Runs of HTTP Jobs: the history of one job, and one run with the start of its answer.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { foundJob, listJobRuns } from '../lists/jobs.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { JOB_STATUSES, JobRunV2, jobRunV2 } from '../views/job-view.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const

export function jobRunRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/jobs/:jobId/runs'),
      rules: v2,
      doc: { id: 'listJobRuns', tag: 'Jobs', summary: 'List the runs of a job, newest first.' },
      params: z.object({ jobId: ulidParameter }),
      query: z.object({
        status: z.array(z.enum(JOB_STATUSES)).max(JOB_STATUSES.length).optional(),
        trigger: z.enum(['schedule', 'manual']).optional(),
        limit: limitParameter(100),
        cursor: cursorParameter,
      }),
      answers: { 200: pagedV2(JobRunV2) },
      async handle({ params, query: { status: statuses, trigger, cursor, limit = 20 } }) {
        const { key: job } = await foundJob(ctx, params.jobId)
        const { rows, ...page } = await listJobRuns(ctx, { job, statuses, trigger, cursor, limit })
        return listV2(rows.map(jobRunV2), storeNow(ctx), { ...page, limit })
      },
    }),
    route({
      method: 'GET',
      path: v2Paths('/job-runs/:jobRunId'),
      rules: v2,
      doc: { id: 'getJobRun', tag: 'Jobs', summary: 'Get one run of a job with the start of its answer.' },
      params: z.object({ jobRunId: ulidParameter }),
      answers: { 200: dataV2(JobRunV2) },
      async handle({ params }) {
        const view = await ctx.lists.jobRun(params.jobRunId)
        if (view === undefined) throw new HttpError('job_run_not_found', 'Run of a job not found')
        return answerV2(jobRunV2(view), storeNow(ctx))
      },
    }),
  ]
}
