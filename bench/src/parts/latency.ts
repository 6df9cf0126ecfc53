// Part (e): how long a user waits. `send()` of the SDK → first line of the function, and end of a step → first line of the next,
// when nothing else happens and at 50 events a second, beside the same runs driven by direct calls of the app.
// The app notes the moments itself, on a clock that all processes share.

import { Inngest } from 'inngest'
import { ask } from '../apps/messages.ts'
import type { Bench } from '../bench.ts'
import { LATENCY_FLAVOURS } from '../report/figures.ts'
import type { Contender } from '../report/recorder.ts'
import { spreadOf } from '../report/spread.ts'
import { monotonicMs, pause, within } from '../stand/clock.ts'
import { DirectCalls, startSink, stopSink } from '../stand/direct-calls.ts'
import { type Flavour, slugPrefix } from '../stand/flavours.ts'
import { syncSdkApp } from '../stand/sdk-load.ts'
import { SdkMeter } from '../stand/sdk-meter.ts'
import { warmSdkApp } from './ceiling.ts'

const EVENTS_PER_SECOND = 50
const IDLE_RUNS_PER_LOAD_SECOND = 30
/** Between two idle runs: long enough for everything about the last one to be done. */
const REST_MS = 25
const RUN_MS_MAX = 20_000
const CONNECTIONS = 64

/** Starts one run and resolves when it has ended. */
type RunOnce = () => Promise<void>

/** Measures all latencies of one round. */
export async function measureLatency(bench: Bench): Promise<void> {
  for (const flavour of LATENCY_FLAVOURS) {
    await measureDirect(bench, flavour)
    await bench.onEachServer(`latency, ${flavour.title}`, (server) => measureThrough(bench, flavour, server.kind.name))
  }
}

async function measureDirect(bench: Bench, flavour: Flavour): Promise<void> {
  bench.tell(`round ${bench.record.round}: latency, ${flavour.title}, direct`)
  const sink = await startSink(bench.port)
  try {
    await warmSdkApp(bench, flavour)
    const { url } = await bench.sdkApp(flavour)
    const calls = new DirectCalls({ url, slugPrefix: slugPrefix(flavour) }, 'latency', CONNECTIONS)
    await measurePaces(bench, flavour, { contender: 'ceiling', runOnce: () => calls.runOnce(monotonicMs()) })
    await calls.stop()
  } finally {
    await stopSink(sink)
  }
}

async function measureThrough(bench: Bench, flavour: Flavour, contender: Contender): Promise<void> {
  const app = await bench.sdkApp(flavour)
  await syncSdkApp(app.url)
  const sender = new Inngest({ id: 'bench-sender', isDev: true, baseUrl: bench.url })
  const meter = new SdkMeter(app)
  const ended = new EndedRuns(meter)
  const runOnce = async () => {
    const end = ended.next()
    await sender.send({ name: 'bench/latency', data: { sent: monotonicMs() } })
    await end
  }
  await within(
    RUN_MS_MAX * 6,
    'runs that measure latency did not end',
    measurePaces(bench, flavour, { contender, runOnce }),
  ).finally(() => meter.close())
}

/** Both paces, after a while at the second that is not counted, in which the server's code gets compiled. */
async function measurePaces(
  bench: Bench,
  flavour: Flavour,
  { contender, runOnce }: { readonly contender: Contender; readonly runOnce: RunOnce },
): Promise<void> {
  const { loadSeconds } = bench.options
  await runPaced(runOnce, loadSeconds)
  await collect(bench, flavour)
  await runIdle(runOnce, loadSeconds * IDLE_RUNS_PER_LOAD_SECOND)
  await recordPace(bench, flavour, { contender, pace: 'idle' })
  await runPaced(runOnce, loadSeconds * 2)
  await recordPace(bench, flavour, { contender, pace: 'paced' })
}

async function runIdle(runOnce: RunOnce, count: number): Promise<void> {
  for (let run = 0; run < count; run += 1) {
    await runOnce()
    await pause(REST_MS)
  }
}

async function runPaced(runOnce: RunOnce, seconds: number): Promise<void> {
  const startedAt = monotonicMs()
  const runs: Promise<void>[] = []
  for (let run = 0; run < seconds * EVENTS_PER_SECOND; run += 1) {
    await pause(Math.max(0, startedAt + (run * 1000) / EVENTS_PER_SECOND - monotonicMs()))
    runs.push(runOnce())
  }
  await Promise.all(runs)
}

async function recordPace(
  bench: Bench,
  flavour: Flavour,
  { contender, pace }: { readonly contender: Contender; readonly pace: 'idle' | 'paced' },
): Promise<void> {
  const { starts, gaps } = await collect(bench, flavour)
  for (const [what, samples] of [['start', starts] as const, ['step', gaps] as const]) {
    const { p50, p99 } = spreadOf(samples)
    bench.record.add(`latency.${flavour.id}.${pace}.${what}.p50`, contender, p50)
    bench.record.add(`latency.${flavour.id}.${pace}.${what}.p99`, contender, p99)
  }
}

async function collect(bench: Bench, flavour: Flavour) {
  const { collected } = await ask((await bench.sdkApp(flavour)).child, { do: 'collect' }, 'collected')
  return collected
}

/** Hands each end of a run to whoever has waited longest; all runs are alike, so it does not matter whose it was. */
class EndedRuns {
  private readonly waiting: (() => void)[] = []

  constructor(meter: SdkMeter) {
    meter.onFinished = (runs) => {
      for (const resolve of this.waiting.splice(0, runs)) resolve()
    }
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }
}
