// Reads the opcodes of an SDK's answer, on the hot path of every step: one parse of a small answer, no parse of a large result.
// SDKs send their own internals along and leave out or null what others send, so that everything unknown is ignored; what is needed is
// checked here once, and everything behind relies on it.

import { Buffer } from 'node:buffer'
import { readError } from './error-value.ts'
import { AnswerError, EventError, JsonError } from './errors.ts'
import { OUTPUT_TOO_LARGE_ERROR } from './failures.ts'
import { canonicalSlice, type JsonSlice, parseSlice, parseUnwalked, SMALL_TEXT_MAX, sliceObjects } from './json.ts'
import type { Json, JsonObject } from './json-value.ts'
import { writeCanonical } from './json-write.ts'
import { LIMITS } from './limits.ts'
import type { Opcode, OpcodeBase } from './opcode.ts'
import { readSessions } from './sessions.ts'
import { isObject, shorten, textOf, without, wordOf } from './values.ts'

const HASH = /^[0-9a-f]{40}$/
const NO_OPTS: JsonObject = Object.freeze({})
/** The array and the opcode around it are two levels. */
const DATA_DEPTH_MAX = LIMITS.jsonDepthMax.value - 2
const NS_PER_MS = 1e6
/** Above this many characters members are sliced out of the text, so that a large canonical result is never parsed. */
const SLICE_FROM = SMALL_TEXT_MAX
/** What is read of an opcode besides its data; an SDK's internals beside it are not even parsed. */
const MEMBERS = new Set(['op', 'id', 'name', 'displayName', 'opts', 'error', 'userland', 'timing'])

/**
 * Reads the opcodes of an answer: an array, or one opcode alone. An empty array gives one `None`.
 * A step whose output or input is over its limit becomes a `StepFailed` named `output_too_large`, which user code may catch.
 *
 * @throws AnswerError `bad_response` for text that holds no opcodes, `protocol_error` for opcodes that no SDK sends.
 */
export function readOpcodes(text: string): Opcode[] {
  const ops = readOps(text).map(failWhenTooLarge)
  if (ops.length === 0) return [NONE]
  if (ops.length > LIMITS.opcodesMax.value)
    throw new AnswerError('protocol_error', `The answer holds ${ops.length} opcodes`)
  return ops
}

/** As `readOpcodes`, without looking at sizes, and nothing for an empty array. */
export function readOps(text: string): Opcode[] {
  try {
    return text.length > SLICE_FROM ? readSliced(text) : readOpValues(parseUnwalked(text))
  } catch (error) {
    if (error instanceof JsonError)
      throw new AnswerError('bad_response', `error reading generator opcode response: ${error.message}`)
    throw error
  }
}

/** Whether a step's result or arguments are over their limit. */
export function isOpTooLarge(op: Opcode): boolean {
  return isOver(op.dataText, LIMITS.stepOutputBytesMax.value) || isOver(op.inputText, LIMITS.stepInputBytesMax.value)
}

/** As `readOps`, of a value that is parsed already. */
export function readOpValues(value: Json): Opcode[] {
  const items = Array.isArray(value) ? value : [value]
  return items.map((item) => {
    if (!isObject(item)) throw notOpcodes()
    return readOp(
      item,
      item.data === undefined || item.data === null ? null : writeCanonical(item.data, DATA_DEPTH_MAX),
    )
  })
}

function readSliced(text: string): Opcode[] {
  const rows = sliceObjects(text)
  if (rows === null) throw notOpcodes()
  return rows.map(readRow)
}

function readRow(row: readonly JsonSlice[]): Opcode {
  const value: Record<string, Json> = {}
  let dataText: string | null = null
  for (const part of row) {
    if (part.key === 'data') dataText = part.text === 'null' ? null : canonicalSlice(part)
    else if (MEMBERS.has(part.key)) value[part.key] = parseSlice(part)
  }
  return readOp(value, dataText)
}

function notOpcodes(): AnswerError {
  return new AnswerError('bad_response', 'error reading generator opcode response: expected an array of objects')
}

