// The envelopes as schemas, for the published description.
import { z } from 'zod'

const fetchedV1 = z.object({ fetched_at: z.string() })
const fetchedV2 = z.object({ fetchedAt: z.string() })

export const PageV1 = z.object({
  cursor: z.string().optional(),
  has_more: z.boolean(),
  limit: z.int(),
  total_count: z.int().optional(),
})

const PageV2 = z.object({
  cursor: z.string().optional(),
  hasMore: z.literal(true).optional(),
  limit: z.int(),
  totalCount: z.int().optional(),
})

export function dataV1<T extends z.ZodType>(data: T) {
  return z.object({ data, metadata: fetchedV1 })
}

export function dataV2<T extends z.ZodType>(data: T) {
  return z.object({ data, metadata: fetchedV2 })
}

/** A list; `data` is left out when it is empty. */
export function pagedV2<T extends z.ZodType>(row: T) {
  return z.object({ data: z.array(row).optional(), metadata: fetchedV2, page: PageV2 })
}

export const ErrorV1 = z
  .object({ error: z.string(), status: z.int(), code: z.string(), data: z.record(z.string(), z.unknown()).nullable() })
  .meta({ id: 'ErrorV1' })

export const ErrorV2 = z
  .object({
    errors: z.array(
      z.object({
        code: z.string(),
        message: z.string(),
        path: z.string().optional(),
        hint: z.string().optional(),
        column: z.int().optional().meta({ description: '1-based, of a fault in an expression.' }),
      }),
    ),
    data: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What was met (409, 422), or the limit (413).' }),
  })
  .meta({ id: 'ErrorV2' })

/** What taking events answers: also its refusals, with no IDs and the reason. */
export const EventsSent = z
  .object({ ids: z.array(z.string()), status: z.int(), error: z.string().optional() })
  .meta({ id: 'EventsSent' })
