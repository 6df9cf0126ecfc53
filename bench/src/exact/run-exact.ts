// `npm run bench -- exact`: every trial on servers and a store of its own, one line for each finding. This is a checker: it says
// whether a flow control holds, not how fast it is, and its exit code tells.

import { writeFileSync } from 'node:fs'
import { type Bench, messageOf } from '../bench.ts'
import type { TrialName } from '../options.ts'
import { monotonicMs, pause } from '../stand/clock.ts'
import { freePort, type RunningServer, startServer } from '../stand/server.ts'
import { Disturbance } from './disturbance.ts'
import type { Burst } from './judge-windows.ts'
import { BY_KEY, ENVIRONMENT, FIVE, ONE, PARALLEL, TWO_RULES, WHOLE_RUNS } from './limit-trials.ts'
import { type FunctionSetup, RecordingApp } from './recording-app.ts'
import { Sender } from './sender.ts'
import { PRIORITY, RATE_LIMITED, THROTTLED } from './start-trials.ts'
import { countRedeliveries, type Seen, type Trial } from './trial.ts'
import type { Finding } from './verdict.ts'
import { BATCHES, DEBOUNCE, SINGLETON_CANCEL, SINGLETON_SKIP } from './window-trials.ts'

const TRIALS: Readonly<Record<TrialName, Trial>> = {
  one: ONE,
  five: FIVE,
  keyed: BY_KEY,
  'two-rules': TWO_RULES,
  env: ENVIRONMENT,
  runs: WHOLE_RUNS,
  parallel: PARALLEL,
  throttle: THROTTLED,
  'rate-limit': RATE_LIMITED,
  debounce: DEBOUNCE,
  batch: BATCHES,
  'singleton-skip': SINGLETON_SKIP,
  'singleton-cancel': SINGLETON_CANCEL,
  priority: PRIORITY,
}

const STANDS: Readonly<Record<number, string>> = {
  1: 'one server process',
  2: 'two server processes, of which one is killed meanwhile',
  3: 'several server processes, of which one is killed and one is stopped for 40 s meanwhile',
}

/** Has no flow control. */
const WARM_UP: FunctionSetup = {
  name: 'warm-up',
  event: 'exact/warm-up',
  config: {},
  steps: 1,
  kind: 'sequence',
  holdMs: 0,
}
const WARM_UP_POSTS = 60
const WARM_UP_EVENTS = 20

/** Redelivery after the last disturbance must be seen too. */
const QUIET_MS = 1_500
const QUIET_MS_MAX = 120_000

/** Runs the chosen trials; the exit code is 0 when every finding holds. */
export async function runExact(bench: Bench): Promise<number> {
  const { trials, database, processes, runs, json } = bench.options
  const stand = `${database}, ${STANDS[Math.min(processes, 3)]}`
  process.stdout.write(`exact: ${stand}; ${runs.toLocaleString('en-US')} runs a trial\n`)
  const results: { trial: TrialName; seconds: number; findings: readonly Finding[] }[] = []
  for (const name of trials) {
    const begunAt = monotonicMs()
    const findings = await runTrial(bench, name).catch((error: unknown) => [{ holds: false, says: messageOf(error) }])
    const seconds = (monotonicMs() - begunAt) / 1000
    results.push({ trial: name, seconds, findings })
    process.stdout.write(describe(name, seconds, findings))
  }
  const failed = results.filter(({ findings }) => findings.some(({ holds }) => !holds))
  process.stdout.write(`\n${results.length - failed.length} of ${results.length} trials hold\n`)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ options: bench.options, results }, null, 2)}\n`)
  return failed.length === 0 ? 0 : 1
}

function describe(name: TrialName, seconds: number, findings: readonly Finding[]): string {
  const lines = findings.map(({ holds, says }) => `     ${holds ? ' ' : '✗'} ${says}\n`)
  const mark = findings.every(({ holds }) => holds) ? 'ok  ' : 'FAIL'
  return `\n${mark} ${name}: ${TRIALS[name].title} (${seconds.toFixed(0)} s)\n${lines.join('')}`
}

async function runTrial(bench: Bench, name: TrialName): Promise<readonly Finding[]> {
  const kind = { ...bench.pawl(), processes: bench.options.processes }
  const place = await bench.newPlace(kind.database)
  try {
    const server = await startServer(kind, await freePort(), place)
    try {
      const seen = await observe(bench, name, server)
      return [...TRIALS[name].judge(seen), ...countRedeliveries(seen)]
    } catch (error) {
      throw new Error(`${messageOf(error)}; the server ${server.lastWords()}`)
    } finally {
      await server.stop()
    }
  } finally {
    await place.remove()
  }
}

async function observe(bench: Bench, name: TrialName, server: RunningServer): Promise<Seen> {
  const trial = TRIALS[name]
  const size = { runs: bench.options.runs, isDisturbed: server.processes.length > 1 }
  const app = await RecordingApp.start([...trial.functions(size), WARM_UP])
  await app.registerWith(server.url)
  await warmUp(app, new Sender(server.urls, 'warm-up'))
  const disturbance = new Disturbance(server)
  const sender = new Sender(server.urls, name)
  const calmSender = new Sender([server.url], name)
  const bursts: Burst[] = []
  try {
    await trial.load({ size, app, sender, calmSender, bursts })
    await untilQuiet(app, disturbance)
  } finally {
    await disturbance.end()
    await app.stop()
  }
  const sent = [...sender.sent, ...calmSender.sent]
  return { size, calls: app.calls, sent, bursts, disturbed: await disturbance.end() }
}

/** A cold server makes its first calls so late that those after them seem to come too early. */
async function warmUp(app: RecordingApp, sender: Sender): Promise<void> {
  for (let post = 0; post < WARM_UP_POSTS; post += 1) {
    const numbers = Array.from({ length: WARM_UP_EVENTS }, (_, index) => post * WARM_UP_EVENTS + index)
    await sender.post(numbers.map((number) => ({ name: WARM_UP.event, number, key: 0 })))
  }
  const until = monotonicMs() + QUIET_MS_MAX
  while (app.endedEvents.size < WARM_UP_POSTS * WARM_UP_EVENTS && monotonicMs() < until) await pause(50)
  await pause(QUIET_MS)
  app.forget()
}

async function untilQuiet(app: RecordingApp, disturbance: Disturbance): Promise<void> {
  const until = monotonicMs() + QUIET_MS_MAX
  let calls = -1
  while (monotonicMs() < until) {
    if (disturbance.isDone && app.open === 0 && app.calls.length === calls) return
    calls = app.calls.length
    await pause(QUIET_MS)
  }
}
