// The list reads of jobs, their runs and the names of secrets.
import type { JobQuery, JobRunQuery, JobRunView } from '../contract/lists.ts'
import type { JobRow, JobRunRow, Key } from '../contract/rows.ts'
import { JOBS, readJob, readJobRun } from './job-rows.ts'
import { among, and, heads, type Reader, rowsByKey, type Where } from './lists-reader.ts'
import { number, type Row, text, textOrNull } from './lists-rows.ts'

const LIVE: Where = { terms: ['deleted_at IS NULL'], values: [] }

/** Along the index of the list: its rows are small, for the requests stand apart. */
export function listJobs(reader: Reader, { enabled, text: part, after, limit }: JobQuery): JobRow[] {
  const where: Where[] = [LIVE]
  if (enabled !== undefined) where.push({ terms: ['enabled = ?'], values: [enabled ? 1 : 0] })
  if (part !== undefined) where.push({ terms: ['instr(lower(name), lower(?)) > 0'], values: [part] })
  const page = { field: 'created_at', order: 'desc', limit, after } as const
  const keys = heads(reader, 'jobs', page, and(...where)).map(({ key }) => key)
  return inOrder(keys, jobsByKey(reader, keys))
}

export function oneJob(reader: Reader, id: string): JobRow | undefined {
  const row = reader.one(`${JOBS} WHERE jobs.id = ? AND jobs.deleted_at IS NULL`, [id])
  return row === undefined ? undefined : readJob(row)
}

export function jobsByKey(reader: Reader, keys: readonly Key[]): JobRow[] {
  const { terms, values } = and(among('jobs.key', keys), { terms: ['jobs.deleted_at IS NULL'], values: [] })
  return reader.all(`${JOBS} WHERE ${terms.join(' AND ')}`, values).map(readJob)
}

export function listJobRuns(reader: Reader, { job, statuses, trigger, after, limit }: JobRunQuery): JobRunView[] {
  const where: Where[] = [{ terms: ['job = ?'], values: [job] }]
  if (statuses !== undefined) where.push(among('status', statuses))
  if (trigger !== undefined) where.push({ terms: ['is_manual = ?'], values: [trigger === 'manual' ? 1 : 0] })
  const page = { field: 'scheduled_at', order: 'desc', limit, after } as const
  const keys = heads(reader, 'job_runs', page, and(...where)).map(({ key }) => key)
  const rows = rowsByKey(reader, { select: RUNS, column: 'r.key', alias: 'key' }, keys)
  return keys.map((key) => rows.get(key)).flatMap((row) => (row === undefined ? [] : [toRunView(reader, row)]))
}

export function oneJobRun(reader: Reader, id: string): JobRunView | undefined {
  const row = reader.one(`${RUN_WITH_EXCERPT} WHERE r.id = ?`, [id])
  return row === undefined ? undefined : toRunView(reader, row)
}

/** One search of the index for each job. */
export function jobStrips(reader: Reader, jobs: readonly Key[], limit: number): JobRunRow[] {
  return jobs.flatMap((job) => reader.all(STRIP, [job, limit]).map(readJobRun))
}

export function secretNames(reader: Reader): { readonly name: string; readonly updatedAt: number }[] {
  const rows = reader.all('SELECT name, updated_at FROM secrets ORDER BY name')
  return rows.map((row) => ({ name: text(row.name), updatedAt: number(row.updated_at) }))
}

const RUNS = 'SELECT r.*, j.id AS job_id FROM job_runs r JOIN jobs j ON j.key = r.job'
const RUN_WITH_EXCERPT = `SELECT r.*, j.id AS job_id, e.text AS excerpt
  FROM job_runs r JOIN jobs j ON j.key = r.job LEFT JOIN job_excerpts e ON e.run = r.key`
export const STRIP = 'SELECT * FROM job_runs WHERE job = ? ORDER BY scheduled_at DESC, key DESC LIMIT ?'
export const OPENED = 'SELECT id FROM sessions WHERE job_run = ? ORDER BY key LIMIT 100'

function toRunView(reader: Reader, row: Row): JobRunView {
  const sessionIds = reader.all(OPENED, [number(row.key)]).map(({ id }) => text(id))
  return { row: readJobRun(row), jobId: text(row.job_id), sessionIds, excerpt: textOrNull(row.excerpt) }
}

function inOrder<Noun extends { readonly key: Key }>(keys: readonly Key[], rows: readonly Noun[]): Noun[] {
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}
