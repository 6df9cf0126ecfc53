// StepRun, StepError, StepFailed, StepPlanned: steps whose body runs in the app.
import {
  dataMemo,
  errorMemo,
  type StepErrorOp,
  type StepFailedOp,
  type StepPlannedOp,
  type StepRunOp,
} from '@pawl/protocol'
import { isKnown, type OpcodeWork, saveStep } from '../tally.ts'

export function planStepRun(work: OpcodeWork, op: StepRunOp): void {
  count(work, saveStep(work, op, { memo: op.rawMemo ? op.dataText : dataMemo(op.dataText), failed: false }))
}

export function planStepFailed(work: OpcodeWork, op: StepFailedOp | StepErrorOp): void {
  count(work, saveStep(work, op, { memo: errorMemo(op.errorText), failed: true }))
}

/** A result that was there already is no progress: its checkpoint's acknowledgement was lost, or the app repeats itself. */
function count(work: OpcodeWork, isNew: boolean): void {
  if (isNew) work.tally.saved += 1
  else work.tally.repeated += 1
}

/** @param noRetry the answer's header; it stands above the attempts that are left. */
export function planStepError(work: OpcodeWork, op: StepErrorOp, noRetry: boolean | null): void {
  const last = work.item.attempt + 1 >= work.fn.attemptsMax
  if (noRetry === true || last) return planStepFailed(work, op)
  if (work.run.hasMemo(op.id)) return count(work, false)
  work.tally.retry = { step: op.id, name: op.name, error: op.errorText }
}

export function planStepPlanned(work: OpcodeWork, op: StepPlannedOp): void {
  if (isKnown(work, op)) return
  work.tally.members.push({
    step: op.id,
    kind: 'call',
    due: work.draft.now,
    race: op.race,
    detail: {
      name: op.name,
      kind: 'run',
      ...(op.optsType === null ? {} : { type: op.optsType }),
      ...(op.inputText === null ? {} : { input: op.inputText }),
    },
  })
}
