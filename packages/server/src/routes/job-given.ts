// Bodies of the API of HTTP Jobs: their schemas, and what the engine is given for them. A change that names only a part of
// a schedule or request is completed with what is stored, so that the engine always judges a whole one.
import { writeCanonical } from '@pawl/protocol'
import type { JobRow } from '@pawl/storage'
import { z } from 'zod'
import {
  type GivenHeader,
  type GivenRequest,
  isSecretHeader,
  isWallClock,
  type JobGiven,
  type JobSchedule,
  type StoredRequest,
} from '../engine.ts'
import { jsonValue } from '../http/parameters.ts'
import { JOB_METHODS } from '../views/job-view.ts'

const DEFAULT_TIMEOUT_SECONDS = 30
const INTERVAL_MAX = 10_080
const EPOCH_DATE = '1970-01-01'

const Header = z.object({
  name: z.string().min(1).max(100),
  value: z.string().max(8_192).optional().meta({
    description:
      'May hold `{{secrets.NAME}}`. Of a secret header it may be left out in a change: the stored one stays.',
  }),
  secret: z.boolean().optional().meta({
    description: 'Stored encrypted and never shown; `true` by default for Authorization, Cookie and X-Api-Key.',
  }),
})

const requestFields = {
  url: z.string().min(1).max(8_192).meta({ description: 'http or https; may hold `{{secrets.NAME}}`.' }),
  method: z.enum(JOB_METHODS).optional().meta({ description: '`GET` by default.' }),
  headers: z.array(Header).max(50).optional(),
  body: jsonValue.optional().meta({
    description:
      'A text is sent as it is, any other value as JSON; null: none. Not with GET and HEAD. At most 256 KiB; may hold `{{secrets.NAME}}`.',
  }),
}
const Request = z.object(requestFields)
const RequestChange = z.object({ ...requestFields, url: requestFields.url.optional() })

const startFields = {
  startMinute: z.int().min(0).max(59).optional().meta({ description: '0 by default.' }),
  startHour: z.int().min(0).max(23).optional().meta({ description: '0 by default.' }),
  timeZone: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin').optional().meta({
    description: 'IANA name; `UTC` by default.',
  }),
  anchorDate: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-01-31')
    .optional()
    .meta({
      format: 'date',
      pattern: undefined,
      description:
        'From where days, or slots that do not divide a day, are counted; by default the local date of today, or for the latter 1970-01-01.',
    }),
}
const intervalMinutes = z.int().min(1).max(INTERVAL_MAX)

const name = z.string().min(1).max(120)
const timeoutSeconds = z.number().min(1).max(300).optional()
const enabled = z.boolean().optional()
const secretText = z.string().min(1).max(8_192)

export const NewJobBody = z.object({
  name,
  enabled: enabled.meta({ description: '`true` by default.' }),
  intervalMinutes,
  ...startFields,
  request: Request,
  timeoutSeconds: timeoutSeconds.meta({ description: `${DEFAULT_TIMEOUT_SECONDS} by default.` }),
  signingSecret: secretText
    .nullable()
    .optional()
    .meta({ description: 'Signs each request as Standard Webhooks say. Never shown again; null removes it.' }),
})

export const JobChangeBody = z.object({
  ...NewJobBody.shape,
  name: name.optional(),
  intervalMinutes: intervalMinutes.optional(),
  request: RequestChange.optional().meta({ description: 'What is left out stays as it is.' }),
})

export const PreviewBody = z.object({
  intervalMinutes,
  ...startFields,
  from: z.string().optional().meta({ format: 'date-time', description: 'Slots after it; now by default.' }),
  count: z.int().min(1).max(100).optional().meta({ description: '5 by default.' }),
})

export const TestBody = z.object({
  request: Request,
  timeoutSeconds,
  jobId: z.string().optional().meta({ description: 'The job whose stored secret headers fill those without a value.' }),
})

type NewJob = z.infer<typeof NewJobBody>
type JobChange = z.infer<typeof JobChangeBody>

