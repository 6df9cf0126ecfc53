// `pawl jobs …`: HTTP Jobs of a running server, listed, made, paused, called by hand and deleted. A job is named by its ID or
// by its name, where only one job has it.
import { isUlid, parseDuration } from '@pawl/protocol'
import type { Api, ApiRow } from '../api/api-client.ts'
import { line, table, time } from '../api/table.ts'
import { CliError } from '../errors.ts'
import { jsonValue, quoted, rowOf, type Told, type Tool, wholeNumber } from './tool.ts'

const LIMITS = [1, 10_000] as const
const MINUTE_MS = 60_000

export interface JobListOptions {
  readonly limit: string
  readonly search?: string | undefined
}

export function listJobs({ limit, search }: JobListOptions): Tool {
  return async (api) => {
    const query = search === undefined ? '' : `?${new URLSearchParams({ q: search })}`
    const { rows, hasMore } = await api.list(`/v2/jobs${query}`, wholeNumber('--limit', limit, LIMITS))
    const cells = rows.map((job) => [
      line(job.id),
      line(job.name, 40),
      scheduleWords(job),
      job.enabled === true ? 'on' : 'paused',
      successes(job),
      lastRun(job),
      time(job.nextRunAt),
    ])
    const shown = table(['ID', 'NAME', 'SCHEDULE', 'STATE', 'SUCCESS', 'LAST RUN', 'NEXT RUN'], cells, NO_JOBS)
    return { text: shown + more(hasMore), data: rows }
  }
}

const NO_JOBS = 'No jobs. Make one with `pawl jobs create <name> <url> --every 15m`.'

function more(hasMore: boolean): string {
  return hasMore ? 'There are more: raise --limit.\n' : ''
}

function successes(job: ApiRow): string {
  const { successfulRuns, totalRuns } = rowOf(job.stats)
  return `${line(successfulRuns)}/${line(totalRuns)}`
}

function lastRun(job: ApiRow): string {
  const { lastRunAt, lastRunStatus } = rowOf(job.stats)
  return lastRunAt === undefined ? '-' : `${time(lastRunAt)} ${line(lastRunStatus)}`
}

/** When a job is called, in a few words. */
export function scheduleWords(job: ApiRow): string {
  const [interval, minute, hour] = [job.intervalMinutes, job.startMinute, job.startHour].map(Number)
  const zone = job.timeZone === 'UTC' ? '' : ` ${line(job.timeZone)}`
  const clock = `${two(hour)}:${two(minute)}`
  if (interval === undefined) return ''
  if (interval % 1_440 === 0)
    return `${interval === 1_440 ? 'daily' : `every ${interval / 1_440} days`} at ${clock}${zone}`
  const every = interval % 60 === 0 ? `every ${interval / 60} h` : `every ${interval} min`
  return minute === 0 && hour === 0 ? every : `${every} from ${clock}${zone}`
}

function two(value: number | undefined): string {
  return String(value ?? 0).padStart(2, '0')
}

export interface JobCreateOptions {
  readonly every: string
  readonly startMinute?: string | undefined
  readonly startHour?: string | undefined
  readonly timeZone?: string | undefined
  readonly anchorDate?: string | undefined
  readonly method?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly body?: string | undefined
  readonly bodyJson?: string | undefined
  readonly timeout?: string | undefined
  readonly paused?: boolean | undefined
}

export function createJob(name: string, target: string, options: JobCreateOptions): Tool {
  return async (api) => {
    const job = rowOf(await api.ask('POST', '/v2/jobs', newJob(name, target, options)))
    const next = job.nextRunAt === undefined ? 'It is paused.' : `Next run: ${time(job.nextRunAt)}.`
    return { text: `Made job ${line(job.name)} (${line(job.id)}), ${scheduleWords(job)}. ${next}\n`, data: job }
  }
}

