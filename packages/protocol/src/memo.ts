// The texts that stand in `steps` of a Call Request, one shape for each kind of step (SDK spec, "memo shapes").
// Nothing may stand beside `data` or `error`: SDKs hand an object with other keys to user code as it is.

import type { Json } from './json-value.ts'
import { quote, writeCanonical } from './json-write.ts'
import type { StepFailedOp, StepRunOp } from './opcode.ts'

/** A sleep that ended, and a wait that ran into its timeout. */
export const NULL_MEMO = 'null'

/** Wraps a step's canonical result. */
export function dataMemo(dataText: string): string {
  return `{"data":${dataText}}`
}

/** Wraps a step's canonical final error. */
export function errorMemo(errorText: string): string {
  return `{"error":${errorText}}`
}

/** The memo of a step that ended; of a legacy `Step` its data as they stand. */
export function stepMemo(op: StepRunOp | StepFailedOp): string {
  if (op.op === 'StepFailed') return errorMemo(op.errorText)
  return op.rawMemo ? op.dataText : dataMemo(op.dataText)
}

/** Wraps what a signal carried. */
export function signalMemo(signal: string, dataText: string): string {
  return `{"data":{"data":${dataText},"signal":${quote(signal)}}}`
}

/** Replaces a step's arguments when a run is repeated from that step; not in the stack. */
export function inputMemo(inputText: string): string {
  return `{"input":${inputText}}`
}

/** The parts of an error; absent parts are left out. */
export interface ErrorParts {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly cause?: Json
  readonly data?: Json
}

/** Writes an error as canonical text. */
export function errorText(parts: ErrorParts): string {
  const { name, message, stack, cause, data } = parts
  return writeCanonical({
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause }),
    ...(data === undefined ? {} : { data }),
  })
}
