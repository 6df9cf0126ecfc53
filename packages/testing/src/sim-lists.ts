// The lists that the engine itself reads (a rerun from a step reads the history, a sample what is queued), over the world's reading connection:
// the product's own lists live in a thread, whose answers come at no simulated time.
import type { DatabaseSync } from 'node:sqlite'
import type {
  HistoryRow,
  Key,
  ListReads,
  QueueCounts,
  RequestQuery,
  RequestRow,
  RequestView,
  RunRecord,
} from '@pawl/storage'

export function simLists(reader: () => DatabaseSync): ListReads {
  const notSimulated = async (): Promise<never> => {
    throw new Error('this list is not simulated')
  }
  return {
    jobs: notSimulated,
    job: notSimulated,
    jobsByKey: notSimulated,
    jobRuns: notSimulated,
    jobRun: notSimulated,
    jobStrips: notSimulated,
    secretNames: notSimulated,
    sessions: notSimulated,
    session: notSimulated,
    sessionsByKey: notSimulated,
    sessionItems: notSimulated,
    requests: async (query) => requestsOf(reader(), query),
    request: notSimulated,
    requestsByKey: notSimulated,
    countPending: notSimulated,
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
    runItems: notSimulated,
    runsByKey: notSimulated,
    eventsByKey: notSimulated,
    step: notSimulated,
    effects: notSimulated,
    tallies: notSimulated,
    failures: notSimulated,
    lastFailures: notSimulated,
    crons: notSimulated,
    strips: notSimulated,
    syncs: notSimulated,
    functionVersions: notSimulated,
    limits: notSimulated,
    queues: async () => queuesOf(reader()),
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

const QUEUES = `SELECT fn, state, count(*) AS count FROM items
  WHERE fn IS NOT NULL AND kind NOT IN ('cron', 'slot') GROUP BY fn, state`

function queuesOf(db: DatabaseSync): Awaited<ReturnType<ListReads['queues']>> {
  const counts = new Map<Key, Record<keyof QueueCounts, number>>()
  // The columns are those that the statement names.
  const rows = db.prepare(QUEUES).all() as unknown as readonly { fn: Key; state: keyof QueueCounts; count: number }[]
  for (const { fn, state, count } of rows) {
    const of = counts.get(fn) ?? { ready: 0, leased: 0, sleeping: 0, blocked: 0 }
    of[state] = count
    counts.set(fn, of)
  }
  return [...counts].map(([fn, of]) => ({ fn, counts: of }))
}

/** Of a session that ends: its pending requests, as far as their names are told. */
function requestsOf(db: DatabaseSync, { session }: RequestQuery): readonly RequestView[] {
  const rows = db
    .prepare("SELECT key, id FROM requests WHERE session = ? AND status = 'pending' ORDER BY key")
    .all(session ?? 0) as unknown as readonly Pick<RequestRow, 'key' | 'id'>[]
  return rows.map((row) => ({ row }) as unknown as RequestView)
}
