/**
 * Several production servers on one PostgreSQL, as processes that are killed, put to sleep and restarted: any of them takes
 * any request, what one leaves is done by the others, and everything happens once. Counted on the app's side.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repeatedBodies } from './crash/crash-ledger.ts'
import { serveApp } from './harness/app.ts'
import { serverEntry } from './harness/paths.ts'
import { freePort } from './harness/port.ts'
import { SDKS } from './harness/sdk.ts'
import { at, text } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { Balancer } from './processes/balancer.ts'
import { newStore } from './processes/database.ts'
import { defineFunctions, type Kind, LIMIT, passedLimits } from './processes/functions.ts'
import { Gate } from './processes/gate.ts'
import { ProductionApi } from './processes/production.ts'
import { type ProductionApp, serveProductionApp } from './processes/production-app.ts'
import { Sendings } from './processes/sendings.ts'
import { ServerProcess } from './processes/server-process.ts'
import { Slots } from './processes/slots.ts'
import { useDatabase } from './processes/use-database.ts'

/** Seconds. Shorter than in production, so that the tests need not wait half a minute for each death. */
const LEASE = 3
/** What a busy test machine may add. */
const SLACK_MS = 1_500
const LOG_SHOWN = 4_000
/** Between two requests of a load that goes on. */
const PACE_MS = 60
const KINDS: readonly Kind[] = ['steps', 'sleeps', 'waits', 'parallel', 'limited', 'keyed']
/** So few that runs of one key stand in line. */
const KEYS = 7
const LIMITED_MS = 150

const database = useDatabase()

