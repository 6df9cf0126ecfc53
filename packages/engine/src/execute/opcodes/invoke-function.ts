// InvokeFunction: the wait for the answer, the invoke event and the other function's run are written together. The run
// knows its parent, so that only it can answer.
import {
  errorMemo,
  errorText,
  type InvokeFunctionOp,
  type JsonObject,
  type Opcode,
  parseJson,
  timeoutTooLongError,
  unknownFunctionError,
  writeCanonical,
} from '@pawl/protocol'
import type { EngineContext } from '../../context.ts'
import { eventValue } from '../../event-value.ts'
import { idempotencyKeys } from '../../flow/admit.ts'
import type { Incoming } from '../../match/incoming.ts'
import { rememberKeys } from '../../match/match-events.ts'
import type { FunctionEntry } from '../../registry-cache.ts'
import { INVOKED_EVENT } from '../../runs/finish-events.ts'
import { putMatchItem } from '../../runs/finish-run.ts'
import { runUlid, scheduleRun } from '../../runs/schedule-run.ts'
import { isKnown, type OpcodeWork, saveStep } from '../tally.ts'
import { deadline } from './wait-for-signal.ts'

/** An invoke of a known function, worked out before the operation so that its keys can be looked up inside it. */
export interface PreparedInvoke {
  readonly fn: FunctionEntry
  readonly event: Incoming
  readonly keys: readonly string[]
}

/** By step hash. An invoke of an unknown function is not in it. */
export type PreparedInvokes = ReadonlyMap<string, PreparedInvoke>

const NONE: PreparedInvokes = new Map()

interface Invoker {
  readonly run: { readonly id: string }
  readonly fn: FunctionEntry
  readonly ops: readonly Opcode[]
}

export function prepareInvokes(
  ctx: Pick<EngineContext, 'registry' | 'newUlid' | 'time'>,
  invoker: Invoker,
): PreparedInvokes {
  if (!invoker.ops.some((op) => op.op === 'InvokeFunction')) return NONE
  const prepared = new Map<string, PreparedInvoke>()
  for (const op of invoker.ops) {
    if (op.op !== 'InvokeFunction') continue
    const fn = ctx.registry.bySlug(op.functionId)
    if (fn === undefined) continue
    const event = invokedEvent(ctx, invoker, op, fn)
    prepared.set(op.id, { fn, event, keys: idempotencyKeys(fn, event, ctx.time.now()) })
  }
  return prepared
}

function invokedEvent(
  ctx: Pick<EngineContext, 'newUlid' | 'time'>,
  invoker: Invoker,
  op: InvokeFunctionOp,
  target: FunctionEntry,
): Incoming {
  const now = ctx.time.now()
  const id = ctx.newUlid(now)
  const source = invoker.fn
  const data = {
    // The opcode's payload is a checked object in canonical form.
    ...(parseJson(op.payloadDataText) as JsonObject),
    _inngest: {
      fn_id: target.row.slug,
      correlation_id: `${invoker.run.id}.${op.id}`,
      expire: deadline(op.timeout, now) ?? now,
      name: op.name,
      source_app_id: source.app.row.name,
      source_fn_id: source.row.slug,
      source_fn_v: source.row.version,
    },
  }
  return invokedIncoming({ id, now, data, v: op.payloadV })
}

/** The event that starts one function, and that no client may send. */
export function invokedIncoming(parts: {
  readonly id: string
  readonly now: number
  readonly data: JsonObject
  readonly v: string | null
}): Incoming {
  const { id, now, data, v } = parts
  const text = writeCanonical({ data, id, name: INVOKED_EVENT, ts: now, user: {}, ...(v === null ? {} : { v }) })
  return {
    row: { id, eventId: id, name: INVOKED_EVENT, ts: now, ofRun: null },
    senderId: null,
    text,
    value: eventValue(text),
  }
}

export function planInvoke(work: OpcodeWork, op: InvokeFunctionOp): void {
  if (isKnown(work, op)) return
  const { draft, tally, ctx } = work
  const until = deadline(op.timeout, draft.now)
  if (until === null || until - draft.now > ctx.limits.waitMsMax) {
    tally.failure = timeoutTooLongError()
    return
  }
  const prepared = work.invokes.get(op.id)
  if (prepared === undefined) return refuse(work, op, unknownFunctionError(op.functionId))
  const { fn, keys } = prepared
  if (keys.some((key) => work.facts.idempotency(fn.row.key, key) !== undefined)) {
    return refuse(
      work,
      op,
      errorText({
        name: 'Error',
        message: `The invoked function ${op.functionId} has run for this idempotency key already.`,
      }),
    )
  }
  startChild(work, op, { ...prepared, until })
}

/** The step ends at once, with an error that names the reason. */
function refuse(work: OpcodeWork, op: InvokeFunctionOp, error: string): void {
  saveStep(work, op, { memo: errorMemo(error), failed: true, kind: 'invoke', detail: { functionSlug: op.functionId } })
  work.tally.saved += 1
}

function startChild(work: OpcodeWork, op: InvokeFunctionOp, child: PreparedInvoke & { readonly until: number }): void {
  const { draft, ctx, run, tally } = work
  const { fn, until, event: invoked } = child
  const correlation = `${run.row.id}.${op.id}`
  const event = draft.ground.key()
  draft.push({
    put: 'event',
    row: { ...invoked.row, key: event, receivedAt: draft.now, isRepeat: false },
    body: invoked.text,
  })
  const wait = draft.ground.key()
  const row = scheduleRun(ctx, draft, {
    fn,
    event: { key: event, name: INVOKED_EVENT, value: invoked.value, text: invoked.text, ts: draft.now },
    runId: runUlid(draft.now, fn.id, invoked.row.id),
    parent: { run: run.row.key, step: op.id },
    correlation,
    mayLease: !work.facts.backlog(fn.row.key),
  })
  rememberKeys(draft, fn.row.key, { run: row.key, keys: child.keys, ms: ctx.limits.idempotencyMs })
  if (ctx.registry.mayConcern(INVOKED_EVENT)) putMatchItem(draft, [event])
  tally.members.push({
    step: op.id,
    kind: 'wait',
    due: until,
    race: op.race,
    detail: {
      name: op.name,
      kind: 'invoke',
      functionSlug: op.functionId,
      invokeEvent: invoked.row.id,
      childRun: row.id,
      until,
    },
    wait: (item) => ({
      key: wait,
      run: run.row.key,
      step: op.id,
      item,
      kind: 'invoke',
      name: correlation,
      path: '',
      value: '',
      rest: null,
      until,
    }),
  })
}
