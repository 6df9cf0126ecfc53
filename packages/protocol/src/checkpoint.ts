// Reads a checkpoint: steps that an SDK reports while its call is still going, with the dispatch they belong to.
// As much on the hot path as an answer, and as full of an SDK's internals: only what is needed is looked at.

import { AnswerError, CheckpointError, JsonError } from './errors.ts'
import { decodeUtf8, parseJson, parseSlice, SMALL_TEXT_MAX, sliceMembers } from './json.ts'
import type { Json, JsonObject } from './json-value.ts'
import type { DeferAbortOp, DeferAddOp, Opcode, StepPlannedOp, StepRunOp } from './opcode.ts'
import { isOpTooLarge, readOps, readOpValues } from './opcode-read.ts'
import { isObject, wordOf } from './values.ts'

const MEMBERS = new Set(['run_id', 'fn_id', 'qi_id', 'request_id', 'generation_id'])

/** What may stand in a checkpoint. `StepPlanned` means "about to start" and plans nothing. */
export type CheckpointOp = StepRunOp | StepPlannedOp | DeferAddOp | DeferAbortOp

/** Steps that ended within a call, in order. */
export interface Checkpoint {
  readonly runId: string
  readonly fnId: string
  /** As it was sent with the call. */
  readonly qiId: string
  /** Null from SDKs that do not echo it. */
  readonly requestId: string | null
  /** Null from SDKs that do not echo it; `qiId` tells then. */
  readonly generationId: number | null
  readonly ops: readonly CheckpointOp[]
}

/**
 * Reads the body of a checkpoint.
 *
 * @throws CheckpointError with the code of the JSON; `invalid_checkpoint` for other opcodes than finished or starting steps and defers,
 *   and for a missing ID; `output_too_large` for a step over its limit.
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  try {
    return read(bytes)
  } catch (error) {
    if (error instanceof JsonError) throw new CheckpointError(error.code, error.message)
    if (error instanceof AnswerError) throw new CheckpointError('invalid_checkpoint', error.message)
    throw error
  }
}

function read(bytes: Uint8Array): Checkpoint {
  const text = decodeUtf8(bytes)
  if (text.length <= SMALL_TEXT_MAX) {
    const value = parseJson(text)
    if (!isObject(value)) throw new CheckpointError('invalid_checkpoint', 'A checkpoint must be an object')
    return build(value, readOpValues(value.steps ?? []))
  }
  const value: Record<string, Json> = {}
  let steps = '[]'
  for (const part of sliceMembers(bytes)) {
    if (part.key === 'steps') steps = part.text
    else if (MEMBERS.has(part.key)) value[part.key] = parseSlice(part)
  }
  return build(value, readOps(steps))
}

function build(value: JsonObject, ops: readonly Opcode[]): Checkpoint {
  const generation = value.generation_id
  return {
    runId: required(value, 'run_id'),
    fnId: required(value, 'fn_id'),
    qiId: required(value, 'qi_id'),
    requestId: wordOf(value.request_id),
    generationId: typeof generation === 'number' && Number.isSafeInteger(generation) ? generation : null,
    ops: ops.map(assertCheckpointOp),
  }
}

function assertCheckpointOp(op: Opcode): CheckpointOp {
  if (op.op !== 'StepRun' && op.op !== 'StepPlanned' && op.op !== 'DeferAdd' && op.op !== 'DeferAbort') {
    throw new CheckpointError('invalid_checkpoint', `A checkpoint cannot hold the opcode ${op.op}`)
  }
  if (isOpTooLarge(op)) throw new CheckpointError('output_too_large', 'step output size is greater than the limit')
  return op
}

function required(value: JsonObject, key: 'run_id' | 'fn_id' | 'qi_id'): string {
  const text = wordOf(value[key])
  if (text === null) throw new CheckpointError('invalid_checkpoint', `${key} is missing`)
  return text
}
