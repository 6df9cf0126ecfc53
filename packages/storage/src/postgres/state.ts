// Reads of the engine, by key, on a connection beside the one that writes. They see what has committed; what belongs
// together is read in one snapshot.
import type { ItemRow, Key, StepRow, WaitRow } from '../contract/rows.ts'
import type { LoadedRun, Registry, StateReads } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { BULK_BY_KEY, toBulk } from './bulk-table.ts'
import { BEGIN_SNAPSHOT, COMMIT, type Connection, only, statement } from './connection.ts'
import { EVENTS_BY_ULID, eventColumns, STORED_EVENTS, type StoredCells, toEvent, WITH_BODY } from './event-table.ts'
import { gathered } from './gathered-reads.ts'
import { ITEMS_BY_KEY, LEASED_BY, LINES_OF, toItem } from './item-table.ts'
import { JOB_BY_ULID, JOB_RUNS_BY_ULID, SECRETS, toJob, toJobRun, toSecret } from './job-table.ts'
import { APPS, FUNCTIONS, toApp, toFunction, WAIT_PATHS } from './registry-table.ts'
import { RUN_EVENTS } from './run-event-table.ts'
import { RUN_BY_ULID, RUN_CELLS, type RunCells, runColumns, toRun } from './run-table.ts'
import { REQUEST_BY_ULID, SESSION_BY_ULID, toRequest, toSession } from './session-table.ts'
import { STEPS_OF } from './step-table.ts'
import { storedEvents } from './stored-events.ts'
import { INVOKE, SIGNALS, spotOf, toWait } from './wait-table.ts'

/** The least due time in the time index, and whether anything stands in the ready index. */
export const NEXT_DUE = statement<[due: number | null, ready: boolean]>(
  'next_due',
  `SELECT (SELECT wake_at FROM items WHERE state = 'sleeping' ORDER BY wake_at, key LIMIT 1),
     EXISTS (SELECT FROM items WHERE state = 'ready')`,
)

const REGISTRY_VERSION = statement<[version: number]>(
  'registry_version',
  "SELECT value FROM meta WHERE name = 'registry'",
)

/** Runs with their triggering events. */
const RUNS_WITH_EVENTS = statement<[...RunCells, ...StoredCells]>(
  'runs_with_events',
  `SELECT ${runColumns('r.')}, ${eventColumns('e.')}, b.body FROM runs r
   LEFT JOIN events e ON e.key = r.event ${WITH_BODY}
   WHERE r.key = ANY ($1::int8[])`,
)

export interface StateSource {
  /** Runs a read; again on a new connection when the one it was on is lost. @throws StorageError */
  read<R>(ask: (connection: Connection) => Promise<R>): Promise<R>
  readonly clock: StateReads['clock']
}

export function openState({ read, clock }: StateSource): StateReads {
  return {
    registry: () => read(readRegistry),
    registryVersion: () =>
      read(async (connection) => {
        const [version] = only(await connection.ask(REGISTRY_VERSION))
        return version
      }),
    leasedBy: (owner) =>
      read(async (connection) => (await connection.ask(LEASED_BY, [owner])).map((cells) => toItem(cells))),
    load: gathered({
      read: (runs) => read((connection) => loadRuns(connection, runs)),
      keyOf: ({ row }: LoadedRun) => row.key,
    }),
    items: gathered({
      read: (keys) =>
        read(async (connection) =>
          (await connection.ask(ITEMS_BY_KEY, [encodeArray('int8', keys)])).map((cells) => toItem(cells)),
        ),
      keyOf: (item: ItemRow) => item.key,
    }),
    events: (keys) =>
      read(async (connection) => {
        const found = await connection.ask(STORED_EVENTS, [encodeArray('int8', keys)])
        return inOrder(keys, await storedEvents(connection, found), ({ row }) => row.key)
      }),
    eventByUlid: (id) =>
      read(async (connection) => {
        const [cells] = await connection.ask(EVENTS_BY_ULID, [encodeArray('text', [id])])
        return cells === undefined ? undefined : toEvent(cells)
      }),
    runByUlid: (id) =>
      read(async (connection) => {
        const [cells] = await connection.ask(RUN_BY_ULID, [id])
        return cells === undefined ? undefined : toRun(cells)
      }),
    linesOf: (fn, after, max) =>
      read(async (connection) => (await connection.ask(LINES_OF, [fn, after, max])).map(([line]) => line)),
    bulk: (key) =>
      read(async (connection) => {
        const [cells] = await connection.ask(BULK_BY_KEY, [key])
        return cells === undefined ? undefined : toBulk(cells)
      }),
    jobByUlid: (id) => read((connection) => firstOf(connection.ask(JOB_BY_ULID, [id]), toJob)),
    jobRunByUlid: (id) =>
      read((connection) => firstOf(connection.ask(JOB_RUNS_BY_ULID, [encodeArray('text', [id])]), toJobRun)),
    sessionByUlid: (id) => read((connection) => firstOf(connection.ask(SESSION_BY_ULID, [id]), toSession)),
    requestByUlid: (id) => read((connection) => firstOf(connection.ask(REQUEST_BY_ULID, [id]), toRequest)),
    secrets: (names) =>
      read(async (connection) => (await connection.ask(SECRETS, [encodeArray('text', names)])).map(toSecret)),
    signal: (name) => read((connection) => openWaitNamed(connection, name)),
    nextDue: () =>
      read(async (connection) => {
        const [cells] = await connection.ask(NEXT_DUE)
        return { due: cells?.[0] ?? null, ready: cells?.[1] ?? false }
      }),
    clock,
  }
}

