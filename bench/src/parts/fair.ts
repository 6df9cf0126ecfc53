// Does anybody wait for longer than is fair? 1,000 keys of limit 1 whose runs are queued at once, key after key; and a function of
// which one run is started at a time, alone and beside another function with 50,000 runs that are ready, or blocked behind a limit.

import { ask, type NullFunction } from '../apps/messages.ts'
import type { Bench, Measure } from '../bench.ts'
import { DISK } from '../report/figures.ts'
import type { Contender } from '../report/recorder.ts'
import type { Table } from '../report/table.ts'
import type { RunningServer } from '../stand/server.ts'
import { REST_MS, registeredNullApp, warmUp } from './null-app.ts'

const KEYS = 1_000
const RUNS_PER_KEY = 10
/** How much longer than a load: the p99 of a few hundred starts is wanted. */
const LOADS_PER_MEASUREMENT = 3

/** What makes the noise. */
interface Noise {
  readonly id: 'ready' | 'slow' | 'blocked'
  readonly fn: NullFunction
  /** How long each of its calls stays open. */
  readonly holdMs: number
}

const NOISES: readonly Noise[] = [
  { id: 'ready', fn: 'noisy', holdMs: 0 },
  { id: 'slow', fn: 'noisy', holdMs: 100 },
  { id: 'blocked', fn: 'single', holdMs: 10 },
]

/** Measures the keys and every noise in each round; each on a fresh server, whose idle figures are its own. */
export async function measureFairness(bench: Bench): Promise<void> {
  bench.contend([bench.pawl()])
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    bench.record.round = round
    await bench.onEachServer(`${KEYS} keys of limit 1`, measureKeys(bench))
    for (const noise of NOISES) await bench.onEachServer(`a neighbour, ${noise.id}`, measureNeighbour(bench, noise))
  }
}

function measureKeys(bench: Bench): Measure {
  return async (server) => {
    const app = await registeredNullApp(bench, server)
    await warmUp(app, bench.options.loadSeconds)
    const { waits } = await ask(app.child, { do: 'keys', keys: KEYS, runs: RUNS_PER_KEY }, 'keyed')
    bench.record.add('fair.keys.mean', 'pawl', waits.meanMs)
    bench.record.add('fair.keys.max', 'pawl', waits.maxMs)
    bench.record.add('fair.keys.ratio', 'pawl', waits.maxMs / waits.meanMs)
  }
}

function measureNeighbour(bench: Bench, { id, fn, holdMs }: Noise): Measure {
  return async (server) => {
    const app = await registeredNullApp(bench, server)
    await warmUp(app, bench.options.loadSeconds)
    if (holdMs > 0) await ask(app.child, { do: 'hold', fn, ms: holdMs }, 'held')
    await measureStarts(bench, server, { id, contender: 'idle' })
    const { elapsedMs } = await ask(app.child, { do: 'post', fn, count: bench.options.noise }, 'posted')
    bench.tell(`  ${bench.options.noise.toLocaleString('en-US')} runs queued in ${Math.round(elapsedMs)} ms`)
    await measureStarts(bench, server, { id, contender: 'noisy' })
    bench.record.add(`fair.${id}.left`, 'noisy', await leftOf(server, fn))
  }
}

async function measureStarts(
  bench: Bench,
  server: RunningServer,
  { id, contender }: { readonly id: Noise['id']; readonly contender: Contender },
): Promise<void> {
  const app = await bench.nullApp(server.kind.name)
  const seconds = bench.options.loadSeconds * LOADS_PER_MEASUREMENT
  const load = { fn: 'noop' as const, seconds, window: 1, batch: 1, restMs: REST_MS }
  const { result } = await ask(app.child, { do: 'load', load }, 'loaded')
  bench.record.add(`fair.${id}.p50`, contender, result.start.p50)
  bench.record.add(`fair.${id}.p99`, contender, result.start.p99)
}

/** Runs of the noisy function that are still queued, as the server counts them: noise that has ended is none. */
async function leftOf(server: RunningServer, fn: NullFunction): Promise<number> {
  const response = await fetch(`${server.url}/v2/apps/bench-null/functions/${fn}/queue`)
  const body = (await response.json()) as { readonly data?: { readonly count?: number } }
  if (body.data?.count === undefined) throw new Error(`the queue of ${fn} could not be read: ${response.status}`)
  return body.data.count
}

export const FAIR_TABLE: Table = {
  contenders: ['pawl', 'idle', 'noisy'],
  ratios: [['noisy', 'idle']],
  sections: [
    {
      heading: `${KEYS} keys of limit 1, ${RUNS_PER_KEY} runs each, queued at once, key after key`,
      figures: [
        { id: 'fair.keys.mean', title: 'event → first call: mean over the keys', unit: 'ms', digits: 0 },
        { id: 'fair.keys.max', title: 'event → first call: the key that waits longest', unit: 'ms', digits: 0 },
        { id: 'fair.keys.ratio', title: 'longest ÷ mean', unit: '', digits: 2, goal: '≤ 2' },
      ],
    },
    ...NOISES.map(({ id, holdMs }) => ({
      heading: `A function's start (event → first call) beside a noisy one: ${headingOf(id)}, calls of ${holdMs} ms`,
      figures: [
        { id: `fair.${id}.p50`, title: 'p50', unit: 'ms', digits: 2 },
        { id: `fair.${id}.p99`, title: 'p99', unit: 'ms', digits: 2, goal: '≤ 2 ×' },
        { id: `fair.${id}.left`, title: 'noisy runs still queued at the end', unit: 'runs', digits: 0, goal: '> 0' },
      ],
    })),
    DISK,
  ],
}

function headingOf(id: Noise['id']): string {
  return id === 'blocked' ? 'many runs (--noise) blocked behind a limit of 1' : 'many runs (--noise) ready'
}
