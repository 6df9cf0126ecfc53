// An invoke from outside: the event that aims at one function and its run are written together, so that the run can be
// read as soon as the call is answered.
import { type JsonObject, parseJson } from '@pawl/protocol'
import type { Facts } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { InvokeCall } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { type Admission, admissionNeeds, prepareAdmission } from '../flow/admission.ts'
import { admitEvent, type Candidate, runOfKeys } from '../flow/admit-event.ts'
import type { Incoming } from '../incoming.ts'
import { invokedIncoming } from '../match/invoked-event.ts'
import type { Draft } from '../runs/draft.ts'
import { INVOKED_EVENT } from '../runs/finish-events.ts'
import { putMatchItem } from '../runs/finish-run.ts'
import { runUlid, type SkipReason } from '../runs/schedule-run.ts'

export type InvokeVerdict =
  | { readonly kind: 'started'; readonly eventId: string; readonly runId: string }
  | { readonly kind: 'known'; readonly run: number }
  | { readonly kind: 'refused'; readonly code: 'rate_limited' | 'function_debounced'; readonly eventId: string }
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly runId: string }

export async function invokeFunction(
  ctx: EngineContext,
  call: InvokeCall,
): Promise<Exclude<Committed<InvokeVerdict>, string>> {
  for (;;) {
    const fn = ctx.registry.bySlug(call.slug)
    if (fn === undefined)
      throw new EngineError('function_not_found', `Function ${call.slug} is not known. Is its app synced?`)
    const now = ctx.time.now()
    const id = ctx.newUlid(now)
    // The caller has checked that it is an object in canonical form.
    const data = { ...(parseJson(call.dataText) as JsonObject), _inngest: { fn_id: fn.row.slug } }
    const event = invokedIncoming({ id, now, data, v: null })
    const admission = withKey(prepareAdmission(fn, event, { now, source: 'invoke' }), call.idempotencyKey)
    const committed = await commit<InvokeVerdict>(ctx, {
      needs: { ...admissionNeeds([admission]), storing: [INVOKED_EVENT] },
      registry: ctx.registry.version,
      decide: (draft, facts) => decide(ctx, draft, facts, { admission, event }),
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') return committed
  }
}

function withKey(admission: Admission, key: string | null): Admission {
  return key === null ? admission : { ...admission, idempotency: [...admission.idempotency, `invoke:${key}`] }
}

function decide(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  work: { readonly admission: Admission; readonly event: Incoming },
): InvokeVerdict {
  const { admission, event } = work
  const { fn } = admission
  const known = runOfKeys(draft, facts, fn.row.key, admission.idempotency)
  if (known !== undefined) return { kind: 'known', run: known }
  const { id } = event.row
  const key = facts.key()
  draft.push({ put: 'event', row: { ...event.row, key, receivedAt: draft.now, isRepeat: false }, body: event.text })
  if (ctx.registry.mayConcern(INVOKED_EVENT)) putMatchItem(draft, [key])
  const candidate: Candidate = {
    event: { key, name: INVOKED_EVENT, value: event.value, text: event.text, ts: event.row.ts },
    runId: runUlid(draft.now, fn.id, id),
  }
  const verdict = admitEvent(ctx, draft, facts, { admission, candidate })
  switch (verdict.kind) {
    case 'started':
      return { kind: 'started', eventId: id, runId: verdict.run.id }
    case 'skipped':
      return { kind: 'skipped', reason: verdict.reason, runId: verdict.run.id }
    case 'gathered':
      return { kind: 'refused', code: 'function_debounced', eventId: id }
    case 'dropped':
      return { kind: 'refused', code: 'rate_limited', eventId: id }
    default:
      throw new Error('one call makes one run')
  }
}
