// Puts the parts that look after apps together: requests, syncs, looking, polling, telling. Everything that a round
// needs of the outside (network, timer) is given here and nowhere below.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, systemClock } from '@pawl/engine'
import type { Log } from '../log.ts'
import type { Config } from '../options.ts'
import { AppReport } from './app-report.ts'
import { requestApp } from './app-request.ts'
import { discoverApps } from './discover-apps.ts'
import { AppPoller } from './poll-apps.ts'
import { syncApp } from './sync-app.ts'

/** Between two rounds while an app is being waited for. */
const SOON_MS = 1_000

/** What it takes to look after apps. */
export interface WatchOptions {
  readonly engine: Engine
  readonly config: Config
  readonly appPort: number | null
  /** Origin of this server, known before it listens. */
  readonly serverUrl: string
  readonly version: string
  readonly log: Log
}

/** The poller, not yet started. */
export function watchApps({ engine, config, appPort, serverUrl, version, log }: WatchOptions): AppPoller {
  const nowSeconds = (): number => Math.floor(systemClock.wall() / 1_000)
  const sync = { request: requestApp, engine, serverUrl, signingKeys: config.signingKeys, version, nowSeconds }
  const discovery = { request: requestApp, appPort, ownPort: config.port }
  return new AppPoller({
    engine,
    sync: (url) => syncApp(url, sync),
    discover: config.discovery ? () => discoverApps(discovery) : null,
    sdkUrls: config.sdkUrls.map(withScheme),
    poll: config.poll,
    report: new AppReport(log),
    pause: (signal, soon) => {
      const ms = soon ? Math.min(SOON_MS, config.pollIntervalMs) : config.pollIntervalMs
      return sleep(ms, undefined, { signal }).catch(() => undefined)
    },
    failed: (error) => log.error({ err: error }, 'A round of syncs failed; the next one follows'),
  })
}

/** `localhost:3000/api/inngest` is meant as http. */
function withScheme(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
}
