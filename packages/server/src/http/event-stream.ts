// Begins an answer of server-sent events: from here on the connection belongs to whoever writes to it.
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Proxies must not hold messages back to send them together. */
const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/** Writes the head. @returns Where to write; null when only the head was asked for. */
export function beginEventStream(request: FastifyRequest, reply: FastifyReply): ServerResponse | null {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    // A stream that is only held open is no use of the sign-in.
    if (value !== undefined && name !== 'set-cookie') reply.raw.setHeader(name, value)
  }
  reply.hijack()
  reply.raw.writeHead(200, HEAD)
  if (request.method === 'HEAD') {
    reply.raw.end()
    return null
  }
  reply.raw.flushHeaders()
  return reply.raw
}

/** A client that reconnects by itself asks the same address again, and says in the header how far it was. */
export function lastSeen({ headers, query }: FastifyRequest): string | undefined {
  const header = headers['last-event-id']
  if (typeof header === 'string') return header
  const { after } = query as { readonly after?: string | readonly string[] }
  return typeof after === 'string' ? after : undefined
}

/** The sign-in that a stream belongs to, and how long that one is good for. */
export interface StreamSession {
  readonly id: string
  readonly endsInMs: number
}

export function streamSession({ session }: FastifyRequest, wallNow: number): StreamSession | null {
  return session && { id: session.id, endsInMs: Math.max(0, session.expiresAt - wallNow) }
}
