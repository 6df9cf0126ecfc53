// Other queues on the same work, side by side in one run: jobs that do nothing, sequences of ten steps, and many jobs at once.
// Each stands alone on a fresh database, in another order every round. A peer's producer and worker are one process and its jobs
// make no call; Pawl's runs are calls to the null app. What is not installed is left out, and the report says so.

import { existsSync } from 'node:fs'
import { PARALLEL_COUNT, STEP_COUNT } from '../apps/answers.ts'
import { ask } from '../apps/messages.ts'
import { FAN_OUT } from '../apps/null-functions.ts'
import { type Bench, messageOf, type RunningApp } from '../bench.ts'
import type { PeerName } from '../options.ts'
import { DISK } from '../report/figures.ts'
import { syncMs } from '../report/machine.ts'
import type { Table } from '../report/table.ts'
import { startApp, stopChild } from '../stand/children.ts'
import { hasRedis, startRedis } from '../stand/redis.ts'
import { processCpuMs } from '../stand/usage.ts'
import { IN_FLIGHT, measureLoad, perSecond, registeredNullApp, warmUp } from './null-app.ts'

interface PeerProgram {
  /** The folder in `peers/node_modules` that shows that it is installed. */
  readonly package: string
  /** In `peers/src`. */
  readonly main: string
  readonly args?: readonly string[]
}

const PROGRAMS: Readonly<Record<PeerName, PeerProgram>> = {
  'pg-boss': { package: 'pg-boss', main: 'pg-boss-main.ts' },
  'graphile-worker': { package: 'graphile-worker', main: 'graphile-worker-main.ts' },
  'graphile-batched': { package: 'graphile-worker', main: 'graphile-worker-main.ts', args: ['batched'] },
  dbos: { package: '@dbos-inc/dbos-sdk', main: 'dbos-main.ts' },
  bullmq: { package: 'bullmq', main: 'bullmq-main.ts' },
}
const PEERS = new URL('../../peers/', import.meta.url)
const SETTLE_SECONDS = 0.5

/** Measures Pawl on both databases and every peer that is there, in each round. */
export async function measurePeers(bench: Bench): Promise<void> {
  const peers = bench.options.peers.filter((name) => {
    const reason = whyNot(name)
    if (reason !== undefined) bench.skip(`${name}: ${reason}`)
    return reason === undefined
  })
  bench.contend([
    { ...bench.pawl(), name: 'pawl', database: 'postgres' },
    { ...bench.pawl(), name: 'pawl sqlite', database: 'sqlite' },
  ])
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    bench.record.round = round
    const inTurn = round % 2 === 1 ? peers : peers.toReversed()
    if (round % 2 === 1) await measurePawl(bench)
    for (const name of inTurn) await measurePeer(bench, name)
    if (round % 2 === 0) await measurePawl(bench)
  }
}

function whyNot(name: PeerName): string | undefined {
  if (!existsSync(new URL(`node_modules/${PROGRAMS[name].package}`, PEERS)))
    return 'not installed (npm ci --prefix bench/peers)'
  return name === 'bullmq' && !hasRedis() ? 'no redis-server' : undefined
}

async function measurePawl(bench: Bench): Promise<void> {
  const { record, options } = bench
  await bench.onEachServer('peers', async (server) => {
    const { name, database } = server.kind
    const app = await registeredNullApp(bench, server)
    await warmUp(app, options.loadSeconds)
    const seconds = options.loadSeconds
    const noop = await measureLoad(server, app, { fn: 'noop', seconds, window: 200, batch: 100 })
    record.add('peers.noop.rate', name, perSecond(noop.runs, noop))
    record.add('peers.noop.cpu', name, noop.serverMs / noop.runs)
    if (database === 'postgres') record.add('peers.noop.database', name, noop.databaseMs / noop.runs)
    const ten = await measureLoad(server, app, { fn: 'ten', seconds, window: IN_FLIGHT, batch: 0 })
    const steps = ten.runs * STEP_COUNT
    record.add('peers.ten.rate', name, perSecond(steps, ten))
    record.add('peers.ten.cpu', name, ten.serverMs / steps)
    if (database === 'postgres') record.add('peers.ten.database', name, ten.databaseMs / steps)
    for (const fn of ['fan', 'parallel'] as const) {
      await ask(app.child, { do: 'fan', fn, seconds: SETTLE_SECONDS }, 'fanned')
      const { times } = await ask(app.child, { do: 'fan', fn, seconds }, 'fanned')
      record.add(`peers.${fn}.p50`, name, times.p50)
    }
  })
}

