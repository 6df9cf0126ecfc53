// Writes one change: a switch over the closed union, one prepared statement each. A change that does not fit what is
// stored throws, which takes the whole group back; the writer then finds out which operation it was.
import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../contract/changes.ts'
import { type EndRecords, openExpiredRecords } from './expired-records.ts'
import { misfit } from './statement.ts'
import type { Tables } from './tables.ts'

/** Tables that a reset empties. Jobs stay, without a live run. */
const WIPED = [
  'event_bodies',
  'events',
  'run_outputs',
  'run_events',
  'runs',
  'items',
  'steps',
  'history_errors',
  'history',
  'waits',
  'skips',
  'idempotency',
  'rates',
  'admissions',
  'bulks',
  'effects',
  'tally_sums',
  'wait_paths',
  'job_excerpts',
  'job_runs',
  'session_items',
  'requests',
  'sessions',
]

export type WriteChange = (change: Change, now: number) => void

/** The clock's offset and the counters are the database's own and are left to it. */
export function openChanges(db: DatabaseSync, tables: Tables): WriteChange {
  const wipe = [
    ...WIPED.map((table) => `DELETE FROM ${table}`),
    'UPDATE jobs SET live = NULL WHERE live IS NOT NULL',
  ].map((sql) => db.prepare(sql))
  const endRecords = openExpiredRecords(db)
  return (change, now) => {
    if ('put' in change) put(tables, change, now)
    else if ('set' in change) set(tables, change)
    else if ('add' in change) throw misfit('what is counted is summed by the group')
    else if ('fold' in change) tables.tallies.fold(change)
    else if (change.end === 'everything') {
      tables.tallies.forget()
      for (const statement of wipe) statement.run()
    } else end(tables, change, endRecords)
  }
}

type Put = Extract<Change, { readonly put: string }>
type Set = Extract<Change, { readonly set: string }>
type End = Exclude<Extract<Change, { readonly end: string }>, { readonly end: 'everything' }>

function put(tables: Tables, change: Put, now: number): void {
  const { events, runs, items, limits, steps, waits, outcomes, bulks, jobs, sessions, registry, records } = tables
  switch (change.put) {
    case 'event':
      return events.put(change.row, change.body)
    case 'run':
      events.start(change.row.event)
      return runs.put(change.row)
    case 'runEvents':
      for (const event of change.events) events.start(event)
      return runs.putEvents(change.run, change.events)
    case 'output':
      return runs.putOutput(change.run, change.text, change.isError)
    case 'item':
      return items.put(change.row)
    case 'step':
      return steps.put(change.row)
    case 'history':
      return steps.putHistory(change.row, change.error)
    case 'wait':
      return waits.put(change.row)
    case 'skip':
      return outcomes.putSkip(change.row)
    case 'idempotency':
      return outcomes.putIdempotency(change.row, now)
    case 'rate':
      return limits.putRate(change.row)
    case 'admission':
      return limits.putAdmission(change.row)
    case 'effect':
      return records.putEffect(change.row)
    case 'bulk':
      return bulks.put(change.row)
    case 'job':
      return jobs.putJob(change.row)
    case 'jobRun':
      return jobs.putRun(change.row, change.excerpt)
    case 'secret':
      return jobs.putSecret(change.row)
    case 'session':
      return sessions.put(change.row)
    case 'sessionItem':
      return sessions.putItem(change.row)
    case 'request':
      return sessions.putRequest(change.row)
    case 'app':
      return registry.putApp(change.row)
    case 'function':
      return registry.putFunction(change.row)
    case 'functionVersion':
      return records.putVersion(change.row)
    case 'waitPath':
      return registry.putWaitPath(change.name, change.path)
    case 'sync':
      return records.putSync(change.row)
    default:
      return assertNever(change)
  }
}

function set({ runs, items, waits, bulks, jobs, sessions, registry }: Tables, change: Set): void {
  switch (change.set) {
    case 'run':
      if (!runs.set(change.key, change.state)) throw misfit(`run ${change.key} has another revision`)
      return
    case 'item':
      return items.set(change.row)
    case 'wait':
      return waits.setName(change.row)
    case 'bulk':
      return bulks.set(change.row)
    case 'job':
      return jobs.setJob(change.row)
    case 'jobRun':
      return jobs.setRun(change.row, change.excerpt)
    case 'session':
      return sessions.set(change.row)
    case 'request':
      return sessions.setRequest(change.row)
    case 'app':
      return registry.setApp(change.row)
    case 'function':
      return registry.setFunction(change.row)
    case 'clockOffset':
      return
    default:
      return assertNever(change)
  }
}

function end(
  { events, runs, items, limits, waits, outcomes, jobs }: Tables,
  change: End,
  endRecords: EndRecords,
): void {
  switch (change.end) {
    case 'item':
      return items.end(change.key)
    case 'items':
      return items.endOf(change.run)
    case 'wait':
      return waits.end(change.key)
    case 'waits':
      return waits.endOf(change.run)
    case 'event':
      return events.end(change.key)
    case 'run':
      return runs.end(change.key)
    case 'secret':
      return jobs.endSecret(change.name)
    case 'records':
      return endRecords(change)
    case 'expired':
      outcomes.endExpired(change.before, change.max)
      return limits.endExpired(change.before, change.max)
    default:
      return assertNever(change)
  }
}

function assertNever(value: never): never {
  throw new Error(`Unexpected change: ${JSON.stringify(value)}`)
}
