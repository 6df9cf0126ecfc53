// The stream that the dashboard lives by: server-sent events, for as long as the page is open.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { hotRoute } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'

/** Proxies must not hold messages back to send them together. */
const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

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
  const { session } = request
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    // A stream that is only held open is no use of the sign-in.
    if (value !== undefined && name !== 'set-cookie') reply.raw.setHeader(name, value)
  }
  reply.hijack()
  reply.raw.writeHead(200, HEAD)
  if (request.method === 'HEAD') reply.raw.end()
  else {
    reply.raw.flushHeaders()
    const of = session && { id: session.id, endsInMs: Math.max(0, session.expiresAt - ctx.wallNow()) }
    await ctx.live.join(reply.raw, { after: lastSeen(request), session: of })
  }
  return undefined
}

/** A browser that reconnects by itself asks the same address again, and says in the header how far it was. */
function lastSeen({ headers, query }: FastifyRequest): string | undefined {
  const header = headers['last-event-id']
  if (typeof header === 'string') return header
  const { after } = query as { readonly after?: string | readonly string[] }
  return typeof after === 'string' ? after : undefined
}
