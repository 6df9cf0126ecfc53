// The list reads of jobs, their runs and the names of secrets.
import type { JobQuery, JobRunQuery, JobRunView, ListReads } from '../contract/lists.ts'
import type { JobRow, Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { JOB_RUN_CELLS, type JobRunCells, jobColumns, jobRunColumns, toJob, toJobRun } from './job-table.ts'
import { amongKeys, amongTexts, and, filter, heads, keysOf, type Reader, type Where } from './lists-reader.ts'

type JobLists = Pick<ListReads, 'jobs' | 'job' | 'jobsByKey' | 'jobRuns' | 'jobRun' | 'jobStrips' | 'secretNames'>

const LIVE: Where = { terms: ['deleted_at IS NULL'], values: [] }

export function openJobQueries(reader: Reader): JobLists {
  return {
    jobs: (query) => listJobs(reader, query),
    job: async (id) => (await jobsWhere(reader, and({ terms: ['id = ?'], values: [id] }, LIVE)))[0],
    jobsByKey: (keys) => jobsWhere(reader, and(amongKeys('key', keys), LIVE)),
    jobRuns: (query) => listRuns(reader, query),
    jobRun: async (id) => (await runViews(reader, { terms: ['r.id = ?'], values: [id] }, true))[0],
    jobStrips: async (jobs, limit) =>
      (await reader.all<JobRunCells>(STRIPS, [encodeArray('int8', jobs), limit])).map(toJobRun),
    secretNames: async () => {
      const rows = await reader.all<[string, number]>('SELECT name, updated_at FROM secrets ORDER BY name')
      return rows.map(([name, updatedAt]) => ({ name, updatedAt }))
    },
  }
}

async function listJobs(reader: Reader, { enabled, text, after, limit }: JobQuery): Promise<JobRow[]> {
  const where: Where[] = [LIVE]
  if (enabled !== undefined) where.push({ terms: ['enabled = ?'], values: [enabled] })
  if (text !== undefined) where.push({ terms: ['strpos(lower(name), lower(?)) > 0'], values: [text] })
  const page = { field: 'created_at', order: 'desc', limit, after } as const
  const keys = keysOf(await heads(reader, 'jobs', page, and(...where)))
  const rows = new Map((await jobsWhere(reader, amongKeys('key', keys))).map((row) => [row.key, row]))
  return keys.flatMap((key) => rows.get(key) ?? [])
}

async function jobsWhere(reader: Reader, { terms, values }: Where): Promise<JobRow[]> {
  return (await reader.all(`SELECT ${jobColumns()} FROM jobs ${filter(terms)}`, values)).map(toJob)
}

async function listRuns(reader: Reader, { job, statuses, trigger, after, limit }: JobRunQuery): Promise<JobRunView[]> {
  const where: Where[] = [{ terms: ['job = ?'], values: [job] }]
  if (statuses !== undefined) where.push(amongTexts('status', statuses))
  if (trigger !== undefined) where.push({ terms: ['is_manual = ?'], values: [trigger === 'manual'] })
  const page = { field: 'scheduled_at', order: 'desc', limit, after } as const
  const keys = keysOf(await heads(reader, 'job_runs', page, and(...where)))
  const views = new Map((await runViews(reader, amongKeys('r.key', keys), false)).map((view) => [view.row.key, view]))
  return keys.flatMap((key) => views.get(key) ?? [])
}

/** One search of the index for each job. */
const STRIPS = `SELECT r.* FROM unnest(?::int8[]) AS u (job) CROSS JOIN LATERAL (
    SELECT ${jobRunColumns()} FROM job_runs WHERE job = u.job ORDER BY scheduled_at DESC, key DESC LIMIT ?) r`

const OPENED = 'SELECT s.job_run, s.id FROM sessions s WHERE s.job_run = ANY (?::int8[]) ORDER BY s.job_run, s.key'
/** Sessions of one run that are told. */
const OPENED_MAX = 100

async function runViews(reader: Reader, { terms, values }: Where, withExcerpt: boolean): Promise<JobRunView[]> {
  const excerpt = withExcerpt ? '(SELECT e.text FROM job_excerpts e WHERE e.run = r.key)' : 'NULL::text'
  const sql = `SELECT ${jobRunColumns('r.')}, j.id, ${excerpt} FROM job_runs r JOIN jobs j ON j.key = r.job ${filter(terms)}`
  const rows = await reader.all(sql, values)
  const keys = rows.map(([key]) => key as Key)
  const opened = keys.length === 0 ? [] : await reader.all<[Key, string]>(OPENED, [encodeArray('int8', keys)])
  const sessionsOf = Map.groupBy(opened, ([run]) => run)
  return rows.map((cells) => {
    const row = toJobRun(cells)
    const [jobId, text] = cells.slice(JOB_RUN_CELLS) as [string, string | null]
    const sessionIds = (sessionsOf.get(row.key) ?? []).slice(0, OPENED_MAX).map(([, id]) => id)
    return { row, jobId, sessionIds, excerpt: text }
  })
}
