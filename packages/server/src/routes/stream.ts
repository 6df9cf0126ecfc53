// The stream that the dashboard lives by: server-sent events, for as long as the page is open.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { hotRoute } from '../http/define-route.ts'
import { beginEventStream, lastSeen, streamSession } from '../http/event-stream.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'

export function streamRoutes(ctx: ServerContext): readonly Route[] {
  return [
    hotRoute({
      method: 'GET',
      path: v2Paths('/stream'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'stream', tag: 'Live', summary: 'What changes, as server-sent events: hello, change, gap.' },
      documented: {
        query: z.object({
          after: z.string().max(100).optional().meta({ description: 'ID of the last message that was seen.' }),
        }),
      },
      answers: { 200: null },
      handle: (request, reply) => openStream(ctx, request, reply),
    }),
  ]
}

async function openStream(ctx: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<undefined> {
  if (ctx.live.isFull) throw new HttpError('too_many_streams', 'As many dashboards are open as this server takes')
  const session = streamSession(request, ctx.wallNow())
  const response = beginEventStream(request, reply)
  if (response !== null) await ctx.live.join(response, { after: lastSeen(request), session })
  return undefined
}
