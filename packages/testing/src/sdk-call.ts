// One call as an SDK answers it: plays the function over what the call brings, runs at most the steps that it may, and
// reports. With checkpointing it runs step after step in one call and reports each on the way.
import type { RawAnswer } from '@pawl/protocol'
import type { ParsedCall } from './call-body.ts'
import { type FoundStep, type Outcome, Replay } from './replay.ts'
import { FinalError, type StepAsk, StepError } from './script.ts'
import { type SimFunction, slugOf } from './sim-function.ts'

/** An opcode as it goes over the wire. */
export interface WireOp {
  readonly op: string
  readonly id: string
  readonly name?: string
  readonly displayName?: string
  readonly opts?: Readonly<Record<string, unknown>>
  readonly data?: unknown
  readonly error?: unknown
}

/** What a call of the app can do besides computing. All of it takes time, and none of it goes on when the app has died. */
export interface SdkHost {
  readonly version: number
  /** The SDK says by itself that the last attempt is final. */
  readonly saysFinal: boolean
  /** It goes on after a step that succeeded at another try, as the Go SDK does; others answer at once. */
  readonly keepsRetries: boolean
  readonly now: () => number
  readonly bodyMs: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Runs a step's body. */
  readonly body: (call: ParsedCall, step: FoundStep) => Promise<Outcome>
  /** Reports steps while the call goes on. */
  readonly checkpoint: (call: ParsedCall, ops: readonly WireOp[]) => Promise<'kept' | 'stale' | 'failed'>
  /** Reads what a call was too small for. null: the server does not give it. */
  readonly state: (call: ParsedCall) => Promise<ParsedCall | null>
  /** The app waits for this step. */
  readonly asked: (call: ParsedCall, step: FoundStep) => void
}

export async function answerCall(host: SdkHost, fn: SimFunction, sent: ParsedCall): Promise<RawAnswer> {
  const call = sent.useApi ? await host.state(sent) : sent
  if (call === null) return answer(host, 500, { name: 'Error', message: 'the state could not be read' }, false)
  const replay = new Replay(fn.script({ event: call.event, attempt: call.ctx.attempt }))
  replay.settleAll(call.stack, call.steps)
  if (call.target !== '') return runTarget(host, call, replay)
  return discover(host, { fn, call, replay, began: host.now(), unsent: [] })
}

async function runTarget(host: SdkHost, call: ParsedCall, replay: Replay): Promise<RawAnswer> {
  const step = replay.found().find((found) => found.hash === call.target)
  if (step === undefined || step.ask.kind !== 'run')
    return answer(host, 500, { error: `Could not find step ${call.target}`, foundSteps: [] }, false)
  return opcodes(host, [stepOp(host, call, step, await host.body(call, step))])
}

interface Discovery {
  readonly fn: SimFunction
  readonly call: ParsedCall
  readonly replay: Replay
  readonly began: number
  /** Steps that ended in this call and were not reported yet. */
  unsent: WireOp[]
}

async function discover(host: SdkHost, work: Discovery): Promise<RawAnswer> {
  const { call, replay, fn } = work
  const { attempt, disable_immediate_execution: planOnly } = call.ctx
  const checkpoints = planOnly || call.ctx.fn_id === '' ? null : fn.checkpointing
  for (;;) {
    await host.wait(host.bodyMs() / 4)
    if (replay.outcome !== null) return end(host, work, replay.outcome, checkpoints !== null)
    const found = replay.found()
    const [only] = found
    const isOver = checkpoints !== null && host.now() - work.began > checkpoints.runMsMax
    if (only === undefined || found.length > 1 || only.ask.kind !== 'run' || planOnly || isOver)
      return await report(host, work, found)
    const outcome = await host.body(call, only)
    const op = stepOp(host, call, only, outcome)
    if (!outcome.ok) return await flushed(host, work, () => opcodes(host, [op], op.op === 'StepFailed'))
    if (checkpoints === null || (attempt > 0 && !host.keepsRetries)) return opcodes(host, [...work.unsent, op])
    work.unsent.push(op)
    if (work.unsent.length >= checkpoints.buffered) {
      const early = await flush(host, work)
      if (early !== null) return early
    }
    replay.settle(only.hash, { data: op.data })
  }
}

/** Reports all steps that stand without a result. */
function report(host: SdkHost, work: Discovery, found: readonly FoundStep[]): Promise<RawAnswer> {
  return flushed(host, work, () => {
    for (const step of found) host.asked(work.call, step)
    return opcodes(host, found.map(planOp))
  })
}

async function flushed(host: SdkHost, work: Discovery, then: () => RawAnswer): Promise<RawAnswer> {
  return (await flush(host, work)) ?? then()
}