describe('three servers on one PostgreSQL', () => {
  const gate = new Gate()
  const slots = new Slots()
  let servers: readonly ServerProcess[] = []
  let balancer: Balancer
  let api: ProductionApi
  let apps: readonly ProductionApp[] = []
  let failed = false

  beforeAll(async () => {
    const store = newStore(database())
    servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(store, { lease: LEASE })))
    balancer = await Balancer.start(servers)
    api = new ProductionApi(balancer.url)
    apps = await Promise.all(
      ([3, 4] as const).map((line) =>
        serveProductionApp({ id: `many-v${line}`, line, server: balancer.url }, (kit) =>
          defineFunctions(kit, { gate, slots, limitedMs: LIMITED_MS }),
        ),
      ),
    )
    for (const app of apps) await app.register()
  })
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    if (failed)
      for (const server of servers) process.stderr.write(`\nA server wrote:\n${server.log().slice(-LOG_SHOWN)}\n`)
    await Promise.all(apps.map((app) => app.close()))
    await balancer.close()
    await Promise.all(servers.map((server) => server.kill()))
  })

  it('know at once what was synced at one of them, and any of them takes an event', async () => {
    for (const [n, server] of servers.entries()) {
      const app = await serveProductionApp({ id: `late-${n}`, line: 4, server: server.url }, ({ define, event }) => {
        define({ id: 'late', triggers: [{ event: event('late') }], run: () => `late ${n}` })
      })
      await app.register()
      const others = servers.filter((each) => each !== server)
      const ids = await Promise.all(others.map((other) => other.api.sendOne({ name: app.event('late') })))
      for (const [m, id] of ids.entries()) {
        const run = await present(others[m]).api.firstRun(id)
        expect((await server.api.reached(run.id, 'Completed')).output).toBe(`late ${n}`)
      }
      await app.close()
    }
  })

  it('pause together: what one was told, the others keep to at once', async () => {
    const [told, ...others] = servers
    for (const app of apps) {
      const path = `/v2/apps/${app.id}/functions/steps`
      await present(told).api.ask(`${path}/pause`, { method: 'POST', body: { new: 'hold' } })
      const sendings = new Sendings(others.map((server) => server.api))
      await sendings.sendAll([app], { count: 4, kinds: ['steps'] })
      await moment(300)
      const runs = (await sendings.results()).flatMap((result) => result.runs)
      expect(runs.map(({ id, status }) => [status, app.callsOf(id).length])).toEqual(runs.map(() => ['Scheduled', 0]))
      await present(others[1]).api.ask(`${path}/unpause`, { method: 'POST', body: {} })
      await sendings.wakeUntilEnded()
      await expectAllOnce(sendings)
    }
  })

  it('share the work, and each event has one run, which ends once', async () => {
    const sendings = new Sendings(servers.map((server) => server.api))
    await sendings.sendAll(apps, { count: 20, kinds: KINDS, keys: KEYS })
    // In one request, so that all slots are wanted at once.
    await sendings.sendAll(apps, { count: 1, kinds: Array.from({ length: 3 * LIMIT }, () => 'limited' as const) })
    await sendings.wakeUntilEnded()
    await expectAllOnce(sendings)
    for (const app of apps) expect(slots.peaks.get(`${app.id} limited`)).toBe(LIMIT)
  })

  it('take up the work of one that is killed within a lease, and nothing is lost or done twice', async () => {
    const [victim, ...others] = servers
    const { sendings, killedAt, heldIds } = await killUnderLoad(present(victim), others)
    for (const app of apps) {
      const runs = await Promise.all(heldIds(app).map((id) => api.firstRun(id)))
      for (const { id } of runs) {
        await until('the held call to be made again', () => app.callsOf(id).length === 2)
        expect(present(app.callsOf(id)[1]).at - killedAt).toBeLessThan(LEASE * 1_000 + SLACK_MS)
      }
    }
    gate.open()
    await sendings.wakeUntilEnded()
    await expectAllOnce(sendings)
    await present(victim).start()
    balancer.add(present(victim))
  })

  it('take up the work of one that stands still; when it wakes up, what it still brings is nobody’s', async () => {
    const [frozen, ...others] = servers
    gate.shut()
    const held = new Sendings([present(frozen).api])
    await held.sendAll(apps, { count: 3, kinds: ['held'] })
    await until('all to be held', () => gate.waiting === held.count)
    balancer.remove(present(frozen), 'cut')
    present(frozen).freeze()
    await until('all calls to be made again', () => gate.waiting === 2 * held.count)
    gate.open()
    const awake = held.seenBy(others.map((server) => server.api))
    await awake.wakeUntilEnded()
    const before = await awake.results()
    present(frozen).thaw()
    await until('the server to notice', () => present(frozen).log().includes('was not heard for a while'))
    await moment(500)
    expect(await awake.results()).toEqual(before)
    for (const { runs } of before) expect(runs.map(({ output }) => output)).toEqual(['held in call 2'])
    await expectAllOnce(awake)
    balancer.add(present(frozen))
    const again = new Sendings([present(frozen).api])
    await again.sendAll(apps, { count: 2, kinds: ['steps'] })
    await again.wakeUntilEnded()
    await expectAllOnce(again)
  })

  it('are restarted one after the other under load without a loss, a repeat or an attempt spent', async () => {
    const callsBefore = apps.map((app) => app.calls.length)
    const over = new AbortController()
    const sendings = new Sendings([api])
    const sending = sendings.keepSending(apps, {
      kinds: ['steps', 'sleeps', 'parallel', 'limited'],
      everyMs: PACE_MS,
      signal: over.signal,
    })
    gate.shut()
    const [first] = servers
    const held = new Sendings([present(first).api])
    await held.sendAll(apps, { count: 1, kinds: ['held'] })
    await until('the calls to be held', () => gate.waiting === held.count)
    for (const server of servers) {
      balancer.remove(server, 'drain')
      expect(await server.stop()).toBeLessThan(10_000)
      // What was held was given back: the others call it again at once, long before a lease has ended.
      if (server === first)
        await until('the held calls to be made again', () => gate.waiting === 2 * held.count, { withinMs: 1_000 })
      gate.open()
      await server.start()
      balancer.add(server)
    }
    over.abort()
    await sending
    const all = sendings.and(held.seenBy([api]))
    await all.wakeUntilEnded()
    await expectAllOnce(all)
    for (const [n, app] of apps.entries())
      for (const call of app.calls.slice(callsBefore[n])) expect([call.runId, call.attempt]).toEqual([call.runId, 0])
  })

  it('go on when PostgreSQL is restarted, in order or as in a crash', async () => {
    const sendings = new Sendings(servers.map((server) => server.api))
    for (const how of ['fast', 'immediate'] as const) {
      const sending = sendings.sendAll(apps, { count: 15, kinds: KINDS, keys: KEYS })
      await moment(300)
      await database().restart(how)
      await sending
    }
    await sendings.wakeUntilEnded()
    await expectAllOnce(sendings)
  })

  it('have nothing of development, and answer only those who have a key', async () => {
    const [server] = servers
    const open = async (path: string, sending = {}) => (await present(server).api.exchange(path, sending)).status
    for (const path of ['/dev', '/dev/clock']) expect([path, await open(path)]).toEqual([path, 404])
    for (const path of ['/dev/reset', '/dev/clock'])
      expect([path, await open(path, { method: 'POST', body: { advance: '1h' } })]).toEqual([path, 404])
    expect(await open('/v2/runs', { headers: { authorization: 'Bearer 00ff' } })).toBe(401)
    expect(await open('/v2/runs')).toBe(200)
    const event = { name: `${present(apps[0]).id}/nobody`, data: {} }
    expect(await open('/e/another-key', { body: event, headers: { authorization: '' } })).toBe(401)
    const answer = await present(server).api.exchange('/health', { headers: { authorization: '' } })
    expect([answer.status, answer.headers['x-inngest-server-kind']]).toEqual([200, 'cloud'])
  })

  /** Sends load to all servers and held calls to one, and kills that one in the middle. */
  async function killUnderLoad(victim: ServerProcess, others: readonly ServerProcess[]) {
    gate.shut()
    const held = new Sendings([victim.api])
    await held.sendAll(apps, { count: 2, kinds: ['held'] })
    const sendings = new Sendings(servers.map((server) => server.api))
    await sendings.sendAll(apps, { count: 20, kinds: KINDS, keys: KEYS })
    await until('the calls to be held', () => gate.waiting === held.count)
    balancer.remove(victim, 'cut')
    await victim.kill()
    const killedAt = Date.now()
    const seen = sendings.and(held).seenBy(others.map((server) => server.api))
    return { sendings: seen, killedAt, heldIds: (app: ProductionApp) => held.idsOf(app) }
  }

  async function expectAllOnce(sendings: Sendings): Promise<void> {
    expect(await sendings.faults()).toEqual([])
    for (const app of apps) expect(repeatedBodies(app.entries)).toEqual([])
    expect(passedLimits(slots)).toEqual([])
  }
})

