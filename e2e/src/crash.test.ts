/**
 * Real processes that die: 500 runs of every kind are under way on every SDK while the server is killed ten times and
 * the app three times, at random moments. Afterwards every event has one run that ended once, as it should; no body ran
 * after the server had taken its result; no cron tick started two runs.
 */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLedger, repeatedBodies } from './crash/crash-ledger.ts'
import { KINDS, type Kind } from './crash/functions.ts'
import { Api, type RunView } from './harness/api.ts'
import { syncApp } from './harness/app.ts'
import { temporaryFolder } from './harness/paths.ts'
import { freePort } from './harness/port.ts'
import { type Child, startChild } from './harness/process.ts'
import { SDKS } from './harness/sdk.ts'
import { at, type Fields, text } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useServer } from './harness/world.ts'

const SERVER_KILLS = 10
/** The server's kills before which the app is killed too. */
const APP_KILLS = [2, 5, 8]
const BETWEEN_KILLS_MS = [250, 1_600] as const
const DRAIN_MS = 90_000
const TEST_MS = 200_000
const WAKE_EVERY_MS = 1_500
/** The share of those that wait which are woken in each round while processes are still dying. */
const WOKEN_EARLY = 0.1
const TRACES_READ = 60
const LOG_SHOWN = 3_000

interface Sent {
  readonly id: string
  readonly kind: Kind
  readonly key: string
  readonly app: string
}

const server = useServer({ flags: ['--log-level', 'warn'] })
const api = (): Api => new Api(server().url)
const seed = Number(process.env.PAWL_CRASH_SEED ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
let ports: number[] = []
let ledgerFile = ''
let app: Child

beforeAll(async () => {
  ports = await Promise.all(SDKS.map(() => freePort()))
  ledgerFile = join(await temporaryFolder('ledger'), 'ledger.jsonl')
  await startApp()
  for (const port of ports) await syncApp(serveUrl(port))
})
afterAll(async () => {
  await app.end('SIGKILL')
  await rm(dirname(ledgerFile), { recursive: true, force: true })
})

describe(`500 runs, ${SERVER_KILLS} deaths of the server, ${APP_KILLS.length} of the app (seed ${seed})`, () => {
  let sent: readonly Sent[] = []
  let runs: ReadonlyMap<Sent, readonly RunView[]> = new Map()

  it('every run comes to its end', { timeout: TEST_MS }, async () => {
    const [dying, over] = [new AbortController(), new AbortController()]
    const sending = sendAll()
    const waking = wake(dying.signal, over.signal)
    await killAtRandom()
    dying.abort()
    sent = await sending
    await until('all runs to end', async () => (await openCount()) === 0, {
      withinMs: DRAIN_MS,
      onGivingUp: () => server().log().slice(-LOG_SHOWN),
    })
    over.abort()
    await waking
    runs = new Map(await Promise.all(sent.map(async (each) => [each, await api().runsOf(each.id)] as const)))
    expect(sent).toHaveLength(500)
  })

  it('each event has exactly one run, which ended as it should', () => {
    expect(runs.size).toBe(500)
    for (const [{ kind, id }, ofEvent] of runs) {
      expect({
        id,
        kind,
        runs: ofEvent.map(({ status, output }) => [status, kind === 'fails' ? undefined : output]),
      }).toEqual({
        id,
        kind,
        runs: [[KINDS[kind].status, KINDS[kind].output]],
      })
    }
  })

  it('each run is told to have finished exactly once', async () => {
    const finished = await allEvents('inngest/function.finished')
    const times = Map.groupBy(finished, (event) => text(at(event, 'data', 'run_id')))
    expect(times.size).toBeGreaterThanOrEqual(500)
    for (const run of [...runs.values()].flat())
      expect({ run: run.id, finished: times.get(run.id)?.length }).toEqual({ run: run.id, finished: 1 })
    for (const [run, events] of times) expect({ run, finished: events.length }).toEqual({ run, finished: 1 })
  })

  it('each failed run is handled exactly once', async () => {
    const failed = await allEvents('inngest/function.failed')
    expect(failed).toHaveLength(KINDS.fails.count)
    for (const event of failed) {
      const handlers = await api().runsOf(text(event.internal_id))
      expect(handlers.map(({ status }) => status)).toEqual(['Completed'])
    }
  })

  it('no body ran after the server had taken its result', () => {
    const entries = readLedger(ledgerFile)
    expect(entries.filter(({ kind }) => kind === 'begin').length).toBeGreaterThan(1_500)
    expect(entries.some(({ kind }) => kind === 'ack')).toBe(true)
    expect(repeatedBodies(entries)).toEqual([])
  })

  it('no cron tick started two runs', () => {
    const ticks = readLedger(ledgerFile).flatMap((entry) =>
      entry.kind === 'begin' && entry.step.startsWith('tick') ? [entry] : [],
    )
    const byTick = Map.groupBy(ticks, ({ step }) => step)
    expect(byTick.size).toBeGreaterThan(SDKS.length)
    for (const [tick, entries] of byTick)
      expect({ tick, runs: new Set(entries.map(({ runId }) => runId)).size }).toEqual({ tick, runs: 1 })
  })

  it('the traces show each step once, and completed', async () => {
    expect(runs.size).toBe(500)
    const completed = [...runs]
      .filter(([{ kind }]) => kind !== 'fails' && kind !== 'retries')
      .flatMap(([, ofEvent]) => ofEvent)
    for (const run of completed.slice(0, TRACES_READ)) {
      const steps = (await api().trace(run.id)).children.filter((span) => span.stepOp !== undefined)
      expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length)
      expect(steps.map(({ status }) => status)).toEqual(steps.map(() => 'COMPLETED'))
    }
  })

  /** Sends all events, a few at a time, over all the deaths. A request that fails is sent again with the same seed. */
  async function sendAll(): Promise<readonly Sent[]> {
    const kinds = shuffled(
      Object.entries(KINDS).flatMap(([kind, { count }]) => Array.from({ length: count }, () => kind)),
    )
    const done: Sent[] = []
    for (let from = 0; from < kinds.length; from += 10) {
      const batch = kinds.slice(from, from + 10).map((kind, n) => ({
        kind: asKind(kind),
        key: `k${from + n}`,
        app: `crash-${SDKS[(from + n) % SDKS.length]?.slug}`,
      }))
      const ids = await surely(batch.map(({ app: of, kind, key }) => ({ name: `${of}/${kind}`, data: { key } })))
      done.push(...batch.map((each, n) => ({ ...each, id: text(ids[n]) })))
      if (from > kinds.length / 2) await moment(random() * 500)
    }
    return done
  }

  async function killAtRandom(): Promise<void> {
    for (let kill = 0; kill < SERVER_KILLS; kill++) {
      await moment(between(...BETWEEN_KILLS_MS))
      expect(await openCount(), `open runs at death ${kill + 1}`).toBeGreaterThan(0)
      if (APP_KILLS.includes(kill)) await app.end('SIGKILL')
      await server().kill()
      if (APP_KILLS.includes(kill)) await startApp()
      await server().start()
      await api().advance('61s')
    }
  }
})

