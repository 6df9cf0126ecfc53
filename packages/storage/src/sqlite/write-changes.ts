// Writes one change: a switch over the closed union, one prepared statement each. A change that does not fit what is
// stored throws, which takes the whole group back; the writer then finds out which operation it was.
import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../contract/changes.ts'
import { misfit } from './statement.ts'
import type { Tables } from './tables.ts'

/** Tables that a reset empties. */
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
]

export type WriteChange = (change: Change, now: number) => void

/** The clock's offset and the counters are the database's own and are left to it. */
export function openChanges(db: DatabaseSync, tables: Tables): WriteChange {
  const wipe = WIPED.map((table) => db.prepare(`DELETE FROM ${table}`))
  return (change, now) => {
    if ('put' in change) put(tables, change, now)
    else if ('set' in change) set(tables, change)
    else if ('add' in change) throw misfit('what is counted is summed by the group')
    else if ('fold' in change) tables.tallies.fold(change)
    else if (change.end === 'everything') {
      tables.tallies.forget()
      for (const statement of wipe) statement.run()
    } else end(tables, change)
  }
}

type Put = Extract<Change, { readonly put: string }>
type Set = Extract<Change, { readonly set: string }>
type End = Exclude<Extract<Change, { readonly end: string }>, { readonly end: 'everything' }>

function put(tables: Tables, change: Put, now: number): void {
  const { events, runs, items, limits, steps, waits, outcomes, bulks, registry, records } = tables
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

function set({ runs, items, waits, bulks, registry }: Tables, change: Set): void {
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

function end({ events, runs, items, limits, waits, outcomes }: Tables, change: End): void {
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
