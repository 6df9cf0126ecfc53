// One, two and four server processes on one PostgreSQL, and the floor on the same: what a step costs the servers and the database.
// One contender stands at a time, so that all CPU of the cluster is its own; they take turns in another order every round.

import { STEP_COUNT } from '../apps/answers.ts'
import type { Bench, Measure } from '../bench.ts'
import { DISK } from '../report/figures.ts'
import type { Contender } from '../report/recorder.ts'
import type { Table } from '../report/table.ts'
import { floorKind, type ServerKind } from '../stand/server.ts'
import {
  IN_FLIGHT,
  type MeasuredLoad,
  type NullLoad,
  perSecond,
  recordLoad,
  registeredNullApp,
  warmUp,
} from './null-app.ts'

const COUNTS: readonly (readonly [Contender, number])[] = [
  ['pawl', 1],
  ['pawl 2', 2],
  ['pawl 4', 4],
]

/** Measures the null app's loads on each in every round. */
export async function measureProcesses(bench: Bench): Promise<void> {
  const pawls = COUNTS.map(
    ([name, processes]): ServerKind => ({ ...bench.pawl(), name, database: 'postgres', processes }),
  )
  bench.contend([floorKind('postgres'), ...pawls])
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    bench.record.round = round
    await bench.onEachServer('null app', measureLoads(bench))
  }
}

function measureLoads(bench: Bench): Measure {
  return async (server) => {
    // Each process has code of its own to be compiled.
    const seconds = bench.options.loadSeconds * server.kind.processes
    await warmUp(await registeredNullApp(bench, server), seconds)
    for (const load of LOADS) await recordLoad(bench, load)(server)
    bench.record.add('processes.rss', server.kind.name, server.rssMib() / server.kind.processes)
  }
}

const LOADS: readonly NullLoad[] = [
  { load: { fn: 'ten', window: IN_FLIGHT, batch: 0 }, read: (ten) => costs('ten', ten, ten.runs * STEP_COUNT) },
  { load: { fn: 'noop', window: 200, batch: 100 }, read: (noop) => costs('noop', noop, noop.runs) },
  {
    load: { fn: 'checkpointed', window: IN_FLIGHT, batch: 0 },
    read: (load) => costs('checkpointed', load, load.runs * STEP_COUNT),
  },
]

function costs(id: string, load: MeasuredLoad, count: number): Record<string, number> {
  return {
    [`processes.${id}.server`]: load.serverMs / count,
    [`processes.${id}.postgres`]: load.databaseMs / count,
    [`processes.${id}.both`]: (load.serverMs + load.databaseMs) / count,
    [`processes.${id}.rate`]: perSecond(count, load),
    ...(id === 'ten' ? { 'processes.ten.p50': load.step.p50 } : {}),
  }
}

export const PROCESSES_TABLE: Table = {
  contenders: ['pawl', 'pawl 2', 'pawl 4', 'floor'],
  ratios: [
    ['pawl', 'floor'],
    ['pawl 2', 'pawl'],
    ['pawl 4', 'pawl'],
  ],
  sections: [
    {
      heading: 'Null app on one PostgreSQL, CPU of all servers and of PostgreSQL',
      figures: [
        { id: 'processes.ten.server', title: 'step: servers', unit: 'ms', digits: 3, goal: '≤ 2.5 × floor' },
        { id: 'processes.ten.postgres', title: 'step: PostgreSQL', unit: 'ms', digits: 3, goal: '≤ 0.05' },
        { id: 'processes.ten.both', title: 'step: both', unit: 'ms', digits: 3, goal: '2: ≤ 1.3 ×, 4: ≤ 1.6 ×' },
        { id: 'processes.ten.rate', title: 'steps', unit: 'steps/s', digits: 0 },
        { id: 'processes.ten.p50', title: 'step → step, 64 runs in flight, p50', unit: 'ms', digits: 2 },
        { id: 'processes.noop.server', title: 'noop run, 100 events a POST: servers', unit: 'ms', digits: 3 },
        { id: 'processes.noop.postgres', title: 'noop run, 100 events a POST: PostgreSQL', unit: 'ms', digits: 3 },
        { id: 'processes.noop.both', title: 'noop run, 100 events a POST: both', unit: 'ms', digits: 3 },
        { id: 'processes.noop.rate', title: 'noop runs', unit: 'runs/s', digits: 0 },
        { id: 'processes.checkpointed.server', title: 'checkpointed step: servers', unit: 'ms', digits: 3 },
        { id: 'processes.checkpointed.postgres', title: 'checkpointed step: PostgreSQL', unit: 'ms', digits: 3 },
        { id: 'processes.checkpointed.both', title: 'checkpointed step: both', unit: 'ms', digits: 3 },
        { id: 'processes.checkpointed.rate', title: 'checkpointed steps', unit: 'steps/s', digits: 0 },
        { id: 'processes.rss', title: 'memory of a server after the loads', unit: 'MiB', digits: 0 },
      ],
    },
    DISK,
  ],
}
