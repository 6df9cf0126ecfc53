// Memos and history: what has ended of a run. A step's hash is kept as its 20 bytes, half of what its digits take.
import type { HistoryKind, HistoryRow, HistoryStatus, Key, StepKind, StepRow } from '../contract/rows.ts'
import { type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { insertIntoPartSql, insertSql, type Part } from './write-parts.ts'

const HASH = /^[0-9a-f]{40}$/

/** False for what is no step's hash: the discovery, a timer. */
export function isStepHash(step: string): boolean {
  return HASH.test(step)
}

const STEP: Columns<StepRow> = columns({
  run: ['int8', (row) => row.run],
  step: ['bytea', (row) => row.step],
  position: ['int8', (row) => row.position],
  memo: ['text', (row) => row.memo],
  input: ['text', (row) => row.input],
})

const HISTORY: Columns<HistoryRow> = columns({
  run: ['int8', (row) => row.run],
  seq: ['int8', (row) => row.seq],
  kind: ['text', (row) => row.kind],
  status: ['text', (row) => row.status],
  step: ['text', (row) => row.step],
  name: ['text', (row) => row.name],
  step_kind: ['text', (row) => row.stepKind],
  attempt: ['int8', (row) => row.attempt],
  queued_at: ['int8', (row) => row.queuedAt],
  started_at: ['int8', (row) => row.startedAt],
  ended_at: ['int8', (row) => row.endedAt],
  detail: ['text', (row) => row.detail],
})

export interface HistoryError {
  readonly run: Key
  readonly seq: number
  readonly error: string
}

const ERROR: Columns<HistoryError> = columns({
  run: ['int8', (row) => row.run],
  seq: ['int8', (row) => row.seq],
  error: ['text', (row) => row.error],
})

const NEW_STEP = insertSql('steps', STEP)
const PUT_STEP = insertSql(
  'steps',
  STEP,
  `ON CONFLICT (run, step) DO UPDATE SET position = excluded.position, memo = excluded.memo, input = excluded.input
   WHERE steps.position = -1`,
)

export const PUT_STEPS: Part<StepRow> = {
  name: 'put_steps',
  type: 'step_rows',
  columns: STEP,
  // Looking for the memo first costs as much as writing it, and one that is there is refused either way.
  sql: (source) =>
    source.isHoped ? NEW_STEP(source) : PUT_STEP(source).replace(/RETURNING 1$/, 'RETURNING run, step'),
  check: { identity: ['run', 'step'], says: `'run ' || u.run || ' has a memo of step ' || encode(u.step, 'hex')` },
  isHopeful: true,
}

export const PUT_HISTORY: Part<HistoryRow> = {
  name: 'put_history',
  type: 'history_rows',
  columns: HISTORY,
  sql: insertIntoPartSql('history', HISTORY),
}

export const PUT_ERRORS: Part<HistoryError> = {
  name: 'put_errors',
  columns: ERROR,
  sql: insertIntoPartSql('history_errors', ERROR),
}

/** Which of the steps have a result. A memo of position -1 is a rerun's edited input, not yet a result. */
export const MEMOS = statement<[run: number, step: string]>(
  'memos',
  `SELECT u.run, encode(u.step, 'hex') FROM unnest($1::int8[], $2::bytea[]) AS u (run, step)
   JOIN steps s ON s.run = u.run AND s.step = u.step WHERE s.position >= 0`,
)

export const STEPS_OF = statement<[run: number, step: string, position: number, memo: string, input: string | null]>(
  'steps_of',
  `SELECT run, encode(step, 'hex'), position, memo, input FROM steps WHERE run = ANY ($1::int8[]) ORDER BY run, step`,
)

export const HISTORY_COLUMNS = list(HISTORY)

export type HistoryCells = [
  run: number,
  seq: number,
  kind: HistoryKind,
  status: HistoryStatus,
  step: string,
  name: string,
  stepKind: StepKind | null,
  attempt: number,
  queuedAt: number,
  startedAt: number,
  endedAt: number,
  detail: string | null,
]

export function toHistory(cells: HistoryCells): HistoryRow {
  return {
    run: cells[0],
    seq: cells[1],
    kind: cells[2],
    status: cells[3],
    step: cells[4],
    name: cells[5],
    stepKind: cells[6],
    attempt: cells[7],
    queuedAt: cells[8],
    startedAt: cells[9],
    endedAt: cells[10],
    detail: cells[11],
  }
}
