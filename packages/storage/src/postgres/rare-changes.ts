// What a group seldom has: changes of the registry and the clock, deletions by retention, development's reset. Each has
// statements of its own, some before the group's rows are written and some after.
import type { Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { END_BULKS } from './bulk-table.ts'
import { type Flight, type Statement, statement, type Value } from './connection.ts'
import { END_EXPIRED } from './event-outcome-table.ts'
import { askEndRecords } from './expired-records.ts'
import { END_SECRET, PUT_SECRET } from './job-table.ts'
import type { PendingRows, RareChange } from './pending-rows.ts'
import { END_ADMISSIONS, END_RATES } from './rate-tables.ts'
import {
  appValues,
  functionValues,
  PUT_APP,
  PUT_FUNCTION,
  PUT_WAIT_PATH,
  RAISE_REGISTRY,
  SET_APP,
  SET_FUNCTION,
} from './registry-table.ts'
import { END_SYNCS, functionVersionValues, PUT_FUNCTION_VERSION, PUT_SYNC, syncValues } from './sync-table.ts'
import { END_HOURS, END_MINUTES, FOLD_MINUTES } from './tally-table.ts'

/**
 * Tables that a reset empties. Sessions, jobs, runs and items come first, in the order of locks: whoever writes to any of
 * them is waited for there.
 */
const WIPED = [
  'runs',
  'items',
  'run_events',
  'steps',
  'history_errors',
  'history',
  'run_outputs',
  'waits',
  'event_bodies',
  'events',
  'skips',
  'effects',
  'tallies',
  'idempotency',
  'wait_paths',
  'rates',
  'admissions',
  'bulks',
  'job_excerpts',
  'job_runs',
  'session_items',
  'requests',
]

const WIPE = [
  statement('wipe_sessions', 'DELETE FROM sessions'),
  // Jobs stay, and have no run that lives.
  statement('free_jobs', 'UPDATE jobs SET live = NULL WHERE live IS NOT NULL'),
  ...WIPED.map((table) => statement(`wipe_${table}`, `DELETE FROM ${table}`)),
]
const WIPE_TIME = [
  statement('wipe_meta', "UPDATE meta SET value = 0 WHERE name IN ('newest_at', 'clock_offset_ms')"),
  statement('wipe_processes', 'UPDATE processes SET newest_at = 0'),
]

/** What is in older parts is dropped with them. */
const IN_NEWEST = "AND part = (SELECT value FROM meta WHERE name = 'part')"

const END_RUNS = ofKeys('end_run', [
  ['runs', 'key'],
  ['run_events', 'run'],
  ['effects', 'run'],
  ['steps', 'run'],
  ['run_outputs', 'run', IN_NEWEST],
  ['history_errors', 'run', IN_NEWEST],
  ['history', 'run', IN_NEWEST],
])
const END_EVENTS = ofKeys('end_event', [
  ['skips', 'event'],
  ['effects', 'event'],
  ['event_bodies', 'event', IN_NEWEST],
  ['events', 'key'],
])

const SET_OFFSET = statement('set_offset', "UPDATE meta SET value = $1 WHERE name = 'clock_offset_ms'")

type OfKeys = readonly [table: string, column: string, condition?: string]

function ofKeys(name: string, tables: readonly OfKeys[]): readonly Statement[] {
  return tables.map(([table, column, condition = '']) =>
    statement(`${name}_${table}`, `DELETE FROM ${table} WHERE ${column} = ANY ($1::int8[]) ${condition}`),
  )
}

/** What comes before the group's rows. */
export function askBefore(flight: Flight, { rare }: PendingRows): void {
  if (rare.isWiped) for (const query of [...WIPE, ...WIPE_TIME]) flight.ask(query)
  askEnds(flight, END_RUNS, rare.endRuns)
  askEnds(flight, END_EVENTS, rare.endEvents)
  for (const fold of rare.folds) {
    flight.ask(FOLD_MINUTES, [fold.before])
    flight.ask(END_MINUTES, [fold.deleteMinutesBefore])
    flight.ask(END_HOURS, [fold.deleteHoursBefore])
    for (const query of [END_SYNCS, END_BULKS]) flight.ask(query, [fold.deleteRecordsBefore])
  }
  for (const { before, max } of rare.endExpired) {
    for (const query of [END_EXPIRED, END_ADMISSIONS, END_RATES]) flight.ask(query, [before, max])
  }
}

function askEnds(flight: Flight, queries: readonly Statement[], keys: ReadonlySet<Key>): void {
  if (keys.size === 0) return
  const values = [encodeArray('int8', [...keys])]
  for (const query of queries) flight.ask(query, values)
}

/** What comes after. */
export function askAfter(flight: Flight, { rare, registryRaises }: PendingRows): void {
  for (const change of rare.changes) flight.ask(...rareStatement(change))
  for (const change of rare.endRecords) askEndRecords(flight, change)
  if (registryRaises > 0) flight.ask(RAISE_REGISTRY, [registryRaises])
}

function rareStatement(change: RareChange): readonly [Statement, readonly Value[]] {
  if ('put' in change) {
    if (change.put === 'app') return [PUT_APP, appValues(change.row)]
    if (change.put === 'function') return [PUT_FUNCTION, functionValues(change.row)]
    if (change.put === 'functionVersion') return [PUT_FUNCTION_VERSION, functionVersionValues(change.row)]
    if (change.put === 'sync') return [PUT_SYNC, syncValues(change.row)]
    if (change.put === 'secret') return [PUT_SECRET, [change.row.name, change.row.sealed, change.row.updatedAt]]
    return [PUT_WAIT_PATH, [change.name, change.path]]
  }
  if ('end' in change) return [END_SECRET, [change.name]]
  if (change.set === 'app') return [SET_APP, appValues(change.row)]
  if (change.set === 'function') return [SET_FUNCTION, functionValues(change.row)]
  return [SET_OFFSET, [change.ms]]
}

/** Whether the group has to be the only one that knows the registry while it commits. */
export function needsRegistryAlone({ rare }: PendingRows): boolean {
  return (
    rare.isWiped ||
    rare.changes.some((change) =>
      'put' in change
        ? change.put === 'app' || change.put === 'function'
        : 'set' in change && change.set !== 'clockOffset',
    )
  )
}

/** Whether time goes on differently after the group. */
export function changesTime({ rare }: PendingRows): boolean {
  return rare.isWiped || rare.changes.some((change) => 'set' in change && change.set === 'clockOffset')
}
