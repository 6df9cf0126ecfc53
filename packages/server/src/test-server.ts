// A whole server for this package's tests: the real engine on a store in memory, an app that is a function, and requests
// that are injected or go over a real socket. Not part of the package's door.
import { randomBytes } from 'node:crypto'
import {
  type CallRequest,
  type CallResult,
  createEngine,
  ENGINE_LIMITS,
  type Engine,
  type Gateway,
  systemClock,
} from '@pawl/engine'
import { createStore, type ListReads, type Store } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import type { FastifyInstance } from 'fastify'
import { createContext } from './context.ts'
import type { App } from './http/app.ts'
import { Listeners } from './http/listen.ts'
import type { Route } from './http/route.ts'
import type { Logger, ServerOptions } from './options.ts'
import { allRoutes } from './routes/all-routes.ts'
import { buildApp } from './server.ts'

/** What the app answers to a call. */
export interface AppAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A call as the app sees it. */
export interface AppCall {
  readonly fnId: string
  readonly stepId: string
  readonly steps: Readonly<Record<string, unknown>>
  readonly ctx: Readonly<Record<string, unknown>>
}

export type TestApp = (call: AppCall) => AppAnswer | 'unreachable' | Promise<AppAnswer>

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface TestServer {
  readonly engine: Engine
  readonly store: Store
  readonly fastify: FastifyInstance
  readonly routes: readonly Route[]
  readonly log: LogLine[]
  /** What the app does from now on. */
  answer(app: TestApp): void
  /** `GET /path`, `POST /path`…, injected. The answer must be as its route's schema says. */
  ask(what: string, asking?: Asking): Promise<Reply>
  /** Registers functions by slug and triggers under the app `shop`. */
  register(functions: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<Reply>
  /** Sends an event and gives the ID of the run it started, once it has reached a status. */
  run(name: string, status: string, data?: unknown): Promise<string>
  /** Waits until a run has a status. */
  reached(runId: string, status: string): Promise<void>
  /** Listens on a free loopback port and gives it. */
  listen(): Promise<number>
  close(): Promise<void>
}

/** Parts of the engine and of the lists that a test answers for itself, to see a route alone. */
export interface Fakes {
  readonly engine?: Partial<Engine>
  readonly lists?: Partial<ListReads>
}

const NO_NETWORK: Gateway['fetch'] = async () => ({ kind: 'lost', reason: 'blocked', message: 'no network in tests' })
/** The instance key, in place of one that is made. */
const INSTANCE_KEY_BYTES = 32

const NO_APP: TestApp = () => ({ status: 200, body: null })

/** Where no dashboard has been built. */
const NO_FOLDER = '/nowhere'

/** Starts a server with nothing in it. */
export async function startTestServer(
  given: Partial<ServerOptions> & {
    readonly stopping?: () => boolean
    readonly fakes?: Fakes
    /** What is at the other end of jobs and callbacks; nothing by default. */
    readonly gateway?: Gateway['fetch']
  } = {},
): Promise<TestServer> {
  const { fakes = {}, stopping = () => false, gateway = NO_NETWORK, ...options } = given
  const store = createStore({ database: await openSqlite({ path: ':memory:' }), turn: (take) => setImmediate(take) })
  const log: LogLine[] = []
  const logger = loggerTo(log)
  let testApp = NO_APP
  const engine = createTestEngine(store, logger, { app: (call) => testApp(call), gateway })
  await engine.start()
  const mode = options.mode ?? 'dev'
  const ctx = createContext(
    {
      engine: over(engine, fakes.engine ?? {}),
      lists: over(store.lists, fakes.lists ?? {}),
      watch: (listener) => store.watch(listener),
      mode,
      eventKeys: [],
      signingKeys: [],
      database: 'memory',
      retentionMs: ENGINE_LIMITS.retentionMs,
      wallNow: systemClock.wall,
      dashboardFolder: NO_FOLDER,
      version: '1.2.3',
      log: logger,
      syncApp: async () => ({ ok: false, code: 'unreachable', message: 'nobody is there' }),
      ...options,
    },
    stopping,
  )
  const app = await buildApp(ctx)
  const listeners = new Listeners({ handle: app.fastify.routing, kind: ctx.kind, log: logger })
  const routes = allRoutes(ctx)
  const ask = async (what: string, asking?: Asking) => {
    const reply = await inject(app, what, asking)
    checkAnswer(routes, what, reply)
    return reply
  }
  const reached = async (runId: string, status: string): Promise<void> => {
    await until(
      async () => at((await ask(`GET /v1/runs/${runId}`)).json, 'data', 'status') === status,
      `run ${runId} to be ${status}`,
    )
  }
  return {
    engine,
    store,
    fastify: app.fastify,
    routes,
    log,
    answer: (next) => {
      testApp = next
    },
    ask,
    register: (functions) => ask('POST /fn/register', { body: registration(functions) }),
    reached,
    async run(name, status, data = {}) {
      const id = String(at((await ask('POST /e/key', { body: { name, data } })).json, 'ids', 0))
      const runId = await until(async () => {
        const found = at((await ask(`GET /v1/events/${id}/runs`)).json, 'data', 0, 'run_id')
        return typeof found === 'string' ? found : undefined
      }, `a run of ${name}`)
      await reached(runId, status)
      return runId
    },
    listen: () => listeners.listen(['127.0.0.1'], 0),
    async close() {
      ctx.live.close()
      await listeners.close(0)
      await app.close()
      await engine.stop(0)
      await store.close()
    },
  }
}

/** The real thing, but for what the test answers. */
function over<T extends object>(real: T, fake: Partial<T>): T {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Object.hasOwn(fake, name) ? Reflect.get(fake, name) : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(Object.hasOwn(fake, name) ? fake : target) : value
    },
  })
}

