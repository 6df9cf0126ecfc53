// Runs and their outputs. The run's row is the lock between everything that happens to a run at once: it is written
// first, with its revision raised by one, and only onto the revision that was read.
import type { DatabaseSync } from 'node:sqlite'
import type { Key, RunRow, RunState, RunStatus } from '../contract/rows.ts'
import type { Fence } from '../contract/store.ts'
import { assignments, bit, insert, query } from './statement.ts'

const BIRTH =
  'key, id, app, fn, fn_version, event, queued_at, cron, original, parent_run, parent_step, correlation, quiet, rank'
/** What few runs have. Each column that is read costs some 30 ns, so these are read as one, which is null for most. */
const RARE = 'flow, singleton, batch, skipped, bulk'
const RARE_TEXT = `CASE WHEN flow IS NULL AND singleton IS NULL AND batch IS NULL AND skipped IS NULL AND bulk IS NULL
  THEN NULL ELSE json_array(${RARE}) END`
const STATE =
  'status, rev, started_at, ended_at, stack, history, steps, bytes, open, racing, waits, version, force_plan, finish_event, retries'
const COLUMNS = `${BIRTH}, ${RARE_TEXT}, ${STATE}`
const SET_STATE = assignments(STATE)

type Cells = [
  key: number,
  id: string,
  app: number,
  fn: number,
  fnVersion: number,
  event: number,
  queuedAt: number,
  cron: string | null,
  original: number | null,
  parentRun: number | null,
  parentStep: string | null,
  correlation: string | null,
  quiet: number,
  rank: number,
  rare: string | null,
  status: RunStatus,
  rev: number,
  startedAt: number | null,
  endedAt: number | null,
  stack: number,
  history: number,
  steps: number,
  bytes: number,
  open: number,
  racing: number,
  waits: number,
  version: number,
  forcePlan: number,
  finishEvent: number | null,
  retries: number,
]

export type RunTable = ReturnType<typeof openRunTable>

export function openRunTable(db: DatabaseSync) {
  const put = db.prepare(insertRun(`${BIRTH}, ${STATE}`))
  const putRare = db.prepare(insertRun(`${BIRTH}, ${STATE}, ${RARE}`))
  const putOutput = insert(db, 'run_outputs', 'run, is_error, text')
  const update = openUpdate(db)
  const byKey = query<Cells>(db, `SELECT ${COLUMNS} FROM runs WHERE key = ?`)
  const byUlid = query<Cells>(db, `SELECT ${COLUMNS} FROM runs WHERE id = ?`)
  const bySingleton = query<Cells>(db, SINGLETON)
  const putEvent = insert(db, 'run_events', 'run, position, event')
  const events = query<[number]>(db, EVENTS_OF)
  const rev = query<[number]>(db, 'SELECT rev FROM runs WHERE key = ?')
  const output = query<[string, number]>(db, 'SELECT text, is_error FROM run_outputs WHERE run = ?')
  const endings = [
    'DELETE FROM steps WHERE run = ?',
    'DELETE FROM history_errors WHERE run = ?',
    'DELETE FROM history WHERE run = ?',
    'DELETE FROM run_outputs WHERE run = ?',
    'DELETE FROM run_events WHERE run = ?',
    'DELETE FROM effects WHERE run = ?',
    'DELETE FROM runs WHERE key = ?',
  ].map((sql) => db.prepare(sql))

  return {
    put(row: RunRow): void {
      const { key, id, app, fn, fnVersion, event, queuedAt, cron, original, parentRun, parentStep, correlation } = row
      const { status, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version } = row
      // biome-ignore format: the order of the columns, in the two halves of the row
      const cells = [
        key, id, app, fn, fnVersion, event, queuedAt, cron, original, parentRun, parentStep, correlation, bit(row.quiet),
        row.rank, status, row.rev, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version,
        bit(row.forcePlan), row.finishEvent, row.retries,
      ]
      if (isCommon(row)) put.run(...cells)
      else putRare.run(...cells, row.flow, row.singleton, row.batch, row.skipped, row.bulk)
    },
    /** False when the stored revision is not the one before `state.rev`: nothing was written. */
    set(key: Key, state: RunState): boolean {
      return update(key, state, null)
    },
    /** As `set`, and false too when the lease is gone. One statement for both is half the price of two. */
    setFenced(key: Key, state: RunState, fence: Fence): boolean {
      return update(key, state, fence)
    },
    putOutput(run: Key, text: string, isError: boolean): void {
      putOutput.run(run, bit(isError), text)
    },
    byKey(key: Key): RunRow | undefined {
      return toRow(byKey.get(key))
    },
    byUlid(id: string): RunRow | undefined {
      return toRow(byUlid.get(id))
    },
    /** The live run that holds the singleton. */
    bySingleton(name: string): RunRow | undefined {
      return toRow(bySingleton.get(name))
    },
    putEvents(run: Key, keys: readonly Key[]): void {
      for (const [position, event] of keys.entries()) putEvent.run(run, position, event)
    },
    /** The events that a run began with, in order. */
    eventsOf({ key, event, batch }: RunRow): readonly Key[] {
      if (batch === null) return [event]
      return events.all(key).map(([one]) => one)
    },
    rev(key: Key): number | undefined {
      return rev.get(key)?.[0]
    },
    output(run: Key): { readonly text: string; readonly isError: boolean } | undefined {
      const cells = output.get(run)
      return cells === undefined ? undefined : { text: cells[0], isError: cells[1] === 1 }
    },
    /** The run with its events' list, steps, history and output. Idempotency rows outlive it until they expire. */
    end(key: Key): void {
      for (const statement of endings) statement.run(key)
    },
  }
}

