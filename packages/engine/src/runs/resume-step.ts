// Ends the open wait of a step, or its sleep, by hand, as if what it waits for had come. Whoever is second, this or what was
// waited for, finds that the step rests no more.
import { dataMemo, NULL_MEMO, signalMemo, writeCanonical } from '@pawl/protocol'
import type { ItemRow } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { readDetail } from '../history/step-detail.ts'
import type { Draft, RunDraft } from './draft.ts'
import { endStep } from './end-branch.ts'

export interface ResumeAsk {
  readonly runId: string
  /** The step's hash. */
  readonly step: string
  /** Canonical JSON. */
  readonly dataText: string
}

type Verdict = 'resumed' | 'ended' | 'not_waiting'

/** @throws EngineError `run_not_found`, `run_ended`, `step_not_waiting` */
export async function resumeByHand(ctx: EngineContext, ask: ResumeAsk): Promise<Exclude<Committed<Verdict>, string>> {
  const { runId, step } = ask
  const found = await ctx.store.state.runByUlid(runId)
  if (found === undefined) throw new EngineError('run_not_found', `Run ${runId} is not known.`)
  const eventId = ctx.newUlid(ctx.time.now())
  const committed = await commit<Verdict>(ctx, {
    needs: { runs: [found.key], steps: [{ run: found.key, step }] },
    decide: (draft) => {
      const run = draft.run(found.key)
      if (run === undefined || run.state.endedAt !== null || run.state.status === 'skipped') return 'ended'
      return resume(draft, run, { ...ask, eventId }) ? 'resumed' : 'not_waiting'
    },
  })
  if (typeof committed === 'string')
    throw new EngineError('store_unavailable', `Run ${runId} could not be resumed now.`)
  if (committed.result === 'ended') throw new EngineError('run_ended', `Run ${runId} has ended.`)
  if (committed.result === 'not_waiting')
    throw new EngineError('step_not_waiting', `Step ${step} of run ${runId} does not wait for anything.`)
  return committed
}

function resume(draft: Draft, run: RunDraft, ask: ResumeAsk & { readonly eventId: string }): boolean {
  const item = run.itemOf(ask.step)
  if (item === undefined || (item.kind !== 'sleep' && item.kind !== 'wait')) return false
  const wait = draft.ground.waitOf(run.row.key, ask.step)
  if (wait !== undefined) run.push({ end: 'wait', key: wait.key })
  const detail = { byHand: true, ...(item.kind === 'wait' ? { timedOut: false } : {}) }
  endStep(draft, run, { item, memo: memoFor(draft, item, ask), status: 'completed', detail })
  return true
}

function memoFor(draft: Draft, item: ItemRow, ask: ResumeAsk & { readonly eventId: string }): string {
  if (item.kind === 'sleep') return NULL_MEMO
  const { kind, signal = '', eventName = '' } = readDetail(item.detail)
  if (kind === 'invoke') return dataMemo(ask.dataText)
  if (kind === 'signal') return signalMemo(signal, ask.dataText)
  return `{"data":${ask.dataText},"id":"${ask.eventId}","name":${writeCanonical(eventName)},"ts":${draft.now}}`
}
