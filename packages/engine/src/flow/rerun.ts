// A new run with the events of an old one. From a step on: the results of the steps before it are taken over, the step
// itself (with new input, if given) and all after it run again. With data of its own its event is a new one, stored beside
// the run and seen by nobody else.
import { type EventInput, eventText, inputMemo, type JsonObject, parseJson } from '@pawl/protocol'
import type { EventRow, Facts, HistoryRow, Key, LoadedRun, RunRow, StepRow } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { eventValue } from '../event-value.ts'
import type { Draft } from '../runs/draft.ts'
import { rerunEventId, storedEventText } from '../runs/finish-events.ts'
import { type Admission, admissionNeeds, prepareAdmission } from './admission.ts'
import { startAdmitted } from './admit-event.ts'

export interface RerunFrom {
  /** The step's name in the code, or its hash. */
  readonly step: string
  /** Canonical JSON array of arguments, or null to keep them. */
  readonly inputText: string | null
}

export interface RerunHow {
  readonly from?: RerunFrom | undefined
  /** Canonical JSON object: the `data` of the event that takes the place of the run's own. */
  readonly dataText?: string | undefined
}

export async function rerun(
  ctx: EngineContext,
  runId: string,
  { from, dataText }: RerunHow,
): Promise<Exclude<Committed<{ readonly runId: string }>, string>> {
  const original = await loadOriginal(ctx, runId)
  const inherited = from === undefined ? [] : await stepsBefore(ctx, original, from)
  const edited = dataText === undefined ? undefined : editedEvent(ctx, original, dataText)
  for (;;) {
    const again = prepareRerun(ctx, original, { inherited, edited })
    if (again === undefined)
      throw new EngineError('function_not_found', `The function of run ${runId} is no longer known.`)
    const committed = await commit(ctx, {
      needs: { ...admissionNeeds([again.admission]), storing: edited === undefined ? [] : [edited.row.name] },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        const run = startAgain(ctx, draft, facts, again)
        if (run === undefined) throw new Error('one rerun makes one run')
        return { runId: run.id }
      },
    })
    if (committed === 'stale')
      throw new EngineError('store_unavailable', `Run ${runId} could not be started again now.`)
    if (committed !== 'moved') return committed
    await ctx.refreshRegistry()
  }
}

/** A run that is about to be made again: what it takes over, and what stands between it and its start. */
export interface Rerun {
  readonly original: LoadedRun
  readonly admission: Admission
  readonly texts: readonly string[]
  readonly inherited: readonly StepRow[]
  readonly bulk: Key | null
  readonly edited: EditedEvent | null
}

/** The event of one rerun, without what the decision gives it. */
interface EditedEvent {
  readonly row: Omit<EventRow, 'key' | 'receivedAt'>
  readonly text: string
}

/** An event like the run's first one, with other data. */
function editedEvent(
  ctx: Pick<EngineContext, 'newUlid' | 'time'>,
  original: LoadedRun,
  dataText: string,
): EditedEvent | undefined {
  const [before] = original.events
  if (before === undefined) return undefined
  const now = ctx.time.now()
  const id = ctx.newUlid(now)
  const eventId = rerunEventId(id)
  const { name } = before.row
  const { v } = before.text === null ? { v: undefined } : eventValue(before.text)
  const input: EventInput = {
    name,
    id: null,
    ts: now,
    // The caller has checked that it is an object in canonical form.
    data: parseJson(dataText) as JsonObject,
    dataText,
    v: typeof v === 'string' ? v : null,
    metaText: null,
  }
  return {
    row: { id, eventId, name, ts: now, isRepeat: false, ofRun: null },
    text: eventText(input, eventId, now),
  }
}

/** @returns undefined when the function or the events of the run are gone. */
export function prepareRerun(
  ctx: Pick<EngineContext, 'registry' | 'time'>,
  original: LoadedRun,
  how: {
    readonly inherited?: readonly StepRow[]
    readonly edited?: EditedEvent | undefined
    /** The bulk operation that starts it. */
    readonly bulk?: Key
    /** Milliseconds by which it goes behind its time, beside the priority of its event. */
    readonly behindMs?: number
  } = {},
): Rerun | undefined {
  const fn = ctx.registry.fn(original.row.fn)
  const texts =
    how.edited === undefined
      ? original.events.map((event) => storedEventText(event, (key) => ctx.registry.fn(key)?.row.slug ?? ''))
      : [how.edited.text]
  const [text] = texts
  if (fn === undefined || text === undefined) return undefined
  const now = ctx.time.now()
  const admission = prepareAdmission(fn, { value: eventValue(text), senderId: null }, { now, source: 'again' })
  const { run } = admission
  return {
    original,
    admission: { ...admission, run: { ...run, priorityMs: run.priorityMs - (how.behindMs ?? 0) } },
    texts,
    inherited: how.inherited ?? [],
    bulk: how.bulk ?? null,
    edited: how.edited ?? null,
  }
}

/** Drafts the run. @returns undefined when it has to be decided in a further operation (singleton, see `admitEvent`). */
export function startAgain(ctx: EngineContext, draft: Draft, facts: Facts, again: Rerun): RunRow | undefined {
  const { original, admission, texts, inherited, bulk, edited } = again
  const { row } = original
  const [text = ''] = texts
  const trigger = triggerOf(draft, again)
  if (trigger === undefined) return undefined
  const results = inherited.filter((step) => step.position >= 0)
  const verdict = startAdmitted(ctx, draft, facts, {
    admission,
    candidate: {
      event: { key: trigger.key, name: trigger.name, value: eventValue(text), text, ts: 0 },
      ...(row.batch === null || edited !== null ? {} : { batch: { id: row.batch, events: eventsOf(again) } }),
      runId: ctx.newUlid(draft.now),
      cron: row.cron ?? undefined,
      original: row.key,
      bulk: bulk ?? undefined,
      inherited: {
        stack: results.length,
        bytes: results.reduce((sum, step) => sum + Buffer.byteLength(step.memo), 0),
      },
    },
  })
  if (verdict.kind !== 'started' && verdict.kind !== 'skipped') return undefined
  for (const step of inherited) draft.push({ put: 'step', row: { ...step, run: verdict.run.key } })
  return verdict.run
}

/** The event that starts it; one of its own is stored on the way. */
function triggerOf(
  draft: Draft,
  { original, edited }: Rerun,
): { readonly key: Key; readonly name: string } | undefined {
  if (edited === null) return original.events[0]?.row
  const row: EventRow = { ...edited.row, key: draft.ground.key(), receivedAt: draft.now }
  draft.push({ put: 'event', row, body: edited.text })
  return row
}

function eventsOf({ original, texts }: Rerun): readonly { readonly key: Key; readonly text: string }[] {
  return original.events.map((event, index) => ({ key: event.row.key, text: texts[index] ?? '' }))
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
