// Invokes of known functions, worked out before the operation that writes them, so that their keys can be looked up in it.
import { type InvokeFunctionOp, type JsonObject, type Opcode, parseJson } from '@pawl/protocol'
import type { EngineContext } from '../context.ts'
import { type Admission, prepareAdmission } from '../flow/admission.ts'
import type { Incoming } from '../incoming.ts'
import { invokedIncoming } from '../match/invoked-event.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import { deadline } from './opcodes/deadline.ts'

export interface PreparedInvoke {
  readonly fn: FunctionEntry
  readonly event: Incoming
  readonly admission: Admission
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
    const admission = prepareAdmission(fn, event, { now: ctx.time.now(), source: 'invoke' })
    prepared.set(op.id, { fn, event, admission })
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