async function measurePeer(bench: Bench, name: PeerName): Promise<void> {
  bench.tell(`round ${bench.record.round}: peers, ${name}`)
  try {
    const database = await databaseFor(bench, name)
    const { main, args = [] } = PROGRAMS[name]
    const module = new URL(`src/${main}`, PEERS)
    const peer = await bench.started(name, startApp(module, [database.url, ...args])).catch(async (error: unknown) => {
      await database.remove()
      throw error
    })
    try {
      bench.record.add('sync', name, syncMs())
      await measureWork(bench, name, { peer, databaseMs: database.cpuMs })
    } finally {
      await stopChild(peer.child)
      await database.remove()
    }
  } catch (error) {
    bench.note(`peers, ${name}: ${messageOf(error)}`)
  }
}

interface PeerDatabase {
  readonly url: string
  cpuMs(): number
  remove(): Promise<void>
}

async function databaseFor(bench: Bench, name: PeerName): Promise<PeerDatabase> {
  if (name === 'bullmq') {
    const redis = await startRedis()
    return { url: redis.url, cpuMs: () => redis.cpuMs(), remove: () => redis.stop() }
  }
  const place = await bench.newPlace('postgres')
  return { url: place.url ?? '', cpuMs: () => place.databaseMs(), remove: () => place.remove() }
}

async function measureWork(
  bench: Bench,
  name: PeerName,
  { peer, databaseMs }: { readonly peer: RunningApp; databaseMs(): number },
): Promise<void> {
  const { record, options } = bench
  const seconds = options.loadSeconds
  const works = name === 'dbos' ? (['noop', 'sequences'] as const) : (['noop'] as const)
  for (const work of works) {
    await ask(peer.child, { do: 'work', work, seconds }, 'worked')
    const before = { peer: processCpuMs(peer.pid), database: databaseMs() }
    const { count, elapsedMs } = await ask(peer.child, { do: 'work', work, seconds }, 'worked')
    const id = work === 'noop' ? 'peers.noop' : 'peers.ten'
    const done = work === 'noop' ? count : count * STEP_COUNT
    record.add(`${id}.rate`, name, perSecond(done, { elapsedMs }))
    record.add(`${id}.cpu`, name, (processCpuMs(peer.pid) - before.peer) / done)
    record.add(`${id}.database`, name, (databaseMs() - before.database) / done)
  }
  for (const [fn, count] of [['fan', FAN_OUT] as const, ['parallel', PARALLEL_COUNT] as const]) {
    await ask(peer.child, { do: 'jobs', count, seconds: SETTLE_SECONDS }, 'fanned')
    const { times } = await ask(peer.child, { do: 'jobs', count, seconds }, 'fanned')
    record.add(`peers.${fn}.p50`, name, times.p50)
  }
}

export const PEERS_TABLE: Table = {
  contenders: ['pawl', 'pawl sqlite', 'pg-boss', 'graphile-worker', 'graphile-batched', 'dbos', 'bullmq'],
  ratios: [
    ['pawl', 'dbos'],
    ['pawl', 'graphile-worker'],
    ['pawl', 'graphile-batched'],
    ['pawl', 'pg-boss'],
    ['pawl', 'bullmq'],
    ['pawl sqlite', 'bullmq'],
  ],
  sections: [
    {
      heading: 'Noop jobs (Pawl: runs of the null app, each a call)',
      figures: [
        { id: 'peers.noop.rate', title: 'jobs', unit: 'jobs/s', digits: 0, goal: '≥ 2.5 × dbos, ≥ 0.4 × graphile' },
        { id: 'peers.noop.cpu', title: "CPU of the server, or of the peer's process", unit: 'ms', digits: 3 },
        { id: 'peers.noop.database', title: 'CPU of PostgreSQL or Redis', unit: 'ms', digits: 3 },
      ],
    },
    {
      heading: 'Sequences of ten steps',
      figures: [
        { id: 'peers.ten.rate', title: 'steps', unit: 'steps/s', digits: 0, goal: '≥ 2.5 × dbos' },
        { id: 'peers.ten.cpu', title: "CPU a step of the server, or of the peer's process", unit: 'ms', digits: 3 },
        { id: 'peers.ten.database', title: 'CPU a step of PostgreSQL', unit: 'ms', digits: 3 },
      ],
    },
    {
      heading: 'Many at once, from the first POST or insert to the end of the last',
      figures: [
        {
          id: 'peers.fan.p50',
          title: 'one event → 20 functions; 20 jobs, p50',
          unit: 'ms',
          digits: 2,
          goal: '≤ 1 × bullmq',
        },
        {
          id: 'peers.parallel.p50',
          title: '100 parallel steps; 100 jobs, p50',
          unit: 'ms',
          digits: 2,
          goal: '≤ 1 × bullmq',
        },
      ],
    },
    DISK,
  ],
}
