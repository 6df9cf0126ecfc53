// Sets of rows that a group writes, each row once. A row is written for the operation at its place in the group; where
// two places write one row they cannot be told apart any more, which is refused: the writer then runs them one by one.
import type { Key } from '../contract/rows.ts'
import { misfit } from './postgres-errors.ts'
import type { Placed } from './write-parts.ts'

/** Rows by what they are known by. */
export class RowSet<Id, Row> {
  readonly #rows = new Map<Id, Placed<Row>>()

  get size(): number {
    return this.#rows.size
  }

  get(id: Id): Row | undefined {
    return this.#rows.get(id)?.row
  }

  values(): readonly Placed<Row>[] {
    return [...this.#rows.values()]
  }

  put(id: Id, placed: Placed<Row>): void {
    if (this.#rows.has(id)) throw misfit(`${id} is put twice`)
    this.#rows.set(id, placed)
  }

  replace(id: Id, placed: Placed<Row>): void {
    assertOwn(this.#rows.get(id), placed.at)
    this.#rows.set(id, placed)
  }

  /** Whether there was such a row, which is not written any more. */
  drop(id: Id, at: number): boolean {
    assertOwn(this.#rows.get(id), at)
    return this.#rows.delete(id)
  }

  dropWhere(at: number, isGone: (row: Row) => boolean): void {
    for (const [id, { row }] of this.#rows) if (isGone(row)) this.drop(id, at)
  }
}

interface OfRun {
  readonly key: Key
  readonly run: Key | null
}

/** Rows that belong to runs and end by themselves or with all others of their run: items, waits. */
export class RunRowSet<Row extends OfRun> {
  readonly puts = new RowSet<Key, Row>()
  readonly sets = new RowSet<Key, Row>()
  readonly ends = new RowSet<Key, Key>()
  readonly endsOf = new RowSet<Key, Key>()
  readonly #noun: string

  constructor(noun: string) {
    this.#noun = noun
  }

  put(placed: Placed<Row>): void {
    this.puts.put(placed.row.key, placed)
  }

  set(placed: Placed<Row>): void {
    const { key, run } = placed.row
    if (this.puts.get(key) !== undefined) return this.puts.replace(key, placed)
    const isEnded = this.ends.get(key) !== undefined || (run !== null && this.endsOf.get(run) !== undefined)
    if (isEnded) throw misfit(`there is no ${this.#noun} ${key}`)
    this.sets.replace(key, placed)
  }

  end(key: Key, at: number): void {
    if (this.puts.drop(key, at)) return
    this.sets.drop(key, at)
    this.ends.replace(key, { at, row: key })
  }

  endOf(run: Key, at: number): void {
    this.puts.dropWhere(at, (row) => row.run === run)
    this.sets.dropWhere(at, (row) => row.run === run)
    this.endsOf.replace(run, { at, row: run })
  }
}

function assertOwn(before: Placed<unknown> | undefined, at: number): void {
  if (before !== undefined && before.at !== at) throw new Error('Two operations of one group write the same row')
}
