/**
 * What most test files share: one server of their own and the same functions served on every SDK.
 * The tests of a file may run at the same time; each works with events of its own and looks only at its own runs.
 */
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { Api } from './api.ts'
import { type App, serveOnEachSdk } from './app.ts'
import type { Ledger } from './ledger.ts'
import { type Kit, SDKS, type Sdk } from './sdk.ts'
import { type PawlServer, type ServerOptions, startServer } from './server.ts'

/** How many tests of one file may be under way at once: they mostly wait. */
const CONCURRENT_TESTS = 24

/** How much of the server's log is shown after a failure. */
const LOG_SHOWN = 6_000

/** One server and one app on each SDK. */
export interface World {
  readonly server: PawlServer
  readonly api: Api
  app(sdk: Sdk): App
}

/** How a file's world is made. */
export interface WorldOptions extends ServerOptions {
  /** The first part of the apps' IDs. */
  readonly name: string
  readonly middleware?: boolean
  readonly sdks?: readonly Sdk[]
}

/** Starts a server and the apps before the file's tests and ends them after; the log is shown if a test failed. */
export function useWorld(options: WorldOptions, define: (kit: Kit, ledger: Ledger) => void): World {
  vi.setConfig({ maxConcurrency: CONCURRENT_TESTS })
  const { name, middleware = false, sdks = SDKS, ...serverOptions } = options
  let apps: ReadonlyMap<Sdk, App> = new Map()
  const server = useServer(serverOptions)
  beforeAll(async () => {
    apps = await serveOnEachSdk(sdks, { id: name, server: server().url, middleware }, define)
  })
  afterAll(() => Promise.all([...apps.values()].map((app) => app.close())))
  return {
    get server() {
      return server()
    },
    get api() {
      return new Api(server().url)
    },
    app: (sdk) => present(apps.get(sdk)),
  }
}

/** Starts a server before the file's tests and ends it after. */
export function useServer(options: ServerOptions = {}): () => PawlServer {
  let server: PawlServer | undefined
  let failed = false
  beforeAll(async () => {
    server = await startServer(options)
  })
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    if (failed) process.stderr.write(`\nThe server wrote:\n${server?.log().slice(-LOG_SHOWN)}\n`)
    await server?.close()
  })
  return () => present(server)
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Nothing has been started yet')
  return value
}
