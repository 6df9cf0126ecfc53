// Steps of a call that is still open, reported while it goes on. They are kept exactly like those of an answer, in order
// and under the call's own fence; the item stays leased to the call, with its attempts counted anew. The app goes on with
// its own values once this is acknowledged, so nothing is acknowledged that another writer could have written otherwise.
import { type Checkpoint, type CheckpointOp, dataMemo, stateLimitError, stepLimitError } from '@pawl/protocol'
import type { Facts, ItemRow } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import type { Draft, RunDraft } from '../runs/draft.ts'
import { finishRun } from '../runs/finish-run.ts'
import { hotGround } from '../runs/hot-ground.ts'
import { type HotRun, hotFrom } from '../runs/hot-runs.ts'
import { readQueueItemId } from './prepare-call.ts'
import { saveStep } from './tally.ts'

/** What a checkpoint came to: the item as it now is, or the end of a run that went over a limit. */
export type CheckpointVerdict = { readonly item: ItemRow } | 'over_limit'

/**
 * Keeps the steps. Resolves after the commit; also for the same bytes again.
 * @param working the item as this process works on it, if it does.
 * @throws EngineError `stale_dispatch`, `checkpoint_conflict`, `checkpoint_invalid`
 */
export async function keepCheckpoint(
  ctx: EngineContext,
  checkpoint: Checkpoint,
  working: (item: number) => ItemRow | undefined,
): Promise<Exclude<Committed<CheckpointVerdict>, string>> {
  const token = readQueueItemId(checkpoint.qiId)
  if (token === null)
    throw new EngineError('checkpoint_invalid', 'The checkpoint names no queue item of this server (qi_id).')
  if (checkpoint.generationId !== null && checkpoint.generationId !== token.epoch) throw stale(checkpoint)
  for (;;) {
    const item = working(token.item) ?? (await ctx.store.state.items([token.item]))[0]
    if (item === undefined || item.run === null || item.epoch !== token.epoch || item.state !== 'leased')
      throw stale(checkpoint)
    const hot = ctx.hot.peek(item.run) ?? (await load(ctx, item.run))
    if (hot === undefined || hot.row.id !== checkpoint.runId) throw stale(checkpoint)
    const { rev } = hot.row
    const committed = await commit<CheckpointVerdict>(ctx, plan(ctx, { checkpoint, hot, item }))
    if (committed === 'stale') throw stale(checkpoint)
    if (committed !== 'moved') return committed
    if (hot.row.rev === rev) ctx.hot.drop(item.run)
  }
}

function stale(checkpoint: Checkpoint): EngineError {
  return new EngineError(
    'stale_dispatch',
    `This call of run ${checkpoint.runId} has been replaced by a newer one, or the run has ended.`,
  )
}

async function load(ctx: EngineContext, run: number): Promise<HotRun | undefined> {
  const [loaded] = await ctx.store.state.load([run])
  return loaded === undefined ? undefined : ctx.hot.keep(hotFrom(loaded, (fn) => ctx.registry.fn(fn)?.row.slug ?? ''))
}

interface Work {
  readonly checkpoint: Checkpoint
  readonly hot: HotRun
  readonly item: ItemRow
}

function plan(ctx: EngineContext, work: Work) {
  const { hot, item } = work
  const alone = item.step === '' && hot.row.open === 0 && hot.row.racing === 0 && hot.row.parentRun === null
  const fence = { run: hot.row.key, item: item.key, epoch: item.epoch }
  const decide = (draft: Draft): CheckpointVerdict => keepSteps(ctx, draft, work)
  if (alone)
    return { needs: {}, fence, rev: hot.row.rev, ground: (facts: Facts) => hotGround(facts, hot, item), decide }
  const steps = work.checkpoint.ops.map((op) => ({ run: hot.row.key, step: op.id }))
  return { needs: { runs: [hot.row.key], items: [item.key], steps }, fence, rev: hot.row.rev, decide }
}

function keepSteps(ctx: EngineContext, draft: Draft, work: Work): CheckpointVerdict {
  const { hot, item, checkpoint } = work
  const run = draft.run(hot.row.key)
  if (run === undefined || run.state.endedAt !== null) throw stale(checkpoint)
  for (const op of checkpoint.ops) keepStep(draft, run, { ...work, op })
  const limit = overLimit(ctx, run)
  if (limit !== null) {
    finishRun(ctx, draft, run, {
      status: 'failed',
      text: limit,
      attempt: item.attempt,
      startedAt: item.startedAt ?? draft.now,
    })
    return 'over_limit'
  }
  // The next step of this call begins now, with all its attempts.
  const next: ItemRow = {
    ...(run.itemOf(item.step) ?? item),
    attempt: 0,
    claims: 0,
    startedAt: draft.now,
    queuedAt: draft.now,
  }
  run.setItem(next)
  return { item: next }
}

function keepStep(draft: Draft, run: RunDraft, work: Work & { readonly op: CheckpointOp }): void {
  const { op, hot, item } = work
  if (op.op !== 'StepRun') return
  const memo = op.rawMemo ? op.dataText : dataMemo(op.dataText)
  const before = hot.results.get(op.id)
  if (before !== undefined && before !== memo) {
    throw new EngineError('checkpoint_conflict', `Step ${op.name} of run ${hot.row.id} has another result already.`)
  }
  saveStep({ run, draft, item }, op, { memo, failed: false })
}

function overLimit(ctx: EngineContext, run: RunDraft): string | null {
  const fn = ctx.registry.fn(run.row.fn)?.row
  const stepsMax = fn?.stepsMax ?? ctx.limits.stepsMax
  if (run.state.steps > stepsMax) return stepLimitError(stepsMax)
  const bytesMax = fn?.stateBytesMax ?? ctx.limits.stateBytesMax
  return run.state.bytes > bytesMax ? stateLimitError(bytesMax) : null
}
