// Part (b): the official SDK app through each server, between two measurements of its ceiling, with 64 runs in flight.
// The app is the bottleneck; what is missing from the ceiling is the server's doing.

import type { Bench } from '../bench.ts'
import { pause } from '../stand/clock.ts'
import { FLAVOURS, type Flavour } from '../stand/flavours.ts'
import { SdkLoad, syncSdkApp } from '../stand/sdk-load.ts'
import { type Measured, SdkMeter } from '../stand/sdk-meter.ts'
import type { RunningServer } from '../stand/server.ts'
import { measureCeiling } from './ceiling.ts'
import { IN_FLIGHT } from './null-app.ts'

/**
 * Noop runs last less than the bundles in which their ends are told, so that some of a window of 64 would always be
 * standing between app and bench. Twice as many keeps 64 calls in flight.
 */
const NOOP_WINDOW = 2 * IN_FLIGHT

/** Measures every flavour of one round. */
export async function measureSdkApps(bench: Bench): Promise<void> {
  for (const flavour of FLAVOURS) {
    await measureCeiling(bench, flavour)
    await bench.onEachServer(flavour.title, (server) => measureThrough(bench, flavour, server))
    await measureCeiling(bench, flavour)
  }
}

async function measureThrough(bench: Bench, flavour: Flavour, server: RunningServer): Promise<void> {
  const { record } = bench
  const { name } = server.kind
  await syncSdkApp((await bench.sdkApp(flavour)).url)
  const noop = await loadSdkApp(bench, flavour, { server, fn: 'noop', window: NOOP_WINDOW })
  record.add(`sdk.${flavour.id}.noop.rate`, name, noop.runsPerSecond)
  const ten = await loadSdkApp(bench, flavour, { server, fn: 'ten', window: IN_FLIGHT })
  record.add(`sdk.${flavour.id}.ten.rate`, name, ten.stepsPerSecond)
  record.add(`sdk.${flavour.id}.ten.cpu`, name, ten.otherMs / ten.steps)
  record.add(`sdk.${flavour.id}.ten.app`, name, ten.appMs / ten.steps)
}

/** What is loaded, and how. */
export interface SdkLoadOptions {
  readonly server: RunningServer
  readonly fn: 'noop' | 'ten'
  readonly window: number
}

/** Loads one function of the SDK app through a server and measures in the middle of it. */
export async function loadSdkApp(bench: Bench, flavour: Flavour, load: SdkLoadOptions): Promise<Measured> {
  const meter = new SdkMeter(await bench.sdkApp(flavour))
  const running = new SdkLoad(load.server.url, load.fn, meter)
  running.start(load.window)
  // The server's process is fresh in every round: its code has to be compiled before it is measured.
  await pause(bench.options.rampSeconds * 2_000)
  const measured = await meter.measure(bench.options.loadSeconds, () => load.server.cpuMs())
  await running.stop().finally(() => meter.close())
  return measured
}
