// Puts a Call Request together: the body from canonical pieces without parsing any of them, its headers, its URL.
// Every piece is canonical and every key stands in order, so that the body is canonical too and is signed as it stands (RFC 8785).
// All fields are always sent: the Python SDK requires them (SDK spec, "call request").

import { HEADERS } from './headers.ts'
import { quote } from './json-write.ts'

/** The pieces of a Call Request; every `…Text` is canonical JSON and goes in as it stands. */
export interface CallParts {
  readonly ctx: CallContext
  readonly eventText: string
  /** All events of the run, the first included; left out of the body under `useApi`. */
  readonly eventsTexts: readonly string[]
  /** `[hashed step ID, memo]`, sorted by ID; left out of the body under `useApi`. */
  readonly memos: Iterable<readonly [string, string]>
  /** Hashed IDs of all steps that have a result, in order of completion. */
  readonly stack: readonly string[]
  /** Deferred functions that were added, by hashed ID, sorted. */
  readonly defers?: readonly { readonly id: string; readonly abortable: boolean }[]
  /** The SDK fetches events and memos itself, since they are too large to send. */
  readonly useApi: boolean
  /** -1 until the SDK told its version. */
  readonly version: number
}

/** What the SDK learns about this call. */
export interface CallContext {
  readonly fnId: string
  readonly runId: string
  readonly env: string
  /** `step`, or the hashed ID of the planned step to run. */
  readonly stepId: string
  readonly attempt: number
  readonly maxAttempts: number
  readonly qiId: string
  readonly requestId: string
  readonly generationId: number
  readonly jobId: string
  readonly disableImmediateExecution: boolean
}

/** What the headers of a call tell. */
export interface CallHeaderParts {
  readonly runId: string
  readonly requestId: string
  readonly jobId: string
  readonly generationId: number
  readonly stepId: string
  readonly version: number
  /** `t=…&s=…`; null = not signed. */
  readonly signature: string | null
  readonly traceparent?: string
  readonly tracestate?: string
}

/** Joins the body of a Call Request; canonical as long as its pieces are. */
export function buildCallBody(parts: CallParts): string {
  const { eventText, useApi, version } = parts
  const events = useApi ? '' : parts.eventsTexts.join(',')
  const steps = useApi ? '' : joinMemos(parts.memos)
  return `{"ctx":${contextText(parts)},"defers":{${joinDefers(parts)}},"event":${eventText},"events":[${events}],"steps":{${steps}},"use_api":${useApi},"version":${version}}`
}

/** Headers of a call; names in lower case. */
export function callHeaders(parts: CallHeaderParts): Record<string, string> {
  const headers: Record<string, string> = {
    [HEADERS.contentType]: 'application/json',
    [HEADERS.runId]: parts.runId,
    [HEADERS.requestId]: parts.requestId,
    [HEADERS.jobId]: parts.jobId,
    [HEADERS.generationId]: `${parts.generationId}`,
    [HEADERS.stepId]: parts.stepId,
    [HEADERS.requestVersion]: `${parts.version}`,
  }
  if (parts.signature !== null) headers[HEADERS.signature] = parts.signature
  if (parts.traceparent !== undefined) headers[HEADERS.traceparent] = parts.traceparent
  if (parts.tracestate !== undefined) headers[HEADERS.tracestate] = parts.tracestate
  return headers
}

/**
 * Sets `stepId` in the query of a function's normalized URL, and `fnId` when it has none. The Go SDK registers `step`, which stays.
 * By text, since parsing a URL costs 2 µs on every call.
 */
export function callUrl(url: string, slug: string, stepId: string): string {
  const named = /[?&]fnId=/.test(url) ? url : withParameter(url, `fnId=${encodeURIComponent(slug)}`)
  const parameter = `stepId=${encodeURIComponent(stepId)}`
  const at = named.search(/[?&]stepId=/)
  if (at < 0) return withParameter(named, parameter)
  const end = named.indexOf('&', at + 1)
  return named.slice(0, at + 1) + parameter + (end < 0 ? '' : named.slice(end))
}

function withParameter(url: string, parameter: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}`
}

function contextText(parts: CallParts): string {
  const { ctx, stack } = parts
  const stackText = stack.length === 0 ? '' : `"${stack.join('","')}"`
  return `{"attempt":${ctx.attempt},"disable_immediate_execution":${ctx.disableImmediateExecution},"env":${quote(ctx.env)},"fn_id":${quote(ctx.fnId)},"generation_id":${ctx.generationId},"job_id":${quote(ctx.jobId)},"max_attempts":${ctx.maxAttempts},"qi_id":${quote(ctx.qiId)},"request_id":${quote(ctx.requestId)},"run_id":${quote(ctx.runId)},"stack":{"current":${stack.length},"stack":[${stackText}]},"step_id":${quote(ctx.stepId)},"use_api":${parts.useApi}}`
}

/** Step IDs are hex digits and need no escapes. */
function joinMemos(memos: Iterable<readonly [string, string]>): string {
  let text = ''
  for (const [id, memo] of memos) text += text === '' ? `"${id}":${memo}` : `,"${id}":${memo}`
  return text
}

function joinDefers(parts: CallParts): string {
  if (parts.defers === undefined) return ''
  return parts.defers.map(({ id, abortable }) => `"${id}":{"abortable":${abortable}}`).join(',')
}
