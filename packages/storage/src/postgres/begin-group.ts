// Opens a group's transaction, locks, and reads. The first flight locks what the needs name and reads it; what the rows
// that were found bring, and what a claim has locked, is read in a second one. Nothing that is read can change before the
// group has committed, absence included.
import type { FactsData } from '../contract/database.ts'
import type { EventRow, ItemRow, Key, WaitRow } from '../contract/rows.ts'
import type { Fence, Needs, WaitSearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { CarriedClock } from './clock.ts'
import { BEGIN, type Connection, type Flight, type Value } from './connection.ts'
import { EVENTS_BY_ULID, SINCE, type StoredCells, toEvent } from './event-table.ts'
import { IDEMPOTENCY_KEYS } from './event-outcome-table.ts'
import type { ExpiredReads } from './expired-search.ts'
import { FoundRows } from './found-rows.ts'
import { BACKLOG, CRONS, EPOCHS, ITEMS_BY_KEY, ITEMS_OF, toItem } from './item-table.ts'
import {
  CLEAR_KEYS,
  keyLocks,
  LOCK_ITEMS,
  LOCK_KEYS,
  LOCK_NAMES,
  LOCK_PARENTS,
  LOCK_RUNS,
  type LockSets,
  lockSets,
  locksRuns,
  nameLocks,
  RUNS_EXIST,
} from './locks.ts'
import { readMark, toMark } from './mark.ts'
import { type Candidate, MORE_READY, type ReadyReads, toCandidate } from './ready-search.ts'
import { APPS, FUNCTIONS, toApp, toFunction } from './registry-table.ts'
import { type RunCells, toRun } from './run-table.ts'
import { storedEvents } from './stored-events.ts'
import { MOMENT } from './time.ts'
import { SIGNALS, spotOf, toWait, WAITS } from './wait-table.ts'

/** Events received so long before a mark are before it whatever their transaction's number. */
const MARK_SLACK_MS = 60 * 60 * 1000

export interface Beginning {
  readonly connection: Connection
  readonly space: number
  readonly ready: ReadyReads
  readonly expired: ExpiredReads
  readonly clock: CarriedClock
  /** The test's clock, in place of the database's. */
  readonly wall: number | null
}

export interface Question {
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
}

export interface Begun {
  readonly facts: FactsData
  /** What the group could see; its outcome's mark when it writes nothing. */
  readonly mark: string
}

/** Thrown when a row was found whose run is not locked, for it came while the locks were waited for: begin again. */
export const UNSETTLED = Symbol('unsettled')

const NONE: readonly never[] = []

/** @throws UNSETTLED; any other error of the database. The transaction is then open and has to be rolled back. */
export async function beginGroup(beginning: Beginning, question: Question): Promise<Begun> {
  const { connection, expired, clock } = beginning
  const { needs } = question
  const found = new FoundRows()
  const sets = lockSets(needs, question.fences)
  const flight = connection.flight()
  flight.ask(BEGIN)
  const locked = lock(flight, beginning, { needs, sets })
  const search = needs.ready === undefined ? null : beginning.ready.ask(flight, needs.ready, time(beginning))
  const named = askNamed(flight, found, needs)
  const facts = askFacts(flight, beginning, question)
  const moment = flight.ask(MOMENT, [beginning.wall])
  await flight.land()

  for (const cells of await locked) keepLocked(found, cells)
  await named()
  const [momentCells] = await moment
  if (momentCells === undefined) throw new Error('The store has no counters')
  const [wall, , registryVersion, snapshot, xid] = momentCells
  const now = clock.adopt(wall)
  const claimable = search === null ? null : await claim(beginning, found, { search: await all(search), needs })
  await bringRest(connection, found, claimable)
  const own = await facts()
  return {
    facts: {
      now,
      registryVersion,
      ...own,
      revs: question.revs.map((rev, index) => rev !== null && hasRev(found, question.fences[index], rev)),
      ready: claimable === null ? NONE : claimed(beginning.ready, found, { claimable, needs, now }),
      waits: [...found.waits.values()],
      runs: [...found.runs.values()],
      items: [...found.items.values()],
      memos: found.memos,
      expired: needs.expired === undefined ? NOTHING_EXPIRED : await expired.search(connection, needs.expired),
    },
    mark: toMark({ now, snapshot, xid }),
  }
}
