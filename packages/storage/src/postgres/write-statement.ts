// The one statement that writes a group. It is made of the parts that the group has, each over one array of rows (or, where
// rows are few, an array for each column); groups of the same parts share a prepared statement. Where leases and revisions
// were not checked by a `begin`, the rows that are written are looked at as they are written (`hope.ts`): any that is not as
// it was known to be refuses the group. It is then written again with locks before, which tell whose operation it was:
//
//   t      the group's time, and the part of tables in parts that is written
//   runs   lock them, compare revisions ─┐ each sorted: no two groups
//   items  lock them, compare epochs   ──┘ wait for each other in a circle
//   verdict  done, stale or moved, for each operation
//   parts  runs ─▶ ends ─▶ sets ─▶ puts, of what was not refused
//   beat   the group's number and results on the process's row
//
// All parts see one snapshot, taken before the locks were waited for; so what a lock decides is read from the locked row
// itself, and everything else that the statement reads can only be changed under those locks. Without locks before, a row
// that another process has changed since the snapshot is looked at anew by the update that waited for it.
import type { Write } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { PUT_BULKS, SET_BULKS } from './bulk-table.ts'
import { type Columns, columns, encodeRows } from './columns.ts'
import { type Statement, statement, type Value } from './connection.ts'
import { PUT_EFFECTS, PUT_IDEMPOTENCY, PUT_SKIPS } from './event-outcome-table.ts'
import { PUT_BODIES, PUT_EVENTS } from './event-table.ts'
import type { Hope } from './hope.ts'
import { END_ITEMS, END_ITEMS_OF, type ItemsEnd, PUT_ITEMS, SET_ITEMS } from './item-table.ts'
import { PUT_EXCERPTS, PUT_JOB_RUNS, PUT_JOBS, SET_JOB_RUNS, SET_JOBS } from './job-table.ts'
import type { GroupRows } from './pending-rows.ts'
import { PUT_ADMISSIONS, PUT_RATES } from './rate-tables.ts'
import type { RowTypes } from './row-arrays.ts'
import type { RowSet } from './row-sets.ts'
import { PUT_RUN_EVENTS } from './run-event-table.ts'
import { PUT_OUTPUTS, PUT_RUNS, type RunSet, SET_RUNS } from './run-table.ts'
import { PUT_REQUESTS, PUT_SESSION_ITEMS, PUT_SESSIONS, SET_REQUESTS, SET_SESSIONS } from './session-table.ts'
import { PUT_ERRORS, PUT_HISTORY, PUT_STEPS } from './step-table.ts'
import { PUT_TALLIES, summed } from './tally-table.ts'
import { rawTimeSql } from './time.ts'
import { END_WAITS, END_WAITS_OF, PUT_WAITS, SET_WAITS } from './wait-table.ts'
import { type Part, type Placed, partSql, partValues } from './write-parts.ts'

type Cells = [
  results: string,
  now: number,
  wall: number,
  snapshot: string,
  xid: number,
  registry: number,
  ...refused: null[],
]

/** A part with its rows. Which rows they are only the part itself knows. */
interface Filled {
  readonly part: Part<unknown>
  readonly rows: readonly Placed<unknown>[]
}

function fill<Row>(part: Part<Row>, rows: readonly Placed<Row>[]): Filled[] {
  return rows.length === 0 ? [] : [{ part: part as Part<unknown>, rows }]
}

function byKey(a: Placed<RunSet>, b: Placed<RunSet>): number {
  return a.row.key - b.row.key
}

function map<Row, To>(set: RowSet<Key, Row>, to: (row: Row) => To): Placed<To>[] {
  return set.values().map(({ at, row }) => ({ at, row: to(row) }))
}

function itemsEnd(run: Key, hope: Hope | null): ItemsEnd {
  const own = hope?.owns.get(run)
  return { run, own: own?.item ?? null, from: own?.epoch ?? null }
}

