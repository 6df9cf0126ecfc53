/**
 * The long test, a command of its own: three production servers on one PostgreSQL under load for a minute, while a random
 * one is killed every few seconds, one stands still for longer than a lease, and PostgreSQL is restarted twice, in order
 * and as in a crash. Afterwards every event is accounted for exactly once, limits held, and the work of those that died
 * was taken up within a lease.
 *
 * `node e2e/src/soak.ts [--seconds 60] [--seed 1]`
 */
import { parseArgs } from 'node:util'
import { startServer, type TestServer } from '@pawl/storage/postgres-server'
import { repeatedBodies } from './crash/crash-ledger.ts'
import { moment } from './harness/until.ts'
import { Balancer } from './processes/balancer.ts'
import { newStore } from './processes/database.ts'
import { defineFunctions, type Kind, passedLimits } from './processes/functions.ts'
import { Gate } from './processes/gate.ts'
import { ProductionApi } from './processes/production.ts'
import { type ProductionApp, serveProductionApp } from './processes/production-app.ts'
import { type Random, seededRandom } from './processes/random.ts'
import { lateResumptions } from './processes/resumptions.ts'
import { Sendings } from './processes/sendings.ts'
import { ServerProcess } from './processes/server-process.ts'
import { Slots } from './processes/slots.ts'

const KINDS: readonly Kind[] = ['steps', 'sleeps', 'waits', 'parallel', 'limited', 'keyed']
/** So few that runs of one key stand in line. */
const KEYS = 5
/** So long that four slots are nearly always taken. */
const LIMITED_MS = 1_100
/** Between two requests, each with one event of each kind for each app. */
const PACE_MS = 250
const WAKE_EVERY_MS = 2_000
const KILL_EVERY_MS = [5_000, 10_000] as const
const DOWN_MS = [500, 2_000] as const
/** The one that stands still, as parts of the time; a minute's are 40 s, longer than a lease. */
const FROZEN = [0.1, 0.77] as const
/** The restarts of PostgreSQL, as parts of the time. */
const RESTARTS = { fast: 0.35, immediate: 0.65 } as const
const LEASE_MS = 30_000
/** What stood in line behind a server's death follows its lease. */
const DRAIN_MS = 150_000
/** What a busy machine may add. */
const SLACK_MS = 2_000
const LOG_SHOWN = 6_000

interface Stage {
  readonly database: TestServer
  readonly servers: readonly ServerProcess[]
  readonly balancer: Balancer
  readonly apps: readonly ProductionApp[]
  readonly slots: Slots
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
const forMs = Number(values.seconds) * 1_000
const seed = Number(values.seed)
const began = performance.now()

const stage = await raise()
const faults = await play(stage, seededRandom(seed)).catch((error: unknown) => [String(error)])
if (faults.length > 0) for (const server of stage.servers) say(`A server wrote:\n${server.log().slice(-LOG_SHOWN)}`)
await clear(stage)
for (const fault of faults.slice(0, 40)) say(`FAULT ${fault}`)
say(faults.length === 0 ? 'No faults' : `${faults.length} faults (seed ${seed})`)
process.exit(faults.length === 0 ? 0 : 1)

async function raise(): Promise<Stage> {
  const database = await startServer({ settings: { autovacuum: 'on' } })
  const store = newStore(database)
  const servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(store)))
  const balancer = await Balancer.start(servers)
  const slots = new Slots()
  const apps = await Promise.all(
    ([3, 4] as const).map((line) =>
      serveProductionApp({ id: `soak-v${line}`, line, server: balancer.url }, (kit) =>
        defineFunctions(kit, { gate: new Gate(), slots, limitedMs: LIMITED_MS }),
      ),
    ),
  )
  for (const app of apps) await app.register()
  say(`Three servers on one PostgreSQL for ${forMs / 1_000} s, seed ${seed}`)
  return { database, servers, balancer, apps, slots }
}

async function clear({ database, servers, balancer, apps }: Stage): Promise<void> {
  await Promise.all(apps.map((app) => app.close()))
  await balancer.close()
  await Promise.all(servers.map((server) => server.kill()))
  await database.stop()
}

/** Load and trouble, then the account. @returns what was wrong. */
async function play(on: Stage, random: Random): Promise<readonly string[]> {
  const { servers, balancer, apps } = on
  const over = new AbortController()
  const sendings = new Sendings([new ProductionApi(balancer.url)])
  const load = { kinds: KINDS, keys: KEYS, everyMs: PACE_MS, signal: over.signal }
  const [frozen, ...others] = servers
  if (frozen === undefined) throw new Error('There is no server')
  const all = Promise.all([
    sendings.keepSending(apps, load),
    keepWaking(sendings, over.signal),
    keepKilling(on, { victims: others, random, signal: over.signal }),
    freeze(on, frozen),
    restartDatabase(on),
  ])
  await Promise.race([all, moment(forMs)])
  over.abort()
  await all
  say(`${sendings.count} events were sent; waiting for the rest of their runs`)
  await sendings.wakeUntilEnded(DRAIN_MS)
  return account(on, sendings)
}

async function account({ apps, slots }: Stage, sendings: Sendings): Promise<readonly string[]> {
  say('All runs have ended; counting')
  const cuts = apps.reduce((sum, app) => sum + app.cuts.length, 0)
  const calls = apps.reduce((sum, app) => sum + app.calls.length, 0)
  const limited = [...slots.peaks].filter(([name]) => name.endsWith('limited')).map(([, peak]) => peak)
  say(`${calls} calls, ${cuts} of them lost their server; ${limited.join(' and ')} limited runs at once at most`)
  return [
    ...(await sendings.faults()),
    ...apps.flatMap((app) => repeatedBodies(app.entries)),
    ...passedLimits(slots),
    ...(await lateResumptions(apps, sendings, LEASE_MS + SLACK_MS)),
  ]
}

async function keepWaking(sendings: Sendings, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await moment(WAKE_EVERY_MS)
    await sendings.wake()
  }
}

async function keepKilling(
  { balancer }: Stage,
  trouble: { readonly victims: readonly ServerProcess[]; readonly random: Random; readonly signal: AbortSignal },
): Promise<void> {
  const { victims, random, signal } = trouble
  for (;;) {
    await moment(random.between(...KILL_EVERY_MS))
    if (signal.aborted) return
    const victim = random.oneOf(victims)
    say(`Server ${victim.port} is killed`)
    balancer.remove(victim, 'cut')
    await victim.kill()
    await moment(random.between(...DOWN_MS))
    await victim.start()
    balancer.add(victim)
  }
}

async function freeze({ balancer }: Stage, server: ServerProcess): Promise<void> {
  const [from, until] = FROZEN
  await moment(forMs * from)
  say(`Server ${server.port} stands still`)
  balancer.remove(server, 'cut')
  server.freeze()
  await moment(forMs * (until - from))
  say(`Server ${server.port} goes on`)
  server.thaw()
  balancer.add(server)
}

async function restartDatabase({ database }: Stage): Promise<void> {
  let at = 0
  for (const how of ['fast', 'immediate'] as const) {
    await moment(forMs * (RESTARTS[how] - at))
    at = RESTARTS[how]
    say(`PostgreSQL is restarted (${how})`)
    await database.restart(how)
  }
}

function say(what: string): void {
  process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${what}\n`)
}
