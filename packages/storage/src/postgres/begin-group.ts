// Opens a group's transaction, locks, and reads. The first flight locks what the needs name and reads it; what the rows
// that were found bring is read in another one. Nothing that is read can change before the group has committed, absence
// included.
import type { FactsData } from '../contract/database.ts'
import type { Fence, LimitSearch, Needs } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { CarriedClock } from './clock.ts'
import { BEGIN, type Connection, type Flight, only } from './connection.ts'
import type { ExpiredReads } from './expired-search.ts'
import { FoundRecords, type LockedRecords, lockRecords, needsRecords } from './found-records.ts'
import { FoundRows } from './found-rows.ts'
import { GroupLimits } from './limit-locks.ts'
import type { LineReads } from './line-search.ts'
import {
  CLEAR_KEYS,
  keyLocks,
  LOCK_ITEMS,
  LOCK_KEYS,
  LOCK_LIMITS,
  LOCK_NAMES,
  LOCK_RUNS,
  limitLocks,
  lockSets,
  locksRuns,
  nameLocks,
  RUNS_EXIST,
} from './locks.ts'
import { toMark } from './mark.ts'
import { askFacts, askRows, searchValues } from './named-facts.ts'
import type { ReadyReads } from './ready-search.ts'
import { type RunCells, toRun } from './run-table.ts'
import { MOMENT } from './time.ts'

export interface Beginning {
  readonly connection: Connection
  /** The first number of this store's advisory locks. */
  readonly space: number
  readonly ready: ReadyReads
  readonly lines: LineReads
  readonly expired: ExpiredReads
  readonly clock: CarriedClock
  /** The test's clock, in place of the database's. */
  readonly wall: number | null
  /** Whether guards may be left to what is written, see `hope.ts`. */
  readonly mayHope: boolean
}

export interface Question {
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
}

export interface Begun {
  readonly facts: FactsData
  /** What the group could see: its outcome's mark when it writes nothing. */
  readonly mark: string
  /** Nobody has looked at leases and revisions yet: they are taken to be as the operations know them. */
  readonly isHoped: boolean
}

/** Thrown when a row was found whose run, job or session is not locked, for it came while locks were waited for: begin again. */
export const UNSETTLED = Symbol('unsettled')

const NOTHING = { events: [], runs: [] }

/** @throws UNSETTLED, or what the database says. The transaction is then open and has to be rolled back. */
export async function beginGroup(beginning: Beginning, question: Question): Promise<Begun> {
  const { connection, clock, wall } = beginning
  const { needs, fences, revs } = question
  const records = new FoundRecords()
  const found = new FoundRows(records)
  const time = { floor: clock.floor(), wall }
  const flight = connection.flight()
  const isHoped = beginning.mayHope && locksNoRows(question)
  flight.ask(BEGIN)
  const locked = lock(flight, beginning, isHoped ? { ...question, fences: [] } : question)
  const limits = new GroupLimits(beginning.space)
  const limited = needs.limits ?? []
  const heads = limited.length === 0 ? null : beginning.lines.ask(flight, limited)
  const counts = heads === null ? null : limits.ask(flight, found, takesOf(limited))
  const search = needs.ready === undefined ? null : beginning.ready.ask(flight, needs.ready, time)
  const known = records.askRows(flight, needs, locked.records)
  const rows = askRows(flight, found, needs)
  const named = askFacts(flight, { connection, needs, fences: isHoped ? [] : fences, time })
  // The last one, so that the group's time is not before what was found to be due or expired.
  const moment = flight.ask(MOMENT, [wall])
  await flight.land()

  for (const cells of await locked.runs) found.lock(toRun(cells))
  await known()
  await rows()
  const [databaseTime, , registryVersion, snapshot, xid] = only(await moment)
  const now = clock.adopt(databaseTime)
  await counts?.()
  const lines = heads === null ? null : await beginning.lines.take(connection, found, { ...heads, limits })
  const claim = search === null ? null : await beginning.ready.take(connection, found, search)
  await bringRest(connection, found, limits)
  return {
    facts: {
      now,
      registryVersion,
      ...(await named()),
      ...(isHoped
        ? hoped(question)
        : { revs: revs.map((rev, index) => rev !== null && found.hasRev(fences[index]?.run ?? null, rev)) }),
      ready: claim === null ? [] : claim(now),
      waits: [...found.waits.values()],
      searched: found.searched,
      runs: [...found.runs.values()],
      items: [...found.items.values()],
      memos: found.memos,
      ...records.facts,
      named: found.named,
      limits: limits.facts,
      lines: lines === null ? [] : lines(),
      expired: needs.expired === undefined ? NOTHING : await beginning.expired.search(connection, needs.expired),
    },
    mark: toMark({ now, snapshot, xid }),
    isHoped,
  }
}