function newJob(name: string, url: string, options: JobCreateOptions): unknown {
  const { startMinute, startHour, timeZone, anchorDate, timeout } = options
  return {
    name,
    intervalMinutes: minutes(options.every),
    ...(startMinute === undefined ? {} : { startMinute: wholeNumber('--start-minute', startMinute, [0, 59]) }),
    ...(startHour === undefined ? {} : { startHour: wholeNumber('--start-hour', startHour, [0, 23]) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(anchorDate === undefined ? {} : { anchorDate }),
    ...(timeout === undefined ? {} : { timeoutSeconds: wholeNumber('--timeout', timeout, [1, 300]) }),
    ...(options.paused === true ? { enabled: false } : {}),
    request: {
      url,
      ...(options.method === undefined ? {} : { method: options.method.toUpperCase() }),
      headers: (options.header ?? []).map(headerOf),
      ...bodyOf(options),
    },
  }
}

/** `15` and `15m` are minutes, `2h`, `1d`. @throws CliError `argument_invalid` */
function minutes(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * MINUTE_MS : parseDuration(text)
  if (ms !== null && ms > 0 && ms % MINUTE_MS === 0) return ms / MINUTE_MS
  throw new CliError(
    'argument_invalid',
    `--every must be whole minutes, such as 15, 15m, 2h or 1d, not ${quoted(text)}.`,
  )
}

/** @throws CliError `argument_invalid` */
function headerOf(text: string): { readonly name: string; readonly value: string } {
  const [, name, value] = /^([^:]+):\s*(.*)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return { name: name.trim(), value: value.trim() }
  throw new CliError('argument_invalid', `--header must be like "Name: value", not ${quoted(text)}.`)
}

function bodyOf({ body, bodyJson }: JobCreateOptions): { readonly body?: unknown } {
  if (body !== undefined && bodyJson !== undefined)
    throw new CliError('argument_invalid', '--body and --body-json exclude each other.')
  if (bodyJson !== undefined) return { body: jsonValue('--body-json', bodyJson) }
  return body === undefined ? {} : { body }
}

export function pauseJob(job: string): Tool {
  return switched(job, 'pause', (row) => `Paused ${line(row.name)}; a call that is open finishes.`)
}

export function resumeJob(job: string): Tool {
  return switched(job, 'resume', (row) => `Resumed ${line(row.name)}. Next run: ${time(row.nextRunAt)}.`)
}

function switched(job: string, verb: 'pause' | 'resume', says: (row: ApiRow) => string): Tool {
  return async (api) => {
    const row = rowOf(await api.ask('POST', `/v2/jobs/${await jobId(api, job)}/${verb}`, {}))
    return { text: `${says(row)}\n`, data: row }
  }
}

export function runJob(job: string): Tool {
  return async (api) => {
    const run = rowOf(await api.ask('POST', `/v2/jobs/${await jobId(api, job)}/run`, {}))
    return { text: `Called now: run ${line(run.id)}. See \`pawl jobs runs ${line(run.jobId)}\`.\n`, data: run }
  }
}

export interface JobRunsOptions {
  readonly limit: string
  readonly status?: readonly string[] | undefined
}

export function listJobRuns(job: string, { limit, status = [] }: JobRunsOptions): Tool {
  return async (api): Promise<Told> => {
    const query = new URLSearchParams(status.map((each): [string, string] => ['status', each]))
    const path = `/v2/jobs/${await jobId(api, job)}/runs?${query}`
    const { rows, hasMore } = await api.list(path, wholeNumber('--limit', limit, LIMITS))
    const cells = rows.map((run) => [
      line(run.id),
      time(run.scheduledAt),
      line(run.trigger),
      line(run.status),
      line(run.httpStatus) || '-',
      run.durationMs === undefined ? '-' : `${line(run.durationMs)} ms`,
      line(whatWasWrong(run), 80),
    ])
    const headings = ['ID', 'SCHEDULED', 'BY', 'STATUS', 'HTTP', 'TOOK', 'ERROR']
    return { text: table(headings, cells, 'It has not run yet.') + more(hasMore), data: rows }
  }
}

function whatWasWrong(run: ApiRow): string {
  const [error, skipped] = [rowOf(run.error), rowOf(run.skipped)]
  if (error.code !== undefined) return `${line(error.code)}: ${line(error.message)}`
  return skipped.reason === undefined ? '' : `${line(skipped.reason)} (${line(skipped.slots)})`
}

export function deleteJob(job: string): Tool {
  return async (api) => {
    const id = await jobId(api, job)
    await api.ask('DELETE', `/v2/jobs/${id}`)
    return { text: `Deleted job ${id}; its runs go within a day.\n`, data: { id, deleted: true } }
  }
}

/** @throws CliError `argument_invalid` for a name that no job has, or several */
async function jobId(api: Api, given: string): Promise<string> {
  if (isUlid(given.toUpperCase())) return given.toUpperCase()
  const { rows } = await api.list(`/v2/jobs?${new URLSearchParams({ q: given })}`, LIMITS[1])
  const named = rows.filter(({ name }) => name === given)
  const [first] = named
  if (first === undefined) throw new CliError('argument_invalid', `No job has the ID or name ${quoted(given)}.`)
  if (named.length === 1) return String(first.id)
  const ids = named.map(({ id }) => line(id)).join(', ')
  throw new CliError('argument_invalid', `${named.length} jobs have the name ${quoted(given)}; give an ID: ${ids}.`)
}
