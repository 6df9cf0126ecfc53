// The one place where the parts are joined: store, engine, server, apps. Started from the inside out (the server listens
// last) and closed from the outside in, but for the server, which must stay until open calls have reported their steps.
import { randomBytes } from 'node:crypto'
import { createEngine, ENGINE_LIMITS, type Engine, EngineError, systemClock } from '@pawl/engine'
import { createHttpDriver, createHttpGateway, type OutboundPolicy, readAllowed } from '@pawl/engine/drivers'
import { formatDuration } from '@pawl/protocol'
import { createServer, type SyncAnswer } from '@pawl/server'
import type { Store } from '@pawl/storage'
import type { AppPoller } from './apps/poll-apps.ts'
import { Registrations } from './apps/registrations.ts'
import { shownUrl } from './apps/shown-url.ts'
import { appTester, watchApps } from './apps/watch-apps.ts'
import { CliError } from './errors.ts'
import { instanceKey } from './instance-key.ts'
import type { Log } from './log.ts'
import { openStore } from './open-store.ts'
import { type Config, OPTION_LIST } from './options.ts'

export interface WireOptions {
  readonly config: Config
  /** Of the configured hosts those that can be had. */
  readonly hosts: readonly string[]
  readonly appPort: number | null
  readonly version: string
  readonly log: Log
}

/** The running parts. */
export interface Wired {
  /** Origin of the server. */
  readonly url: string
  /** Begins to look after apps; what it finds goes to the log. */
  watch(): void
  /** Lets open calls finish for up to `graceMs`, then closes everything. */
  close(graceMs: number): Promise<void>
}

/**
 * Opens, joins and starts all parts.
 * @throws CliError when the state cannot be opened
 */
export async function wire(options: WireOptions): Promise<Wired> {
  const { config, hosts, log, version } = options
  const store = await openStore(config, log)
  const engine = engineOn(store, config, log)
  const registrations = new Registrations()
  let port = config.port
  const url = (): string => originOf(hosts, port)
  const apps = watchApps({ ...options, engine, registrations, ownPort: () => port, serverUrl: url })
  const server = createServer({
    engine: registrations.over(engine),
    lists: store.lists,
    watch: (listener) => store.watch(listener),
    database: databaseOf(config),
    retentionMs: ENGINE_LIMITS.retentionMs,
    wallNow: systemClock.wall,
    mode: config.command,
    eventKeys: config.eventKeys,
    signingKeys: config.signingKeys,
    allowedHosts: config.allowedHosts,
    version,
    log,
    startOptions: shownOptions(config),
    syncApp: (asked) => syncForServer(apps, asked),
    testApp: appTester({ ...options, engine, registrations, serverUrl: url }),
  })
  await startOrTell(engine)
  const { offsetMs } = engine.clock()
  if (offsetMs > 0) {
    const ahead = formatDuration(offsetMs)
    log.warn(
      { offsetMs },
      `The clock of this state is ${ahead} ahead (POST /dev/clock). POST /dev/reset puts it back and empties the state.`,
    )
  }
  port = await server.listen({ hosts, port: config.port })
  return {
    url: url(),
    // In production apps register by themselves; only what is named is asked for.
    watch: () => (config.command === 'dev' || config.sdkUrls.length > 0 ? apps.start() : undefined),
    close: async (graceMs) => {
      await apps.close()
      await engine.stop(graceMs)
      await server.close(0)
      await store.close()
    },
  }
}

/** @throws CliError `state_unusable` */
async function startOrTell(engine: Engine): Promise<void> {
  try {
    await engine.start()
  } catch (cause) {
    if (cause instanceof EngineError && cause.code === 'instance_key_wrong')
      throw new CliError('state_unusable', cause.message, { cause })
    throw cause
  }
}

function databaseOf({ postgresUri, inMemory }: Config): 'memory' | 'sqlite' | 'postgres' {
  if (postgresUri !== '') return 'postgres'
  return inMemory ? 'memory' : 'sqlite'
}

/** Apps stand on this machine or beside it: in production under a signing key. */
const TO_APPS = { allowPrivate: true }

/**
 * Where steps, jobs and callbacks may call. Where a step's request goes may come from an event, so in production none goes
 * into the private network but where it is allowed by name.
 */
function elsewhere({ command, allowNet, allowHost }: Config): OutboundPolicy {
  const allowed = readAllowed(allowNet, allowHost)
  return { allowPrivate: command === 'dev', allowed: 'unreadable' in allowed ? undefined : allowed }
}

function engineOn(store: Store, config: Config, log: Log): Engine {
  return createEngine({
    store,
    driver: createHttpDriver(TO_APPS),
    gateway: createHttpGateway(elsewhere(config)),
    clock: systemClock,
    randomBytes: (count) => randomBytes(count),
    random: () => Math.random(),
    log,
    callsMax: config.queueWorkers,
    retryDelayMs: config.retryIntervalMs === 0 ? null : config.retryIntervalMs,
    signingKeys: config.signingKeys,
    cronCatchUp: config.cronCatchUp,
    instanceKey: instanceKey(config),
    tickMs: config.tickMs,
    limits: { ...ENGINE_LIMITS, leaseMs: config.leaseMs },
  })
}

async function syncForServer(apps: AppPoller, url: string): Promise<SyncAnswer> {
  const outcome = await apps.add(url)
  if (outcome.kind === 'failed') return { ok: false, ...outcome.error }
  const { name, modified, syncId } = outcome
  return { ok: true, appName: name, modified, syncId }
}

/** How a person on this machine writes the server's address. */
function originOf(hosts: readonly string[], port: number): string {
  const local = ['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::']
  const [first = 'localhost'] = hosts
  const host = hosts.some((each) => local.includes(each)) ? 'localhost' : first
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What `GET /dev` may show: everything that is no key, and URLs without their credentials. */
function shownOptions(config: Config): Record<string, string | number | boolean | readonly string[]> {
  const secret = new Set(OPTION_LIST.flatMap(([key, spec]) => (spec.secret ? [key] : [])))
  const shown = { ...config, sdkUrls: config.sdkUrls.map(shownUrl) }
  return Object.fromEntries(Object.entries(shown).filter(([key]) => !secret.has(key)))
}
