// The one catalogue of what the HTTP surface answers when it refuses: the code is the identity, and it is rendered in the
// three shapes that clients know (events, v1, v2). The engine's own errors join it under their own codes.
import { ENGINE_ERRORS, type EngineError } from '../engine.ts'
import { printJson } from './raw-json.ts'

/** Which of the three answer shapes a route speaks. */
export type Surface = 'ingest' | 'v1' | 'v2'

interface HttpErrorSpec {
  readonly http: number
  /** Whether the same request may succeed later without a change. */
  readonly retry: boolean
  /** The code on v2, where that surface has one of its own. */
  readonly v2?: string
  /** The status on v2, where it differs. */
  readonly v2Http?: number
  readonly says: string
  /** What to do about it, where that does not depend on the case. */
  readonly hint?: string
}

const OWN_ERRORS = {
  invalid_json: { http: 400, retry: false, says: 'The body is not JSON; the message has the byte offset.' },
  invalid_utf8: { http: 400, retry: false, says: 'The body is not UTF-8.' },
  json_too_deep: { http: 400, retry: false, says: 'The JSON is nested more than 64 levels deep.' },
  json_too_large: { http: 400, retry: false, says: 'The JSON has more than 100,000 keys.' },
  invalid_timestamp: { http: 400, retry: false, v2: 'invalid_field_format', says: '`ts` is not within 1980 to 2100.' },
  too_many_events: { http: 400, retry: false, says: 'One request holds more than 5,000 events.' },
  event_too_large: { http: 400, retry: false, v2: 'validation_error', v2Http: 422, says: 'An event is over 3 MiB.' },
  invalid_parameter: {
    http: 400,
    retry: false,
    v2: 'invalid_field_format',
    says: 'A path or query parameter, or a field of the body, is not as it must be.',
  },
  missing_parameter: { http: 400, retry: false, v2: 'missing_field', says: 'A parameter or field is missing.' },
  invalid_request: {
    http: 400,
    retry: false,
    says: 'The request cannot be understood as HTTP, or asks for what cannot be.',
  },
  server_kind_mismatch: { http: 400, retry: false, says: 'The app expects a server of the other kind (dev, cloud).' },
  unauthorized: {
    http: 401,
    retry: false,
    v2: 'invalid_signing_key',
    says: 'The signing key is not one of this server.',
  },
  authorization_missing: {
    http: 401,
    retry: false,
    v2: 'authorization_header_missing',
    says: 'The address needs a signing key as bearer.',
  },
  event_key_unknown: { http: 401, retry: false, says: 'The event key is missing or not one of this server.' },
  cross_origin: {
    http: 403,
    retry: false,
    v2: 'access_denied',
    says: 'A page of another origin may not change anything here.',
  },
  not_found: { http: 404, retry: false, says: 'Nothing is at this address.' },
  event_not_found: { http: 404, retry: false, v2: 'not_found', says: 'No event of this ID is known.' },
  payload_not_found: {
    http: 404,
    retry: false,
    says: 'The run or event has no such part, not yet or not any more.',
    hint: 'A run has `input`, `config`, `output` or `error` once it has ended, and `span/<span ID>/input` and `…/output` of its trace; an event has `event`.',
  },
  cancellation_not_found: { http: 404, retry: false, says: 'No bulk cancellation of this ID is known.' },
  bulk_not_found: { http: 404, retry: false, v2: 'not_found', says: 'No bulk operation of this ID is known.' },
  bulk_ended: { http: 409, retry: false, says: 'The bulk operation has ended.' },
  replay_not_found: {
    http: 404,
    retry: false,
    v2: 'not_found',
    says: 'The function has no replay of this ID.',
  },
  secret_not_found: { http: 404, retry: false, v2: 'not_found', says: 'No secret of this name is stored.' },
  signal_not_found: { http: 404, retry: true, v2: 'not_found', says: 'No run waits for this signal.' },
  limit_not_set: { http: 404, retry: false, says: 'The function has no limit of its own.' },
  method_not_allowed: { http: 405, retry: false, says: 'The address takes other methods; `Allow` has them.' },
  request_timeout: { http: 408, retry: true, says: 'The request was not sent in time.' },
  run_already_cancelled: { http: 409, retry: false, says: 'The run was cancelled before.' },
  run_already_ended: { http: 409, retry: false, says: 'The run has ended.' },
  request_already_resolved: {
    http: 409,
    retry: false,
    says: 'The request was answered, or has ended, before; on v2 `data` is the request with its first answer.',
  },
  body_too_large: { http: 413, retry: false, says: 'The body is over the limit of this address.' },
  uri_too_long: { http: 414, retry: false, says: 'The request line is over 8 KiB.' },
  range_not_satisfiable: {
    http: 416,
    retry: false,
    says: 'The part of the payload that is asked for begins behind its end.',
    hint: 'Ask for less than `totalBytes`; `Content-Range` has it too.',
  },
  unsupported_media_type: { http: 415, retry: false, says: 'The address takes JSON, uncompressed.' },
  misdirected_host: { http: 421, retry: false, says: 'The `Host` is no name of this server; see `--allowed-hosts`.' },
  app_sync_failed: { http: 422, retry: true, says: 'The app could not be synced.' },
  too_many_sign_ins: {
    http: 429,
    retry: true,
    v2: 'rate_limited',
    says: 'Too many tries to sign in have failed from this address.',
    hint: 'Wait as long as `Retry-After` says.',
  },
  too_many_tries: {
    http: 429,
    retry: true,
    v2: 'rate_limited',
    says: 'Too many links from this address were not valid.',
    hint: 'Wait as long as `Retry-After` says.',
  },
  headers_too_large: { http: 431, retry: false, says: 'The headers are over 16 KiB.' },
  internal_error: { http: 500, retry: true, says: 'Something went wrong in the server; its log says what.' },
  not_implemented: { http: 501, retry: false, says: 'This part of the API is not built yet.' },
  event_keys_missing: { http: 503, retry: true, says: 'No event key is configured.' },
  storage_full: { http: 503, retry: true, says: 'The disk is full; nothing was written.' },
  storage_error: { http: 503, retry: true, says: 'The store did not answer; nothing was written.' },
  too_many_searches: { http: 503, retry: true, says: 'Ten searches or exports of this kind are open already.' },
  too_many_streams: {
    http: 503,
    retry: true,
    says: 'As many streams are open at this server as it takes.',
    hint: 'Close tabs of the dashboard that nobody looks at.',
  },
  search_timeout: { http: 503, retry: true, says: 'The filter took too long; narrow the time window.' },
} as const satisfies Record<string, HttpErrorSpec>

