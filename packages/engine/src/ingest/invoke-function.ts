// An invoke from outside: the event that aims at one function and its run are written together, so that the run can be
// read as soon as the call is answered.
import { type JsonObject, parseJson } from '@pawl/protocol'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { InvokeCall } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { idempotencyKeys } from '../flow/admit.ts'
import { invokedIncoming } from '../match/invoked-event.ts'
import { rememberKeys, runOfKeys } from '../match/match-events.ts'
import { INVOKED_EVENT } from '../runs/finish-events.ts'
import { putMatchItem } from '../runs/finish-run.ts'
import { runUlid, scheduleRun } from '../runs/schedule-run.ts'

type Verdict =
  | { readonly kind: 'started'; readonly eventId: string; readonly runId: string }
  | { readonly kind: 'known'; readonly run: number }

export async function invokeFunction(
  ctx: EngineContext,
  call: InvokeCall,
): Promise<Exclude<Committed<Verdict>, string>> {
  for (;;) {
    const fn = ctx.registry.bySlug(call.slug)
    if (fn === undefined)
      throw new EngineError('function_not_found', `Function ${call.slug} is not known. Is its app synced?`)
    const now = ctx.time.now()
    const id = ctx.newUlid(now)
    // The caller has checked that it is an object in canonical form.
    const data = { ...(parseJson(call.dataText) as JsonObject), _inngest: { fn_id: fn.row.slug } }
    const event = invokedIncoming({ id, now, data, v: null })
    const keys = [
      ...idempotencyKeys(fn, event, now),
      ...(call.idempotencyKey === null ? [] : [`invoke:${call.idempotencyKey}`]),
    ]
    const committed = await commit<Verdict>(ctx, {
      needs: {
        storing: [INVOKED_EVENT],
        backlog: [fn.row.key],
        idempotency: keys.map((key) => ({ fn: fn.row.key, key })),
      },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        const known = runOfKeys(draft, facts, fn.row.key, keys)
        if (known !== undefined) return { kind: 'known', run: known }
        const key = facts.key()
        draft.push({
          put: 'event',
          row: { ...event.row, key, receivedAt: draft.now, isRepeat: false },
          body: event.text,
        })
        const run = scheduleRun(ctx, draft, {
          fn,
          event: { key, name: INVOKED_EVENT, value: event.value, text: event.text, ts: draft.now },
          runId: runUlid(draft.now, fn.id, id),
          mayLease: !facts.backlog(fn.row.key),
        })
        rememberKeys(draft, fn.row.key, { run: run.key, keys, ms: ctx.limits.idempotencyMs })
        if (ctx.registry.mayConcern(INVOKED_EVENT)) putMatchItem(draft, [key])
        return { kind: 'started', eventId: id, runId: run.id }
      },
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') return committed
  }
}
