// Live runs: starts one for an event, calls its app with what is memoized, writes what the app answers, calls again.
// It stands between HTTP and rows and knows two answers only, a step that ran and the end; anything else fails the run.
// State is held in memory and never read back: this is what a server costs that does nothing but this.

import { createHash } from 'node:crypto'
import { type Answer, Caller } from './caller.ts'
import type { Changes, Rows } from './rows.ts'
import { nextUlid } from './ulid.ts'

const COMPLETED = 2
const FAILED = 3
const STEP_ENDED = 1
const RUN_ENDED = 2

/** More calls at once to one app would only lengthen its queue: above 64 the official SDK answers no faster. */
const CALLS_PER_APP = 64

/** A function as registered. */
export interface FloorFunction {
  readonly slug: string
  readonly uuid: string
  readonly path: string
  readonly caller: Caller
}

/** One opcode of an answer or a checkpoint, as far as the floor reads it. */
export interface Opcode {
  readonly op: string
  readonly id: string
  readonly data?: unknown
}

/** A run as it is held in memory. */
export interface Run {
  readonly key: number
  readonly ulid: string
  readonly fn: FloorFunction
  readonly eventKey: number
  readonly event: string
  version: string
  epoch: number
  seq: number
  steps: string
  stack: string
  stepCount: number
  calledAt: number
}

/** All runs that have not ended. */
export class Runs {
  private readonly rows: Rows
  private readonly live = new Map<string, Run>()
  private readonly callers = new Map<string, Caller>()
  private lastKey = 0

  constructor(rows: Rows) {
    this.rows = rows
  }

  /** Makes a callable function of a slug and the URL that it was registered with. */
  functionAt(slug: string, url: URL): FloorFunction {
    const caller = this.callers.get(url.origin) ?? new Caller(url.origin, CALLS_PER_APP)
    this.callers.set(url.origin, caller)
    const hex = createHash('sha1').update(slug).digest('hex')
    const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    return { slug, uuid, path: url.pathname + url.search, caller }
  }

  /** Makes a run for an event; whoever makes it commits its row and then starts it. */
  make(fn: FloorFunction, event: { readonly key: number; readonly body: string }, at: number): Run {
    const run: Run = {
      key: ++this.lastKey,
      ulid: nextUlid(at),
      fn,
      eventKey: event.key,
      event: event.body,
      version: '-1',
      epoch: 1,
      seq: 0,
      steps: '',
      stack: '',
      stepCount: 0,
      calledAt: at,
    }
    this.live.set(run.ulid, run)
    return run
  }

  /** Calls the app for the run's next step. */
  call(run: Run): void {
    const { ulid } = run
    run.calledAt = Date.now()
    const requestId = nextUlid(run.calledAt)
    const headers = {
      'content-type': 'application/json',
      'x-run-id': ulid,
      'x-request-id': requestId,
      'x-inngest-generation-id': String(run.epoch),
      'x-inngest-req-version': run.version,
    }
    run.fn.caller.post(run.fn.path, headers, callBody(run, requestId), (answer) => this.apply(run, answer))
  }

  /** Stores the steps of a checkpoint; `then` learns whether the lease named by `qiId` still held. */
  checkpoint(ulid: string, qiId: string, steps: readonly Opcode[], then: (held: boolean) => void): void {
    const run = this.live.get(ulid)
    if (run === undefined || qiId !== `${run.key}.${run.epoch}`) {
      then(false)
      return
    }
    const fence = { item: run.key, epoch: run.epoch, next: run.epoch }
    this.rows.commit({ fence, ...noteSteps(run, steps) }, then)
  }

  private apply(run: Run, answer: Answer): void {
    const ops = answer.status === 206 ? readOpcodes(answer.body) : []
    const end = ops.find((op) => op.op === 'RunComplete')
    const steps = ops.filter((op) => op.op === 'StepRun')
    const version = answer.headers['x-inngest-req-version']
    if (run.version === '-1' && typeof version === 'string') run.version = version
    if (answer.status === 200) this.end(run, COMPLETED, answer.body)
    else if (end !== undefined && ops.length === 1) this.end(run, COMPLETED, JSON.stringify(end.data ?? null))
    else if (steps.length > 0 && steps.length === ops.length) this.goOn(run, steps)
    else this.end(run, FAILED, answer.body)
  }

  private goOn(run: Run, steps: readonly Opcode[]): void {
    const fence = { item: run.key, epoch: run.epoch, next: run.epoch + 1 }
    run.epoch += 1
    this.rows.commit({ fence, ...noteSteps(run, steps) }, (held) => {
      if (held) this.call(run)
    })
  }

  private end(run: Run, status: number, output: string): void {
    if (status === FAILED) process.stderr.write(`run ${run.ulid} of ${run.fn.slug} failed: ${output.slice(0, 300)}\n`)
    const at = Date.now()
    const changes = {
      fence: { item: run.key, epoch: run.epoch, next: null },
      history: [{ run: run.key, seq: ++run.seq, kind: RUN_ENDED, startedAt: run.calledAt, at }],
      end: { run: run.key, status, at, output },
    }
    this.rows.commit(changes, () => this.live.delete(run.ulid))
  }
}

/** Adds steps to the run in memory and tells what is to be written of them. Nobody else can have moved the run meanwhile. */
function noteSteps(run: Run, steps: readonly Opcode[]): Pick<Changes, 'steps' | 'history'> {
  const at = Date.now()
  const noted = steps.map(({ id, data }) => {
    const output = JSON.stringify(data ?? null)
    const separator = run.stepCount === 0 ? '' : ','
    run.steps += `${separator}"${id}":{"data":${output}}`
    run.stack += `${separator}"${id}"`
    run.stepCount += 1
    run.seq += 1
    return { step: { run: run.key, step: id, output }, seq: run.seq }
  })
  return {
    steps: noted.map(({ step }) => step),
    history: noted.map(({ seq }) => ({ run: run.key, seq, kind: STEP_ENDED, startedAt: run.calledAt, at })),
  }
}

/** Puts the call together from text that is ready: what is only passed on is not parsed. SDK spec, Call Request. */
function callBody(run: Run, requestId: string): string {
  const context =
    `{"attempt":0,"disable_immediate_execution":false,"env":"","fn_id":"${run.fn.uuid}","generation_id":${run.epoch},` +
    `"job_id":"${run.key}","max_attempts":5,"qi_id":"${run.key}.${run.epoch}","request_id":"${requestId}","run_id":"${run.ulid}",` +
    `"stack":{"current":${run.stepCount},"stack":[${run.stack}]},"step_id":"step","use_api":false}`
  return `{"ctx":${context},"defers":{},"event":${run.event},"events":[${run.event}],"steps":{${run.steps}},"use_api":false,"version":${run.version}}`
}

function readOpcodes(body: string): readonly Opcode[] {
  const parsed: unknown = JSON.parse(body)
  return Array.isArray(parsed) ? parsed.filter(isOpcode) : []
}

/** True for anything with an opcode's name and ID. */
export function isOpcode(value: unknown): value is Opcode {
  if (typeof value !== 'object' || value === null || !('op' in value) || !('id' in value)) return false
  return typeof value.op === 'string' && typeof value.id === 'string'
}
