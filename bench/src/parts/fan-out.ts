// One event that makes many calls: it starts 20 functions, or a run with 100 parallel steps. With the null app the server is what
// takes the time; with the SDK app the same calls are also made directly, and what is above that is the server's doing.

import { Inngest } from 'inngest'
import { PARALLEL_COUNT } from '../apps/answers.ts'
import { ask } from '../apps/messages.ts'
import { FAN_OUT } from '../apps/null-functions.ts'
import type { Bench, Measure } from '../bench.ts'
import { FAN_FLAVOURS } from '../report/figures.ts'
import type { Contender } from '../report/recorder.ts'
import { median } from '../report/spread.ts'
import { monotonicMs, pause, within } from '../stand/clock.ts'
import { DirectCalls, startSink, stopSink } from '../stand/direct-calls.ts'
import { type Flavour, slugPrefix } from '../stand/flavours.ts'
import { syncSdkApp } from '../stand/sdk-load.ts'
import { SdkMeter } from '../stand/sdk-meter.ts'
import { settle } from '../stand/server.ts'
import { warmSdkApp } from './ceiling.ts'
import { registeredNullApp, warmUp } from './null-app.ts'

const SETTLE_MS_MAX = 2_000
/** The app answers 64 at a time no faster than more; the server keeps as many open. */
const CONNECTIONS = 64
const EVENTS_PER_LOAD_SECOND = 20
const REST_MS = 20
const EVENT_MS_MAX = 20_000

type Fan = 'fan' | 'parallel'
const FANS: readonly Fan[] = ['fan', 'parallel']

/** Measures both kinds with both apps in one round. */
export async function measureFanOut(bench: Bench): Promise<void> {
  const prepare: Measure = async (server) => warmUp(await registeredNullApp(bench, server), bench.options.loadSeconds)
  await bench.onServersSideBySide('fan-out, null app', [prepare, ...FANS.map((fan) => measureNull(bench, fan))])
  for (const flavour of FAN_FLAVOURS) {
    await measureDirect(bench, flavour)
    await bench.onEachServer(`fan-out, ${flavour.title}`, async (server) => {
      // The floor knows no parallel steps.
      const fans = server.kind.name === 'floor' ? (['fan'] as const) : FANS
      await syncSdkApp((await bench.sdkApp(flavour)).url)
      for (const fan of fans) await measureThrough(bench, flavour, { fan, contender: server.kind.name })
    })
    await measureDirect(bench, flavour)
  }
}

function measureNull(bench: Bench, fan: Fan): Measure {
  return async (server) => {
    const { name } = server.kind
    if (name === 'floor' && fan === 'parallel') return
    const app = await registeredNullApp(bench, server)
    await ask(app.child, { do: 'fan', fn: fan, seconds: bench.options.rampSeconds }, 'fanned')
    await settle(server, SETTLE_MS_MAX)
    const before = server.cpuMs()
    const { times } = await ask(app.child, { do: 'fan', fn: fan, seconds: bench.options.loadSeconds }, 'fanned')
    await settle(server, SETTLE_MS_MAX)
    bench.record.add(`fan.null.${fan}.p50`, name, times.p50)
    bench.record.add(`fan.null.${fan}.cpu`, name, (server.cpuMs() - before) / times.count)
  }
}

async function measureDirect(bench: Bench, flavour: Flavour): Promise<void> {
  bench.tell(`round ${bench.record.round}: fan-out, ${flavour.title}, direct`)
  const sink = await startSink(bench.port)
  try {
    await warmSdkApp(bench, flavour)
    const { url } = await bench.sdkApp(flavour)
    const app = { url, slugPrefix: slugPrefix(flavour) }
    const fans = Array.from({ length: FAN_OUT }, (_, index) => new DirectCalls(app, `fan-${index}`, 4))
    const parallel = new DirectCalls(app, 'parallel', CONNECTIONS)
    await measureEvents(bench, flavour, {
      fan: 'fan',
      contender: 'ceiling',
      once: async () => void (await Promise.all(fans.map((calls) => calls.runOnce(0)))),
    })
    await measureEvents(bench, flavour, {
      fan: 'parallel',
      contender: 'ceiling',
      once: () => parallel.runParallel(PARALLEL_COUNT),
    })
    for (const calls of [...fans, parallel]) await calls.stop()
  } finally {
    await stopSink(sink)
  }
}

async function measureThrough(
  bench: Bench,
  flavour: Flavour,
  { fan, contender }: { readonly fan: Fan; readonly contender: Contender },
): Promise<void> {
  const sender = new Inngest({ id: 'bench-sender', isDev: true, baseUrl: bench.url })
  const meter = new SdkMeter(await bench.sdkApp(flavour))
  const once = async () => {
    let open = fan === 'fan' ? FAN_OUT : 1
    const ended = new Promise<void>((resolve) => {
      meter.onFinished = (runs) => {
        open -= runs
        if (open <= 0) resolve()
      }
    })
    await sender.send({ name: `bench/${fan}`, data: {} })
    await ended
  }
  await measureEvents(bench, flavour, { fan, contender, once }).finally(() => meter.close())
}

interface Events {
  readonly fan: Fan
  readonly contender: Contender
  /** Makes one event's calls and resolves when all have ended. */
  once(): Promise<void>
}

/** Takes the time of each event from its begin to the last moment that the app itself noted; those of the first second do not count. */
async function measureEvents(bench: Bench, flavour: Flavour, { fan, contender, once }: Events): Promise<void> {
  const { child } = await bench.sdkApp(flavour)
  const times: number[] = []
  const warmUps = EVENTS_PER_LOAD_SECOND
  const count = warmUps + bench.options.loadSeconds * EVENTS_PER_LOAD_SECOND
  await ask(child, { do: 'collect' }, 'collected')
  for (let event = 0; event < count; event += 1) {
    const begunAt = monotonicMs()
    await within(EVENT_MS_MAX, `the calls of ${fan} did not end`, once())
    const { collected } = await ask(child, { do: 'collect' }, 'collected')
    if (event >= warmUps) times.push(Math.max(...collected.ends) - begunAt)
    await pause(REST_MS)
  }
  bench.record.add(`fan.${flavour.id}.${fan}.p50`, contender, median(times))
}