/** In the order in which rows are locked and written. */
function filledParts(rows: GroupRows, hope: Hope | null, isGuarded: boolean): Filled[] {
  const { items, waits, records } = rows
  const { jobs, jobRuns, sessions, requests } = records
  return [
    ...fill(SET_SESSIONS, sessions.sets.values()),
    ...fill(SET_JOBS, jobs.sets.values()),
    ...fill(SET_RUNS, rows.setRuns.values().toSorted(byKey)),
    ...fill(
      END_ITEMS,
      map(items.ends, (key) => ({ key, from: hope?.epochs.get(key) ?? null })),
    ),
    ...fill(
      END_ITEMS_OF,
      map(items.endsOf, (run) => itemsEnd(run, hope)),
    ),
    ...fill(
      SET_ITEMS,
      map(items.sets, (row) => ({ row, from: hope?.epochs.get(row.key) ?? null })),
    ),
    ...fill(END_WAITS, waits.ends.values()),
    ...fill(END_WAITS_OF, waits.endsOf.values()),
    ...fill(SET_WAITS, waits.sets.values()),
    ...fill(
      PUT_RUNS,
      map(rows.putRuns, (row) => ({ row, eventName: rows.events.get(row.event)?.row.name ?? null })),
    ),
    ...fill(PUT_RUN_EVENTS, rows.runEvents.values()),
    ...fill(PUT_ITEMS, items.puts.values()),
    ...fill(PUT_WAITS, waits.puts.values()),
    ...fill(PUT_STEPS, rows.steps.values()),
    ...fill(PUT_HISTORY, rows.history.values()),
    ...fill(PUT_ERRORS, rows.errors.values()),
    ...fill(PUT_OUTPUTS, rows.outputs.values()),
    ...fill(PUT_EVENTS, rows.events.values()),
    ...fill(PUT_BODIES, rows.bodies.values()),
    ...fill(PUT_SKIPS, rows.skips.values()),
    ...fill(PUT_EFFECTS, rows.effects.values()),
    ...fill(PUT_IDEMPOTENCY, rows.idempotency.values()),
    ...fill(PUT_RATES, rows.rates.values()),
    ...fill(PUT_ADMISSIONS, rows.admissions.values()),
    ...fill(SET_BULKS, rows.setBulks.values()),
    ...fill(PUT_BULKS, rows.putBulks.values()),
    ...fill(PUT_JOBS, jobs.puts.values()),
    ...fill(SET_JOB_RUNS, jobRuns.sets.values()),
    ...fill(PUT_JOB_RUNS, jobRuns.puts.values()),
    ...fill(PUT_EXCERPTS, records.excerpts.values()),
    ...fill(PUT_SESSIONS, sessions.puts.values()),
    ...fill(PUT_SESSION_ITEMS, records.sessionItems.values()),
    ...fill(SET_REQUESTS, requests.sets.values()),
    ...fill(PUT_REQUESTS, requests.puts.values()),
    ...fill(PUT_TALLIES, isGuarded ? rows.tallies.values() : summed(rows.tallies.values())),
  ]
}

/**
 * How leases and revisions are looked at. `known`: they were, and a letter as in `process-row.ts` tells what came of each
 * operation. `hoped`: by the rows that are written, all or none. `asked`: by locks before, for each operation by itself.
 */
export type Guard =
  | { readonly kind: 'known'; readonly letters: string }
  | { readonly kind: 'hoped'; readonly letters: string; readonly hope: Hope }
  | { readonly kind: 'asked'; readonly writes: readonly Write[] }

export interface GroupWrite {
  readonly rows: GroupRows
  readonly guard: Guard
  readonly floor: number
  readonly wall: number | null
  /** The group's time, where it has begun. */
  readonly now: number | null
  readonly process: number
  readonly session: number
  readonly groupNumber: number
  readonly types: RowTypes
}

/** The statement that writes the group, with its values. */
export function writeStatement(write: GroupWrite): { query: Statement<Cells>; values: readonly Value[] } {
  const { guard, types } = write
  const isGuarded = guard.kind === 'asked'
  const filled = filledParts(write.rows, guard.kind === 'hoped' ? guard.hope : null, isGuarded)
  const values: Value[] = [write.floor, write.wall, write.now, write.process, write.session, write.groupNumber]
  if (guard.kind === 'asked') values.push(...guardValues(guard.writes))
  else values.push(guard.letters)
  if (guard.kind === 'hoped') values.push(guard.hope.held)
  for (const { part, rows } of filled) values.push(...partValues(part, rows, { isGuarded, types }))
  const parts = filled.map(({ part }) => part)
  return { query: cached(parts, guard.kind), values }
}

/** Of what a server does, some thirty shapes come. Each keeps a plan on its connection, so there is a limit. */
const PREPARED_MAX = 200
const KNOWN = new Map<string, Statement<Cells>>()

function cached(parts: readonly Part<unknown>[], kind: Guard['kind']): Statement<Cells> {
  const shape = `${kind} ${parts.map(({ name }) => name).join(' ')}`
  let known = KNOWN.get(shape)
  if (known === undefined) {
    known = statement<Cells>(KNOWN.size < PREPARED_MAX ? `write_${KNOWN.size}` : '', writeSql(parts, kind))
    KNOWN.set(shape, known)
  }
  return known
}

/** The number of the first part's first parameter. */
const FIRST = { known: 8, hoped: 9, asked: 15 } as const

function writeSql(parts: readonly Part<unknown>[], kind: Guard['kind']): string {
  const isGuarded = kind === 'asked'
  const isHoped = kind === 'hoped'
  const present = new Set(parts.map(({ name }) => name))
  let first: number = FIRST[kind]
  const made = parts.map((part) => {
    const sql = partSql(part, { first, isGuarded, isHoped, present })
    first += sql.count
    return sql
  })
  const results = isGuarded ? '(SELECT results FROM verdict)' : '$7::text'
  const expressions = [TIME, ...(isGuarded ? [GUARD] : []), ...made.map(({ expression }) => expression), beat(results)]
  const checks = made.flatMap(({ check }) => (check === null ? [] : [check]))
  const columns = [
    results,
    't.now',
    't.wall',
    'pg_current_snapshot()::text',
    'pg_current_xact_id()::text::int8',
    't.registry',
    "CASE WHEN NOT EXISTS (SELECT FROM beat) THEN refuse('PW002', 'This connection was given up') END",
    ...(isHoped ? [heldSql(made.flatMap(({ held }) => held ?? []))] : []),
    ...checks,
  ]
  return `WITH ${expressions.join(',\n')}\nSELECT ${columns.join(',\n')}\nFROM t`
}

