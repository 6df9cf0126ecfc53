// Reads of the engine, by key, on the connection that writes. They run between groups only, so they see what has
// committed.
import type { DatabaseSync } from 'node:sqlite'
import type { Key, Mark, WaitRow } from '../contract/rows.ts'
import type { LoadedRun, StateReads } from '../contract/store.ts'
import type { Counters } from './counters.ts'
import { toStorageError } from './sqlite-errors.ts'
import { query } from './statement.ts'
import { storedEvent } from './stored-events.ts'
import type { Tables } from './tables.ts'

export interface StateSource {
  readonly db: DatabaseSync
  readonly tables: Tables
  readonly counters: Counters
  /** @throws StorageError when the store was closed or has failed. */
  assertOpen(): void
  clock(): { readonly now: number; readonly offsetMs: number; readonly mark: Mark }
}

export const LEAST_DUE = "SELECT due FROM items WHERE state = 'sleeping' ORDER BY due, key LIMIT 1"
export const ANY_READY = "SELECT 1 FROM items WHERE state = 'ready' LIMIT 1"

export function openState({ db, tables, counters, assertOpen, clock }: StateSource): StateReads {
  const { events, runs, items, limits, bulks, jobs, sessions, registry } = tables
  const leastDue = query<[number]>(db, LEAST_DUE)
  const anyReady = query<[number]>(db, ANY_READY)
  const read = <Args extends readonly unknown[], Result>(get: (...args: Args) => Result) => {
    return async (...args: Args): Promise<Result> => {
      assertOpen()
      try {
        return get(...args)
      } catch (error) {
        throw toStorageError(error)
      }
    }
  }
  return {
    registry: read(() => ({
      version: counters.get('registry'),
      apps: registry.apps(),
      functions: registry.functions(),
      waitPaths: registry.waitPaths(),
    })),
    registryVersion: read(() => counters.get('registry')),
    leasedBy: read((owner) => items.leasedBy(owner)),
    load: read((keys) => keys.map((key) => loadRun(tables, key)).filter((run) => run !== undefined)),
    items: read((keys) => keys.map((key) => items.byKey(key)).filter((row) => row !== undefined)),
    events: read((keys) =>
      keys
        .map((key) => events.byKey(key))
        .filter((row) => row !== undefined)
        .map((row) => storedEvent(tables, row)),
    ),
    eventByUlid: read((id) => events.byUlid(id)),
    runByUlid: read((id) => runs.byUlid(id)),
    linesOf: read((fn, after, max) => limits.linesOf(fn, after, max)),
    bulk: read((key) => bulks.byKey(key)),
    jobByUlid: read((id) => jobs.jobByUlid(id)),
    jobRunByUlid: read((id) => jobs.runByUlid(id)),
    sessionByUlid: read((id) => sessions.byUlid(id)),
    requestByUlid: read((id) => sessions.requestByUlid(id)),
    secrets: read((names) => names.map((name) => jobs.secret(name)).filter((row) => row !== undefined)),
    signal: read((name) => openWaitNamed(tables, name)),
    nextDue: read(() => ({ due: leastDue.get()?.[0] ?? null, ready: anyReady.get() !== undefined })),
    clock: read(clock),
  }
}

function loadRun(tables: Tables, key: Key): LoadedRun | undefined {
  const row = tables.runs.byKey(key)
  if (row === undefined) return undefined
  const events = tables.runs.eventsOf(row).map((event) => tables.events.byKey(event))
  return {
    row,
    events: events.filter((event) => event !== undefined).map((event) => storedEvent(tables, event)),
    steps: tables.steps.byRun(key),
  }
}

/** A signal by its name; an invoke by its run's ULID and its step, which are its name. */
function openWaitNamed({ waits, runs }: Tables, name: string): WaitRow | undefined {
  const signal = waits.signal(name)
  if (signal !== undefined) return signal
  const dot = name.indexOf('.')
  const run = dot === -1 ? undefined : runs.byUlid(name.slice(0, dot))
  const wait = run === undefined ? undefined : waits.byStep(run.key, name.slice(dot + 1))
  return wait?.kind === 'invoke' && wait.name === name ? wait : undefined
}
