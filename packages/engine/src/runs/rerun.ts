// A new run with the events of an old one. From a step on: the results of the steps before it are taken over, the step
// itself (with new input, if given) and all after it run again.
import { inputMemo } from '@pawl/protocol'
import type { HistoryRow, LoadedRun, StepRow } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { eventValue } from '../event-value.ts'
import { storedEventText } from './finish-events.ts'
import { scheduleRun } from './schedule-run.ts'

export interface RerunFrom {
  /** The step's name in the code, or its hash. */
  readonly step: string
  /** Canonical JSON array of arguments, or null to keep them. */
  readonly inputText: string | null
}

export async function rerun(
  ctx: EngineContext,
  runId: string,
  from: RerunFrom | undefined,
): Promise<Exclude<Committed<{ readonly runId: string }>, string>> {
  const original = await loadOriginal(ctx, runId)
  const fn = ctx.registry.fn(original.row.fn)
  const trigger = original.events[0]
  if (fn === undefined || trigger === undefined)
    throw new EngineError('function_not_found', `The function of run ${runId} is no longer known.`)
  const inherited = from === undefined ? [] : await stepsBefore(ctx, original, from)
  const text = storedEventText(trigger, (key) => ctx.registry.fn(key)?.row.slug ?? '')
  const committed = await commit(ctx, {
    needs: { backlog: [fn.row.key] },
    decide: (draft, facts) => {
      const results = inherited.filter((step) => step.position >= 0)
      const row = scheduleRun(ctx, draft, {
        fn,
        event: { key: trigger.row.key, name: trigger.row.name, value: eventValue(text), text, ts: 0 },
        runId: ctx.newUlid(draft.now),
        cron: original.row.cron ?? undefined,
        original: original.row.key,
        mayLease: !facts.backlog(fn.row.key),
        inherited: {
          stack: results.length,
          bytes: results.reduce((sum, step) => sum + Buffer.byteLength(step.memo), 0),
        },
      })
      for (const step of inherited) draft.push({ put: 'step', row: { ...step, run: row.key } })
      return { runId: row.id }
    },
  })
  if (typeof committed === 'string')
    throw new EngineError('store_unavailable', `Run ${runId} could not be started again now.`)
  return committed
}

async function loadOriginal(ctx: EngineContext, runId: string): Promise<LoadedRun> {
  const row = await ctx.store.state.runByUlid(runId)
  const [loaded] = row === undefined ? [] : await ctx.store.state.load([row.key])
  if (loaded === undefined) throw new EngineError('run_not_found', `Run ${runId} is not known.`)
  return loaded
}

/** The memos that the new run begins with, positions counted anew. */
async function stepsBefore(ctx: EngineContext, original: LoadedRun, from: RerunFrom): Promise<readonly StepRow[]> {
  const record = await ctx.store.lists.record(original.row.id)
  const history = (record?.history ?? []).map((entry) => entry.row)
  const target = targetStep(history, from.step)
  const before = new Set(history.filter((row) => row.kind === 'step' && isBefore(row, target)).map((row) => row.step))
  const kept = original.steps
    .filter((step) => step.position >= 0 && before.has(step.step))
    .sort((a, b) => a.position - b.position)
  const memos = kept.map((step, position) => ({ ...step, position }))
  if (from.inputText === null) return memos
  return [
    ...memos,
    { run: original.row.key, step: target.step, position: -1, memo: inputMemo(from.inputText), input: null },
  ]
}

function targetStep(history: readonly HistoryRow[], step: string): HistoryRow {
  const rows = history.filter((row) => row.step !== '' && (row.step === step || row.name === step))
  const hashes = new Set(rows.map((row) => row.step))
  if (hashes.size > 1) throw new EngineError('step_ambiguous', 'Step name matches multiple steps in original run')
  const target = rows.find((row) => row.kind === 'step') ?? rows[0]
  if (target === undefined) throw new EngineError('step_not_found', 'Step not found in original run')
  return target
}

function isBefore(row: HistoryRow, target: HistoryRow): boolean {
  if (row.step === target.step) return false
  return row.startedAt < target.startedAt || (row.startedAt === target.startedAt && row.seq < target.seq)
}
