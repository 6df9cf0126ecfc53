// The search that takes work. It goes round the functions that have ready items, by hopping from one to the next in the
// ready index (a loose index scan), so that its price is the items that it returns, not the items that stand there; what
// is blocked or asleep stands in other indexes and costs nothing. Servers that claim at once take different items.
import type { ItemKind, ItemRow, Key, RunRow } from '../contract/rows.ts'
import type { ReadySearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { Connection, Flight, Value } from './connection.ts'
import type { FoundRows } from './found-rows.ts'
import { type ItemCells, toItem } from './item-table.ts'
import { LOCK_PARENTS, RUNS_EXIST } from './locks.ts'
import { DUE, DUE_ALONE, FIRST_RANK, type FoundCells, READY, READY_ALONE, READY_OF } from './ready-statements.ts'
import { toRun } from './run-table.ts'
import type { TimeValues } from './time.ts'

/**
 * Milliseconds for which a search that filled its page may be followed by one that goes on where it stopped. While
 * somebody holds an old snapshot (a backup, a report) the entries of what was claimed stay at the head of the index, and
 * each search from the head passes all of them.
 */
const GOING_ON_MS = 200

/** An item whose run is locked for us; what it has come to is read after the lock. */
export interface Candidate {
  readonly key: Key
  readonly step: string
  readonly kind: ItemKind
  readonly fn: Key
  readonly rank: number
  readonly run: RunRow
}

/** A search in a flight. */
interface Asked {
  readonly search: ReadySearch
  readonly floor: number
  /** Whether it goes on where the last one stopped. */
  readonly goesOn: boolean
  /** What it then asks of each function. */
  readonly share: number
  readonly ready: Answer<FoundCells>
  readonly readyAlone: Answer<ItemCells>
  readonly due: Answer<FoundCells>
  readonly dueAlone: Answer<ItemCells>
}

type Answer<Cells> = Promise<Cells[]> | readonly never[]

/** What was found, at the group's time. */
export type Claim = (now: number) => ItemRow[]

export class ReadyReads {
  /** The function that was served last: the next search begins after it, so that a small one reaches all in turn. */
  #last: Key = 0
  /** Where the last search stopped in each function's line; empty when its page was not full, or was not claimed. */
  #ends: readonly Place[] = []
  /** Where the search stopped whose group is open; null when that one searches nothing. */
  #foundEnds: readonly Place[] | null = null
  /** When the lines were last looked through from their heads. */
  #fromHeadsAt = Number.NEGATIVE_INFINITY

  /** Puts the search into a flight. Its locks wait for nothing, so it comes after those that may. */
  ask(flight: Flight, search: ReadySearch, { floor, wall }: TimeValues): Asked {
    const { readyMax, dueMax, skip } = search
    const lines = this.#ends.filter(({ fn }) => !skip.includes(fn))
    const goesOn = lines.length > 0 && floor - this.#fromHeadsAt < GOING_ON_MS
    const ready = this.#headValues(search)
    const due: readonly Value[] = [floor, wall, dueMax]
    const share = Math.max(1, Math.floor(readyMax / lines.length))
    return {
      search,
      floor,
      goesOn,
      share,
      ready:
        readyMax === 0 ? [] : goesOn ? flight.ask(READY_OF, goOnValues(lines, share, skip)) : flight.ask(READY, ready),
      readyAlone: readyMax === 0 ? [] : flight.ask(READY_ALONE, ready),
      due: dueMax === 0 ? [] : flight.ask(DUE, due),
      dueAlone: dueMax === 0 ? [] : flight.ask(DUE_ALONE, due),
    }
  }

  /** Says whether the group of the last search was committed; what was not is found again. */
  settle(isCommitted: boolean): void {
    if (this.#foundEnds !== null) this.#ends = isCommitted ? this.#foundEnds : []
    this.#foundEnds = null
  }

  /** Takes what was locked into the rows that are found; what each item has come to is read with what it brings. */
  async take(connection: Connection, found: FoundRows, asked: Asked): Promise<Claim> {
    const { search } = asked
    const isReady = ({ state }: ItemRow) => state === 'ready'
    const readyAlone = (await asked.readyAlone).map((cells) => toItem(cells)).filter(isReady)
    const sleeping = (await asked.dueAlone).map((cells) => toItem(cells))
    const free = await found.records.take(connection, [...readyAlone, ...sleeping])
    const alone = free.filter(isReady)
    const dueAlone = free.filter((item) => !isReady(item))
    const ready = await this.#takeReady(connection, asked, search.readyMax - alone.length)
    const due = (await asked.due).map(toCandidate)
    const candidates = await withParents(connection, found, [...ready, ...due])
    // What stands in the ready index holds its slots already.
    for (const { key } of [...alone, ...ready]) found.leaveLimitsOf(key)
    for (const candidate of candidates) bring(found, candidate)
    for (const item of [...alone, ...dueAlone]) found.addItem(item)
    return (now) => {
      // An item may have changed between the search's snapshot and the lock of its run.
      const items = candidates.flatMap(({ key, step }) => {
        const item = found.items.get(key)
        return item?.step === step ? [item] : []
      })
      const isDue = ({ state, due }: ItemRow) => state === 'sleeping' && due <= now
      const asleep = [...dueAlone, ...items.filter(isDue)].sort(byDue).slice(0, search.dueMax)
      const taken = this.#inTurn([...alone, ...items.filter(({ state }) => state === 'ready')], search.readyMax)
      if (search.readyMax > 0) this.#keepEnds(taken, search.readyMax - alone.length)
      return [...taken, ...asleep]
    }
  }

  async #takeReady(connection: Connection, asked: Asked, max: number): Promise<readonly Candidate[]> {
    const { search, floor, goesOn, share } = asked
    let ready = (await asked.ready).map(toCandidate)
    const isFromHeads = !goesOn || ready.length === 0
    if (isFromHeads) this.#fromHeadsAt = floor
    if (goesOn && ready.length === 0 && max > 0) {
      ready = (await connection.ask(READY, this.#headValues(search))).map(toCandidate)
    }
    ready.push(...(await fill(connection, ready, isFromHeads ? { max } : { max, share })))
    return ready
  }

  #keepEnds(taken: readonly ItemRow[], max: number): void {
    const ofRuns = taken.filter(({ run }) => run !== null)
    const lines = byFunction(ofRuns)
    // With a line for each item there may be functions that were not reached.
    const isFull = lines.size < max && ofRuns.length >= max
    this.#foundEnds = isFull ? [...lines].map(([fn, line]) => ({ fn, ...endOf(line) })) : []
  }

  #headValues({ readyMax, skip }: ReadySearch): readonly Value[] {
    return [this.#last, encodeArray('int8', skip), readyMax]
  }

  /** One of each function in turn, at most `max`; a reader that stops early has still been fair. */
  #inTurn(items: readonly ItemRow[], max: number): ItemRow[] {
    const found = items.filter(({ fn }) => fn === null).slice(0, max)
    const isBehind = (fn: Key) => (fn > this.#last ? 0 : 1)
    const lines = [...byFunction(items)].sort(([a], [b]) => isBehind(a) - isBehind(b) || a - b)
    const queues = lines.map(([, line]) => line.sort(byRank))
    for (let turn = 0; found.length < max; turn++) {
      const before = found.length
      for (const queue of queues) {
        const item = queue[turn]
        if (item === undefined || found.length === max) continue
        found.push(item)
        this.#last = item.fn ?? this.#last
      }
      if (found.length === before) break
    }
    return found
  }
}

/** A place in a function's line. */
export interface Place extends Ranked {
  readonly fn: Key
}

const FIRST: Ranked = { rank: FIRST_RANK, key: 0 }

/** The last of a line, whichever statement found it. */
export function endOf(line: readonly Ranked[]): Ranked {
  return line.reduce((last, { rank, key }) => (byRank(last, { rank, key }) < 0 ? { rank, key } : last), FIRST)
}

/** Functions, ranks, keys, and how many of each. */
export function placeValues(places: readonly Place[], each: number): readonly Value[] {
  const column = (pick: (place: Place) => number) => encodeArray('int8', places.map(pick))
  return [column(({ fn }) => fn), column(({ rank }) => rank), column(({ key }) => key), column(() => each)]
}

/** From the places on, and from the heads of functions that have none. */
function goOnValues(places: readonly Place[], each: number, skip: readonly Key[]): readonly Value[] {
  const bounds = [...places.map(({ fn }) => fn), ...skip].sort((a, b) => a - b)
  const after = encodeArray('int8', [Number.MIN_SAFE_INTEGER, ...bounds])
  const before = encodeArray('int8', [...bounds, Number.MAX_SAFE_INTEGER])
  return [...placeValues(places, each), after, before, each]
}

const NO_GAPS = [encodeArray('int8', []), encodeArray('int8', []), 0]

interface Shares {
  readonly max: number
  /** What was asked of each function; absent where all that have ready items had an equal share. */
  readonly share?: number
}

/** What short lines left goes to the functions that gave all that was asked of them. */
async function fill(connection: Connection, found: readonly Candidate[], asked: Shares): Promise<Candidate[]> {
  const lines = [...byFunction(found)]
  const { max, share = Math.max(1, Math.floor(max / lines.length)) } = asked
  const open = lines.filter(([, line]) => line.length >= share).map(([fn, line]) => ({ fn, ...endOf(line) }))
  const left = max - found.length
  if (left <= 0 || open.length === 0) return []
  const values = [...placeValues(open, Math.ceil(left / open.length)), ...NO_GAPS]
  return (await connection.ask(READY_OF, values)).map(toCandidate)
}

/** An item whose run was locked by the search is read again, with what it brings. */
export function bring(found: FoundRows, { key, step, kind, run }: Candidate): void {
  found.addItemKey(key)
  found.bring({ run: run.key, step, kind })
}

/** An end of a run is told to the run that invoked it, so that one is locked too; an item whose parent is busy waits. */
export async function withParents(
  connection: Connection,
  found: FoundRows,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  for (const { run } of candidates) found.lock(run)
  const parents = new Set<Key>()
  for (const { run } of candidates) {
    if (run.parentRun !== null && !found.isLocked(run.parentRun)) parents.add(run.parentRun)
  }
  if (parents.size === 0) return candidates
  const flight = connection.flight()
  const keys = [encodeArray('int8', [...parents])]
  const exist = flight.ask(RUNS_EXIST, keys)
  const locked = flight.ask(LOCK_PARENTS, keys)
  await flight.land()
  for (const cells of await locked) found.lock(toRun(cells))
  const busy = new Set((await exist).map(([key]) => key).filter((key) => !found.isLocked(key)))
  return candidates.filter(({ run }) => run.parentRun === null || !busy.has(run.parentRun))
}

export function byFunction<Row extends { readonly fn: Key | null }>(rows: readonly Row[]): Map<Key, Row[]> {
  const lines = new Map<Key, Row[]>()
  for (const row of rows) {
    if (row.fn === null) continue
    const line = lines.get(row.fn)
    if (line === undefined) lines.set(row.fn, [row])
    else line.push(row)
  }
  return lines
}

function byDue(a: ItemRow, b: ItemRow): number {
  return a.due - b.due || a.key - b.key
}

export interface Ranked {
  readonly rank: number
  readonly key: Key
}

export function byRank(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || a.key - b.key
}

export function toCandidate([key, step, kind, fn, rank, ...run]: FoundCells): Candidate {
  return { key, step, kind, fn, rank, run: toRun(run) }
}
