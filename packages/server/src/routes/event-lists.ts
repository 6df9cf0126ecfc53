// Reading events and the runs that they started, on v1 and v2; on v2 sending one event, new or once more.
import { decodeUtf8, isReservedName, parseJson, readEvents, sliceObject } from '@pawl/protocol'
import type { EventQuery, EventView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { bodyBytes, hotRoute, route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { readEventCursor, writeCursor } from '../lists/cursor.ts'
import { readDirectory } from '../lists/directory.ts'
import { readFilter } from '../lists/filter.ts'
import { readTime } from '../lists/read-time.ts'
import { countEvents, searchEvents } from '../lists/search-events.ts'
import { runPlace, searchRuns } from '../lists/search-runs.ts'
import { answerV1, answerV2, listV2 } from '../views/envelope.ts'
import { dataV1, dataV2, PageV1, pagedV2 } from '../views/envelope-schemas.ts'
import { EventAloneV2, eventAloneV2 } from '../views/event-alone-view.ts'
import { EventRowV2, EventV1, eventRowV2, eventV1, textOf } from '../views/event-view.ts'
import { RunV1, RunV2, runV1 } from '../views/run-view.ts'
import { EVENT_ORDER, EventFilterQuery, readEventQuery } from './event-query.ts'
import { readRunQuery } from './run-query.ts'
import { listRuns } from './runs.ts'

const NAMES_MAX = 100
const RUNS_OF_EVENT_MAX = 1_000
const RUNS_SHOWN_MAX = 100
const EVENT_BODY_BYTES_MAX = 4 * 1024 * 1024

const EventsQuery = z.object({
  limit: limitParameter(51),
  cursor: cursorParameter,
  name: z.array(z.string()).max(NAMES_MAX).optional(),
  received_after: z.string().optional(),
  received_before: z.string().optional(),
  include_internal: flagParameter,
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, one a line; all must hold.' }),
  include_total: flagParameter,
})

const eventParams = z.object({ eventId: ulidParameter })
const read = { scope: 'signing-key', surface: 'v1' } as const
const v2 = { scope: 'signing-key', surface: 'v2' } as const

export function eventListRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/events',
      rules: read,
      doc: { id: 'listEvents', tag: 'Events', summary: 'List events, newest first.' },
      query: EventsQuery,
      answers: { 200: dataV1(z.array(EventV1)).extend({ page: PageV1 }) },
      handle: ({ query }) => listEvents(ctx, query),
    }),
    route({
      method: 'GET',
      path: '/v1/events/:eventId',
      rules: read,
      doc: { id: 'getEvent', tag: 'Events', summary: 'Get one event.' },
      params: eventParams,
      answers: { 200: dataV1(EventV1) },
      async handle({ params }) {
        const view = await foundEvent(ctx, params.eventId)
        return answerV1(eventV1(ctx, view), storeNow(ctx))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/events/:eventId/runs',
      rules: read,
      doc: { id: 'listRunsOfEvent', tag: 'Events', summary: 'List the runs that an event started.' },
      params: eventParams,
      answers: { 200: dataV1(z.array(RunV1)) },
      handle: ({ params }) => runsOfEvent(ctx, params.eventId),
    }),
    route({
      method: 'GET',
      path: ['/v2/events/:eventId/runs', '/api/v2/events/:eventId/runs'],
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'getEventRuns', tag: 'Runs', summary: 'List the runs that an event started.' },
      params: eventParams,
      query: z.object({ limit: limitParameter(40), cursor: cursorParameter, includeOutput: flagParameter }),
      answers: { 200: pagedV2(RunV2) },
      async handle({ params, query }) {
        const { limit = 20 } = query
        const event = await findEvent(ctx, params.eventId)
        if (event === undefined) return listV2([], storeNow(ctx), { cursor: undefined, hasMore: false, limit })
        const asked = await readRunQuery(ctx, query)
        return listRuns(ctx, { ...asked, query: { ...asked.query, event: event.row.key } })
      },
    }),
    listRoute(ctx),
    aloneRoute(ctx),
    sendEventRoute(ctx),
    sendAgainRoute(ctx),
  ]
}

function listRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/events'),
    rules: v2,
    doc: { id: 'listEventRows', tag: 'Events', summary: 'List events without their data, newest first.' },
    query: EventFilterQuery.extend({ limit: limitParameter(100), cursor: cursorParameter }),
    answers: { 200: pagedV2(EventRowV2) },
    async handle({ query: { limit = 20, cursor, ...asked } }) {
      const now = storeNow(ctx)
      const { query, filter } = readEventQuery(asked, now)
      const after = await readEventCursor(ctx.lists, EVENT_ORDER, cursor)
      const whole = { ...query, after, limit, withText: false, withRuns: true }
      const [{ rows, hasMore }, directory] = await Promise.all([searchEvents(ctx, whole, filter), readDirectory(ctx)])
      const last = rows.at(-1)?.row
      return listV2(
        rows.map((view) => eventRowV2(view, directory)),
        now,
        { cursor: last && writeCursor(EVENT_ORDER, { value: last.receivedAt, key: last.key }), hasMore, limit },
      )
    },
  })
}

function aloneRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/events/:eventId'),
    rules: v2,
    doc: { id: 'getEventAlone', tag: 'Events', summary: 'Get one event, what it started and what it did to runs.' },
    params: eventParams,
    answers: { 200: dataV2(EventAloneV2) },
    async handle({ params }) {
      const view = await foundEvent(ctx, params.eventId)
      const [outcomes, effects, runs, directory] = await Promise.all([
        ctx.engine.whyEvent(view.row.id),
        ctx.lists.effects(view.row.key),
        ctx.lists.runs({
          event: view.row.key,
          field: 'queuedAt',
          order: 'asc',
          limit: RUNS_SHOWN_MAX,
          withOutput: false,
          withEvents: false,
        }),
        readDirectory(ctx),
      ])
      const started = runs.map(({ row }) => ({ id: row.id, fn: row.fn, status: row.status }))
      const data = eventAloneV2({ ...view, runs: started }, { outcomes: outcomes ?? [], effects, directory })
      return answerV2(data, storeNow(ctx))
    },
  })
}

function sendAgainRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/events/:eventId/send'),
    rules: v2,
    doc: { id: 'sendEventAgain', tag: 'Events', summary: 'Send the name and data of an event again, as a new event.' },
    params: eventParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: dataV2(z.object({ eventId: z.string() })) },
    async handle({ params }) {
      const view = await foundEvent(ctx, params.eventId)
      if (isReservedName(view.row.name)) {
        throw new HttpError('invalid_parameter', 'An internal event is not sent by anybody', { path: 'eventId' })
      }
      const text = textOf(ctx, view.event)
      if (text === undefined) throw new HttpError('event_not_found', 'The event’s data is gone')
      const { ids } = await ctx.engine.send(readEvents(Buffer.from(withoutIdentity(text))), null)
      return answerV2({ eventId: ids[0] }, storeNow(ctx))
    },
  })
}

/** The stored text without what makes it this event: its ID and time. */
function withoutIdentity(text: string): string {
  const members = [...sliceObject(text, new Set(['name', 'data', 'v']))]
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

/** @throws HttpError `event_not_found`. */
async function foundEvent(ctx: ServerContext, id: string): Promise<EventView> {
  const view = await findEvent(ctx, id)
  if (view === undefined) throw new HttpError('event_not_found', 'Event not found')
  return view
}

async function listEvents(ctx: ServerContext, asked: z.infer<typeof EventsQuery>): Promise<Answer> {
  const now = storeNow(ctx)
  const filter = readFilter(asked.query, ['event'])
  const limit = asked.limit ?? 20
  const query: EventQuery = {
    names: asked.name,
    includeInternal: asked.include_internal ?? false,
    from: readTime('received_after', asked.received_after, now),
    until: readTime('received_before', asked.received_before, now),
    after: await readEventCursor(ctx.lists, EVENT_ORDER, asked.cursor),
    limit,
    withText: true,
  }
  const { rows, hasMore } = await searchEvents(ctx, query, filter)
  const total =
    asked.include_total === true ? await countEvents(ctx, { ...query, after: undefined }, filter) : undefined
  const last = rows.at(-1)?.row
  const cursor =
    hasMore && last !== undefined ? writeCursor(EVENT_ORDER, { value: last.receivedAt, key: last.key }) : undefined
  return answerV1(
    rows.map((view) => eventV1(ctx, view)),
    now,
    { cursor, hasMore, limit, total },
  )
}

/** Without pages on v1; outputs that are too large together are left out, and come with the run itself. */
async function runsOfEvent(ctx: ServerContext, eventId: string): Promise<Answer> {
  const now = storeNow(ctx)
  const event = await findEvent(ctx, eventId)
  if (event === undefined) return answerV1([], now)
  const query = {
    event: event.row.key,
    field: 'queuedAt',
    order: 'asc',
    limit: RUNS_OF_EVENT_MAX,
    withOutput: true,
    withEvents: false,
  } as const
  const { rows, hasMore } = await searchRuns(ctx, query, undefined)
  const last = rows.at(-1)
  const rest =
    hasMore && last !== undefined
      ? await ctx.lists.runs({
          ...query,
          after: runPlace(query, last),
          limit: query.limit - rows.length,
          withOutput: false,
        })
      : []
  return answerV1([...rows, ...rest].map(runV1), now)
}

function findEvent(ctx: ServerContext, id: string): Promise<EventView | undefined> {
  return ctx.lists.event(id)
}

function sendEventRoute(ctx: ServerContext): Route {
  return hotRoute({
    method: 'POST',
    path: ['/v2/events', '/api/v2/events'],
    rules: { scope: 'signing-key', surface: 'v2', bodyBytesMax: EVENT_BODY_BYTES_MAX },
    doc: { id: 'sendEvent', tag: 'Events', summary: 'Send one event.' },
    documented: {
      body: z.object({
        name: z.string().min(1).max(512),
        data: z.record(z.string(), z.unknown()).optional(),
        id: z.string().optional(),
        ts: z.int().optional(),
      }),
    },
    answers: { 200: dataV2(z.object({ eventId: z.string() })) },
    async handle(request) {
      const bytes = bodyBytes(request)
      checkName(parseJson(decodeUtf8(bytes)))
      const { ids } = await ctx.engine.send(readEvents(bytes), null)
      return answerV2({ eventId: ids[0] }, storeNow(ctx))
    },
  })
}

/** What v2 tells apart and the reader of events does not. */
function checkName(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError('invalid_parameter', 'The body must be one event object')
  }
  const { name } = value as { readonly name?: unknown }
  if (name === undefined || name === '') throw new HttpError('missing_parameter', 'name is required', { path: 'name' })
  if (typeof name === 'string' && isReservedName(name)) {
    throw new HttpError('invalid_parameter', 'event name is reserved for internal use', { path: 'name' })
  }
}
