// Runs and their outputs. The run's row is the lock between everything that happens to a run at once: it is written
// first, with its revision raised by one, and only onto the revision that was read.
import type { Key, RunBirth, RunRow, RunState, RunStatus } from '../contract/rows.ts'
import { assignments, type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { WITH_BODY } from './event-table.ts'
import { insertIntoPartSql, insertSql, type Part } from './write-parts.ts'

const BIRTH: Columns<RunBirth> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  app: ['int8', (row) => row.app],
  fn: ['int8', (row) => row.fn],
  fn_version: ['int8', (row) => row.fnVersion],
  event: ['int8', (row) => row.event],
  queued_at: ['int8', (row) => row.queuedAt],
  cron: ['text', (row) => row.cron],
  original: ['int8', (row) => row.original],
  parent_run: ['int8', (row) => row.parentRun],
  parent_step: ['text', (row) => row.parentStep],
  correlation: ['text', (row) => row.correlation],
  quiet: ['bool', (row) => row.quiet],
  rank: ['int8', (row) => row.rank],
  flow: ['text', (row) => row.flow],
  singleton: ['text', (row) => row.singleton],
  batch: ['text', (row) => row.batch],
  skipped: ['text', (row) => row.skipped],
  bulk: ['int8', (row) => row.bulk],
})

const STATE: Columns<RunState> = columns({
  status: ['text', (row) => row.status],
  rev: ['int8', (row) => row.rev],
  started_at: ['int8', (row) => row.startedAt],
  ended_at: ['int8', (row) => row.endedAt],
  stack: ['int8', (row) => row.stack],
  history: ['int8', (row) => row.history],
  steps: ['int8', (row) => row.steps],
  bytes: ['int8', (row) => row.bytes],
  open: ['int8', (row) => row.open],
  racing: ['int8', (row) => row.racing],
  waits: ['int8', (row) => row.waits],
  version: ['int8', (row) => row.version],
  force_plan: ['bool', (row) => row.forcePlan],
  finish_event: ['int8', (row) => row.finishEvent],
})

const ROW: Columns<RunRow> = [...BIRTH, ...STATE]

/** `prefix` is the table's name in the query, with its dot. */
export const runColumns = (prefix = ''): string => list(ROW, prefix)

export type RunCells = [
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
  quiet: boolean,
  rank: number,
  flow: string | null,
  singleton: string | null,
  batch: string | null,
  skipped: string | null,
  bulk: number | null,
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
  forcePlan: boolean,
  finishEvent: number | null,
]

export const RUN_CELLS = ROW.length

/** What changes of a run, with the revision that the stored row must have. */
export interface RunSet {
  readonly key: Key
  readonly from: number
  readonly state: RunState
}

export interface Output {
  readonly run: Key
  readonly text: string
  readonly isError: boolean
}

const SET: Columns<RunSet> = [
  { name: 'key', type: 'int8', value: ({ key }) => key },
  { name: 'from_rev', type: 'int8', value: ({ from }) => from },
  ...STATE.map(({ name, type, value }) => ({ name, type, value: ({ state }: RunSet) => value(state) })),
]

const OUTPUT: Columns<Output> = columns({
  run: ['int8', (row) => row.run],
  is_error: ['bool', (row) => row.isError],
  text: ['text', (row) => row.text],
})

export const SET_RUNS: Part<RunSet> = {
  name: 'set_runs',
  columns: SET,
  // Where the statement itself compares the revision, it does so with the row that it has locked. A condition here would
  // be tried on the version that its snapshot shows, which may be an older one.
  sql: ({ from, where, isGuarded }) =>
    `UPDATE runs r SET ${assignments(STATE)} FROM ${from}
     WHERE r.key = u.key ${isGuarded ? '' : 'AND r.rev = u.from_rev'} AND ${where} RETURNING r.key`,
  check: { identity: ['key'], says: `'run ' || u.key || ' has another revision'` },
}

export const PUT_RUNS: Part<RunRow> = {
  name: 'put_runs',
  columns: ROW,
  // The holder of a singleton ends, and the next one begins.
  after: ['set_runs'],
  sql: insertSql('runs', ROW),
}

export const PUT_OUTPUTS: Part<Output> = {
  name: 'put_outputs',
  columns: OUTPUT,
  sql: insertIntoPartSql('run_outputs', OUTPUT),
}

export const RUN_BY_ULID = statement<RunCells>('run_by_ulid', `SELECT ${runColumns()} FROM runs WHERE id = $1`)

/** With the text of the triggering event and the output: what an event tells that was made by the run's end. */
export const ENDED_RUNS = statement<[...RunCells, output: string | null, isError: boolean | null, body: string | null]>(
  'ended_runs',
  `SELECT ${runColumns('r.')}, o.text, o.is_error, b.body FROM runs r
   LEFT JOIN run_outputs o ON o.run = r.key LEFT JOIN events e ON e.key = r.event ${WITH_BODY} WHERE r.key = ANY ($1::int8[])`,
)

export function toRun(cells: readonly unknown[]): RunRow {
  // The columns are selected by `runColumns`, first in the row.
  const run = cells as RunCells
  return {
    key: run[0],
    id: run[1],
    app: run[2],
    fn: run[3],
    fnVersion: run[4],
    event: run[5],
    queuedAt: run[6],
    cron: run[7],
    original: run[8],
    parentRun: run[9],
    parentStep: run[10],
    correlation: run[11],
    quiet: run[12],
    rank: run[13],
    flow: run[14],
    singleton: run[15],
    batch: run[16],
    skipped: run[17],
    bulk: run[18],
    status: run[19],
    rev: run[20],
    startedAt: run[21],
    endedAt: run[22],
    stack: run[23],
    history: run[24],
    steps: run[25],
    bytes: run[26],
    open: run[27],
    racing: run[28],
    waits: run[29],
    version: run[30],
    forcePlan: run[31],
    finishEvent: run[32],
  }
}
