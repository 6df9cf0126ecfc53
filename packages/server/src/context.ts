// What every route is built from: the options of the server and what follows from them, made once.
import { Sessions } from './http/sessions.ts'
import { LiveHub } from './live/hub.ts'
import type { ServerOptions } from './options.ts'
import { DashboardFiles } from './page/dashboard-files.ts'
import { dashboardFolder } from './page/dashboard-folder.ts'

export interface ServerContext extends ServerOptions {
  /** What `X-Inngest-Server-Kind` says; SDKs refuse the wrong one. */
  readonly kind: 'dev' | 'cloud'
  /** Epoch milliseconds of the wall clock. */
  readonly startedAt: number
  /** Sign-ins of browsers. */
  readonly sessions: Sessions
  /** The open streams. */
  readonly live: LiveHub
  /** The built dashboard. */
  readonly page: DashboardFiles
  /** No new work is taken any more. */
  readonly stopping: () => boolean
}

/** Makes the parts that all routes share. Nothing runs by itself: the hub works only while a stream is open. */
export function createContext(options: ServerOptions, stopping: () => boolean): ServerContext {
  return {
    ...options,
    kind: options.mode === 'dev' ? 'dev' : 'cloud',
    startedAt: options.wallNow(),
    sessions: new Sessions(options.signingKeys, options.wallNow),
    live: new LiveHub(options),
    page: new DashboardFiles(options.dashboardFolder ?? dashboardFolder()),
    stopping,
  }
}

/** The time of the store, which schedules and lists go by, in epoch milliseconds. */
export function storeNow(ctx: Pick<ServerContext, 'engine'>): number {
  return ctx.engine.clock().now
}
