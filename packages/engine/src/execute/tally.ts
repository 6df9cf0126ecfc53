// What an answer's opcodes come to, gathered while they are planned one by one: results that were saved, new branches,
// and at most one reason to end the run or to try again. Opcodes add to it; `plan-answer` settles it.

import type { Opcode } from '@pawl/protocol'
import type { Facts, ItemRow, Mark, StepKind, WaitRow } from '@pawl/storage'
import type { EventValue } from '../event-value.ts'
import type { StepDetail } from '../history/step-detail.ts'
import type { EngineLimits } from '../limits.ts'
import type { MatchContext } from '../match/match-events.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, RunDraft } from '../runs/draft.ts'
import type { PreparedInvokes } from './prepare-invokes.ts'

/** A new branch of the run. The item it stands on is chosen when all are known. */
export interface Member {
  readonly step: string
  readonly kind: Extract<ItemRow['kind'], 'call' | 'sleep' | 'wait' | 'gateway'>
  /** For sleeps and deadlines; `now` for what can run at once. */
  readonly due: number
  readonly race: boolean
  readonly detail: StepDetail & { readonly kind: StepKind }
  /** The wait that belongs to it, once its item has a key. */
  readonly wait?: (item: number) => WaitRow
}

export interface Tally {
  /** Results that are new. */
  saved: number
  /** Results that were there already. */
  repeated: number
  readonly members: Member[]
  /** Canonical error: the run fails with it, after everything else was stored. */
  failure: string | null
  /** A step's error that is not final. */
  retry: { readonly step: string; readonly name: string; readonly error: string } | null
  /** Canonical result: the run is complete. */
  complete: string | null
  discover: boolean
  /** The step that waits for each signal of this answer. */
  readonly signals: Map<string, string>
}

export function emptyTally(): Tally {
  return {
    saved: 0,
    repeated: 0,
    members: [],
    failure: null,
    retry: null,
    complete: null,
    discover: false,
    signals: new Map(),
  }
}

export interface PlanContext extends MatchContext {
  readonly limits: EngineLimits
  readonly retryDelayMs: number | null
  readonly random: () => number
}

/** The call whose answer is planned. */
export interface CallWork {
  readonly item: ItemRow
  readonly fn: FunctionEntry
  /** The run's first event, for conditions. */
  readonly trigger: () => EventValue
  readonly mark: Mark
  readonly invokes: PreparedInvokes
}

/** What a planner of one opcode gets. */
export interface OpcodeWork extends CallWork {
  readonly ctx: PlanContext
  readonly draft: Draft
  readonly run: RunDraft
  readonly facts: Facts
  readonly tally: Tally
  /** The answer says that there is nothing to do. */
  readonly isNone: boolean
}

/** True for a step that has a result or an item already: planning it again changes nothing. */
export function isKnown(work: OpcodeWork, op: Opcode): boolean {
  return (
    work.run.hasMemo(op.id) ||
    work.run.itemOf(op.id) !== undefined ||
    work.tally.members.some((member) => member.step === op.id)
  )
}

/** Records a step that ended in this very answer. The first result stands. */
export function saveStep(
  work: Pick<OpcodeWork, 'run' | 'draft' | 'item'>,
  op: Opcode,
  result: { readonly memo: string; readonly failed: boolean; readonly kind?: StepKind; readonly detail?: StepDetail },
): boolean {
  const { run, item, draft } = work
  if (!run.memo(op.id, result.memo, op.inputText)) return false
  const began = item.startedAt ?? draft.now
  run.record({
    kind: 'step',
    status: result.failed ? 'failed' : 'completed',
    step: op.id,
    name: op.name,
    stepKind: result.kind ?? 'run',
    attempt: item.attempt,
    queuedAt: item.queuedAt,
    startedAt: op.timingDurationMs === null ? began : Math.max(began, draft.now - Math.round(op.timingDurationMs)),
    detail: op.optsType === null ? (result.detail ?? null) : { type: op.optsType, ...result.detail },
    error: null,
  })
  return true
}