function readOp(value: JsonObject, dataText: string | null): Opcode {
  const name = typeof value.op === 'string' ? value.op : ''
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  if (read === undefined) throw new AnswerError('protocol_error', `Unknown opcode "${shorten(name)}"`)
  const opts = isObject(value.opts) ? value.opts : NO_OPTS
  return read(readBase(value, opts, dataText), opts, value)
}

function readBase(value: JsonObject, opts: JsonObject, dataText: string | null): OpcodeBase {
  const id = textOf(value.id) ?? ''
  const { userland, timing, error } = value
  const known = isObject(userland) ? userland : NO_OPTS
  const times = isObject(timing) ? timing : NO_OPTS
  return {
    id,
    name: wordOf(value.displayName) ?? wordOf(value.name) ?? id,
    userlandId: textOf(known.id),
    userlandIndex: typeof known.index === 'number' ? known.index : null,
    dataText,
    errorText: error === undefined || error === null ? null : readError(error),
    inputText: opts.input === undefined || opts.input === null ? null : writeCanonical(opts.input),
    optsType: wordOf(opts.type),
    race: opts.parallelMode === 'race',
    timingStartMs: typeof times.a === 'number' && times.a > 0 ? times.a / NS_PER_MS : null,
    timingDurationMs: typeof times.b === 'number' && times.b >= 0 && times.a !== 0 ? times.b / NS_PER_MS : null,
  }
}

type Reader = (base: OpcodeBase, opts: JsonObject, value: JsonObject) => Opcode

function requiredError(base: OpcodeBase, op: string): string {
  if (base.errorText === null) throw new AnswerError('protocol_error', `${op} without an error`)
  return base.errorText
}

/** Opcodes of steps, whose ID must be a hash. */
const STEP_READERS: Readonly<Record<string, Reader>> = {
  StepRun: (base) => ({ ...base, op: 'StepRun', dataText: base.dataText ?? 'null', rawMemo: false }),
  Step: (base) => ({ ...base, op: 'StepRun', dataText: base.dataText ?? 'null', rawMemo: true }),
  StepPlanned: (base) => ({ ...base, op: 'StepPlanned' }),
  StepError: (base) => ({ ...base, op: 'StepError', errorText: requiredError(base, 'StepError') }),
  StepFailed: (base) => ({ ...base, op: 'StepFailed', errorText: requiredError(base, 'StepFailed') }),
  Sleep: (base, opts, value) => ({ ...base, op: 'Sleep', until: wordOf(opts.duration) ?? textOf(value.name) ?? '' }),
  WaitForEvent: readWaitForEvent,
  WaitForSignal: readWaitForSignal,
  InvokeFunction: readInvokeFunction,
  Gateway: (base, opts) => ({
    ...base,
    op: 'Gateway',
    url: required(opts.url, 'Gateway', 'url'),
    method: wordOf(opts.method) ?? 'GET',
    headers: readHeaders(opts.headers),
    body: textOf(opts.body),
  }),
  AIGateway: (base, opts) => ({
    ...base,
    op: 'AIGateway',
    url: required(opts.url, 'AIGateway', 'url'),
    headers: readHeaders(opts.headers),
    authKey: textOf(opts.auth_key) ?? '',
    format: textOf(opts.format) ?? '',
    bodyText: writeCanonical(opts.body ?? null),
  }),
  DeferAdd: (base, opts) => ({
    ...base,
    op: 'DeferAdd',
    fnSlug: required(opts.fn_slug, 'DeferAdd', 'fn_slug'),
    inputText: isObject(opts.input) && base.inputText !== null ? base.inputText : '{}',
    metaText: isObject(opts.meta) ? writeCanonical(opts.meta) : null,
  }),
  DeferAbort: (base, opts) => ({
    ...base,
    op: 'DeferAbort',
    targetId: required(opts.target_hashed_id, 'DeferAbort', 'target_hashed_id'),
    fnSlug: textOf(opts.fn_slug) ?? '',
  }),
}

