// `pawl dev` and `pawl start`: the server. Opens the store, starts the engine, listens last, then looks after the apps;
// ends in the opposite order within ten seconds of a signal, and gives back the work that is still open.
import { shownUrl } from '../apps/shown-url.ts'
import { type Flags, readConfig } from '../config.ts'
import { usableHosts } from '../listen-check.ts'
import { createLog, type Log } from '../log.ts'
import { shownStore } from '../open-store.ts'
import type { CommandName, Config } from '../options.ts'
import { type Wired, wire } from '../wire.ts'
import { bannerText } from './banner.ts'
import { nextSignal } from './next-signal.ts'

/** Open calls may go on so long after a signal; with what follows the process ends within ten seconds. */
const GRACE_MS = 8_000
const END_MS = 10_000

/**
 * Runs until a signal comes.
 * @throws CliError with what the user can do about it
 */
export async function serve(command: CommandName, flags: Flags, version: string): Promise<void> {
  const { config, appPort, file, notes } = await readConfig(command, flags)
  const text = process.stdout.isTTY && !config.json
  const log = createLog({ level: config.logLevel, text, target: process.stdout })
  if (file !== null) log.info({ file }, `Configuration: ${file}`)
  for (const note of notes) log.warn({}, note)
  const hosts = await usableHosts(config)
  const signalled = nextSignal()
  const wired = await wire({ config, hosts, appPort, version, log })
  announce({ config, version, wired, text, log })
  wired.watch()
  await signalled
  await end(wired, log)
}

interface Announcement {
  readonly config: Config
  readonly version: string
  readonly wired: Wired
  readonly text: boolean
  readonly log: Log
}

function announce({ config, version, wired, text, log }: Announcement): void {
  const state = shownStore(config)
  // Since the process began, so that loading the program counts too.
  const readyMs = Math.round(performance.now())
  if (text) process.stdout.write(bannerText({ version, url: wired.url, state, readyMs, config }))
  else
    log.info(
      { version, url: wired.url, state, readyMs, sdkUrls: config.sdkUrls.map(shownUrl) },
      `Pawl ${version} is ready at ${wired.url}, with its state in ${state}`,
    )
}

async function end(wired: Wired, log: Log): Promise<void> {
  log.info({}, 'Stopping. Open calls have a few seconds to finish; a second signal ends at once.')
  // Whatever hangs: what is committed is safe, and leases are void at the next start, or end without a heartbeat.
  setTimeout(() => process.exit(0), END_MS).unref()
  await wired.close(GRACE_MS)
  log.info({}, 'Stopped.')
  process.exit(0)
}