/** Codes of the engine as v2 names them. */
const ENGINE_ON_V2: Readonly<Record<string, string>> = {
  app_not_found: 'not_found',
  function_not_found: 'not_found',
  run_not_found: 'not_found',
  run_ended: 'run_already_ended',
  step_not_found: 'invalid_request',
  step_ambiguous: 'invalid_request',
  invalid_event: 'invalid_field_format',
  job_not_found: 'not_found',
  job_run_not_found: 'not_found',
  session_not_found: 'not_found',
  request_not_found: 'not_found',
  job_invalid: 'invalid_field_format',
  secret_invalid: 'invalid_field_format',
  session_invalid: 'invalid_field_format',
  request_invalid: 'invalid_field_format',
  answer_invalid: 'validation_error',
}

export const HTTP_ERRORS = { ...ENGINE_ERRORS, ...OWN_ERRORS }

export type HttpErrorCode = keyof typeof HTTP_ERRORS

export interface HttpErrorParts {
  /** The field or parameter at fault, such as `[3].data`. */
  readonly path?: string | undefined
  readonly hint?: string | undefined
  /** 1-based, of a fault in an expression. */
  readonly column?: number | undefined
  /** For `data` on v1, and on v2 where a call is understood but meets what is there or a limit (409, 413, 422). May hold `RawJson`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
}

/** A refusal. Thrown by routes and guards; rendered once, by the surface of the route. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly parts: HttpErrorParts

  constructor(code: HttpErrorCode, message: string, parts: HttpErrorParts = {}) {
    super(message, { cause: parts.cause })
    this.code = code
    this.parts = parts
  }
}

/** An answer that is ready to be written. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const MESSAGE_CHARACTERS_MAX = 2_000
const DATA_STATUSES: ReadonlySet<number> = new Set([409, 413, 422])

/** Renders a refusal in the shape of its surface. */
export function renderError(error: HttpError, surface: Surface): Refusal {
  const status = statusOf(error.code, surface)
  const headers = { 'content-type': 'application/json; charset=utf-8', ...error.parts.headers }
  return { status, headers, body: printJson(shape(error, surface, status)) }
}

function shape(error: HttpError, surface: Surface, status: number): unknown {
  const message = error.message.slice(0, MESSAGE_CHARACTERS_MAX)
  const { path, column, data, hint = specOf(error.code).hint } = error.parts
  switch (surface) {
    case 'ingest':
      return { ids: [], status, error: message }
    case 'v1': {
      const details = { ...data, ...(path === undefined ? {} : { path }), ...(hint === undefined ? {} : { hint }) }
      return { error: message, status, code: error.code, data: Object.keys(details).length === 0 ? null : details }
    }
    case 'v2':
      // The first run of a repeated idempotency key is an answer, not an error.
      if (error.code === 'idempotency_conflict') return { data }
      return {
        errors: [
          {
            code: codeOnV2(error.code),
            message,
            ...(path === undefined ? {} : { path }),
            ...(hint === undefined ? {} : { hint }),
            ...(column === undefined ? {} : { column }),
          },
        ],
        ...(data !== undefined && DATA_STATUSES.has(status) && Object.keys(data).length > 0 ? { data } : {}),
      }
  }
}

function specOf(code: HttpErrorCode): HttpErrorSpec {
  return HTTP_ERRORS[code]
}

function statusOf(code: HttpErrorCode, surface: Surface): number {
  const spec = specOf(code)
  return surface === 'v2' ? (spec.v2Http ?? spec.http) : spec.http
}

/** The code as `/v2` names it; the manual's table shows the same. */
export function codeOnV2(code: HttpErrorCode): string {
  return specOf(code).v2 ?? ENGINE_ON_V2[code] ?? code
}

/** An engine's error as the surface shows it. */
export function fromEngineError(error: EngineError): HttpError {
  if (error.code === 'store_unavailable') return storeError(error)
  const { path, ...data } = error.details
  return new HttpError(error.code, error.message, {
    ...(typeof path === 'string' ? { path, data } : { data: error.details }),
    cause: error,
  })
}

/** What the store said is for the log: it may name files. */
function storeError(cause: EngineError): HttpError {
  if (cause.details.code === 'storage_full')
    return new HttpError('storage_full', 'The disk is full; nothing was written', { cause })
  return new HttpError('store_unavailable', 'The store did not take the change; send it again', { cause })
}
