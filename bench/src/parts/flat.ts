// The flat-cost run: does a store with many sleeping runs and open waits cost more than one without them?
// Both stores are made through the public API by the null app, restarted, and then measured in turns, the two servers standing
// side by side on ports of their own. In the small store only as many runs wait as are resumed.

import { ask } from '../apps/messages.ts'
import { type Bench, messageOf, type RunningApp } from '../bench.ts'
import { syncMs } from '../report/machine.ts'
import { temporaryDirectory } from '../stand/children.ts'
import { freePort, type RunningServer, type ServerKind, settle, startServer } from '../stand/server.ts'
import { measureLoad, perSecond, REST_MS, warmUp } from './null-app.ts'
import { idleCpu } from './resources.ts'

const RESUMED_PER_ROUND = 30
/** Each of the two fills may take so long; 100,000 take a few minutes even at 500 a second. */
const FILL_SECONDS_MAX = 900
const FILL_SETTLE_MS_MAX = 60_000

interface Stand {
  readonly name: 'empty' | 'full'
  readonly server: RunningServer
  readonly app: RunningApp
}

/** Fills one store, leaves the other empty, and compares. */
export async function measureFlatCost(bench: Bench): Promise<void> {
  const stands: Stand[] = []
  try {
    for (const name of ['empty', 'full'] as const) stands.push(await makeStand(bench, name))
    for (let round = 1; round <= bench.options.rounds; round += 1) {
      bench.record.round = round
      bench.tell(`round ${round}: both stores`)
      await measureRound(bench, round % 2 === 1 ? stands : stands.toReversed())
    }
  } catch (error) {
    const servers = stands.map(({ name, server }) => `\n  the server of the ${name} store ${server.lastWords()}`)
    bench.note(`flat cost: ${messageOf(error)}${servers.join('')}`)
  } finally {
    for (const stand of stands) await stand.server.stop()
  }
}

/** Starts a server, stores what belongs into its store, and starts it again on that. */
async function makeStand(bench: Bench, name: Stand['name']): Promise<Stand> {
  const kind: ServerKind = { name: 'pawl', program: bench.options.server }
  const port = await freePort()
  const directory = temporaryDirectory()
  const app = await bench.nullApp(name)
  const first = await startServer(kind, port, directory)
  try {
    await ask(app.child, { do: 'register', server: first.url }, 'registered')
    await fillStore(bench, { name, server: first, app })
  } finally {
    await first.stop()
  }
  const server = await startServer(kind, port, directory)
  bench.record.add('flat.boot', name, server.bootMs)
  await ask(app.child, { do: 'register', server: server.url }, 'registered')
  await warmUp(app, bench.options.loadSeconds)
  return { name, server, app }
}

async function fillStore(bench: Bench, { name, server, app }: Stand): Promise<void> {
  const { stored, rounds } = bench.options
  const resumed = rounds * RESUMED_PER_ROUND
  const counts =
    name === 'full' ? { sleeper: stored, waiter: Math.max(stored, resumed) } : { sleeper: 0, waiter: resumed }
  for (const fn of ['sleeper', 'waiter'] as const) {
    const count = counts[fn]
    if (count === 0) continue
    bench.tell(`${name} store: ${count.toLocaleString('en-US')} runs of ${fn}`)
    const filled = await ask(app.child, { do: 'fill', fn, count, secondsMax: FILL_SECONDS_MAX }, 'filled')
    await settle(server, FILL_SETTLE_MS_MAX)
    if (filled.stored < count)
      bench.note(`${name} store: only ${filled.stored} of ${count} runs of ${fn} in ${FILL_SECONDS_MAX} s`)
    if (name === 'full') bench.record.add(`flat.fill.${fn}`, name, (filled.stored / filled.elapsedMs) * 1000)
  }
}

type StandMeasure = (bench: Bench, stand: Stand) => Promise<void>

/** Each thing on both stores before the next: a shared disk changes within seconds, and both must meet the same one. */
async function measureRound(bench: Bench, stands: readonly Stand[]): Promise<void> {
  const measures: readonly StandMeasure[] = [measureNoop, measureAlone, measureResume, measureRest]
  for (const measure of measures) {
    for (const stand of stands) {
      bench.record.add('sync', stand.name, syncMs())
      await measure(bench, stand)
    }
  }
}

const measureNoop: StandMeasure = async ({ record, options }, { name, server, app }) => {
  const load = { fn: 'noop' as const, seconds: options.loadSeconds, window: 200, batch: 100 }
  const noop = await measureLoad(server, app, load)
  record.add('flat.noop.rate', name, perSecond(noop.runs, noop))
  record.add('flat.noop.cpu', name, noop.serverMs / noop.runs)
}

const measureAlone: StandMeasure = async ({ record, options }, { name, server, app }) => {
  const load = { fn: 'ten' as const, seconds: options.loadSeconds, window: 1, batch: 1, restMs: REST_MS }
  const alone = await measureLoad(server, app, load)
  record.add('flat.alone.start', name, alone.start.p50)
  record.add('flat.alone.step', name, alone.step.p50)
}

/** Each wait can be resumed once, so every round takes the next ones. */
const measureResume: StandMeasure = async ({ record }, { name, app }) => {
  const from = (record.round - 1) * RESUMED_PER_ROUND
  const ids = Array.from({ length: RESUMED_PER_ROUND }, (_, index) => from + index)
  const { latency } = await ask(app.child, { do: 'resume', ids }, 'resumed')
  record.add('flat.resume.p50', name, latency.p50)
  record.add('flat.resume.max', name, latency.max)
}

const measureRest: StandMeasure = async ({ record, options }, { name, server }) => {
  record.add('flat.idle.cpu', name, await idleCpu(server, options.loadSeconds))
  record.add('flat.rss', name, server.rssMib())
}
