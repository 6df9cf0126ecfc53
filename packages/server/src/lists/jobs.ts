// Reads of HTTP Jobs for the API: pages of jobs with the strips of all of them in one read, one job, pages of its runs.
import type { JobQuery, JobRow, JobRunQuery, JobRunRow, JobRunView, Key } from '@pawl/storage'
import { HttpError } from '../http/http-errors.ts'
import type { ServerOptions } from '../options.ts'
import { jobV2, STRIP_MAX } from '../views/job-view.ts'
import { type ListPage, listPage } from './list-page.ts'

type Reads = Pick<ServerOptions, 'engine' | 'lists'>

interface Paged {
  readonly cursor: string | undefined
  readonly limit: number
}

/** Newest first. @throws HttpError `invalid_parameter` for a cursor of another list. */
export function listJobs(ctx: Reads, query: Pick<JobQuery, 'enabled' | 'text'> & Paged): Promise<ListPage<JobRow>> {
  const { enabled, text, cursor, limit } = query
  return listPage(
    { order: 'jobs', cursor, limit },
    {
      fetch: (after, rows) => ctx.lists.jobs({ enabled, text, after, limit: rows }),
      place: ({ createdAt, key }) => ({ value: createdAt, key }),
      size: ({ request }) => request.length,
    },
  )
}

/** Newest first. @throws HttpError `invalid_parameter` for a cursor of another list. */
export function listJobRuns(
  ctx: Reads,
  query: Pick<JobRunQuery, 'job' | 'statuses' | 'trigger'> & Paged,
): Promise<ListPage<JobRunView>> {
  const { job, statuses, trigger, cursor, limit } = query
  return listPage(
    { order: `jobRuns:${job}`, cursor, limit },
    {
      fetch: (after, rows) => ctx.lists.jobRuns({ job, statuses, trigger, after, limit: rows }),
      place: ({ row }) => ({ value: row.scheduledAt, key: row.key }),
      size: () => 0,
    },
  )
}

/** @throws HttpError `job_not_found` */
export async function foundJob(ctx: Reads, id: string): Promise<JobRow> {
  const row = await ctx.lists.job(id)
  if (row === undefined) throw new HttpError('job_not_found', 'Job not found')
  return row
}

/** Jobs as lists show them. One read of runs for all of them. */
export async function shownJobs(ctx: Reads, rows: readonly JobRow[]): Promise<readonly unknown[]> {
  const runs = await runsOf(
    ctx,
    rows.map(({ key }) => key),
  )
  return rows.map((row) => jobV2(ctx, row, { runs: runs.get(row.key) ?? [], withStrip: true }))
}

/** One job. Its runs are looked at only for the open one. */
export async function shownJob(ctx: Reads, row: JobRow): Promise<unknown> {
  const runs = row.live === null ? new Map<Key, JobRunRow[]>() : await runsOf(ctx, [row.key])
  return jobV2(ctx, row, { runs: runs.get(row.key) ?? [], withStrip: false })
}

async function runsOf(ctx: Reads, jobs: readonly Key[]): Promise<Map<Key, JobRunRow[]>> {
  const runs = jobs.length === 0 ? [] : await ctx.lists.jobStrips(jobs, STRIP_MAX)
  return Map.groupBy(runs, ({ job }) => job)
}
