// What is typed into the form of a job, and what the API is asked for it. Everything typed is text until then, so that a half
// typed number is no fault of the field. Pure.

import type { Job, JobHeader, JobMethod, NewJob, PreviewAsk } from '../../api/index.ts'
import { hasAnchor, isWallClock } from '../job/schedule-words.ts'
import { messages } from './messages.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const satisfies readonly JobMethod[]
export const INTERVALS = ['5', '10', '15', '30', '60', '120', '360', '720', '1440'] as const

export interface HeaderDraft {
  /** Of the row in the form. */
  readonly row: number
  readonly name: string
  readonly value: string
  readonly isSecret: boolean
  /** The name under which a secret value is stored that stays as long as none is typed. */
  readonly storedAs?: string
}

export interface JobDraft {
  readonly name: string
  readonly interval: string
  readonly startMinute: string
  readonly startHour: string
  readonly timeZone: string
  /** Empty: the server's choice. */
  readonly anchorDate: string
  readonly url: string
  readonly method: JobMethod
  readonly headers: readonly HeaderDraft[]
  readonly bodyKind: 'none' | 'json' | 'text'
  readonly body: string
  /** Of a text. */
  readonly contentType: string
  readonly timeout: string
  readonly signingSecret: string
  readonly signing: 'none' | 'stored' | 'typed'
}

/** Paths as the API names them: `request.headers[0].name`. */
export type Faults = ReadonlyMap<string, string>

const t = messages.faults
export const TEXT_TYPE = 'text/plain; charset=utf-8'
const CONTENT_TYPE = 'content-type'
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key'])

/** Whether the server keeps a header's value secret where nothing is said. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name.trim().toLowerCase())
}

export function newDraft(timeZone: string): JobDraft {
  return {
    name: '',
    interval: '15',
    startMinute: '0',
    startHour: '0',
    timeZone,
    anchorDate: '',
    url: '',
    method: 'POST',
    headers: [],
    bodyKind: 'none',
    body: '',
    contentType: TEXT_TYPE,
    timeout: '30',
    signingSecret: '',
    signing: 'none',
  }
}

/** A job as it is edited; of a copy the stored secrets are to be typed again. */
export function draftOf(job: Job, { isCopy }: { readonly isCopy: boolean }): JobDraft {
  const { request } = job
  const isText = typeof request.body === 'string'
  const type = request.headers.find((header) => header.name.toLowerCase() === CONTENT_TYPE && header.secret !== true)
  const headers = request.headers.filter((header) => !(isText && header === type))
  return {
    name: isCopy ? t.copyOf(job.name) : job.name,
    interval: String(job.intervalMinutes),
    startMinute: String(job.startMinute),
    startHour: String(job.startHour),
    timeZone: job.timeZone,
    anchorDate: hasAnchor(job.intervalMinutes) ? job.anchorDate : '',
    url: request.url,
    method: request.method,
    headers: headers.map(({ name, value = '', secret = false }, row) => ({
      row,
      name,
      value,
      isSecret: secret,
      ...(secret && !isCopy ? { storedAs: name } : {}),
    })),
    bodyKind: request.body === undefined ? 'none' : isText ? 'text' : 'json',
    body: request.body === undefined ? '' : isText ? String(request.body) : JSON.stringify(request.body, null, 2),
    contentType: (isText ? type?.value : undefined) ?? TEXT_TYPE,
    timeout: String(job.timeoutSeconds),
    signingSecret: '',
    signing: job.hasSigningSecret && !isCopy ? 'stored' : job.hasSigningSecret ? 'typed' : 'none',
  }
}

/** The schedule, as far as it can be told; for the preview while one types. */
export function scheduleOf(draft: JobDraft): PreviewAsk | undefined {
  const intervalMinutes = wholeOf(draft.interval, 1, 10_080)
  const startMinute = wholeOf(draft.startMinute, 0, 59)
  const startHour = wholeOf(draft.startHour, 0, 23)
  if (intervalMinutes === undefined || startMinute === undefined || startHour === undefined) return undefined
  if (!isZone(draft.timeZone)) return undefined
  const { anchorDate } = draft
  return {
    intervalMinutes,
    startMinute,
    startHour,
    timeZone: draft.timeZone,
    ...(anchorDate === '' || !hasAnchor(intervalMinutes) ? {} : { anchorDate }),
  }
}

