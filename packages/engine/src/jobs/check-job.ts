// What callers give for a job, looked over before anything is committed. Each fault is an error with the path of its field,
// as the API names it.
import { zoneOf } from '../cron/index.ts'
import { refusedForm } from '../drivers/outbound-policy.ts'
import { EngineError } from '../errors.ts'
import type { GivenHeader, GivenRequest, JobGiven, JobMethod } from './door.ts'
import { HEADER_NAME, isForbiddenHeader, isHeaderValue } from './headers.ts'
import { JOB_LIMITS } from './limits.ts'
import type { JobSchedule } from './slots.ts'
import { SECRET_NAME, secretNamesIn, withoutPlaces } from './templates.ts'

const METHODS: ReadonlySet<JobMethod> = new Set<JobMethod>(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
/** Methods whose requests carry no body. */
const BARE: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** A fault of one field. */
export function invalid(path: string, says: string): EngineError {
  return new EngineError('job_invalid', `${path} ${says}.`, { details: { path } })
}

/** Everything that is given; what is left out is not looked at. @throws EngineError `job_invalid` */
export function checkJob(given: Partial<JobGiven>): void {
  const { name, schedule, request, timeoutMs, signingSecret } = given
  if (name !== undefined) checkName(name)
  if (schedule !== undefined) checkSchedule(schedule)
  if (request !== undefined) checkRequest(request)
  if (timeoutMs !== undefined) checkTimeout(timeoutMs)
  if (signingSecret != null) checkSigningSecret(signingSecret)
}

function checkName(name: string): void {
  const { nameCharactersMax } = JOB_LIMITS
  if (name.trim() === '') throw invalid('name', 'must not be empty')
  if (name.length > nameCharactersMax) throw invalid('name', `has more than ${nameCharactersMax} characters`)
  if (hasControls(name)) throw invalid('name', 'holds control characters')
}

export function checkTimeout(timeoutMs: number): void {
  const { timeoutMsMin, timeoutMsMax } = JOB_LIMITS
  if (!isWhole(timeoutMs, timeoutMsMin, timeoutMsMax))
    throw invalid('timeoutSeconds', `must be from ${timeoutMsMin / 1_000} to ${timeoutMsMax / 1_000}`)
}

/** @throws EngineError `job_invalid` */
export function checkSchedule(schedule: JobSchedule): void {
  const { intervalMinutes, startMinute, startHour, timeZone, anchorDate } = schedule
  const { intervalMinutesMax } = JOB_LIMITS
  if (!isWhole(intervalMinutes, 1, intervalMinutesMax))
    throw invalid('intervalMinutes', `must be a whole number from 1 to ${intervalMinutesMax}`)
  if (!isWhole(startMinute, 0, 59)) throw invalid('startMinute', 'must be a whole number from 0 to 59')
  if (!isWhole(startHour, 0, 23)) throw invalid('startHour', 'must be a whole number from 0 to 23')
  if (zoneOf(timeZone) === null) throw invalid('timeZone', 'is not a time zone such as Europe/Berlin')
  if (!isDate(anchorDate)) throw invalid('anchorDate', 'must be a date such as 2026-01-31, from 1970 to 2100')
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '1970' || text > '2101') return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** @throws EngineError `job_invalid` */
export function checkRequest(request: GivenRequest): void {
  const { method, url, headers, body } = request
  if (!METHODS.has(method)) throw invalid('request.method', `must be one of ${[...METHODS].join(', ')}`)
  checkUrl(url)
  checkHeaders(headers)
  if (body !== null) {
    if (BARE.has(method)) throw invalid('request.body', `is not sent with ${method}`)
    if (Buffer.byteLength(body.text) > JOB_LIMITS.bodyBytesMax)
      throw invalid('request.body', `is over ${JOB_LIMITS.bodyBytesMax} bytes`)
  }
  for (const [path, texts] of placesOf(request))
    for (const name of secretNamesIn(texts))
      if (!SECRET_NAME.test(name)) throw invalid(path, `names a secret that cannot be: ${shortly(name)}`)
}

/** The form alone: where it leads is looked at when it is called, under the policy of then, and recorded with the run. */
function checkUrl(given: string): void {
  const path = 'request.url'
  const { urlCharactersMax } = JOB_LIMITS
  if (given.length > urlCharactersMax) throw invalid(path, `has more than ${urlCharactersMax} characters`)
  if (hasControls(given) || given !== given.trim()) throw invalid(path, 'holds control characters or spaces around it')
  const plain = withoutPlaces(given)
  if (!/^https?:\/\//i.test(plain) || !URL.canParse(plain)) throw invalid(path, 'must be a URL of http or https')
  const refused = refusedForm(new URL(plain))
  if (refused !== null) throw invalid(path, `cannot be called: ${refused}`)
}

function checkHeaders(headers: readonly GivenHeader[]): void {
  const { headersMax, headersBytesMax } = JOB_LIMITS
  if (headers.length > headersMax) throw invalid('request.headers', `has more than ${headersMax} entries`)
  const names = new Set<string>()
  let bytes = 0
  for (const [index, header] of headers.entries()) {
    const path = `request.headers[${index}]`
    checkHeader(header, path)
    const name = header.name.toLowerCase()
    if (names.has(name)) throw invalid(`${path}.name`, 'is there twice')
    names.add(name)
    bytes += name.length + Buffer.byteLength(header.value ?? '')
  }
  if (bytes > headersBytesMax) throw invalid('request.headers', `is over ${headersBytesMax} bytes`)
}

function checkHeader({ name, value, isSecret }: GivenHeader, path: string): void {
  const { headerBytesMax } = JOB_LIMITS
  if (!HEADER_NAME.test(name)) throw invalid(`${path}.name`, 'is not a name of a header')
  if (isForbiddenHeader(name)) throw invalid(`${path}.name`, 'is set by the server itself, or may not be set')
  if (value === null) {
    if (!isSecret) throw invalid(`${path}.value`, 'is missing')
    return
  }
  if (Buffer.byteLength(value) > headerBytesMax) throw invalid(`${path}.value`, `is over ${headerBytesMax} bytes`)
  if (!isHeaderValue(value)) throw invalid(`${path}.value`, 'holds characters that cannot be sent')
}

function checkSigningSecret(secret: string): void {
  const path = 'signingSecret'
  if (secret === '') throw invalid(path, 'must not be empty')
  if (Buffer.byteLength(secret) > JOB_LIMITS.secretBytesMax)
    throw invalid(path, `is over ${JOB_LIMITS.secretBytesMax} bytes`)
  const encoded = /^whsec_(.*)$/s.exec(secret)?.[1]
  if (encoded !== undefined && !/^[A-Za-z0-9+/]{8,}={0,2}$/.test(encoded))
    throw invalid(path, 'begins with whsec_, but base64 does not follow')
}

/** @throws EngineError `secret_invalid` */
export function checkSecret(name: string, value: string): void {
  const fault = (path: string, says: string) =>
    new EngineError('secret_invalid', `${path} ${says}.`, { details: { path } })
  if (!SECRET_NAME.test(name)) throw fault('name', 'must be letters, digits and _, 64 at most, no digit first')
  if (value === '') throw fault('value', 'must not be empty')
  const { secretBytesMax } = JOB_LIMITS
  if (Buffer.byteLength(value) > secretBytesMax) throw fault('value', `is over ${secretBytesMax} bytes`)
  if (!value.isWellFormed()) throw fault('value', 'is not text')
}

/** The texts in which secrets may be named, with their paths. */
export function placesOf(request: GivenRequest): readonly (readonly [path: string, texts: readonly string[]])[] {
  return [
    ['request.url', [request.url]],
    ...request.headers.map(
      ({ value }, index) => [`request.headers[${index}].value`, value === null ? [] : [value]] as const,
    ),
    ['request.body', request.body === null ? [] : [request.body.text]],
  ]
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max
}

function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x1f\x7f]/.test(text)
}

function shortly(text: string): string {
  return text.slice(0, 80)
}
