// Reads an app's whole answer to a call: opcodes, a return value, or an error with the decision whether to try again.
// An answer that no SDK made never completes a run, however well it looks: a proxy or a wrong port answers 200 as well.
// Nothing is thrown; whatever cannot be read is an error of the attempt.

import { Buffer } from 'node:buffer'
import { readError } from './error-value.ts'
import { AnswerError, JsonError } from './errors.ts'
import { HEADERS } from './headers.ts'
import { canonicalText, decodeUtf8, parseJson, sliceMembers } from './json.ts'
import type { Json } from './json-value.ts'
import { quote } from './json-write.ts'
import { LIMITS } from './limits.ts'
import { errorText } from './memo.ts'
import type { Opcode } from './opcode.ts'
import { readOpcodes } from './opcode-read.ts'
import { cut, isObject, textOf } from './values.ts'

/** An app's whole answer to a call; header names in lower case. */
export interface RawAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Uint8Array
}

/** Headers as Node's clients give them. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What every answer tells. */
export interface AnswerBase {
  /** HTTP status; of a streamed answer the inner one. */
  readonly status: number
  /** Request version the SDK used; null when it did not say. */
  readonly version: number | null
  /** `x-inngest-no-retry`; null when absent. */
  readonly noRetry: boolean | null
  /** `retry-after` as sent: see `parseRetryAfter`. */
  readonly retryAfter: string | null
}

/** The SDK reports steps. Never empty. */
export interface OpcodesAnswer extends AnswerBase {
  readonly kind: 'opcodes'
  readonly ops: readonly Opcode[]
}

/** The function returned. */
export interface ReturnedAnswer extends AnswerBase {
  readonly kind: 'returned'
  /** Canonical text of the return value. */
  readonly dataText: string
}

/** The function threw, or the answer cannot be used. */
export interface ErrorAnswer extends AnswerBase {
  readonly kind: 'error'
  readonly code: AnswerFaultCode
  /** Canonical `{name, message, stack?, cause?, data?}`. */
  readonly errorText: string
  /** Whether the attempt may be tried again at all. */
  readonly retry: boolean
  /** Canonical text of the body that an SDK sent with its error. */
  readonly outputText?: string
}

/** What an app's answer means. */
export type Answer = OpcodesAnswer | ReturnedAnswer | ErrorAnswer

/**
 * `function_error`: the function threw. `not_sdk`: no SDK made this answer. `bad_response`: an SDK's answer that cannot be read.
 * `protocol_error`: opcodes that no SDK sends; final. `stale_dispatch`: a newer dispatch replaced this call; drop the answer.
 */
export type AnswerFaultCode =
  | 'function_error'
  | 'not_sdk'
  | 'bad_response'
  | 'protocol_error'
  | 'output_too_large'
  | 'stale_dispatch'

/** Reads an app's answer to a call. Connect replies are read alike, with their fields put into a status and headers. */
export function readAnswer(raw: RawAnswer): Answer {
  const { status, headers, body } = raw
  const base = readBase(status, headers)
  if (body.length > LIMITS.answerBytesMax.value) {
    return fault(base, 'output_too_large', `The answer is over ${LIMITS.answerBytesMax.value} bytes`)
  }
  if (!isFromSdk(status, headers)) return notSdk(base, body)
  try {
    const text = decodeUtf8(body)
    return status === 201 ? readStreamed(base, headers, text) : readText(base, text)
  } catch (error) {
    if (error instanceof AnswerError) return fault(base, error.code, error.message)
    if (error instanceof JsonError) return fault(base, 'bad_response', error.message)
    throw error
  }
}

function readBase(status: number, headers: AnswerHeaders): AnswerBase {
  const version = header(headers, HEADERS.requestVersion)
  const noRetry = header(headers, HEADERS.noRetry)
  return {
    status,
    version: version !== null && /^\d{1,9}$/.test(version) ? Number(version) : null,
    noRetry: noRetry === 'true' ? true : noRetry === 'false' ? false : null,
    retryAfter: header(headers, HEADERS.retryAfter),
  }
}

/** Refusals (401) of some SDKs carry only the second header; success must carry the first. */
function isFromSdk(status: number, headers: AnswerHeaders): boolean {
  if (header(headers, HEADERS.sdk) !== null) return true
  return !isSuccess(status) && header(headers, HEADERS.sdkHandled) !== null
}