export interface Read {
  readonly job: NewJob
  readonly faults: Faults
}

/** The job that is typed, and what is wrong with it; the server judges once more. */
export function readDraft(draft: JobDraft): Read {
  const faults = new Map<string, string>()
  const whole = (path: string, text: string, [min, max]: readonly [number, number]) => {
    const value = wholeOf(text, min, max)
    if (value === undefined) faults.set(path, t.whole(min, max))
    return value ?? min
  }
  if (draft.name.trim() === '') faults.set('name', t.missing)
  if (!isZone(draft.timeZone)) faults.set('timeZone', t.zone)
  const intervalMinutes = whole('intervalMinutes', draft.interval, [1, 10_080])
  const { anchorDate } = draft
  const isAnchored = anchorDate !== '' && hasAnchor(intervalMinutes)
  const job: NewJob = {
    name: draft.name.trim(),
    intervalMinutes,
    startMinute: whole('startMinute', draft.startMinute, [0, 59]),
    startHour: whole('startHour', draft.startHour, [0, 23]),
    timeZone: draft.timeZone,
    ...(isAnchored ? { anchorDate } : {}),
    request: readRequest(draft, faults),
    timeoutSeconds: whole('timeoutSeconds', draft.timeout, [1, 300]),
    ...(draft.signing === 'typed' ? { signingSecret: draft.signingSecret } : {}),
  }
  if (draft.signing === 'typed' && draft.signingSecret === '') faults.set('signingSecret', t.missing)
  return { job, faults }
}

/** Only what a test needs: its faults are those of the request. */
export function readRequest(draft: JobDraft, faults: Map<string, string>): NewJob['request'] {
  const url = draft.url.trim()
  if (url === '') faults.set('request.url', t.missing)
  else if (!/^https?:\/\/./i.test(url)) faults.set('request.url', t.url)
  const hasBody = takesBody(draft.method) && draft.bodyKind !== 'none'
  const headers = usedHeaders(draft).map((header, index) => readHeader(header, index, faults))
  if (hasBody && draft.bodyKind === 'text') headers.push({ name: 'Content-Type', value: draft.contentType.trim() })
  return { url, method: draft.method, headers, body: hasBody ? readBody(draft, faults) : null }
}

/** Rows of the form in which something is typed, in the order in which they are sent. */
export function usedHeaders({ headers }: Pick<JobDraft, 'headers'>): readonly HeaderDraft[] {
  return headers.filter(({ name, value, storedAs }) => name.trim() !== '' || value !== '' || storedAs !== undefined)
}

function readHeader(header: HeaderDraft, index: number, faults: Map<string, string>): JobHeader {
  const name = header.name.trim()
  const path = `request.headers[${index}]`
  if (name === '') faults.set(`${path}.name`, t.missing)
  if (keepsStored(header)) return { name, secret: true }
  if (header.value === '' && header.isSecret) faults.set(`${path}.value`, t.secretMissing)
  return { name, value: header.value, secret: header.isSecret }
}

/** Whether the stored value stays: nothing was typed, and it is still the same secret header. */
export function keepsStored({ name, value, isSecret, storedAs }: HeaderDraft): boolean {
  return storedAs !== undefined && value === '' && isSecret && name.trim().toLowerCase() === storedAs.toLowerCase()
}

export function takesBody(method: JobMethod): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function readBody({ body, bodyKind }: JobDraft, faults: Map<string, string>): unknown {
  if (bodyKind === 'text') return body
  try {
    const value: unknown = JSON.parse(body)
    // A text would be sent as it is, null not at all: as JSON they need to be inside something.
    if (value === null || typeof value === 'string') faults.set('request.body', t.bare)
    return value
  } catch (error) {
    faults.set('request.body', body.trim() === '' ? t.missing : t.json(error instanceof Error ? error.message : ''))
    return null
  }
}

function wholeOf(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name.trim() !== ''
  } catch {
    return false
  }
}

/** Whether the slots wander over the clock; undefined while no interval is typed. */
export function driftsOf(draft: JobDraft): boolean | undefined {
  const interval = wholeOf(draft.interval, 1, 10_080)
  return interval === undefined ? undefined : !isWallClock(interval)
}