interface Outside {
  readonly app: TestApp
  readonly gateway: Gateway['fetch']
}

function createTestEngine(store: Store, log: Logger, { app, gateway }: Outside): Engine {
  return createEngine({
    store,
    driver: { call: (request) => callApp(app, request), close: async () => {} },
    gateway: { fetch: gateway },
    instanceKey: new Uint8Array(INSTANCE_KEY_BYTES),
    clock: systemClock,
    randomBytes: (count) => randomBytes(count),
    random: Math.random,
    log,
    callsMax: 16,
    retryDelayMs: null,
    signingKeys: [],
    cronCatchUp: 'latest',
    tickMs: 20,
    limits: ENGINE_LIMITS,
  })
}

async function callApp(app: TestApp, request: CallRequest): Promise<CallResult> {
  const { searchParams } = new URL(request.url)
  const { steps, ctx } = JSON.parse(request.body) as Pick<AppCall, 'steps' | 'ctx'>
  const answer = await app({
    fnId: searchParams.get('fnId') ?? '',
    stepId: searchParams.get('stepId') ?? '',
    steps,
    ctx,
  })
  if (answer === 'unreachable') return { kind: 'lost', reason: 'unreachable', message: 'nobody is there' }
  const { status, body, headers } = answer
  const sdk = { 'x-inngest-sdk': 'inngest-js:v4.24.0', 'x-inngest-req-version': '2', ...headers }
  return { kind: 'answer', raw: { status, headers: sdk, body: Buffer.from(JSON.stringify(body)) } }
}

function registration(functions: Readonly<Record<string, Readonly<Record<string, unknown>>>>): unknown {
  return {
    url: 'http://127.0.0.1:3000/api/inngest',
    deployType: 'ping',
    framework: 'nodejs',
    appName: 'shop',
    sdk: 'js:v4.24.0',
    v: '0.1',
    functions: Object.entries(functions).map(([id, config]) => ({
      id: `shop-${id}`,
      name: id,
      triggers: [{ event: `shop/${id}` }],
      steps: {
        step: {
          id: 'step',
          name: 'step',
          runtime: { type: 'http', url: `http://127.0.0.1:3000/api/inngest?fnId=shop-${id}&stepId=step` },
          retries: { attempts: 2 },
        },
      },
      ...config,
    })),
  }
}

async function inject(app: App, what: string, { headers = {}, body }: Asking = {}): Promise<Reply> {
  const [method = 'GET', url = '/'] = what.split(' ')
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  const answer = await app.fastify.inject({
    method: method as 'GET',
    url,
    headers: {
      host: 'localhost:8288',
      ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: raw ? body : JSON.stringify(body) }),
  })
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: parsed(answer.body) }
}

/** What is published is what is answered. */
function checkAnswer(routes: readonly Route[], what: string, { status, json }: Reply): void {
  const [method = '', url = ''] = what.split(' ')
  const path = url.split('?', 1)[0] ?? ''
  const found = routes.find(
    (route) =>
      [route.method].flat().includes(method as 'GET') && [route.path].flat().some((pattern) => matches(pattern, path)),
  )
  const schema = found?.schemas.answers?.[status]
  if (schema === undefined || schema === null) return
  const outcome = schema.safeParse(json)
  if (!outcome.success) throw new Error(`${what} answers what it does not document: ${outcome.error.message}`)
}

function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(path)
}

/** Follows a path of keys and positions into JSON; undefined where it ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Readonly<Record<string | number, unknown>>)[key]
  }
  return here
}

/** Asks again and again until the answer is there; 5 s at most. */
export async function until<T>(probe: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const deadline = performance.now() + 5_000
  while (performance.now() < deadline) {
    const seen = await probe()
    if (seen !== undefined && seen !== false) return seen
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  throw new Error(`Gave up waiting for ${what}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function loggerTo(lines: LogLine[]): Logger {
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, fields, message })
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