async function firstOf<Cells, Row>(found: Promise<Cells[]>, to: (cells: Cells) => Row): Promise<Row | undefined> {
  const [cells] = await found
  return cells === undefined ? undefined : to(cells)
}

async function readRegistry(connection: Connection): Promise<Registry> {
  const flight = connection.flight()
  flight.ask(BEGIN_SNAPSHOT)
  const version = flight.ask(REGISTRY_VERSION)
  const apps = flight.ask(APPS)
  const functions = flight.ask(FUNCTIONS)
  const paths = flight.ask(WAIT_PATHS)
  flight.ask(COMMIT)
  await flight.land()
  return {
    version: only(await version)[0],
    apps: (await apps).map((cells) => toApp(cells)),
    functions: (await functions).map((cells) => toFunction(cells)),
    waitPaths: (await paths).map(([name, path]) => ({ name, path })),
  }
}

async function loadRuns(connection: Connection, keys: readonly Key[]): Promise<readonly LoadedRun[]> {
  const wanted = [encodeArray('int8', keys)]
  const flight = connection.flight()
  flight.ask(BEGIN_SNAPSHOT)
  const runs = flight.ask(RUNS_WITH_EVENTS, wanted)
  const several = flight.ask(RUN_EVENTS, wanted)
  const steps = flight.ask(STEPS_OF, wanted)
  flight.ask(COMMIT)
  await flight.land()
  const stepsOf = new Map<Key, StepRow[]>()
  for (const [run, step, position, memo, input] of await steps) {
    const row = { run, step, position, memo, input }
    const list = stepsOf.get(run)
    if (list === undefined) stepsOf.set(run, [row])
    else list.push(row)
  }
  const found = await runs
  // A run may outlive its event, which is then without a key.
  const withEvent = found.map((cells) => cells.slice(RUN_CELLS) as StoredCells).filter(([key]) => key !== null)
  const batches = await several
  const all = [...withEvent, ...batches.map(([, ...cells]) => cells as StoredCells)]
  const events = new Map((await storedEvents(connection, all)).map((event) => [event.row.key, event]))
  const eventsOf = Map.groupBy(batches, ([run]) => run)
  const loaded = found.map((cells) => {
    const row = toRun(cells)
    const named = eventsOf.get(row.key)?.map(([, event]) => event) ?? [row.event]
    return { row, events: named.flatMap((event) => events.get(event) ?? []), steps: stepsOf.get(row.key) ?? [] }
  })
  return loaded
}

/** A signal by its name; an invoke by its run's ULID and its step, which are its name. */
async function openWaitNamed(connection: Connection, name: string): Promise<WaitRow | undefined> {
  const [signal] = await connection.ask(SIGNALS, [encodeArray('bytea', [spotOf(name)])])
  if (signal !== undefined) return toWait(signal)
  const dot = name.indexOf('.')
  if (dot === -1) return undefined
  const [invoke] = await connection.ask(INVOKE, [name.slice(0, dot), name.slice(dot + 1), name])
  return invoke === undefined ? undefined : toWait(invoke)
}

/** What was found, in the order in which it was asked for. */
function inOrder<Found>(keys: readonly Key[], found: readonly Found[], keyOf: (found: Found) => Key): Found[] {
  const byKey = new Map(found.map((one) => [keyOf(one), one]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}
