// A debounce or batch whose time has come: its events start one run. The window ends and the run begins in one operation,
// under the window's lease; an event that came meanwhile has taken the name for a window of its own.
import { errorMemo, errorText } from '@pawl/protocol'
import type { Facts, Key, Mark, Needs, StoredEvent } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { eventValue } from '../event-value.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, Effects, Leased } from '../runs/draft.ts'
import { resumeStep } from '../runs/end-branch.ts'
import { storedEventText } from '../runs/finish-events.ts'
import { runUlid, skipRun } from '../runs/schedule-run.ts'
import { type Admission, admissionNeeds, prepareAdmission } from './admission.ts'
import { type Candidate, startAdmitted } from './admit-event.ts'
import { type Caller, readWindow, type WindowDetail } from './windows.ts'

export interface FlowHooks {
  follow(effects: Effects, mark: Mark): unknown
}

/** Works on one item of kind `debounce` or `batch` that is leased. */
export async function fireWindow(ctx: EngineContext, hooks: FlowHooks, leased: Leased): Promise<void> {
  const { item } = leased
  const window = readWindow(item)
  for (;;) {
    const events = await ctx.store.state.events(window.events)
    // The function and the version that it is named with are of one instant.
    const fn = ctx.registry.fn(item.fn ?? 0)
    const fire = fn?.active === true ? prepareFire(ctx, fn, window, events) : null
    const committed = await commit(ctx, {
      needs: needsOf(fire, window.callers),
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        draft.push({ end: 'item', key: item.key })
        if (fire !== null) return startFired(ctx, draft, facts, { ...fire, superseded: window.callers.slice(0, -1) })
        for (const caller of window.callers) answerCaller(draft, caller, 'The invoked function is no longer there.')
      },
    })
    if (committed === 'stale') return
    if (committed !== 'moved') {
      hooks.follow(committed.effects, committed.mark)
      return
    }
    await ctx.refreshRegistry()
  }
}

interface Fire {
  readonly admission: Admission
  readonly candidate: Candidate
}

/** Those who wait for the run are answered here where there will be none. */
function needsOf(fire: Fire | null, callers: readonly Caller[]): Needs {
  const steps = callers.map(({ run, step }) => ({ run, step }))
  return { ...(fire === null ? {} : admissionNeeds([fire.admission])), runs: callers.map(({ run }) => run), steps }
}

function prepareFire(
  ctx: EngineContext,
  fn: FunctionEntry,
  window: WindowDetail,
  stored: readonly StoredEvent[],
): Fire | null {
  const slugOf = (key: Key) => ctx.registry.fn(key)?.row.slug ?? ''
  const events = stored.map((event) => ({ key: event.row.key, text: storedEventText(event, slugOf) }))
  const [first] = events
  const [row] = stored
  if (first === undefined || row === undefined) return null
  const value = eventValue(first.text)
  const now = ctx.time.now()
  const caller = window.callers.at(-1)
  const isBatch = fn.config.batch !== null || events.length > 1
  return {
    admission: prepareAdmission(fn, { value, senderId: null }, { now, source: 'fired' }),
    candidate: {
      // It has waited already: a future `ts` delays it no further.
      event: { key: first.key, name: row.row.name, value, text: first.text, ts: 0 },
      ...(isBatch ? { batch: { id: window.id, events } } : {}),
      runId: runUlid(now, fn.id, window.id),
      ...(caller === undefined
        ? {}
        : { parent: { run: caller.run, step: caller.step }, correlation: caller.correlation }),
    },
  }
}

function startFired(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  work: Fire & { readonly superseded: readonly Caller[] },
): void {
  const { admission, candidate, superseded } = work
  const { fn, run: keys } = admission
  const pause = fn.pause?.record
  if (pause?.new === 'skip') {
    const reason = pause.running === 'finish' ? 'drained' : 'paused'
    skipRun(draft, { ...candidate, fn, keys, mayLease: false }, reason)
    answerCaller(draft, candidate.parent, `The invoked function was ${reason} when its debounce ended.`)
  } else {
    const verdict = startAdmitted(ctx, draft, facts, work)
    if (verdict.kind === 'skipped') answerCaller(draft, candidate.parent, 'The invoked function is running already.')
  }
  for (const caller of superseded) answerCaller(draft, caller, 'The invoke was replaced by a later one (debounce).')
}

/** One who waited for a run that will not come. */
function answerCaller(draft: Draft, caller: Candidate['parent'], message: string): void {
  if (caller === undefined) return
  const run = draft.run(caller.run)
  if (run === undefined || run.ended || run.state.endedAt !== null) return
  const wait = draft.ground.waitOf(caller.run, caller.step)
  if (wait === undefined) return
  const memo = errorMemo(errorText({ name: 'Error', message }))
  resumeStep(draft, run, { wait, memo, status: 'failed', detail: { timedOut: false } })
}
