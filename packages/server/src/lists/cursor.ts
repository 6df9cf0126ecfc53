// The opaque cursor of a list: the place of its last row in the list's total order (sort value, then key), and the order
// it belongs to, so that a cursor of another list or order is refused instead of giving a wrong page.
import { isUlid } from '@pawl/protocol'
import type { ListCursor, ListReads } from '@pawl/storage'
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

/** As `readCursor`, for the list of events, which also takes the ID of the last event of a page. */
export async function readEventCursor(
  lists: ListReads,
  order: string,
  text: string | undefined,
): Promise<ListCursor | undefined> {
  if (text === undefined || !isUlid(text)) return readCursor(order, text)
  const last = await lists.event(text)
  if (last === undefined) throw badCursor()
  return { value: last.row.receivedAt, key: last.row.key }
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