/** Opcodes of the run, whose ID means nothing to the server. */
const RUN_READERS: Readonly<Record<string, Reader>> = {
  RunComplete: (base) => ({ ...base, op: 'RunComplete', dataText: base.dataText ?? 'null' }),
  SyncRunComplete: (base) => ({ ...base, op: 'SyncRunComplete', dataText: base.dataText ?? 'null' }),
  DiscoveryRequest: (base) => ({ ...base, op: 'DiscoveryRequest' }),
  None: (base) => ({ ...base, op: 'None' }),
}

const READERS: Readonly<Record<string, Reader>> = {
  ...RUN_READERS,
  ...Object.fromEntries(Object.entries(STEP_READERS).map(([name, read]) => [name, withHash(read)])),
}

const NONE: Opcode = Object.freeze({ ...readBase(NO_OPTS, NO_OPTS, null), op: 'None' })

function withHash(read: Reader): Reader {
  return (base, opts, value) => {
    if (!HASH.test(base.id)) throw new AnswerError('protocol_error', `"${shorten(base.id)}" is no hashed step ID`)
    return read(base, opts, value)
  }
}

/** JavaScript and Python put the event's name into `name`; Go has the step's name there and the event's in `opts`. */
function readWaitForEvent(base: OpcodeBase, opts: JsonObject, value: JsonObject): Opcode {
  return {
    ...base,
    op: 'WaitForEvent',
    event: required(wordOf(opts.event) ?? value.name, 'WaitForEvent', 'event'),
    timeout: textOf(opts.timeout) ?? '',
    if: wordOf(opts.if),
  }
}

function readWaitForSignal(base: OpcodeBase, opts: JsonObject, value: JsonObject): Opcode {
  return {
    ...base,
    op: 'WaitForSignal',
    signal: required(wordOf(opts.signal) ?? value.name, 'WaitForSignal', 'signal'),
    timeout: wordOf(opts.timeout),
    conflict: opts.conflict === 'replace' ? 'replace' : 'fail',
  }
}

function readInvokeFunction(base: OpcodeBase, opts: JsonObject): Opcode {
  const payload = isObject(opts.payload) ? opts.payload : NO_OPTS
  const data = isObject(payload.data) ? payload.data : NO_OPTS
  return {
    ...base,
    op: 'InvokeFunction',
    functionId: required(opts.function_id, 'InvokeFunction', 'function_id'),
    payloadDataText: writeCanonical(Object.hasOwn(data, '_inngest') ? without(data, '_inngest') : data),
    payloadV: wordOf(payload.v),
    payloadMetaText: readPayloadMeta(payload.meta),
    timeout: wordOf(opts.timeout),
  }
}

/** Sessions only label the invoked run: bad ones do not stop it. */
function readPayloadMeta(meta: Json | undefined): string | null {
  if (meta === undefined || meta === null) return null
  try {
    return readSessions(meta)
  } catch (error) {
    if (error instanceof EventError) return null
    throw error
  }
}

function readHeaders(value: Json | undefined): Record<string, string> {
  if (!isObject(value)) return {}
  const headers = Object.entries(value).filter(([, text]) => typeof text === 'string' || typeof text === 'number')
  return Object.fromEntries(headers.map(([name, text]) => [name, `${text}`]))
}

function required(value: Json | undefined, op: string, field: string): string {
  const text = wordOf(value)
  if (text === null) throw new AnswerError('protocol_error', `${op} has no ${field}`)
  return text
}

/** The result of a run is bounded by the answer alone. */
function failWhenTooLarge(op: Opcode): Opcode {
  if (op.op === 'RunComplete' || op.op === 'SyncRunComplete' || !isOpTooLarge(op)) return op
  const { id, name, userlandId, userlandIndex, optsType, race, timingStartMs, timingDurationMs } = op
  const kept = { id, name, userlandId, userlandIndex, optsType, race, timingStartMs, timingDurationMs }
  return { ...kept, op: 'StepFailed', dataText: null, inputText: null, errorText: OUTPUT_TOO_LARGE_ERROR }
}

/** Bytes are counted only when the number of characters leaves it open. */
function isOver(text: string | null, bytesMax: number): boolean {
  if (text === null || text.length * 3 <= bytesMax) return false
  return text.length > bytesMax || Buffer.byteLength(text) > bytesMax
}
