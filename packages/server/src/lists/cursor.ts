// The opaque cursor of a list: the place of its last row in the list's total order (sort value, then key), and the order
// it belongs to, so that a cursor of another list or order is refused instead of giving a wrong page.
import { isUlid } from '@pawl/protocol'
import type { EventRow, ListCursor, ListReads } from '@pawl/storage'
import { HttpError } from '../http/http-errors.ts'

/** Writes a cursor for an order such as `runs:queuedAt:desc`. */
export function writeCursor(order: string, place: ListCursor): string {
  return Buffer.from(JSON.stringify({ o: order, v: place.value, k: place.key })).toString('base64url')
}

/** @throws HttpError `invalid_parameter` for a text that is no cursor of this order. */
export function readCursor(order: string, text: string | undefined): ListCursor | undefined {
  if (text === undefined || text === '') return undefined
  const { o, v, k } = parsed(text)
  if (o !== order || !isInteger(v) || !isInteger(k)) throw badCursor()
  return { value: v, key: k }
}

/** Where repeats of an event are looked for, in milliseconds after it: clients resend within seconds, rarely later. */
const REPEAT_WINDOWS_MS = [10_000, 600_000]
/** Events of the same name that are looked through in one window: a whole batch that was sent twice. */
const REPEAT_ROWS_MAX = 10_000
const BATCH = 1_000

/**
 * As `readCursor`, for the list of events, which also takes the ID of the last event of a page. An event that was sent
 * again stands in the list twice under one ID: that is no place, and is refused rather than leaving out what is between.
 */
export async function readEventCursor(
  lists: ListReads,
  order: string,
  text: string | undefined,
): Promise<ListCursor | undefined> {
  if (text === undefined || !isUlid(text)) return readCursor(order, text)
  const last = await lists.event(text)
  if (last === undefined) throw badCursor()
  if (await hasRepeat(lists, last.row)) {
    const message = 'cursor is the ID of an event that was sent more than once; use page.cursor of the page before'
    throw new HttpError('invalid_parameter', message, { path: 'cursor' })
  }
  return { value: last.row.receivedAt, key: last.row.key }
}

/** No index finds repeats by their ID; so a very busy name may hide one that came late. */
async function hasRepeat(lists: ListReads, { id, name, receivedAt }: EventRow): Promise<boolean> {
  for (const windowMs of REPEAT_WINDOWS_MS) {
    let after: ListCursor | undefined
    for (let seen = 0; seen < REPEAT_ROWS_MAX; seen += BATCH) {
      const window = { names: [name], includeInternal: true, from: receivedAt, until: receivedAt + windowMs, after }
      const views = await lists.events({ ...window, limit: BATCH, withText: false })
      if (views.some(({ row }) => row.isRepeat && row.id === id)) return true
      const last = views.at(-1)?.row
      if (last === undefined || views.length < BATCH) break
      after = { value: last.receivedAt, key: last.key }
    }
  }
  return false
}

function parsed(text: string): { readonly o?: unknown; readonly v?: unknown; readonly k?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    throw badCursor()
  }
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function badCursor(): HttpError {
  return new HttpError('invalid_parameter', 'cursor is not one that this list gave', { path: 'cursor' })
}
