// Reads what an app says about itself when it registers: by its own request, or in the answer to the server's.
// Both give the same value; which functions in it are faulty is for `readFunctions` to say.
// The checksum is over the normalized request, so that the same app under another spelling of its host is not a change.

import { createHash } from 'node:crypto'
import { JsonError, SyncError } from './errors.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { decodeUtf8, parseJson } from './json.ts'
import type { Json } from './json-value.ts'
import { writeCanonical } from './json-write.ts'
import { LIMITS } from './limits.ts'
import { isUnsafe, normalizeAppUrl, normalizeUrl } from './url.ts'
import { isObject, isTooLong } from './values.ts'

/** What an app says about itself when it registers, either way. */
export interface RegisterRequest {
  readonly appName: string
  /** Normalized. */
  readonly url: string
  /** As sent, e.g. `js:v4.24.0`; '' when the endpoint was written by hand. */
  readonly sdk: string
  readonly sdkLanguage: string
  /** Without the leading `v`. */
  readonly sdkVersion: string
  readonly framework: string | null
  readonly platform: string | null
  readonly deployType: string
  readonly appVersion: string | null
  /** As sent, with the URLs normalized. */
  readonly functions: readonly Json[]
  readonly capabilities: Json
  /** SHA-256, hex, of the normalized request without its feature observations. */
  readonly checksum: string
}

/**
 * Reads the body of `POST /fn/register`.
 *
 * @throws SyncError with the code of the JSON; `invalid_config` for what is wrong with the app as a whole.
 */
export function readRegisterRequest(bytes: Uint8Array): RegisterRequest {
  const fields = parse(bytes)
  return build(fields, word(fields, 'appName'), word(fields, 'sdk') ?? '')
}

/** Reads an app's answer to a sync that asked for an in-band one. Throws as `readRegisterRequest`. */
export function readInBandAnswer(bytes: Uint8Array): RegisterRequest {
  const fields = parse(bytes)
  const version = word(fields, 'sdk_version')
  const language = word(fields, 'sdk_language')
  const named = language === null || version === null ? '' : `${language}:v${version}`
  return build(fields, word(fields, 'app_id'), word(fields, 'sdk') ?? named)
}

function parse(bytes: Uint8Array): Fields {
  try {
    const value = parseJson(decodeUtf8(bytes))
    if (isObject(value)) return fieldsOf(value)
  } catch (error) {
    if (error instanceof JsonError) throw new SyncError(error.code, `Invalid request: ${error.message}`)
    throw error
  }
  throw invalid('Invalid request: expected an object')
}

function build(fields: Fields, appName: string | null, sdk: string): RegisterRequest {
  const [language = '', version = ''] = sdk.split(':')
  const request = {
    appName: checkName(appName),
    url: checkUrl(fields('url')),
    sdk,
    framework: word(fields, 'framework'),
    platform: word(fields, 'platform') ?? word(fieldsOf(fields('headers')), 'platform'),
    deployType: word(fields, 'deployType') ?? 'ping',
    appVersion: word(fields, 'appVersion'),
    functions: checkFunctions(fields('functions')),
    capabilities: fields('capabilities') ?? {},
  }
  const checksum = createHash('sha256').update(writeCanonical(request)).digest('hex')
  return { ...request, sdkLanguage: language, sdkVersion: version.replace(/^v/, ''), checksum }
}

function checkName(appName: string | null): string {
  if (appName === null || appName.trim() === '') throw invalid('App ID required')
  if (isTooLong(appName, LIMITS.appNameCharactersMax.value)) {
    throw invalid(`App ID is longer than ${LIMITS.appNameCharactersMax.value} characters`)
  }
  return appName
}

function checkUrl(value: Json | undefined): string {
  const url = typeof value === 'string' ? normalizeAppUrl(value) : null
  if (url === null) throw invalid('Invalid request: url must be an http, https, ws or wss URL')
  return url
}

function checkFunctions(value: Json | undefined): readonly Json[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw invalid('Invalid request: functions must be an array')
  const max = LIMITS.functionsMax.value
  if (value.length > max) throw invalid(`An app may have at most ${max} functions`)
  return value.map(withNormalizedUrls)
}

/** The URLs of a function's steps, where they stand as SDKs send them; any other shape is left alone. */
function withNormalizedUrls(raw: Json): Json {
  if (!isObject(raw) || !isObject(raw.steps)) return raw
  const steps = Object.entries(raw.steps).map(([name, step]) => {
    if (!isObject(step) || !isObject(step.runtime) || typeof step.runtime.url !== 'string') return [name, step]
    const url = normalizeUrl(step.runtime.url) ?? step.runtime.url
    return [name, { ...step, runtime: { ...step.runtime, url } }]
  })
  return { ...raw, steps: Object.fromEntries(steps) }
}

function word(fields: Fields, name: string): string | null {
  const value = fields(name)
  if (typeof value !== 'string' || value === '') return null
  if (isUnsafe(value)) throw invalid(`Invalid request: ${name} holds a control character`)
  return value
}

function invalid(message: string): SyncError {
  return new SyncError('invalid_config', message)
}
