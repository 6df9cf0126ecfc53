// What the lists of events on v2 may be asked, from the query string to the store's query and the filter beside it.
import type { EventQuery } from '@pawl/storage'
import { z } from 'zod'
import { HttpError } from '../http/http-errors.ts'
import { flagParameter } from '../http/query.ts'
import { type Filter, readFilter } from '../lists/filter.ts'
import { readTime } from '../lists/read-time.ts'

/** The order of every list of events: newest first. */
export const EVENT_ORDER = 'events:desc'
const NAMES_MAX = 100

/** Which events: what lists, searches and exports have in common. */
export const EventFilterQuery = z.object({
  from: z.string().optional().meta({ format: 'date-time', description: 'On the time of receipt; inclusive.' }),
  until: z.string().optional().meta({ format: 'date-time', description: 'Inclusive.' }),
  name: z.array(z.string()).max(NAMES_MAX).optional(),
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, one a line; all must hold.' }),
  startedNothing: flagParameter.meta({ description: 'Only those that started no run.' }),
  includeInternal: flagParameter,
})

export interface AskedEvents {
  /** Without a page. */
  readonly query: Omit<EventQuery, 'limit' | 'withText'>
  readonly filter: Filter | undefined
}

/** @throws HttpError `invalid_parameter`, `invalid_expression`. */
export function readEventQuery(asked: z.infer<typeof EventFilterQuery>, now: number): AskedEvents {
  const from = readTime('from', asked.from, now)
  const until = readTime('until', asked.until, now)
  if (from !== undefined && until !== undefined && from >= until) {
    throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
  }
  return {
    filter: readFilter(asked.query, ['event']),
    query: {
      names: asked.name,
      includeInternal: asked.includeInternal ?? false,
      from,
      until,
      // Whoever does not ask wants both kinds.
      startedNothing: asked.startedNothing === true ? true : undefined,
    },
  }
}
