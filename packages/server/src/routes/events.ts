// Station 1 of the journey, seen from outside: `POST /e/{key}` takes events. Hot: the bytes are read by the protocol's own
// reader, and nothing is answered before the events are committed.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { bodyBytes, hotRoute } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Answer, Route } from '../http/route.ts'
import { EventsSent } from '../views/envelope-schemas.ts'
import { readEventsInTurns } from './read-large-events.ts'

const BODY_BYTES_MAX = 8 * 1024 * 1024
const BODY_BYTES_LIMIT = 16 * 1024 * 1024
const ANSWER_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

const EventSent = z
  .object({
    name: z.string().min(1).max(512),
    data: z.record(z.string(), z.unknown()).optional(),
    id: z.string().max(256).optional().meta({ description: 'Idempotency key: for 24 h no second run of a function.' }),
    ts: z.int().optional().meta({ description: 'Epoch milliseconds; in the future: its runs start then.' }),
    v: z.string().optional(),
    meta: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'EventSent' })

export function eventRoutes(ctx: ServerContext): readonly Route[] {
  const bodyBytesMax = Math.min(ctx.eventBodyBytesMax ?? BODY_BYTES_MAX, BODY_BYTES_LIMIT)
  const rules = { scope: 'event-key', surface: 'ingest', cors: true, anyType: true, bodyBytesMax } as const
  const doc = { id: 'sendEvents', tag: 'Events', summary: 'Send one event or an array of events.' }
  return [
    hotRoute({
      method: 'POST',
      path: '/e/:key',
      rules,
      doc,
      documented: { params: z.object({ key: z.string() }), body: z.union([EventSent, z.array(EventSent).max(5_000)]) },
      answers: { 200: EventsSent },
      handle: (request) => sendEvents(ctx, request),
    }),
    // Without a key there is nobody to answer: the guard says so.
    hotRoute({
      method: 'POST',
      path: '/e',
      rules,
      doc: { ...doc, id: 'sendEventsWithoutKey', state: 'internal' },
      handle: () => {
        throw new HttpError('event_key_unknown', 'Event key not found')
      },
    }),
  ]
}

async function sendEvents(ctx: ServerContext, request: FastifyRequest): Promise<Answer> {
  const events = await readEventsInTurns(bodyBytes(request))
  if (events.length === 0) return { text: '{"ids":[],"status":200}', headers: ANSWER_HEADERS }
  const seed = request.headers['x-inngest-event-id-seed']
  const { ids } = await ctx.engine.send(events, typeof seed === 'string' ? seed : null)
  return { text: `{"ids":["${ids.join('","')}"],"status":200}`, headers: ANSWER_HEADERS }
}