async function startApp(): Promise<void> {
  const main = new URL('./crash/app-main.ts', import.meta.url).pathname
  app = startChild(main, { args: [server().url, ledgerFile, ...ports.map(String)] })
  for (const port of ports)
    await until('the app to listen', () => fetch(serveUrl(port)).then(({ ok }) => ok), {
      onGivingUp: () => app.output(),
    })
}

/** Wakes what waits, again and again, since a wake that came before its wait is lost: few while all die, then all. */
async function wake(dying: AbortSignal, over: AbortSignal): Promise<void> {
  const total = Object.values(KINDS).reduce((sum, { count }) => sum + count, 0)
  const wakes = SDKS.flatMap(({ slug }) =>
    Array.from({ length: total }, (_, n) => ({ name: `crash-${slug}/wake`, data: { key: `k${n}` } })),
  )
  while (!over.aborted) {
    await surely(dying.aborted ? wakes : wakes.filter(() => Math.random() < WOKEN_EARLY))
    await moment(WAKE_EVERY_MS)
  }
}

/** Sends events until they are answered. The seed makes a repeated request the same events. */
async function surely(events: readonly { name: string; data: object }[]): Promise<readonly string[]> {
  const headers = { 'x-inngest-event-id-seed': `${Date.now()},${randomBytes(10).toString('base64')}` }
  return until(
    'events to be taken',
    () =>
      api()
        .send(events, headers)
        .catch(() => undefined),
    { withinMs: 60_000 },
  )
}

async function openCount(): Promise<number> {
  const answer = await api().ask('/v2/runs?status=RUNNING&status=QUEUED&limit=1&includeTotal=true')
  return Number(at(answer, 'page', 'totalCount'))
}

async function allEvents(name: string): Promise<readonly Fields[]> {
  const all: Fields[] = []
  for (let cursor = ''; ; ) {
    const page = await api().events(
      `include_internal=true&limit=50&name=${encodeURIComponent(name)}${cursor && `&cursor=${cursor}`}`,
    )
    all.push(...page)
    const last = page.at(-1)
    if (page.length < 50 || last === undefined) return all
    cursor = text(last.internal_id)
  }
}

function serveUrl(port: number): string {
  return `http://127.0.0.1:${port}/api/inngest`
}

function asKind(name: string): Kind {
  const kind = Object.keys(KINDS).find((each): each is Kind => each === name)
  if (kind === undefined) throw new Error(`No kind ${name}`)
  return kind
}

function between(least: number, most: number): number {
  return least + random() * (most - least)
}

function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => [random(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value)
}

/** A small generator (mulberry32), so that a failing order of deaths can be made again by its seed. */
function seededRandom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
