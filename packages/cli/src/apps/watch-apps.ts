// Puts the parts that look after apps together: requests, syncs, looking, polling, telling. Everything that a round
// needs of the outside (network, timer) is given here and nowhere below.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, systemClock } from '@pawl/engine'
import type { AppProbe } from '@pawl/server'
import type { Log } from '../log.ts'
import type { Config } from '../options.ts'
import { AppReport } from './app-report.ts'
import { requestApp } from './app-request.ts'
import { discoverApps } from './discover-apps.ts'
import { AppPoller } from './poll-apps.ts'
import type { Registrations } from './registrations.ts'
import { syncApp } from './sync-app.ts'
import { runsInContainer, testApp } from './test-app.ts'

/** Between two rounds while an app is being waited for. */
const SOON_MS = 1_000
/** Between two rounds where apps that are well are not asked again: those in error still are. */
const RESTING_MS = 5_000
const INTERVAL_MS_MIN = 100

/** What it takes to look after apps. */
export interface WatchOptions {
  readonly engine: Engine
  readonly config: Config
  readonly appPort: number | null
  readonly registrations: Registrations
  /** The server's port; asked for anew each time, since with `--port 0` it is known only when the server listens. */
  readonly ownPort: () => number
  /** Origin of this server with that port. */
  readonly serverUrl: () => string
  readonly version: string
  readonly log: Log
}

/** The poller, not yet started. */
export function watchApps(options: WatchOptions): AppPoller {
  const { engine, registrations, config, appPort, ownPort, serverUrl, version, log } = options
  const { command, pollIntervalMs } = config
  const sync = { ...partsOf({ engine, config, version }), registrations }
  const intervalMs = pollIntervalMs === 0 ? RESTING_MS : Math.max(pollIntervalMs, INTERVAL_MS_MIN)
  const discovery = { request: requestApp, appPort }
  return new AppPoller({
    engine,
    sync: (url) => syncApp(url, { ...sync, serverUrl: serverUrl() }),
    discover: config.discovery ? () => discoverApps({ ...discovery, ownPort: ownPort() }) : null,
    sdkUrls: config.sdkUrls.map(withScheme),
    // In production the interval alone says whether, and only what was named is asked.
    poll: pollIntervalMs > 0 && (config.poll || command === 'start'),
    registered: command === 'dev',
    report: new AppReport(log),
    pause: (signal, soon) => {
      const ms = soon ? Math.min(SOON_MS, intervalMs) : intervalMs
      return sleep(ms, undefined, { signal }).catch(() => undefined)
    },
    failed: (error) => log.error({ err: error }, 'A round of syncs failed; the next one follows'),
  })
}

/** Tests apps for the server. */
export function appTester(
  options: Pick<WatchOptions, 'engine' | 'config' | 'version' | 'registrations' | 'serverUrl'>,
): (app: { readonly url: string; readonly name: string }) => Promise<AppProbe> {
  const { registrations, serverUrl } = options
  const parts = { ...partsOf(options), registrations, inContainer: runsInContainer() }
  return (app) => testApp(app, { ...parts, serverUrl: serverUrl() })
}

/** What requests to apps are made with. */
function partsOf({ engine, config, version }: Pick<WatchOptions, 'engine' | 'config' | 'version'>) {
  const { command, signingKeys } = config
  const nowSeconds = (): number => Math.floor(systemClock.wall() / 1_000)
  return { request: requestApp, engine, command, signingKeys, version, nowSeconds }
}

/** `localhost:3000/api/inngest` is meant as http. */
function withScheme(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
}
