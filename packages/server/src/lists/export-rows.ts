// An export: every row that matches, as a file that is written while it is read. Batches keep the memory bounded, whatever
// the number of rows; the event loop gets its turn, and it ends when the client goes away.
import { setImmediate as turn } from 'node:timers/promises'
import type { ListCursor } from '@pawl/storage'
import { BATCH_FIRST, nextBatch, TURN_MS, type Walk } from './page.ts'
import type { Pieces } from './stream-answer.ts'

export interface Export<Row> {
  readonly walk: Walk<Row>
  readonly after: ListCursor | undefined
  /** What stands before the first row. */
  readonly head: string
  /** A row with its line's end. */
  print(row: Row): string
  /** An error as the last line says it. */
  fault(error: unknown): string
}

/** Characters that are gathered before they are handed on. */
const PIECE_CHARACTERS = 64 * 1024

/** The text of an export. */
export function exportRows<Row>(wanted: Export<Row>): Pieces {
  return async function* pieces(isGone) {
    if (wanted.head !== '') yield wanted.head
    try {
      yield* allRows(wanted, isGone)
    } catch (error) {
      yield wanted.fault(error)
    }
  }
}

async function* allRows<Row>(
  { walk, after: start, print }: Export<Row>,
  isGone: () => boolean,
): AsyncGenerator<string> {
  let after = start
  let batch = BATCH_FIRST
  let text = ''
  while (!isGone()) {
    const rows = await walk.fetch(after, batch)
    let turnAt = performance.now() + TURN_MS
    let size = 0
    for (const row of rows) {
      size += walk.size(row)
      if (walk.matches(row)) text += print(row)
      if (text.length >= PIECE_CHARACTERS) {
        yield text
        text = ''
      }
      if (performance.now() < turnAt) continue
      await turn()
      if (isGone()) return
      turnAt = performance.now() + TURN_MS
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < batch) break
    after = walk.place(last)
    batch = nextBatch(batch, size)
  }
  if (text !== '') yield text
}
