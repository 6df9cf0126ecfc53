// The null app's HTTP side: reads of a call only what it must, answers prebuilt bytes, and notes when calls arrive.
// Cheap on purpose: it may not cost more than the server that is measured against it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { monotonicMs } from '../stand/clock.ts'
import { type CallContext, checkpointBody, type PreparedAnswer, RUN_COMPLETE, STEP_COUNT } from './answers.ts'
import type { NullFunction } from './messages.ts'
import { answerTo, answerToStep, NULL_APP } from './null-functions.ts'
import type { Ring } from './ring.ts'

/** What the load generator in the same process hears of calls. */
export interface CallObserver {
  /** A run's first call arrived; `sentAt` is what its event carried. */
  started(fn: NullFunction, sentAt: number, body: string): void
  /** A run goes on, `ms` after its last step was answered; a checkpointed one, `ms` after it posted the step. */
  wentOn(fn: NullFunction, ms: number): void
  /** The answer that ends the run was written. */
  ended(fn: NullFunction): void
}

/** Answers all calls of the null app. */
export class NullCalls {
  /** Where checkpoints go. */
  servers: Ring | undefined
  observer: CallObserver | undefined
  /** Milliseconds that calls of a function stay open; null: for ever. */
  readonly holds = new Map<NullFunction, number | null>()
  /** When each run's last step was answered. */
  private readonly answeredAt = new Map<string, number>()

  /** Handles one Call Request whose body has been read. */
  handle(request: IncomingMessage, body: string, response: ServerResponse): void {
    const now = monotonicMs()
    const { fn, step } = targetOf(request.url ?? '')
    if (step !== 'step') return write(response, answerToStep(step))
    const runId = String(request.headers['x-run-id'] ?? '')
    const stepsDone = stackLength(body)
    if (stepsDone === 0) this.observer?.started(fn, sentAt(body), body)
    else this.observer?.wentOn(fn, now - (this.answeredAt.get(runId) ?? now))
    if (fn === 'checkpointed') return this.checkpointSteps(body, response)
    const answer = () => this.answer(response, { fn, runId, stepsDone })
    const hold = this.holds.get(fn)
    if (hold === undefined) answer()
    else if (hold !== null) setTimeout(answer, hold)
  }

  private answer(response: ServerResponse, call: { fn: NullFunction; runId: string; stepsDone: number }): void {
    const { fn, runId, stepsDone } = call
    const answer = answerTo(fn, stepsDone)
    write(response, answer)
    if (answer.status === 200) this.end(fn, runId)
    else if (fn === 'ten') this.answeredAt.set(runId, monotonicMs())
  }

  private end(fn: NullFunction, runId: string): void {
    this.answeredAt.delete(runId)
    this.observer?.ended(fn)
  }

  /** Posts each step from inside the call, the next when the last was acknowledged, as the SDK does. */
  private checkpointSteps(body: string, response: ServerResponse): void {
    const context = callContext(body)
    const path = `/v1/checkpoint/${context.run_id}/async`
    const post = (index: number) => {
      const sentAt = monotonicMs()
      this.servers?.post(path, checkpointBody(context, index), ({ status, body: text }) => {
        if (status < 200 || status > 299) return refuse(response, `checkpoint ${index} answered ${status}: ${text}`)
        this.observer?.wentOn('checkpointed', monotonicMs() - sentAt)
        if (index + 1 < STEP_COUNT) return post(index + 1)
        write(response, RUN_COMPLETE)
        this.end('checkpointed', context.run_id)
      })
    }
    post(0)
  }
}

function write(response: ServerResponse, answer: PreparedAnswer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

function refuse(response: ServerResponse, message: string): void {
  process.stderr.write(`null app: ${message}\n`)
  response.writeHead(400, { 'content-type': 'application/json', 'x-inngest-no-retry': 'true' })
  response.end(JSON.stringify({ name: 'Error', message }))
}

/** Which function and which step a call is for, read off its URL; the step is `step` for a discovery. */
export function targetOf(url: string): { readonly fn: NullFunction; readonly step: string } {
  // Only the functions that this app registered are called.
  return { fn: parameter(url, `fnId=${NULL_APP}-`) as NullFunction, step: parameter(url, 'stepId=') }
}

function parameter(url: string, start: string): string {
  const at = url.indexOf(start)
  if (at === -1) return ''
  const from = at + start.length
  const to = url.indexOf('&', from)
  return url.slice(from, to === -1 ? undefined : to)
}

/** Length of a hashed step ID in JSON, with its quotes and a comma. */
const HASH_LENGTH = 43

/** Steps done so far, read off the length of `ctx.stack.stack` without parsing the body. */
export function stackLength(body: string): number {
  const from = body.lastIndexOf('"stack":[')
  if (from === -1) return callContext(body).stack.stack.length
  const to = body.indexOf(']', from)
  return Math.round((to - from - '"stack":['.length) / HASH_LENGTH)
}

/** The moment that the bench put into the event, 0 when there is none. */
export function sentAt(body: string): number {
  const from = body.indexOf('"sent":')
  return from === -1 ? 0 : Number.parseFloat(body.slice(from + '"sent":'.length, from + '"sent":'.length + 24))
}

function callContext(body: string): CallContext & { stack: { stack: readonly string[] } } {
  // A server that leaves these out would be found by its first checkpoint.
  return (JSON.parse(body) as { ctx: CallContext & { stack: { stack: readonly string[] } } }).ctx
}