/** Refuses the group unless all rows were as they were known: none counts for more than one. */
function heldSql(held: readonly string[]): string {
  return `CASE WHEN ${['0', ...held].join(' + ')} <> $8::int8 THEN refuse('PW003', 'The group stands on what has changed') END`
}

const TIME = `t AS MATERIALIZED (
  SELECT c.raw, c.raw + c.offset_ms AS wall, coalesce($3::int8, greatest($1::int8, c.raw + c.offset_ms)) AS now, c.part, c.registry
  FROM (SELECT ${rawTimeSql(2)} AS raw, o.value AS offset_ms, p.value AS part, r.value AS registry
    FROM meta o, meta p, meta r
    WHERE o.name = 'clock_offset_ms' AND p.name = 'part' AND r.name = 'registry' OFFSET 0) c)`

function beat(results: string): string {
  return `beat AS (
    UPDATE processes p SET heartbeat_at = t.raw, newest_at = t.now, group_number = $6, group_results = ${results}
    FROM t WHERE p.key = $4 AND p.session = $5 RETURNING p.key)`
}

// The arrays are sorted by key, and a nested loop keeps their order: a sort here would cost more than the locks. Missing
// rows hold nothing, so the operation that named them is refused. That any is refused is rare, and found out by counting;
// which one it is is only then looked for.
const GUARD = `locked_runs AS MATERIALIZED (
    SELECT u.at, r.rev = u.rev AS holds FROM unnest($12::int4[], $13::int8[], $14::int8[]) AS u (at, run, rev)
    JOIN runs r ON r.key = u.run FOR NO KEY UPDATE OF r),
  locked_items AS MATERIALIZED (
    SELECT u.at, i.epoch = u.epoch AS holds FROM unnest($9::int4[], $10::int8[], $11::int8[]) AS u (at, item, epoch)
    JOIN items i ON i.key = u.item WHERE (SELECT count(*) FROM locked_runs) >= 0 FOR NO KEY UPDATE OF i),
  verdict AS MATERIALIZED (
    SELECT CASE
      WHEN (SELECT count(*) FROM locked_items WHERE holds) = cardinality($9::int4[])
        AND (SELECT count(*) FROM locked_runs WHERE holds) = cardinality($12::int4[]) THEN repeat('d', cardinality($7::int4[]))
      ELSE (SELECT string_agg(CASE
          WHEN u.fences > (SELECT count(*) FROM locked_items l WHERE l.at = u.at AND l.holds) THEN 's'
          WHEN u.revs > (SELECT count(*) FROM locked_runs l WHERE l.at = u.at AND l.holds) THEN 'm'
          ELSE 'd' END, '') FROM unnest($7::int4[], $8::int4[]) WITH ORDINALITY AS u (fences, revs, at))
      END AS results)`

interface Expected {
  /** The operation's place, from 1. */
  readonly at: number
  readonly key: number
  /** The epoch of an item, the revision of a run. */
  readonly value: number
}

const EXPECTED: Columns<Expected> = columns({
  at: ['int4', ({ at }) => at],
  key: ['int8', ({ key }) => key],
  value: ['int8', ({ value }) => value],
})

/** What each operation expects of its lease and of the runs it writes. */
function guardValues(writes: readonly Write[]): Value[] {
  const fences: Expected[] = []
  const revs: Expected[] = []
  for (const [index, { fence, rev, changes }] of writes.entries()) {
    const at = index + 1
    if (fence !== null) fences.push({ at, key: fence.item, value: fence.epoch })
    // A revision without a run cannot be met.
    if (rev !== null) revs.push({ at, key: fence?.run ?? 0, value: rev })
    for (const change of changes) {
      if (!('set' in change) || change.set !== 'run') continue
      const value = change.state.rev - 1
      // The usual operation is built on the revision that it raises.
      if (change.key !== fence?.run || value !== rev) revs.push({ at, key: change.key, value })
    }
  }
  const counts = (of: readonly Expected[]) => {
    const each = new Array<number>(writes.length).fill(0)
    for (const { at } of of) each[at - 1] = (each[at - 1] ?? 0) + 1
    return encodeArray('int4', each)
  }
  const sorted = (of: Expected[]) => of.sort((a, b) => a.key - b.key)
  return [counts(fences), counts(revs), ...encodeRows(EXPECTED, sorted(fences)), ...encodeRows(EXPECTED, sorted(revs))]
}
