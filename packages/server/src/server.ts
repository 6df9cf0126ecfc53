// The HTTP server: routes, guards and sockets put together. It owns no state but its sockets; all it knows comes from the
// engine and the list reads.
import { createContext, type ServerContext } from './context.ts'
import { type App, createApp } from './http/app.ts'
import { Listeners } from './http/listen.ts'
import type { Server, ServerOptions } from './options.ts'
import { allRoutes } from './routes/all-routes.ts'
import { pageFallback } from './routes/page.ts'

const GRACE_MS = 10_000

/**
 * Makes the server in front of an engine. It listens only when it is told to.
 *
 * @throws Error for a production server without a signing key.
 */
export function createServer(options: ServerOptions): Server {
  if (options.mode === 'start' && options.signingKeys.length === 0)
    throw new Error('A production server needs a signing key')
  let stopping = false
  const ctx = createContext(options, () => stopping)
  const app = buildApp(ctx)
  // Whoever listens gets the error; nobody else may be told that it went unhandled.
  app.catch(() => {})
  let listeners: Listeners | undefined

  return {
    async listen({ hosts, port }) {
      const { fastify } = await app
      listeners ??= new Listeners({ handle: fastify.routing, kind: ctx.kind, log: ctx.log })
      return listeners.listen(hosts, port)
    },
    async close(graceMs = GRACE_MS) {
      stopping = true
      ctx.live.close()
      await listeners?.close(graceMs)
      await (await app).close()
    },
  }
}

/** Builds the HTTP application of a server without any sockets; tests inject requests into it. */
export async function buildApp(ctx: ServerContext): Promise<App> {
  return createApp(ctx, allRoutes(ctx), pageFallback(ctx))
}
