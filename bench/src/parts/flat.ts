// The flat-cost run: does a store with a million sleeping, and many blocked and waiting runs cost more than one without them?
// Both stores stand side by side and are measured in turns. What waits and what is blocked is made through the public API by the
// null app; the sleeping runs are copies of one that was. In the small store only as many runs wait as are resumed.

import { ask } from '../apps/messages.ts'
import { type Bench, messageOf, type RunningApp } from '../bench.ts'
import { DISK } from '../report/figures.ts'
import { syncMs } from '../report/machine.ts'
import type { Table } from '../report/table.ts'
import { startApp, stopChild } from '../stand/children.ts'
import { pause } from '../stand/clock.ts'
import type { Place } from '../stand/place.ts'
import { freePort, type RunningServer, settle, startServer } from '../stand/server.ts'
import { measureLoad, perSecond, REST_MS, warmUp } from './null-app.ts'
import { idleCpu } from './resources.ts'

const RESUMED_PER_ROUND = 30
/** 100,000 waits take half a minute at some thousands a second, and minutes on a slow machine. */
const FILL_SECONDS_MAX = 900
const FILL_SETTLE_MS_MAX = 60_000
/** Ready runs among which the claims look; many times what one claim takes. */
const READY = 2_000
const CLAIMS = 200
const AFTER_BOOT_MS = 3_000

interface Stand {
  readonly name: 'empty' | 'full'
  readonly place: Place
  readonly app: RunningApp
  server: RunningServer
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
    await measureClaims(bench, stands)
  } catch (error) {
    const servers = stands.map(({ name, server }) => `\n  the server of the ${name} store ${server.lastWords()}`)
    bench.note(`flat cost: ${messageOf(error)}${servers.join('')}`)
  } finally {
    for (const { server, place } of stands) {
      await server.stop()
      await place.remove()
    }
  }
}

/** Starts a server, stores what belongs into its store, and starts it again on that. */
async function makeStand(bench: Bench, name: Stand['name']): Promise<Stand> {
  const kind = bench.pawl()
  const port = await freePort()
  const place = await bench.newPlace(kind.database)
  const app = await bench.nullApp(name)
  const first = await startServer(kind, port, place)
  try {
    await register(app, first)
    await fillByApp(bench, { name, place, app, server: first })
  } finally {
    await first.stop()
  }
  if (name === 'full') await fillByCopies(bench, place)
  await place.tidy()
  const server = await startServer(kind, port, place)
  bench.record.add('flat.boot', name, server.bootMs)
  await register(app, server)
  await pause(AFTER_BOOT_MS)
  bench.record.add('flat.idle.rss', name, server.rssMib())
  await warmUp(app, bench.options.loadSeconds)
  return { name, place, app, server }
}

/** The holder of the one slot never answers, so that all behind it stay blocked. */
async function register(app: RunningApp, server: RunningServer): Promise<void> {
  await ask(app.child, { do: 'register', servers: server.urls }, 'registered')
  await ask(app.child, { do: 'hold', fn: 'single', ms: null }, 'held')
}

async function fillByApp(bench: Bench, { name, server, app }: Stand): Promise<void> {
  const resumed = bench.options.rounds * RESUMED_PER_ROUND
  const others = Math.ceil(bench.options.stored / 10)
  const waiting = name === 'full' ? Math.max(others, resumed) : resumed
  bench.tell(`${name} store: ${waiting.toLocaleString('en-US')} runs wait`)
  for (const [fn, count] of [['sleeper', 1] as const, ['waiter', waiting] as const]) {
    const { stored } = await ask(app.child, { do: 'fill', fn, count, secondsMax: FILL_SECONDS_MAX }, 'filled')
    if (stored < count) throw new Error(`only ${stored} of ${count} runs of ${fn} in ${FILL_SECONDS_MAX} s`)
  }
  if (name === 'full') {
    bench.tell(`${name} store: ${others.toLocaleString('en-US')} runs are blocked`)
    await ask(app.child, { do: 'post', fn: 'single', count: others + 1 }, 'posted')
  }
  await settle(server, FILL_SETTLE_MS_MAX)
}

