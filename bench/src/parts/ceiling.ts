// Part (a): what the SDK app can do alone, called directly with 64 in flight. It is measured before and after the servers of a
// round, since it moves with the Node version and by the minute; every share is taken against the mean of the two.

import { ask } from '../apps/messages.ts'
import type { Bench, RunningApp } from '../bench.ts'
import { pause } from '../stand/clock.ts'
import { DirectCalls, startSink, stopSink } from '../stand/direct-calls.ts'
import { FLAVOURS, type Flavour, slugPrefix } from '../stand/flavours.ts'
import { type Measured, SdkMeter } from '../stand/sdk-meter.ts'
import { IN_FLIGHT } from './null-app.ts'

/** Measures the ceiling of every flavour. */
export async function measureCeilings(bench: Bench): Promise<void> {
  for (const flavour of FLAVOURS) await measureCeiling(bench, flavour)
}

/** Measures the ceiling of one flavour. */
export async function measureCeiling(bench: Bench, flavour: Flavour): Promise<void> {
  bench.tell(`round ${bench.record.round}: ceiling, ${flavour.title}`)
  const { record } = bench
  const sink = await startSink(bench.port)
  try {
    await warmSdkApp(bench, flavour)
    const noop = await driveDirectly(bench, flavour, 'noop')
    record.add(`sdk.${flavour.id}.noop.rate`, 'ceiling', noop.runsPerSecond)
    const ten = await driveDirectly(bench, flavour, 'ten')
    record.add(`sdk.${flavour.id}.ten.rate`, 'ceiling', ten.stepsPerSecond)
    record.add(`sdk.${flavour.id}.ten.app`, 'ceiling', ten.appMs / ten.steps)
  } finally {
    await stopSink(sink)
  }
}

const warmApps = new WeakSet<RunningApp>()

/** Calls an app that is new for a while, with a sink in place: a cold one answers at half the rate and would lower the first ceiling. */
export async function warmSdkApp(bench: Bench, flavour: Flavour): Promise<void> {
  const app = await bench.sdkApp(flavour)
  if (warmApps.has(app)) return
  warmApps.add(app)
  for (const fn of ['noop', 'ten', 'latency'] as const) {
    const calls = new DirectCalls({ url: app.url, slugPrefix: slugPrefix(flavour) }, fn, IN_FLIGHT)
    calls.start(IN_FLIGHT)
    await pause(bench.options.loadSeconds * 1000)
    await calls.stop()
  }
  await ask(app.child, { do: 'collect' }, 'collected')
}

async function driveDirectly(bench: Bench, flavour: Flavour, fn: 'noop' | 'ten'): Promise<Measured> {
  const app = await bench.sdkApp(flavour)
  const meter = new SdkMeter(app)
  const calls = new DirectCalls({ url: app.url, slugPrefix: slugPrefix(flavour) }, fn, IN_FLIGHT)
  calls.start(IN_FLIGHT)
  await pause(bench.options.rampSeconds * 1000)
  const measured = await meter.measure(bench.options.loadSeconds, () => 0)
  await calls.stop()
  meter.close()
  return measured
}
