// Part (f): what a server takes when nothing happens and when much does: boot, memory, and the CPU of every process under load.
// Boot times come from every start of a server in the whole run; the rest is measured here on a fresh one.

import type { Bench } from '../bench.ts'
import { pause } from '../stand/clock.ts'
import { FLAVOURS } from '../stand/flavours.ts'
import { syncSdkApp } from '../stand/sdk-load.ts'
import type { RunningServer } from '../stand/server.ts'
import { processCpuMs } from '../stand/usage.ts'
import { IN_FLIGHT, measureLoad, registeredNullApp } from './null-app.ts'
import { loadSdkApp } from './sdk-app.ts'

const AFTER_BOOT_MS = 1_500
const SAMPLE_EVERY_MS = 200

/** Measures the resources of each server for one round. */
export async function measureResources(bench: Bench): Promise<void> {
  await bench.onEachServer('resources', async (server) => {
    await measureIdle(bench, server)
    await measureNullLoad(bench, server)
    await measureSdkLoad(bench, server)
  })
}

async function measureIdle(bench: Bench, server: RunningServer): Promise<void> {
  const { record, options } = bench
  await pause(AFTER_BOOT_MS)
  record.add('idle.rss', server.kind.name, server.rssMib())
  record.add('idle.cpu', server.kind.name, await idleCpu(server, options.loadSeconds))
}

/** CPU milliseconds a second of a server that is left alone for `seconds`. */
export async function idleCpu(server: RunningServer, seconds: number): Promise<number> {
  const before = server.cpuMs()
  await pause(seconds * 1000)
  return (server.cpuMs() - before) / seconds
}

async function measureNullLoad(bench: Bench, server: RunningServer): Promise<void> {
  const app = await registeredNullApp(bench, server)
  const appBefore = processCpuMs(app.pid)
  const memory = new PeakMemory(server)
  const load = { fn: 'ten' as const, seconds: bench.options.loadSeconds, window: IN_FLIGHT, batch: 0 }
  const result = await measureLoad(server, app, load).finally(() => memory.stop())
  const { name } = server.kind
  bench.record.add('load.null.rss', name, memory.mib)
  bench.record.add('load.null.server', name, result.serverMs / result.elapsedMs)
  bench.record.add('load.null.app', name, (processCpuMs(app.pid) - appBefore) / result.elapsedMs)
}

async function measureSdkLoad(bench: Bench, server: RunningServer): Promise<void> {
  const [flavour] = FLAVOURS
  if (flavour === undefined) return
  await syncSdkApp((await bench.sdkApp(flavour)).url)
  const memory = new PeakMemory(server)
  const benchBefore = process.cpuUsage()
  const measured = await loadSdkApp(bench, flavour, { server, fn: 'ten', window: IN_FLIGHT }).finally(() =>
    memory.stop(),
  )
  const { name } = server.kind
  bench.record.add('load.sdk.rss', name, memory.mib)
  bench.record.add('load.sdk.server', name, measured.otherMs / measured.elapsedMs)
  bench.record.add('load.sdk.app', name, measured.appMs / measured.elapsedMs)
  const used = process.cpuUsage(benchBefore)
  bench.record.add(
    'load.sdk.bench',
    name,
    (used.user + used.system) / 1000 / (measured.elapsedMs + bench.options.rampSeconds * 2000),
  )
}

/** The most memory that a server was seen with while this was on. */
class PeakMemory {
  mib = 0
  private readonly timer: NodeJS.Timeout

  constructor(server: RunningServer) {
    this.timer = setInterval(() => {
      this.mib = Math.max(this.mib, server.rssMib())
    }, SAMPLE_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }
}
