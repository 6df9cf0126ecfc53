// Drives the SDK app directly, standing where a server would stand: it sends the calls and answers checkpoints at once.
// What the app can do this way is the most that any server could get out of it.

import { createServer, type Server } from 'node:http'
import { Caller } from '../../floor/caller.ts'
import { nextUlid } from '../../floor/ulid.ts'
import { callBody, callHeaders } from './call-bodies.ts'

/** Functions of the SDK app. */
export type SdkFunction = 'noop' | 'ten' | 'latency'

/** What a driver needs to know of an app. */
export interface DrivenApp {
  readonly url: string
  readonly slugPrefix: string
}

/** Calls one function of an app, run after run. */
export class DirectCalls {
  private readonly caller: Caller
  private readonly path: string
  private readonly event: string
  private stopped = false
  private lanes = 0
  private onIdle: (() => void) | undefined
  private failure: string | undefined

  constructor(app: DrivenApp, fn: SdkFunction, connections: number) {
    this.caller = new Caller(app.url, connections)
    this.path = `/api/inngest?fnId=${app.slugPrefix}-${fn}&stepId=step`
    this.event = `bench/${fn}`
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
