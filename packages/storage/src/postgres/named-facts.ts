// Reads what a group's needs name: rows that bring others with them, which `FoundRows` keeps, and facts that stand for
// themselves. All of it goes into the flight that has locked it.
import type { FactsData } from '../contract/database.ts'
import type { Mark, WaitRow } from '../contract/rows.ts'
import type { Fence, Needs, StoredEvent, WaitSearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { Connection, Flight, Value } from './connection.ts'
import { IDEMPOTENCY_KEYS } from './event-outcome-table.ts'
import { EVENTS_BY_ULID, SINCE, type StoredCells, toEvent } from './event-table.ts'
import type { FoundRows } from './found-rows.ts'
import { BACKLOG, CRONS, EPOCHS, ITEMS_BY_KEY, NAMED, toItem } from './item-table.ts'
import { readMark } from './mark.ts'
import { WINDOWS } from './rate-tables.ts'
import { APPS, FUNCTIONS, toApp, toFunction } from './registry-table.ts'
import { storedEvents } from './stored-events.ts'
import type { TimeValues } from './time.ts'
import { SIGNALS, spotOf, toWait, WAITS } from './wait-table.ts'

/** Events received so long before a mark are before it, whatever their transaction's number is. */
const MARK_SLACK_MS = 60 * 60 * 1000
const NONE: readonly never[] = []

/** Puts the reads of rows into the flight; the answer files them once it has landed. */
export function askRows(flight: Flight, found: FoundRows, needs: Needs): () => Promise<void> {
  const items = keyed(needs.items, (keys) => flight.ask(ITEMS_BY_KEY, [encodeArray('int8', keys)]))
  const signals = keyed(needs.signals, (names) =>
    flight.ask(SIGNALS, [
      encodeArray(
        'bytea',
        names.map((name) => spotOf(name)),
      ),
    ]),
  )
  const waits = keyed(needs.waits, (searches) => flight.ask(WAITS, searchValues(searches)))
  const named = keyed(needs.named, (names) => flight.ask(NAMED, [encodeArray('text', names)]))
  // What the runs bring is asked here already, as far as it is known beforehand.
  for (const step of needs.steps ?? []) found.addStep(step)
  for (const run of needs.runs ?? []) found.addStep({ run, step: '' })
  for (const run of needs.itemsOf ?? []) found.addItemsOf(run)
  const steps = found.hasQuestions ? found.ask(flight) : null
  return async () => {
    await steps?.()
    for (const run of needs.runs ?? []) found.addRunIfLocked(run)
    for (const cells of await items) found.addItem(toItem(cells))
    for (const cells of await named) found.addNamed(toItem(cells))
    found.addHolders(needs.singletons ?? [])
    for (const cells of await signals) found.addWait(toWait(cells))
    for (const wait of pages(needs.waits ?? [], await waits)) {
      found.addWait(wait)
      found.searched.push(wait.key)
    }
  }
}

/** One entry for each key of each search. */
export function searchValues(searches: readonly WaitSearch[]): readonly Value[] {
  const rows = searches.flatMap(({ name, keys, stored = null, after, max }, place) =>
    keys.map(({ path, value }) => ({ place, spot: spotOf(name, path, value), after, max, stored })),
  )
  return [
    encodeArray(
      'int4',
      rows.map(({ place }) => place),
    ),
    encodeArray(
      'bytea',
      rows.map(({ spot }) => spot),
    ),
    encodeArray(
      'int8',
      rows.map(({ after }) => after),
    ),
    encodeArray(
      'int8',
      rows.map(({ max }) => max),
    ),
    encodeArray(
      'int8',
      rows.map(({ stored }) => stored),
    ),
  ]
}

/** The page of each search over all its keys: the statement gives one for each key. */
function pages(searches: readonly WaitSearch[], rows: readonly (readonly [number, ...unknown[]])[]): WaitRow[] {
  const bySearch = searches.map((): WaitRow[] => [])
  for (const [place, ...cells] of rows) bySearch[place]?.push(toWait(cells))
  return bySearch.flatMap((waits, place) => waits.sort((a, b) => a.key - b.key).slice(0, searches[place]?.max))
}

type NamedFacts = Pick<
  FactsData,
  'fences' | 'events' | 'idempotency' | 'since' | 'backlog' | 'windows' | 'crons' | 'apps' | 'functions'
>

interface Asking {
  readonly connection: Connection
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly time: TimeValues
}

/** Puts the other reads into the flight; the answer is complete once it has landed. */
export function askFacts(flight: Flight, { connection, needs, fences, time }: Asking): () => Promise<NamedFacts> {
  const fenced = fences.flatMap((fence) => (fence === null ? [] : [fence.item]))
  const epochs = keyed(fenced, (items) => flight.ask(EPOCHS, [encodeArray('int8', items)]))
  const events = keyed(needs.eventIds, (ids) => flight.ask(EVENTS_BY_ULID, [encodeArray('text', ids)]))
  const idempotency = keyed(needs.idempotency, (keys) => flight.ask(IDEMPOTENCY_KEYS, keyValues(keys, time)))
  const since = keyed(needs.since, (marks) => flight.ask(SINCE, sinceValues(marks)))
  const backlog = keyed(needs.backlog, (fns) => flight.ask(BACKLOG, [encodeArray('int8', fns)]))
  const windows = keyed(needs.windows, (searches) => flight.ask(WINDOWS, windowValues(searches, time)))
  const crons = keyed(needs.crons, (fns) => flight.ask(CRONS, [encodeArray('int8', fns)]))
  const apps = needs.registry === true ? flight.ask(APPS) : NONE
  const functions = needs.registry === true ? flight.ask(FUNCTIONS) : NONE
  return async () => {
    const epochOf = new Map(await epochs)
    return {
      fences: fences.map((fence) => fence !== null && epochOf.get(fence.item) === fence.epoch),
      events: (await events).map((cells) => toEvent(cells)),
      idempotency: (await idempotency).map(([fn, key, run]) => ({ fn, key, run })),
      since: await storedSince(connection, needs.since ?? [], await since),
      backlog: (await backlog).map(([fn]) => fn),
      windows: (await windows).map(([name, count]) => ({ name, count })),
      crons: (await crons).map((cells) => toItem(cells)),
      apps: (await apps).map((cells) => toApp(cells)),
      functions: (await functions).map((cells) => toFunction(cells)),
    }
  }
}

function keyValues(keys: readonly { readonly fn: number; readonly key: string }[], time: TimeValues): readonly Value[] {
  const fns = keys.map(({ fn }) => fn)
  return [
    encodeArray('int8', fns),
    encodeArray(
      'text',
      keys.map(({ key }) => key),
    ),
    time.floor,
    time.wall,
  ]
}

function windowValues(
  windows: readonly { readonly name: string; readonly periodMs: number }[],
  time: TimeValues,
): readonly Value[] {
  return [
    encodeArray(
      'text',
      windows.map(({ name }) => name),
    ),
    encodeArray(
      'int8',
      windows.map(({ periodMs }) => periodMs),
    ),
    time.floor,
    time.wall,
  ]
}

type Since = readonly { readonly name: string; readonly mark: Mark }[]

function sinceValues(searches: Since): readonly Value[] {
  const marks = searches.map(({ mark }) => readMark(mark))
  return [
    encodeArray(
      'int4',
      searches.map((_, place) => place),
    ),
    encodeArray(
      'text',
      searches.map(({ name }) => name),
    ),
    encodeArray(
      'text',
      marks.map(({ snapshot }) => snapshot),
    ),
    encodeArray(
      'int8',
      marks.map(({ at }) => at - MARK_SLACK_MS),
    ),
  ]
}

async function storedSince(
  connection: Connection,
  searches: Since,
  rows: readonly (readonly [number, ...StoredCells])[],
): Promise<FactsData['since']> {
  const events = await storedEvents(
    connection,
    rows.map(([, ...cells]) => cells),
  )
  const found = searches.map(({ name }) => ({ name, events: [] as StoredEvent[] }))
  for (const [index, [place]] of rows.entries()) found[place]?.events.push(events[index] as StoredEvent)
  return found
}

/** Asks only where there is something to ask for. */
function keyed<Key, Answer>(
  keys: readonly Key[] | undefined,
  ask: (keys: readonly Key[]) => Promise<Answer[]>,
): Promise<Answer[]> | readonly never[] {
  return keys === undefined || keys.length === 0 ? NONE : ask(keys)
}