/** Whether only operations that need nothing have leases, and nothing else of the group locks runs or items. */
function locksNoRows({ needs, fences }: Question): boolean {
  const { ready, limits = [], expired, registry } = needs
  if (needsRecords(needs)) return false
  if (ready !== undefined || limits.length > 0 || expired !== undefined || registry === true) return false
  const sets = lockSets(needs, [])
  return fences.some((fence) => fence !== null) && !locksRuns(sets) && sets.crons.length + sets.named.length === 0
}

function hoped({ fences, revs }: Question): Pick<FactsData, 'fences' | 'revs'> {
  return { fences: fences.map((fence) => fence !== null), revs: revs.map((rev) => rev !== null) }
}

/** Puts the locks that may wait into the flight, in their order. */
function lock(
  flight: Flight,
  { space }: Beginning,
  { needs, fences }: Question,
): { readonly runs: Promise<RunCells[]> | readonly never[]; readonly records: LockedRecords } {
  const keys = keyLocks(needs)
  const sets = lockSets(needs, fences)
  const { items, crons, named } = sets
  const limits = [...takesOf(needs.limits ?? []).keys()]
  flight.ask(LOCK_NAMES, nameLocks(space, needs))
  if (keys.length > 0) {
    const spots = [encodeArray('bytea', keys)]
    flight.ask(LOCK_KEYS, spots)
    flight.ask(CLEAR_KEYS, spots)
  }
  if (limits.length > 0) flight.ask(LOCK_LIMITS, limitLocks(space, limits))
  const records = lockRecords(flight, needs)
  const runs = locksRuns(sets)
    ? flight.ask(LOCK_RUNS, [
        encodeArray('int8', sets.runs),
        encodeArray('int8', sets.families),
        encodeArray('int8', items),
        encodeArray('bytea', sets.signals),
        ...searchValues(needs.waits ?? []),
        encodeArray('text', sets.singletons),
      ])
    : []
  if (items.length + crons.length + named.length > 0) {
    flight.ask(LOCK_ITEMS, [encodeArray('int8', items), encodeArray('int8', crons), encodeArray('text', named)])
  }
  return { runs, records }
}

/** Each limit once, with the most that is taken of its line. */
function takesOf(searches: readonly LimitSearch[]): ReadonlyMap<string, number> {
  const takes = new Map<string, number>()
  for (const { name, take } of searches) takes.set(name, Math.max(take, takes.get(name) ?? 0))
  return takes
}

/** Reads what the found rows bring, until they bring nothing new. */
async function bringRest(connection: Connection, found: FoundRows, limits: GroupLimits): Promise<void> {
  for (;;) {
    const flight = connection.flight()
    const unlocked = [...found.unlocked]
    const exist = unlocked.length === 0 ? [] : flight.ask(RUNS_EXIST, [encodeArray('int8', unlocked)])
    const limited = limits.try(flight, found, found.takeLimits())
    const { records } = found
    if (limited === null && !found.hasQuestions && !records.hasQuestions) {
      if (records.isUnsettled) throw UNSETTLED
      return
    }
    const brought = records.ask(flight, (item) => found.addItem(item))
    const answer = found.ask(flight)
    await flight.land()
    await answer()
    await brought()
    await limited?.()
    for (const run of unlocked) found.unlocked.delete(run)
    if ((await exist).length > 0) throw UNSETTLED
  }
}
