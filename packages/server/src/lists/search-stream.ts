// A search that is written while it goes on: each row that matches, how far it is at least every quarter of a second, and
// a place from which it can be gone on with. Rows are read in batches, as for a page, so that memory stays bounded; the
// event loop gets its turn in between.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { ListCursor } from '@pawl/storage'
import { printJson } from '../http/raw-json.ts'
import { instant } from '../views/instant.ts'
import { BATCH_FIRST, nextBatch, TURN_MS, type Walk } from './page.ts'
import type { Pieces } from './stream-answer.ts'

export interface Search<Row> {
  readonly walk: Walk<Row>
  readonly after: ListCursor | undefined
  /** Rows to find; the search ends there. */
  readonly limit: number
  /** A row as the list shows it. */
  show(row: Row): unknown
  /** The opaque cursor of a place. */
  cursor(place: ListCursor): string
  /** An error as the last line says it. */
  fault(error: unknown): unknown
}

/** Less than what is promised, for a timer is late rather than early. */
const PROGRESS_MS = 200
/** A search that nobody stops ends here, with a cursor. */
const SEARCH_MS_MAX = 120_000

/** The lines of a search. */
export function searchLines<Row>(search: Search<Row>): Pieces {
  return async function* pieces(isGone) {
    try {
      yield* new Searching(search, isGone).lines()
    } catch (error) {
      yield line({ error: search.fault(error) })
    }
  }
}

function line(value: unknown): string {
  return `${printJson(value)}\n`
}

/** One search under way. */
class Searching<Row> {
  readonly #search: Search<Row>
  readonly #isGone: () => boolean
  #saidAt = performance.now()
  #place: ListCursor | undefined
  #scanned = 0
  #found = 0

  constructor(search: Search<Row>, isGone: () => boolean) {
    this.#search = search
    this.#isGone = isGone
    this.#place = search.after
  }

  async *lines(): AsyncGenerator<string> {
    const { walk } = this.#search
    const deadline = performance.now() + SEARCH_MS_MAX
    let batch = BATCH_FIRST
    while (!this.#isGone()) {
      const rows = yield* this.#waited(walk.fetch(this.#place, batch))
      const before = this.#scanned
      const size = yield* this.#look(rows)
      const isWhole = this.#scanned - before === rows.length
      const isLast = rows.length < batch && isWhole
      if (isLast || this.#found >= this.#search.limit || performance.now() > deadline) return yield this.#done(!isLast)
      batch = nextBatch(batch, size)
    }
  }

  /** What is read, saying how far the search is while it takes long. */
  async *#waited(reading: Promise<readonly Row[]>): AsyncGenerator<string, readonly Row[]> {
    // Whoever goes away meanwhile does not hear that it failed.
    reading.catch(() => {})
    for (;;) {
      const clock = new AbortController()
      const left = Math.max(1, this.#saidAt + PROGRESS_MS - performance.now())
      const tick = sleep(left, undefined, { signal: clock.signal }).catch(() => undefined)
      const rows = await Promise.race([reading, tick])
      clock.abort()
      if (rows !== undefined) return rows
      yield this.#progress()
      if (this.#isGone()) return []
    }
  }

  /** Looks through a batch. @returns the characters of what it has read. */
  async *#look(rows: readonly Row[]): AsyncGenerator<string, number> {
    const { walk, limit, show } = this.#search
    let turnAt = performance.now() + TURN_MS
    let size = 0
    let text = ''
    for (const row of rows) {
      if (this.#found >= limit) break
      size += walk.size(row)
      if (walk.matches(row)) {
        this.#found += 1
        text += line({ row: show(row) })
      }
      this.#scanned += 1
      this.#place = walk.place(row)
      if (performance.now() < turnAt) continue
      if (text !== '') yield this.#said(text)
      else if (performance.now() - this.#saidAt >= PROGRESS_MS) yield this.#progress()
      text = ''
      await turn()
      if (this.#isGone()) return size
      turnAt = performance.now() + TURN_MS
    }
    if (text !== '') yield this.#said(text)
    return size
  }

  #progress(): string {
    const at = this.#place === undefined ? undefined : instant(this.#place.value)
    this.#saidAt = performance.now()
    return line({ progress: { scanned: this.#scanned, at } })
  }

  /** Rows that were found do not say how far the search is: the time of the last progress stays. */
  #said(text: string): string {
    return performance.now() - this.#saidAt >= PROGRESS_MS ? text + this.#progress() : text
  }

  #done(hasMore: boolean): string {
    const cursor = hasMore && this.#place !== undefined ? this.#search.cursor(this.#place) : undefined
    return line({ done: { cursor, hasMore, scanned: this.#scanned } })
  }
}