/** The name of the event is looked up here, since only lists ask for it: by then the event may be deleted. */
function insertRun(columns: string): string {
  const names = columns.split(', ')
  const event = names.indexOf('event') + 1
  const values = names.map((_, index) => `?${index + 1}`).join(', ')
  return `INSERT INTO runs (${columns}, event_name)
    VALUES (${values}, coalesce((SELECT name FROM events WHERE key = ?${event}), ''))`
}

/** What changes at nearly every step. */
const MOVING = 'rev, stack, history, steps, bytes, open, racing, waits, version, force_plan'
const HOLDS_LEASE = 'EXISTS (SELECT 1 FROM items WHERE key = ? AND epoch = ?)'

/**
 * Whatever an update names is written to the indexes that it stands in, changed or not. So what only a start, a retry and
 * the end change stands in the condition, and is named by a second update where the first finds nothing.
 */
function openUpdate(db: DatabaseSync): (key: Key, state: RunState, fence: Fence | null) => boolean {
  const same = 'status = ? AND started_at IS ? AND retries = ? AND ended_at IS NULL AND finish_event IS NULL'
  const moving = `UPDATE runs SET ${assignments(MOVING)} WHERE key = ? AND rev = ? AND ${same}`
  const whole = `UPDATE runs SET ${SET_STATE} WHERE key = ? AND rev = ?`
  const statements = [
    { moving: db.prepare(moving), whole: db.prepare(whole) },
    { moving: db.prepare(`${moving} AND ${HOLDS_LEASE}`), whole: db.prepare(`${whole} AND ${HOLDS_LEASE}`) },
  ] as const
  return (key, state, fence) => {
    const { status, rev, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version } = state
    const prepared = statements[fence === null ? 0 : 1]
    const lease = fence === null ? [] : [fence.item, fence.epoch]
    const forcePlan = bit(state.forcePlan)
    if (endedAt === null && state.finishEvent === null) {
      // biome-ignore format: the order of the columns, then of the conditions
      const { changes } = prepared.moving.run(
        rev, stack, history, steps, bytes, open, racing, waits, version, forcePlan,
        key, rev - 1, status, startedAt, state.retries, ...lease,
      )
      if (changes === 1) return true
    }
    // biome-ignore format: the order of the columns, then of the conditions
    const { changes } = prepared.whole.run(
      status, rev, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version, forcePlan,
      state.finishEvent, state.retries, key, rev - 1, ...lease,
    )
    return changes === 1
  }
}

export const SINGLETON = `SELECT ${COLUMNS} FROM runs WHERE singleton = ? AND ended_at IS NULL`
export const EVENTS_OF = 'SELECT event FROM run_events WHERE run = ? ORDER BY position'

type Rare = Pick<RunRow, 'flow' | 'singleton' | 'batch' | 'skipped' | 'bulk'>

const COMMON: Rare = { flow: null, singleton: null, batch: null, skipped: null, bulk: null }

function isCommon({ flow, singleton, batch, skipped, bulk }: Rare): boolean {
  return flow === null && singleton === null && batch === null && skipped === null && bulk === null
}

function readRare(text: string): Rare {
  const cells: [string | null, string | null, string | null, string | null, Key | null] = JSON.parse(text)
  return { flow: cells[0], singleton: cells[1], batch: cells[2], skipped: cells[3], bulk: cells[4] }
}

function toRow(cells: Cells | undefined): RunRow | undefined {
  if (cells === undefined) return undefined
  const rare = cells[14] === null ? COMMON : readRare(cells[14])
  return {
    key: cells[0],
    id: cells[1],
    app: cells[2],
    fn: cells[3],
    fnVersion: cells[4],
    event: cells[5],
    queuedAt: cells[6],
    cron: cells[7],
    original: cells[8],
    parentRun: cells[9],
    parentStep: cells[10],
    correlation: cells[11],
    quiet: cells[12] === 1,
    rank: cells[13],
    flow: rare.flow,
    singleton: rare.singleton,
    batch: rare.batch,
    skipped: rare.skipped,
    bulk: rare.bulk,
    status: cells[15],
    rev: cells[16],
    startedAt: cells[17],
    endedAt: cells[18],
    stack: cells[19],
    history: cells[20],
    steps: cells[21],
    bytes: cells[22],
    open: cells[23],
    racing: cells[24],
    waits: cells[25],
    version: cells[26],
    forcePlan: cells[27] === 1,
    finishEvent: cells[28],
    retries: cells[29],
  }
}