async function fillByCopies(bench: Bench, place: Place): Promise<void> {
  const { stored } = bench.options
  bench.tell(`full store: ${stored.toLocaleString('en-US')} runs sleep`)
  const { elapsedMs } = await onStore(bench, place, async (store) => {
    return await ask(store.child, { do: 'copySleeper', count: stored - 1 }, 'copied')
  })
  bench.record.add('flat.fill.sleeper', 'full', (stored / elapsedMs) * 1000)
}

/** Opens a store on which no server stands, in a process of its own. */
async function onStore<T>(bench: Bench, place: Place, use: (store: RunningApp) => Promise<T>): Promise<T> {
  const args = [place.database, place.url ?? place.directory]
  const store = await bench.started('store', startApp(new URL('../apps/store-main.ts', import.meta.url), args))
  try {
    return await use(store)
  } finally {
    await ask(store.child, { do: 'closeStore' }, 'closed').catch(() => {})
    await stopChild(store.child)
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
  if (server.kind.database === 'postgres') record.add('flat.noop.database', name, noop.databaseMs / noop.runs)
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

/** Claims by themselves, on the stores without their servers: of a whole server's work they are too small a part to be seen. */
async function measureClaims(bench: Bench, stands: readonly Stand[]): Promise<void> {
  bench.tell('claims from both stores')
  for (const { server } of stands) await server.stop()
  for (const { place } of stands) {
    await onStore(bench, place, (store) => ask(store.child, { do: 'makeReady', count: READY }, 'copied'))
    await place.tidy()
  }
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    bench.record.round = round
    for (const { name, place } of round % 2 === 1 ? stands : stands.toReversed()) {
      const { times } = await onStore(bench, place, (store) =>
        ask(store.child, { do: 'claim', times: CLAIMS }, 'claimed'),
      )
      bench.record.add('flat.claim.p50', name, times.p50)
      bench.record.add('flat.claim.p99', name, times.p99)
    }
  }
}

export const FLAT_TABLE: Table = {
  contenders: ['full', 'empty'],
  ratios: [['full', 'empty']],
  sections: [
    {
      heading: 'Flat cost: a store full of sleeping, blocked and waiting runs, against the same without them',
      figures: [
        { id: 'flat.noop.rate', title: 'noop run, 100 events a POST', unit: 'runs/s', digits: 0, goal: '≥ 0.90 ×' },
        {
          id: 'flat.noop.cpu',
          title: 'noop run, 100 events a POST: server CPU',
          unit: 'ms',
          digits: 3,
          goal: '≤ 1.10 ×',
        },
        { id: 'flat.noop.database', title: 'noop run, 100 events a POST: PostgreSQL CPU', unit: 'ms', digits: 3 },
        {
          id: 'flat.claim.p50',
          title: 'looking for 100 ready items of 20 functions, p50',
          unit: 'ms',
          digits: 3,
          goal: '≤ 1.20 ×',
        },
        { id: 'flat.claim.p99', title: 'looking for 100 ready items of 20 functions, p99', unit: 'ms', digits: 3 },
        { id: 'flat.alone.start', title: 'event → first call, one run alone, p50', unit: 'ms', digits: 2 },
        { id: 'flat.alone.step', title: 'step → step, one run alone, p50', unit: 'ms', digits: 2 },
        { id: 'flat.resume.p50', title: 'event → call of the one run that waits for it, p50', unit: 'ms', digits: 2 },
        { id: 'flat.resume.max', title: 'event → call of the one run that waits for it, max', unit: 'ms', digits: 2 },
        { id: 'flat.idle.cpu', title: 'CPU while idle, a second', unit: 'ms', digits: 1 },
        { id: 'flat.idle.rss', title: 'memory after boot, idle', unit: 'MiB', digits: 0, goal: 'full − empty ≤ 48' },
        { id: 'flat.rss', title: 'memory after the loads', unit: 'MiB', digits: 0 },
      ],
    },
    {
      heading: 'How the full store was made',
      figures: [
        { id: 'flat.fill.sleeper', title: 'sleeping runs stored', unit: 'runs/s', digits: 0 },
        { id: 'flat.boot', title: 'restart with the store → /health answers', unit: 'ms', digits: 0 },
      ],
    },
    DISK,
  ],
}