describe('crons', () => {
  it('run once for each tick, whichever of three servers sees it first', async (test) => {
    const store = newStore(database())
    const servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(store, { command: 'dev' })))
    test.onTestFinished(async () => void (await Promise.all(servers.map((server) => server.kill()))))
    const [first, second, third] = servers
    const sdk = present(SDKS[1])
    const ticks: string[] = []
    const app = await serveApp(sdk, { id: 'ticking', server: present(first).url }, ({ define }) => {
      define({
        id: 'every-minute',
        triggers: [{ cron: '* * * * *' }],
        run: ({ event }) => void ticks.push(text(event.data.scheduledAt)),
      })
    })
    test.onTestFinished(() => app.close())
    await app.sync()
    for (const [n, server] of [present(second), present(third), present(first)].entries()) {
      await server.api.advance('61s')
      await until('a tick', () => ticks.length > n)
    }
    await moment(500)
    expect(new Set(ticks).size).toBe(ticks.length)
    const events = await present(second).api.events('include_internal=true&limit=50&name=inngest/scheduled.timer')
    for (const event of events) {
      const runs = await present(third).api.runsOf(text(event.internal_id))
      expect([at(event, 'data', 'scheduledAt'), runs.length]).toEqual([at(event, 'data', 'scheduledAt'), 1])
    }
    expect(events.length).toBe(ticks.length)
  })
})

describe('pawl start', () => {
  it('DV-4: does not start without keys, and says which', async () => {
    const { code, said } = await ended(['start'])
    expect(code).toBe(1)
    expect(said).toContain('--signing-key')
    expect(said).toContain('--event-key')
    expect(said).toContain('pawl dev')
  })

  it('does not start without its database, and says where it looked', async () => {
    const given = ['--port', String(await freePort()), '--event-key', 'key', '--signing-key', '00ff']
    const { code, said } = await ended(['start', ...given, '--postgres-uri', 'postgres://user:SECRET@127.0.0.1:1/jobs'])
    expect(code).toBe(78)
    expect(said).toContain('PostgreSQL at 127.0.0.1:1/jobs')
    expect(said).not.toContain('SECRET')
  })

  async function ended(args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
    const child = spawn(process.execPath, [serverEntry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    const [said, [code]] = await Promise.all([textOf(child.stderr), once(child, 'exit')])
    return { code, said }
  }
})

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Nothing is there')
  return value
}
