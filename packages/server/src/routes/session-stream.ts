// What happens in one session, as server-sent events: `session` when it changes, `item` for each item, numbered by its `seq`,
// so that who reconnects misses none and gets none twice.
import { isUlid } from '@pawl/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { hotRoute } from '../http/define-route.ts'
import { beginEventStream, lastSeen, streamSession } from '../http/event-stream.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { foundSession } from '../lists/sessions.ts'

export function sessionStreamRoute(ctx: ServerContext): Route {
  return hotRoute({
    method: 'GET',
    path: v2Paths('/sessions/:sessionId/stream'),
    rules: { scope: 'signing-key', surface: 'v2' },
    doc: {
      id: 'streamSession',
      tag: 'Sessions',
      summary: 'Items and state of a session as server-sent events: session, item. It goes on after the end.',
    },
    documented: {
      params: z.object({ sessionId: ulidParameter }),
      query: z.object({
        after: z
          .string()
          .optional()
          .meta({ description: 'The number of the last item that was seen; `Last-Event-ID` counts more.' }),
      }),
    },
    answers: { 200: null },
    handle: (request, reply) => openStream(ctx, request, reply),
  })
}

async function openStream(ctx: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<undefined> {
  const { sessionId = '' } = request.params as { readonly sessionId?: string }
  const id = sessionId.toUpperCase()
  if (!isUlid(id)) {
    throw new HttpError('invalid_parameter', 'sessionId must be a ULID: 26 characters', { path: 'sessionId' })
  }
  const after = readSeq(lastSeen(request))
  const { row } = await foundSession(ctx, id)
  const streams = ctx.live.sessions
  if (streams.isFull) throw new HttpError('too_many_streams', 'As many streams are open as this server takes')
  const signIn = streamSession(request, ctx.wallNow())
  const response = beginEventStream(request, reply)
  if (response !== null) streams.join(response, { session: row.key, after, signIn })
  return undefined
}

function readSeq(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new HttpError('invalid_parameter', 'after must be the number of an item', { path: 'after' })
}