/** A whole job. */
export function givenJob(body: NewJob, now: number): JobGiven {
  return {
    name: body.name,
    enabled: body.enabled ?? true,
    schedule: givenSchedule(body, now),
    request: givenRequest(body.request),
    timeoutMs: timeoutMsOf(body.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS),
    ...(body.signingSecret === undefined ? {} : { signingSecret: body.signingSecret }),
  }
}

/** A change of a job; a partial schedule or request is completed with that of the row. */
export function givenChange(body: JobChange, row: JobRow, now: number): Partial<JobGiven> {
  const { request, signingSecret } = body
  const schedule = changedSchedule(body, row, now)
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(request === undefined ? {} : { request: changedRequest(request, row) }),
    ...(body.timeoutSeconds === undefined ? {} : { timeoutMs: timeoutMsOf(body.timeoutSeconds) }),
    ...(signingSecret === undefined ? {} : { signingSecret }),
  }
}

/** Whether a change is built on what is stored, so that it must not meet another one. */
export function isPartial(body: JobChange): boolean {
  return body.request !== undefined || changesSchedule(body)
}

type GivenSchedule = z.infer<typeof PreviewBody>

/** A schedule with its defaults. */
export function givenSchedule(given: Omit<GivenSchedule, 'from' | 'count'>, now: number): JobSchedule {
  const { startMinute = 0, startHour = 0, timeZone = 'UTC', anchorDate } = given
  const usual = isWallClock(given.intervalMinutes) ? localDate(timeZone, now) : EPOCH_DATE
  return { intervalMinutes: given.intervalMinutes, startMinute, startHour, timeZone, anchorDate: anchorDate ?? usual }
}

function changedSchedule(body: JobChange, row: JobRow, now: number): JobSchedule | undefined {
  if (!changesSchedule(body)) return undefined
  // Written by the engine only.
  const stored = JSON.parse(row.schedule) as JobSchedule
  const { intervalMinutes = stored.intervalMinutes, anchorDate } = body
  // Counted in another way, the anchor that nobody gave means something else.
  const isOfKind = isWallClock(intervalMinutes) === isWallClock(stored.intervalMinutes)
  return givenSchedule(
    {
      intervalMinutes,
      startMinute: body.startMinute ?? stored.startMinute,
      startHour: body.startHour ?? stored.startHour,
      timeZone: body.timeZone ?? stored.timeZone,
      anchorDate: anchorDate ?? (isOfKind ? stored.anchorDate : undefined),
    },
    now,
  )
}

function changesSchedule(body: JobChange): boolean {
  const { startMinute, startHour, timeZone, anchorDate } = body
  return [body.intervalMinutes, startMinute, startHour, timeZone, anchorDate].some((field) => field !== undefined)
}

/** A request with its defaults. */
export function givenRequest(given: z.infer<typeof Request>): GivenRequest {
  return {
    method: given.method ?? 'GET',
    url: given.url,
    headers: (given.headers ?? []).map(givenHeader),
    body: givenBody(given.body),
  }
}

function changedRequest(given: z.infer<typeof RequestChange>, row: JobRow): GivenRequest {
  // Written by the engine only. What is sealed in it stays where it is: a header without a value keeps the stored one.
  const stored = JSON.parse(row.request) as StoredRequest
  return {
    method: given.method ?? stored.method,
    url: given.url ?? stored.url,
    headers: given.headers === undefined ? stored.headers.map(keptHeader) : given.headers.map(givenHeader),
    body: given.body === undefined ? stored.body : givenBody(given.body),
  }
}

function givenHeader({ name: header, value, secret }: z.infer<typeof Header>): GivenHeader {
  return { name: header, value: value ?? null, isSecret: secret ?? isSecretHeader(header) }
}

function keptHeader({ name: header, value, isSecret }: StoredRequest['headers'][number]): GivenHeader {
  return { name: header, value: isSecret ? null : value, isSecret }
}

function givenBody(body: z.infer<typeof jsonValue> | undefined): GivenRequest['body'] {
  if (body === undefined || body === null) return null
  return typeof body === 'string' ? { text: body, isJson: false } : { text: writeCanonical(body), isJson: true }
}

export function timeoutMsOf(seconds: number): number {
  return Math.round(seconds * 1_000)
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

/** `YYYY-MM-DD` in a zone. */
function localDate(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return parts.format(at)
}
