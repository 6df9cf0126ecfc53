// Part (c) and (d): the same loads of the null app on Pawl and on the floor, each with a fresh store and a warm process,
// side by side, in turns load by load.
// CPU is the server's own, from the begin of a load until it has nothing left to do, over all steps or runs of the load.

import { STEP_COUNT } from '../apps/answers.ts'
import { ask, type Load, type LoadResult } from '../apps/messages.ts'
import type { Bench, Measure, RunningApp } from '../bench.ts'
import { type RunningServer, settle } from '../stand/server.ts'

/** Runs under way in every load that is to saturate the server. */
export const IN_FLIGHT = 64
const SETTLE_MS_MAX = 2_000

/** Lets the server finish with one run before the next event, so that "alone" means alone. */
export const REST_MS = 3

/** A load with what it cost the server. */
export interface MeasuredLoad extends LoadResult {
  readonly serverMs: number
  /** What the database's own processes used; 0 for SQLite. */
  readonly databaseMs: number
}

/** Measures all null-app figures of one round. */
export async function measureNullApp(bench: Bench): Promise<void> {
  const prepare: Measure = async (server) => warmUp(await registeredNullApp(bench, server), bench.options.loadSeconds)
  await bench.onServersSideBySide('null app', [prepare, ...NULL_LOADS.map((load) => recordLoad(bench, load))])
}

/** Runs a load on a server and records its figures. */
export function recordLoad(bench: Bench, { load, read }: NullLoad): Measure {
  return async (server) => {
    const app = await registeredNullApp(bench, server)
    const measured = await measureLoad(server, app, { ...load, seconds: bench.options.loadSeconds })
    for (const [figure, value] of Object.entries(read(measured))) {
      // Without processes of its own a database has no CPU of its own.
      if (!figure.endsWith('.database') || server.kind.database === 'postgres')
        bench.record.add(figure, server.kind.name, value)
    }
  }
}

/** A load of the null app, and what is read off it. */
export interface NullLoad {
  readonly load: Omit<Load, 'seconds'>
  /** The figures that the load gives. */
  readonly read: (measured: MeasuredLoad) => Record<string, number>
}

/** Every load of the null app. */
export const NULL_LOADS: readonly NullLoad[] = [
  {
    load: { fn: 'ten', window: IN_FLIGHT, batch: 0 },
    read: (ten) => ({
      'null.ten.cpu': ten.serverMs / (ten.runs * STEP_COUNT),
      'null.ten.database': ten.databaseMs / (ten.runs * STEP_COUNT),
      'null.ten.rate': perSecond(ten.runs * STEP_COUNT, ten),
      'null.ten.p50': ten.step.p50,
      'null.ten.p99': ten.step.p99,
    }),
  },
  {
    load: { fn: 'ten', window: 1, batch: 1, restMs: REST_MS },
    read: (alone) => ({
      'null.alone.cpu': alone.serverMs / (alone.runs * STEP_COUNT),
      'null.alone.p50': alone.step.p50,
      'null.alone.p99': alone.step.p99,
      'null.alone.start': alone.start.p50,
    }),
  },
  {
    load: { fn: 'noop', window: 200, batch: 100 },
    read: (noop) => ({
      'null.noop100.cpu': noop.serverMs / noop.runs,
      'null.noop100.database': noop.databaseMs / noop.runs,
      'null.noop100.rate': perSecond(noop.runs, noop),
    }),
  },
  {
    load: { fn: 'noop', window: IN_FLIGHT, batch: 1 },
    read: (noop) => ({
      'null.noop1.cpu': noop.serverMs / noop.runs,
      'null.noop1.database': noop.databaseMs / noop.runs,
      'null.noop1.rate': perSecond(noop.runs, noop),
    }),
  },
  {
    load: { fn: 'checkpointed', window: IN_FLIGHT, batch: 0 },
    read: (checkpointed) => ({
      'null.checkpointed.cpu': checkpointed.serverMs / (checkpointed.runs * STEP_COUNT),
      'null.checkpointed.database': checkpointed.databaseMs / (checkpointed.runs * STEP_COUNT),
      'null.checkpointed.rate': perSecond(checkpointed.runs * STEP_COUNT, checkpointed),
      'null.checkpointed.p50': checkpointed.step.p50,
    }),
  },
]

/** The contender's own null app, registered with the server that stands for it now. */
export async function registeredNullApp(bench: Bench, server: RunningServer): Promise<RunningApp> {
  const app = await bench.nullApp(server.kind.name)
  await ask(app.child, { do: 'register', servers: server.urls }, 'registered')
  return app
}

/** Lets the server's code be compiled before anything is measured: a cold process costs several times as much. */
export async function warmUp(app: RunningApp, seconds: number): Promise<void> {
  for (const fn of ['ten', 'noop', 'checkpointed'] as const) {
    await ask(app.child, { do: 'load', load: { fn, seconds: seconds / 3, window: IN_FLIGHT, batch: 0 } }, 'loaded')
  }
}

/** Runs one load and counts the server's CPU over it. */
export async function measureLoad(server: RunningServer, app: RunningApp, load: Load): Promise<MeasuredLoad> {
  await settle(server, SETTLE_MS_MAX)
  const before = { server: server.cpuMs(), database: server.databaseMs() }
  const { result } = await ask(app.child, { do: 'load', load }, 'loaded')
  await settle(server, SETTLE_MS_MAX)
  return { ...result, serverMs: server.cpuMs() - before.server, databaseMs: server.databaseMs() - before.database }
}

/** So many of something a second, over the load. */
export function perSecond(count: number, { elapsedMs }: { readonly elapsedMs: number }): number {
  return (count / elapsedMs) * 1000
}
