// Memos and history: what has ended of a run. A step's hash is kept as its 20 bytes, half of what its digits take.
import type { DatabaseSync } from 'node:sqlite'
import type { HistoryRow, Key, StepRow } from '../contract/rows.ts'
import { insert, misfit, query } from './statement.ts'

const HASH_BYTES = 20

export type StepTable = ReturnType<typeof openStepTable>

export function openStepTable(db: DatabaseSync) {
  const put = insert(
    db,
    'steps',
    'run, step, position, memo, input',
    `ON CONFLICT (run, step) DO UPDATE SET position = excluded.position, memo = excluded.memo, input = excluded.input
     WHERE steps.position = -1`,
  )
  const byRun = query<[string, number, string, string | null]>(
    db,
    'SELECT lower(hex(step)), position, memo, input FROM steps WHERE run = ? ORDER BY step',
  )
  // A memo of position -1 is a rerun's edited input, not yet a result.
  const hasMemo = query<[number]>(db, 'SELECT 1 FROM steps WHERE run = ? AND step = ? AND position >= 0')
  const putHistory = insert(
    db,
    'history',
    'run, seq, kind, status, step, name, step_kind, attempt, queued_at, started_at, ended_at, detail',
  )
  const putError = insert(db, 'history_errors', 'run, seq, error')
  // The driver copies what is bound, so one buffer serves every statement.
  const bytes = Buffer.alloc(HASH_BYTES)

  return {
    put(row: StepRow): void {
      if (!toBytes(bytes, row.step)) throw misfit(`"${row.step}" is no hash of a step`)
      const { changes } = put.run(row.run, bytes, row.position, row.memo, row.input)
      if (changes !== 1) throw misfit(`run ${row.run} has a memo of step ${row.step}`)
    },
    hasMemo(run: Key, step: string): boolean {
      return toBytes(bytes, step) && hasMemo.get(run, bytes) !== undefined
    },
    byRun(run: Key): StepRow[] {
      return byRun.all(run).map(([step, position, memo, input]) => ({ run, step, position, memo, input }))
    },
    putHistory(row: HistoryRow, error: string | null): void {
      const { run, seq, kind, status, step, name, stepKind, attempt, queuedAt, startedAt, endedAt, detail } = row
      putHistory.run(run, seq, kind, status, step, name, stepKind, attempt, queuedAt, startedAt, endedAt, detail)
      if (error !== null) putError.run(run, seq, error)
    },
  }
}

/** False for what is no step's hash: the discovery, a timer. */
function toBytes(bytes: Buffer, step: string): boolean {
  return step.length === 2 * HASH_BYTES && bytes.write(step, 'hex') === HASH_BYTES
}