/** Sends what has gathered. @returns the answer to give at once, when it could not be kept. */
async function flush(host: SdkHost, work: Discovery): Promise<RawAnswer | null> {
  if (work.unsent.length === 0) return null
  const kept = await host.checkpoint(work.call, work.unsent)
  if (kept === 'stale') return answer(host, 400, { name: 'StaleDispatchError', message: 'stale' }, true)
  if (kept === 'failed') return opcodes(host, work.unsent)
  work.unsent = []
  return null
}

async function end(host: SdkHost, work: Discovery, outcome: Outcome, checkpoints: boolean): Promise<RawAnswer> {
  if (!outcome.ok) return flushed(host, work, () => failure(host, work.call, outcome.error))
  if (!checkpoints) return answer(host, 200, outcome.value ?? null, null)
  return opcodes(host, [...work.unsent, { op: 'RunComplete', id: 'complete', data: outcome.value ?? null }])
}

/** The function threw. A step's error that nobody caught is final, and so is the last attempt. */
function failure(host: SdkHost, call: ParsedCall, error: unknown): RawAnswer {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const isLast = host.saysFinal && call.ctx.attempt + 1 >= call.ctx.max_attempts
  const isFinal = error instanceof FinalError || error instanceof StepError || isLast
  return answer(host, isFinal ? 400 : 500, { name, message }, isFinal)
}

function stepOp(host: SdkHost, call: ParsedCall, step: FoundStep, outcome: Outcome): WireOp {
  const base = { id: step.hash, name: step.ask.id, displayName: step.ask.id, opts: optsOf(step) }
  if (outcome.ok) return { ...base, op: 'StepRun', data: outcome.value }
  const { name, message } = outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error))
  const isLast = host.saysFinal && call.ctx.attempt + 1 >= call.ctx.max_attempts
  const isFinal = outcome.error instanceof FinalError || isLast
  return { ...base, op: isFinal ? 'StepFailed' : 'StepError', error: { name, message } }
}

function optsOf(step: FoundStep): Readonly<Record<string, unknown>> {
  return step.inRace ? { parallelMode: 'race' } : {}
}

function planOp(step: FoundStep): WireOp {
  const { ask, hash } = step
  const base = { id: hash, name: ask.id, displayName: ask.id }
  const opts = optsOf(step)
  switch (ask.kind) {
    case 'run':
      return { ...base, op: 'StepPlanned', opts }
    case 'sleep':
      return { ...base, op: 'Sleep', name: `${ask.ms}ms`, opts }
    case 'wait':
      return { ...base, op: 'WaitForEvent', name: ask.event, opts: { ...opts, ...waitOpts(ask) } }
    case 'signal': {
      const { signal, conflict, timeoutMs } = ask
      return { ...base, op: 'WaitForSignal', opts: { ...opts, signal, conflict, timeout: `${timeoutMs}ms` } }
    }
    case 'invoke': {
      const { slug, data, timeoutMs } = ask
      return {
        ...base,
        op: 'InvokeFunction',
        opts: { ...opts, function_id: slug, payload: { data }, timeout: `${timeoutMs}ms` },
      }
    }
    case 'fetch':
      return { ...base, op: 'Gateway', opts: { ...opts, url: ask.url, method: 'GET' } }
  }
}

function waitOpts(ask: Extract<StepAsk, { kind: 'wait' }>): Readonly<Record<string, unknown>> {
  const parts: string[] = []
  if (ask.key !== null) parts.push(`async.data.${ask.field ?? 'key'} == ${JSON.stringify(ask.key)}`)
  if (ask.above !== null) parts.push(`async.data.amount > ${ask.above}`)
  return { timeout: `${ask.timeoutMs}ms`, ...(parts.length === 0 ? {} : { if: parts.join(' && ') }) }
}

function opcodes(host: SdkHost, ops: readonly WireOp[], noRetry: boolean | null = null): RawAnswer {
  return answer(host, 206, ops, noRetry)
}

function answer(host: SdkHost, status: number, body: unknown, noRetry: boolean | null): RawAnswer {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-inngest-sdk': 'js:v4.24.0',
    'x-inngest-req-version': String(host.version),
  }
  if (noRetry !== null) headers['x-inngest-no-retry'] = String(noRetry)
  return { status, headers, body: Buffer.from(JSON.stringify(body)) }
}

/** The answer of an app that does not know the function. */
export function unknownFunction(host: SdkHost, fn: string): RawAnswer {
  return answer(host, 500, { type: 'internal', name: 'Error', message: `Function "${fn}" was not found` }, false)
}

export function findFunction(functions: readonly SimFunction[], slug: string): SimFunction | undefined {
  return functions.find((fn) => slugOf(fn) === slug)
}
