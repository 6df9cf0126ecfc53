/**
 * A bad request as a row of a table: what is sent and what must come back. A row asserts the exact status, the shape of
 * the surface that was asked, and the code or the words where the documents give them.
 */

/** The three shapes in which the server speaks of errors. */
export type Shape = 'ingest' | 'v1' | 'v2'

/** One bad request. */
export interface RequestCase {
  readonly title: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly status: number
  readonly shape: Shape
  readonly code?: string
  readonly says?: RegExp
  /** A header that the answer must carry. */
  readonly header?: readonly [string, RegExp]
}

/** Bytes of a mebibyte. */
export const MIB = 1024 * 1024

/** A run ID that is well-formed and belongs to no run. */
export const NO_RUN = '01J00000000000000000000000'

/** The header of a JSON body. */
export const JSON_TYPE = { 'content-type': 'application/json' }

/** Text and single bytes, put together. */
export function bytes(...parts: readonly (string | number)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))
}
