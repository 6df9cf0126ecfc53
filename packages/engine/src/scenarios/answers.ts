// What the scripted apps of these scenarios answer: the wire forms of SDKs, one function each. Step IDs are given as the
// code has them and hashed here.
import { hashStepId } from '@pawl/protocol'
import type { CallResult, LostReason } from '../drivers/driver.ts'

export interface AnswerOptions {
  readonly version?: number | null
  readonly noRetry?: boolean
  readonly retryAfter?: string
}

/** An answer as a whole: any status and body, under the headers of an SDK. */
export function answer(status: number, body: unknown, options: AnswerOptions = {}): CallResult {
  const { version = 2, noRetry, retryAfter } = options
  return {
    kind: 'answer',
    raw: {
      status,
      headers: {
        'x-inngest-sdk': 'js:v4.24.0',
        ...(version === null ? {} : { 'x-inngest-req-version': String(version) }),
        ...(noRetry === undefined ? {} : { 'x-inngest-no-retry': String(noRetry) }),
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
  }
}

export type Op = Readonly<Record<string, unknown>>

export function ops(list: readonly Op[], options?: AnswerOptions): CallResult {
  return answer(206, list, options)
}

/** The function returned. */
export function returned(value: unknown): CallResult {
  return answer(200, value)
}

/** The function threw. */
export function threw(message: string, options?: AnswerOptions): CallResult {
  return answer(500, { name: 'Error', message }, options)
}

export function lost(reason: LostReason, message: string = reason): CallResult {
  return { kind: 'lost', reason, message }
}

function op(name: string, id: string, more: Op = {}): Op {
  return { op: name, id: hashStepId(id), name: id, displayName: id, opts: {}, ...more }
}

export const ran = (id: string, data: unknown = id, more: Op = {}): Op => op('StepRun', id, { data, ...more })
export const planned = (id: string, opts: Op = {}): Op => op('StepPlanned', id, { opts })
export const stepThrew = (id: string, message = 'boom'): Op =>
  op('StepError', id, { error: { name: 'Error', message } })
export const stepFailed = (id: string, message = 'boom'): Op =>
  op('StepFailed', id, { error: { name: 'Error', message } })
export const sleep = (id: string, time: string, opts: Op = {}): Op =>
  op('Sleep', id, { opts: { duration: time, ...opts } })
export const waitFor = (id: string, event: string, opts: Op = {}): Op =>
  op('WaitForEvent', id, { opts: { event, timeout: '1h', ...opts } })
export const waitForSignal = (id: string, signal: string, opts: Op = {}): Op =>
  op('WaitForSignal', id, { opts: { signal, timeout: '1h', conflict: 'fail', ...opts } })
export const invoke = (id: string, slug: string, opts: Op = {}): Op =>
  op('InvokeFunction', id, { opts: { function_id: slug, payload: { data: {} }, ...opts } })
export const gateway = (id: string, opts: Op = {}): Op =>
  op('Gateway', id, { opts: { url: 'http://outside.test/', method: 'GET', headers: {}, ...opts } })
export const aiGateway = (id: string, opts: Op = {}): Op =>
  op('AIGateway', id, { opts: { url: 'http://model.test/', headers: {}, body: {}, format: 'openai-chat', ...opts } })
export const complete = (data: unknown): Op => ({ op: 'RunComplete', id: hashStepId('complete'), data })
export const discover: Op = { op: 'DiscoveryRequest', id: 'any' }
export const none: Op = { op: 'None', id: '' }