function readText(base: AnswerBase, text: string): Answer {
  if (base.status === 206) return { ...base, kind: 'opcodes', ops: readOpcodes(unwrap(text, /^\s*[[{]/)) }
  if (base.status === 200) {
    // Connect workers of the JavaScript SDK report failures that must not be retried as done.
    return base.noRetry === true ? functionError(base, text) : { ...base, kind: 'returned', dataText: readOutput(text) }
  }
  if (isSuccess(base.status)) return fault(base, 'bad_response', `The SDK answered with HTTP ${base.status}`)
  return functionError(base, text)
}

/**
 * A streamed answer: spaces that kept the connection open, then one object with the true status, headers and body.
 * Go puts the body in as JSON, the others as a string.
 */
function readStreamed(outer: AnswerBase, outerHeaders: AnswerHeaders, text: string): Answer {
  const members = new Map(sliceMembers(Buffer.from(text)).map((part) => [part.key, part.text]))
  const status: Json = JSON.parse(members.get('status') ?? 'null')
  if (typeof status !== 'number' || status === 201) {
    const reason = textOf(JSON.parse(members.get('error') ?? 'null'))
    return fault(outer, 'bad_response', reason ?? 'The streamed answer has no status')
  }
  const headers = { ...outerHeaders, ...lowerCase(JSON.parse(members.get('headers') ?? 'null')) }
  const base = readBase(status, headers)
  const version: Json = JSON.parse(members.get('version') ?? 'null')
  const body = members.get('body') ?? ''
  return readText(
    { ...base, version: base.version ?? (typeof version === 'number' && version >= 0 ? version : null) },
    body.startsWith('"') ? String(JSON.parse(body)) : body,
  )
}

function lowerCase(headers: Json): Record<string, string> {
  if (!isObject(headers)) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), `${value}`]))
}

function functionError(base: AnswerBase, text: string): ErrorAnswer {
  const outputText = readOutput(text)
  const value = parseJson(outputText)
  const stale = base.status === 400 && isObject(value) && value.name === 'StaleDispatchError'
  return {
    ...base,
    kind: 'error',
    code: stale ? 'stale_dispatch' : 'function_error',
    errorText: readError(value),
    retry: base.noRetry !== true,
    outputText,
  }
}

/** Canonical text of a body. An empty one is null, one that is no JSON is a string, and some platforms encode an object twice. */
function readOutput(text: string): string {
  if (text === '') return 'null'
  try {
    return canonicalText(unwrap(text, /^\s*\{/))
  } catch (error) {
    if (error instanceof JsonError && error.code === 'invalid_json') return quote(text)
    throw error
  }
}

/** The text within a JSON string, when it is JSON again and begins as expected; else the text itself. */
function unwrap(text: string, expected: RegExp): string {
  if (!text.startsWith('"')) return text
  try {
    const inner: Json = JSON.parse(text)
    if (typeof inner !== 'string' || !expected.test(inner)) return text
    JSON.parse(inner)
    return inner
  } catch {
    return text
  }
}

/** A proxy, a gateway, or another program on the app's port. */
function notSdk(base: AnswerBase, body: Uint8Array): ErrorAnswer {
  const quoted = Buffer.from(body.subarray(0, LIMITS.answerQuoteBytesMax.value)).toString('utf8')
  const stack = quoted === '' ? {} : { stack: cut(quoted, LIMITS.answerQuoteBytesMax.value) }
  const error = isSuccess(base.status)
    ? { name: 'Error', message: 'The response did not come from an Inngest SDK' }
    : {
        name: 'Server returned a fatal error',
        message: `Your server returned HTTP ${base.status} before the SDK responded.`,
      }
  return {
    ...base,
    kind: 'error',
    code: 'not_sdk',
    errorText: errorText({ ...error, ...stack }),
    retry: base.noRetry !== true,
  }
}

function fault(base: AnswerBase, code: AnswerFaultCode, message: string): ErrorAnswer {
  return {
    ...base,
    kind: 'error',
    code,
    errorText: errorText({ name: code, message }),
    retry: code !== 'protocol_error',
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function header(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? null)
}
