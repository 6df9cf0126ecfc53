// The envelopes of the two REST surfaces. On v2 a list that is empty and a flag that is false are left out, as its
// clients are used to.
import type { Answer } from '../http/route.ts'
import { instant } from './instant.ts'

export interface PageOut {
  readonly cursor: string | undefined
  readonly hasMore: boolean
  readonly limit: number
  readonly total?: number | undefined
}

/** `{"data", "metadata": {"fetched_at"}}`. */
export function answerV1(data: unknown, now: number, page?: PageOut): Answer {
  const shown = page && { cursor: page.cursor, has_more: page.hasMore, limit: page.limit, total_count: page.total }
  return { json: { data, metadata: { fetched_at: instant(now) }, page: shown } }
}

/** `{"data", "metadata": {"fetchedAt"}}`. */
export function answerV2(data: unknown, now: number): Answer {
  return { json: { data, metadata: { fetchedAt: instant(now) } } }
}

/** A page of a v2 list. */
export function listV2(rows: readonly unknown[], now: number, page: PageOut): Answer {
  return {
    json: {
      data: rows.length === 0 ? undefined : rows,
      metadata: { fetchedAt: instant(now) },
      page: {
        cursor: page.hasMore ? page.cursor : undefined,
        hasMore: page.hasMore ? true : undefined,
        limit: page.limit,
        totalCount: page.total,
      },
    },
  }
}
