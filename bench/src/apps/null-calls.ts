// The null app's HTTP side: reads of a call only what it must, answers prebuilt bytes, and notes when calls arrive.
// Cheap on purpose: it may not cost more than the server that is measured against it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../../floor/caller.ts'
import { JSON_HEADERS } from '../../floor/caller.ts'
import { monotonicMs } from '../stand/clock.ts'
import {
  type CallContext,
  checkpointBody,
  DONE,
  type PreparedAnswer,
  RUN_COMPLETE,
  SLEEP,
  STEP_COUNT,
  STEPS,
  WAIT,
} from './answers.ts'
import type { NullFunction } from './messages.ts'

/** The app's name, which starts the slug of each of its functions. */
export const NULL_APP = 'bench-null'

/** What the load generator in the same process hears of calls. */
export interface CallObserver {
  /** A run's first call arrived; `sentAt` is what its event carried. */
  started(fn: NullFunction, sentAt: number): void
  /** A run goes on, `ms` after its last step was answered; a checkpointed one, `ms` after it posted the step. */
  wentOn(fn: NullFunction, ms: number): void
  /** The answer that ends the run was written. */
  ended(fn: NullFunction): void
}

/** Answers all calls of the null app. */
export class NullCalls {
  /** Where checkpoints go. */
  server: Caller | undefined
  observer: CallObserver | undefined
  /** When each run's last step was answered. */
  private readonly answeredAt = new Map<string, number>()

  /** Handles one Call Request whose body has been read. */
  handle(request: IncomingMessage, body: string, response: ServerResponse): void {
    const now = monotonicMs()
    const fn = functionOf(request.url ?? '')
    const runId = String(request.headers['x-run-id'] ?? '')
    const stepsDone = stackLength(body)
    if (stepsDone === 0) this.observer?.started(fn, sentAt(body))
    else this.observer?.wentOn(fn, now - (this.answeredAt.get(runId) ?? now))
    if (fn === 'checkpointed') {
      this.checkpointSteps(body, response)
      return
    }
    const answer = answerTo(fn, stepsDone)
    write(response, answer)
    if (answer === DONE) this.end(fn, runId)
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
      this.server?.post(path, JSON_HEADERS, checkpointBody(context, index), ({ status, body: text }) => {
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

function answerTo(fn: NullFunction, stepsDone: number): PreparedAnswer {
  if (fn === 'ten') return STEPS[stepsDone] ?? DONE
  if (fn === 'sleeper' && stepsDone === 0) return SLEEP
  if (fn === 'waiter' && stepsDone === 0) return WAIT
  return DONE
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

function functionOf(url: string): NullFunction {
  const from = url.indexOf(`fnId=${NULL_APP}-`) + `fnId=${NULL_APP}-`.length
  const to = url.indexOf('&', from)
  // Only the functions that this app registered are called.
  return url.slice(from, to === -1 ? undefined : to) as NullFunction
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
