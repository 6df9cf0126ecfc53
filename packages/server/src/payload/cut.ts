// Cuts UTF-8 bytes at the borders of characters, so that each piece is a text of its own and all pieces in a row are the
// whole.

export interface Piece {
  readonly from: number
  readonly until: number
}

/**
 * The piece that begins at `from` and has about `count` bytes: both ends go back to the border of a character. Never
 * empty before the end, so that asking on from `until` always ends.
 */
export function cutPiece(bytes: Uint8Array, from: number, count: number): Piece {
  const start = borderBefore(bytes, Math.min(from, bytes.length))
  const end = borderBefore(bytes, Math.min(from + count, bytes.length))
  return { from: start, until: end > start ? end : borderAfter(bytes, start) }
}

function borderBefore(bytes: Uint8Array, at: number): number {
  let border = at
  while (border > 0 && isInside(bytes[border])) border--
  return border
}

function borderAfter(bytes: Uint8Array, at: number): number {
  let border = Math.min(at + 1, bytes.length)
  while (isInside(bytes[border])) border++
  return border
}

/** Whether a byte is not the first one of its character. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** A `Range` header that asks for one piece; null when it is to be ignored (RFC 9110, section 14.2). */
export function readRange(header: string | undefined, length: number): Piece | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const count = Number(last)
    return count === 0 || length === 0 ? 'unsatisfiable' : { from: Math.max(0, length - count), until: length }
  }
  const from = Number(first)
  const until = last === '' ? length : Math.min(length, Number(last) + 1)
  if (last !== '' && Number(last) < from) return null
  return from >= length ? 'unsatisfiable' : { from, until }
}
