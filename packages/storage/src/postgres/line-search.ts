// The heads of the lines of a group's limits. A search goes round the functions that stand in a line, as a claim does in
// the ready index; an item whose run is busy is left out, and the line is then said to be longer than what was found.
import type { FactsData } from '../contract/database.ts'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { LimitSearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { Connection, Flight, Value } from './connection.ts'
import type { FoundRows } from './found-rows.ts'
import { toItem } from './item-table.ts'
import type { GroupLimits, Length } from './limit-locks.ts'
import { LINE_ALONE, LINE_HEADS, LINE_MORE } from './limit-statements.ts'
import {
  bring,
  byFunction,
  byRank,
  type Candidate,
  endOf,
  type Place,
  toCandidate,
  withParents,
} from './ready-search.ts'
import type { FoundCells } from './ready-statements.ts'

/** Lines of which it is remembered who was served last. */
const REMEMBERED_MAX = 10_000

export interface AskedLines {
  readonly searches: readonly LimitSearch[]
  readonly heads: Promise<[number, ...FoundCells][]> | readonly never[]
}

/** What was found of one line. */
interface Line {
  readonly search: LimitSearch
  readonly length: Length
  alone: readonly ItemRow[]
  candidates: readonly Candidate[]
}

export type Heads = () => FactsData['lines']

export class LineReads {
  /** The function that was served last in a line: the next search begins after it. */
  readonly #last = new Map<string, Key>()

  /** Puts the searches into a flight, behind the locks of their limits. */
  ask(flight: Flight, searches: readonly LimitSearch[]): AskedLines {
    const isTaken = searches.some(({ take }) => take > 0)
    return { searches, heads: isTaken ? flight.ask(LINE_HEADS, this.#values(searches)) : [] }
  }

  /** Takes what was locked into the rows that are found; what each item has come to is read with what it brings. */
  async take(
    connection: Connection,
    found: FoundRows,
    { searches, heads, limits }: AskedLines & { readonly limits: GroupLimits },
  ): Promise<Heads> {
    const candidates = Map.groupBy(await heads, ([place]) => place)
    const lines: Line[] = searches.map((search, place) => ({
      search,
      length: limits.lengthOf(search.name),
      alone: [],
      candidates: (candidates.get(place) ?? []).map(([, ...cells]) => toCandidate(cells)),
    }))
    await fill(connection, lines)
    await this.#addAlone(connection, lines)
    for (const line of lines) {
      line.candidates = await withParents(connection, found, line.candidates)
      for (const candidate of line.candidates) bring(found, candidate)
      for (const item of line.alone) found.addItem(item)
    }
    return () => lines.map((line) => this.#headOf(line, found))
  }

  #headOf({ search, candidates, alone, length }: Line, found: FoundRows): FactsData['lines'][number] {
    const { name, take } = search
    const items = [...candidates, ...alone].flatMap(({ key }) => {
      // It may have left between the search's snapshot and the lock of its run.
      const item = found.items.get(key)
      return item?.line === name ? [item] : []
    })
    const heads = this.#inTurn(name, items, take)
    const isWhole = length.ofRuns + length.alone <= heads.length
    this.#remember(name, isWhole ? null : (heads.at(-1)?.fn ?? null))
    return { name, items: heads.map(({ key }) => key), isWhole }
  }

  /** One of each function in turn, from after the one that was served last. */
  #inTurn(name: string, items: readonly ItemRow[], take: number): ItemRow[] {
    const last = this.#last.get(name) ?? 0
    const isBehind = (fn: Key) => (fn > last ? 0 : 1)
    const queues = [...byFunction(items)]
      .sort(([a], [b]) => isBehind(a) - isBehind(b) || a - b)
      .map(([, queue]) => queue.sort(byRank))
    const heads: ItemRow[] = []
    for (let turn = 0; heads.length < take && queues.some((queue) => turn < queue.length); turn++) {
      heads.push(...queues.flatMap((queue) => queue[turn] ?? []).slice(0, take - heads.length))
    }
    return heads
  }

  /** Items without a run stand in few lines. */
  async #addAlone(connection: Connection, lines: readonly Line[]): Promise<void> {
    const mixed = lines.filter(({ search, length }) => search.take > 0 && length.alone > 0)
    if (mixed.length === 0) return
    const rows = await connection.ask(LINE_ALONE, this.#values(mixed.map(({ search }) => search)))
    for (const [place, ...cells] of rows) {
      const line = mixed[place]
      if (line !== undefined) line.alone = [...line.alone, toItem(cells)]
    }
  }

  #remember(name: string, served: Key | null): void {
    if (served === null) this.#last.delete(name)
    else if (this.#last.size < REMEMBERED_MAX || this.#last.has(name)) this.#last.set(name, served)
  }

  #values(searches: readonly LimitSearch[]): readonly Value[] {
    const names = searches.map(({ name }) => name)
    return [
      encodeArray('int4', [...searches.keys()]),
      encodeArray('text', names),
      encodeArray(
        'int8',
        names.map((name) => this.#last.get(name) ?? 0),
      ),
      encodeArray(
        'int8',
        searches.map(({ take }) => take),
      ),
    ]
  }
}

interface Gap extends Place {
  readonly place: number
  readonly name: string
  readonly max: number
}

/** What functions with few items left of a share goes to those that gave all that was asked of them. */
async function fill(connection: Connection, lines: readonly Line[]): Promise<void> {
  const gaps = lines.flatMap((line, place) => gapsOf(line, place))
  if (gaps.length === 0) return
  const column = (pick: (gap: Gap) => number) => encodeArray('int8', gaps.map(pick))
  const more = await connection.ask(LINE_MORE, [
    encodeArray(
      'int4',
      gaps.map(({ place }) => place),
    ),
    encodeArray(
      'text',
      gaps.map(({ name }) => name),
    ),
    column(({ fn }) => fn),
    column(({ rank }) => rank),
    column(({ key }) => key),
    column(({ max }) => max),
  ])
  for (const [place, ...cells] of more) {
    const line = lines[place]
    if (line !== undefined) line.candidates = [...line.candidates, toCandidate(cells)]
  }
}

function gapsOf({ search, candidates, length }: Line, place: number): Gap[] {
  const { name, take } = search
  const left = Math.min(take, length.ofRuns) - candidates.length
  const queues = [...byFunction(candidates)]
  const share = Math.max(1, Math.floor(take / queues.length))
  const open = queues.filter(([, queue]) => queue.length >= share)
  if (left <= 0) return []
  const max = Math.ceil(left / open.length)
  return open.map(([fn, queue]) => ({ place, name, max, fn, ...endOf(queue) }))
}
