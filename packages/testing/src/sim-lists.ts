// The one list that the engine itself reads (a rerun from a step reads the history), over the world's reading connection:
// the product's own lists live in a thread, whose answers come at no simulated time.
import type { DatabaseSync } from 'node:sqlite'
import type { HistoryRow, ListReads, RunRecord } from '@pawl/storage'

export function simLists(reader: () => DatabaseSync): ListReads {
  const notSimulated = async (): Promise<never> => {
    throw new Error('this list is not simulated')
  }
  return {
    standing: notSimulated,
    queue: notSimulated,
    bulks: notSimulated,
    bulk: notSimulated,
    events: notSimulated,
    countEvents: notSimulated,
    event: notSimulated,
    skips: notSimulated,
    runs: notSimulated,
    countRuns: notSimulated,
    run: notSimulated,
    record: async (id) => ({ history: historyOf(reader(), id) }) as unknown as RunRecord,
    jobs: notSimulated,
    apps: notSimulated,
    functions: notSimulated,
    totals: notSimulated,
    close: async () => {},
  }
}

const HISTORY = `SELECT run, seq, kind, status, step, name, step_kind AS stepKind, attempt, queued_at AS queuedAt,
  started_at AS startedAt, ended_at AS endedAt, detail FROM history
  WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY seq`

function historyOf(db: DatabaseSync, id: string): RunRecord['history'] {
  // The columns are those of the row, under its names.
  return db
    .prepare(HISTORY)
    .all(id)
    .map((row) => ({ row: row as unknown as HistoryRow, error: null }))
}
