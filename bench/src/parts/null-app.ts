// Part (c) and (d): the same loads of the null app on Pawl and on the floor, each with a fresh store and a warm process.
// CPU is the server's own, from the begin of a load until it has nothing left to do, over all steps or runs of the load.

import { STEP_COUNT } from '../apps/answers.ts'
import { ask, type Load, type LoadResult } from '../apps/messages.ts'
import type { Bench, RunningApp } from '../bench.ts'
import { type RunningServer, settle } from '../stand/server.ts'

/** Runs under way in every load that is to saturate the server. */
export const IN_FLIGHT = 64
const SETTLE_MS_MAX = 2_000

/** Lets the server finish with one run before the next event, so that "alone" means alone. */
export const REST_MS = 3

/** A load with what it cost the server. */
export interface MeasuredLoad extends LoadResult {
  readonly serverMs: number
}

/** Measures all null-app figures of one round. */
export async function measureNullApp(bench: Bench): Promise<void> {
  const app = await bench.nullApp()
  const seconds = bench.options.loadSeconds
  await bench.onEachServer('null app', async (server) => {
    await ask(app.child, { do: 'register', server: server.url }, 'registered')
    await warmUp(app, seconds)
    const { record } = bench
    const { name } = server.kind

    const ten = await measureLoad(server, app, { fn: 'ten', seconds, window: IN_FLIGHT, batch: 0 })
    record.add('null.ten.cpu', name, ten.serverMs / (ten.runs * STEP_COUNT))
    record.add('null.ten.rate', name, perSecond(ten.runs * STEP_COUNT, ten))
    record.add('null.ten.p50', name, ten.step.p50)
    record.add('null.ten.p99', name, ten.step.p99)

    const alone = await measureLoad(server, app, { fn: 'ten', seconds, window: 1, batch: 1, restMs: REST_MS })
    record.add('null.alone.cpu', name, alone.serverMs / (alone.runs * STEP_COUNT))
    record.add('null.alone.p50', name, alone.step.p50)
    record.add('null.alone.p99', name, alone.step.p99)
    record.add('null.alone.start', name, alone.start.p50)

    const noop100 = await measureLoad(server, app, { fn: 'noop', seconds, window: 200, batch: 100 })
    record.add('null.noop100.cpu', name, noop100.serverMs / noop100.runs)
    record.add('null.noop100.rate', name, perSecond(noop100.runs, noop100))

    const noop1 = await measureLoad(server, app, { fn: 'noop', seconds, window: IN_FLIGHT, batch: 1 })
    record.add('null.noop1.cpu', name, noop1.serverMs / noop1.runs)
    record.add('null.noop1.rate', name, perSecond(noop1.runs, noop1))

    const checkpointed = await measureLoad(server, app, { fn: 'checkpointed', seconds, window: IN_FLIGHT, batch: 0 })
    record.add('null.checkpointed.cpu', name, checkpointed.serverMs / (checkpointed.runs * STEP_COUNT))
    record.add('null.checkpointed.rate', name, perSecond(checkpointed.runs * STEP_COUNT, checkpointed))
    record.add('null.checkpointed.p50', name, checkpointed.step.p50)
  })
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
  const before = server.cpuMs()
  const { result } = await ask(app.child, { do: 'load', load }, 'loaded')
  await settle(server, SETTLE_MS_MAX)
  return { ...result, serverMs: server.cpuMs() - before }
}

/** So many of something a second, over the load. */
export function perSecond(count: number, { elapsedMs }: { readonly elapsedMs: number }): number {
  return (count / elapsedMs) * 1000
}
