// What every route is built from: the options of the server and what follows from them, made once.
import type { ServerOptions } from './options.ts'

export interface ServerContext extends ServerOptions {
  /** What `X-Inngest-Server-Kind` says; SDKs refuse the wrong one. */
  readonly kind: 'dev' | 'cloud'
  /** No new work is taken any more. */
  readonly stopping: () => boolean
}

/** The time of the store, which schedules and lists go by, in epoch milliseconds. */
export function storeNow(ctx: Pick<ServerContext, 'engine'>): number {
  return ctx.engine.clock().now
}
