// Drives the SDK app directly, standing where a server would stand: it sends the calls and answers checkpoints at once.
// What the app can do this way is the most that any server could get out of it.

import { createServer, type Server } from 'node:http'
import { Caller } from '../../floor/caller.ts'
import { nextUlid } from '../../floor/ulid.ts'
import { hashed, parallelName } from '../apps/answers.ts'
import { type CallOptions, callBody, callHeaders } from './call-bodies.ts'

/** Functions of the SDK app. */
export type SdkFunction = 'noop' | 'ten' | 'latency' | 'parallel' | `fan-${number}`

/** What a driver needs to know of an app. */
export interface DrivenApp {
  readonly url: string
  readonly slugPrefix: string
}

/** Calls one function of an app, run after run. */
export class DirectCalls {
  private readonly caller: Caller
  private readonly slugPath: string
  private readonly path: string
  private readonly event: string
  private stopped = false
  private lanes = 0
  private onIdle: (() => void) | undefined
  private failure: string | undefined

  constructor(app: DrivenApp, fn: SdkFunction, connections: number) {
    this.caller = new Caller(app.url, connections)
    this.slugPath = `/api/inngest?fnId=${app.slugPrefix}-${fn}`
    this.path = `${this.slugPath}&stepId=step`
    this.event = fn.startsWith('fan-') ? 'bench/fan' : `bench/${fn}`
  }

  /** Keeps `count` runs going until `stop`. */
  start(count: number): void {
    for (let lane = 0; lane < count; lane += 1) {
      this.lanes += 1
      this.runAgain()
    }
  }

  /** Plays one run to its end; `sent` is what its event carries. */
  runOnce(sent: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.call({ runId: nextUlid(Date.now()), sent }, 0, (failure) => {
        if (failure === undefined) resolve()
        else reject(new Error(failure))
      })
    })
  }

  /** Plays one run of `count` parallel steps: the plan, every step at once, and the call that finds all of them done. */
  async runParallel(count: number): Promise<void> {
    const call = { event: this.event, runId: nextUlid(Date.now()), sent: 0, kind: 'parallel' as const }
    await this.answered(206, 'step', { ...call, stepsDone: 0 })
    const steps = Array.from({ length: count }, (_, index) => hashed(parallelName(index)))
    await Promise.all(steps.map((step) => this.answered(206, step, { ...call, stepsDone: 0, isPlanned: true })))
    await this.answered(200, 'step', { ...call, stepsDone: count, isPlanned: true })
  }

  /** Lets the runs under way end, and reports the first that failed. */
  async stop(): Promise<void> {
    this.stopped = true
    if (this.lanes > 0) await new Promise<void>((resolve) => (this.onIdle = resolve))
    await this.caller.close()
    if (this.failure !== undefined) throw new Error(this.failure)
  }

  private runAgain(): void {
    this.call({ runId: nextUlid(Date.now()), sent: 0 }, 0, (failure) => {
      this.failure ??= failure
      if (!this.stopped && failure === undefined) return this.runAgain()
      this.lanes -= 1
      if (this.lanes === 0) this.onIdle?.()
    })
  }

  private answered(status: number, step: string, options: CallOptions): Promise<void> {
    const path = `${this.slugPath}&stepId=${step}`
    return new Promise((resolve, reject) => {
      this.caller.post(path, callHeaders(options.runId, options.isPlanned), callBody(options), (answer) => {
        if (answer.status === status) resolve()
        else reject(new Error(`a direct call was answered with ${answer.status}: ${answer.body.slice(0, 200)}`))
      })
    })
  }

  private call(run: { runId: string; sent: number }, stepsDone: number, onEnd: (failure?: string) => void): void {
    const { runId, sent } = run
    const body = callBody({ event: this.event, runId, stepsDone, sent })
    this.caller.post(this.path, callHeaders(runId), body, (answer) => {
      if (answer.status === 200 || answer.body.includes('"RunComplete"')) onEnd()
      else if (answer.status === 206) this.call(run, stepsDone + 1, onEnd)
      else onEnd(`a direct call was answered with ${answer.status}: ${answer.body.slice(0, 200)}`)
    })
  }
}

/** Stands at the server's address and acknowledges every checkpoint at once. */
export async function startSink(port: number): Promise<Server> {
  const sink = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"data":{}}')
    })
  })
  await new Promise<void>((resolve) => sink.listen(port, '127.0.0.1', resolve))
  return sink
}

/** Takes the sink away, connections included, so that a server can stand there. */
export async function stopSink(sink: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => sink.close(() => resolve()))
  sink.closeAllConnections()
  await closed
}
