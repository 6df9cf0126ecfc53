/**
 * A shop that has been open for a day: a server process of its own, two SDK apps, and runs in every state. One for each
 * test file; the tests add what they act upon and leave the rest as it is.
 */
import { afterAll, beforeAll } from 'vitest'
import { FlowApi } from '../flow/flow-api.ts'
import { type App, serveApp } from '../harness/app.ts'
import { SDKS, type Sdk } from '../harness/sdk.ts'
import type { PawlServer, ServerOptions } from '../harness/server.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { defineMail, defineShop, Gate, MAIL, SHOP } from './demo-functions.ts'

/** IDs of runs by what they are good for. */
export interface DemoRuns {
  readonly completed: string
  readonly failed: string
  readonly running: string
  readonly sleeping: string
  readonly waiting: string
  readonly signal: string
  readonly slot: string
  /** The event that started `completed` and another one. */
  readonly event: string
}

export interface Demo {
  readonly server: PawlServer
  readonly api: FlowApi
  readonly shop: App
  readonly gate: Gate
  readonly runs: DemoRuns
  /** An address of the dashboard. */
  url(path: string): string
  /** Sends one of the shop's events and gives the ID of the run of that function which it starts. */
  start(event: string, data: object, fn: string): Promise<string>
}

interface DemoOptions extends ServerOptions {
  /** Hours that the shop has been open. */
  readonly hours?: number
}

/** Opens the shop before the file's tests and closes it after. */
export function useDemo({ hours = 0, ...options }: DemoOptions = {}): Demo {
  const server = useServer(options)
  const gate = new Gate()
  const apps: App[] = []
  let runs: DemoRuns | undefined
  const demo = {
    get server() {
      return server()
    },
    get api() {
      return new FlowApi(server().url)
    },
    get shop() {
      return present(apps[0])
    },
    gate,
    get runs() {
      return present(runs)
    },
    url: (path: string) => `${server().url}${path}`,
    start: (event: string, data: object, fn: string) => startRun(new FlowApi(server().url), { name: event, data, fn }),
  }
  beforeAll(async () => {
    const common = { server: server().url }
    apps.push(
      await serveApp(sdk(), { id: SHOP, ...common }, (kit) => defineShop(kit, gate)),
      await serveApp(sdk(), { id: MAIL, ...common }, (kit) => defineMail(kit)),
    )
    await Promise.all(apps.map((app) => app.sync()))
    for (let hour = 0; hour < hours; hour++) await openForAnHour(demo.api, hour)
    runs = await begin(demo.api)
  }, 90_000)
  afterAll(async () => {
    gate.open()
    await Promise.all(apps.map((app) => app.close()))
  })
  return demo
}

/** The current official SDK as most people use it. */
function sdk(): Sdk {
  return present(SDKS.find(({ slug }) => slug === 'v4'))
}

const CUSTOMERS = ['Ada', 'Bertrand', 'Chidi', 'Dolores', 'Emre', 'Farida', 'Gustav', 'Hana']

/** What happens within an hour, the same each time; then the clock goes on. */
async function openForAnHour(api: FlowApi, hour: number): Promise<void> {
  const busy = 2 + ((hour * 5) % 7)
  const orders = Array.from({ length: busy }, (_, nth) => order(hour * 10 + nth))
  const joined = Array.from({ length: 1 + (hour % 3) }, (_, nth) => ({
    name: `${MAIL}/customer.joined`,
    data: { name: CUSTOMERS[(hour + nth) % CUSTOMERS.length], bounces: hour % 5 === 4 && nth === 0 },
  }))
  await api.send([...orders, ...joined])
  await settled(api)
  for (const half of [1, 2]) {
    await api.advance('30m')
    await until('the prices to be refreshed', async () => {
      const answer = await api.exchange('/v2/runs/count?function=shop-refresh-prices&status=COMPLETED')
      return answer.text.includes(`"count":${hour * 2 + half}`)
    })
  }
}

function order(number: number) {
  return {
    name: `${SHOP}/order.placed`,
    data: {
      orderId: `A-${1000 + number}`,
      customer: CUSTOMERS[number % CUSTOMERS.length],
      total: 20 + ((number * 37) % 180),
      card: number % 9 === 8 ? 'declined' : 'ok',
      flaky: number % 4 === 3,
    },
  }
}

/** Waits until no run is queued or running any more; a retry that is due soon is not waited for in real time. */
async function settled(api: FlowApi): Promise<void> {
  await until('the shop to be quiet', async () => {
    const answer = await api.exchange('/v2/runs/count?status=QUEUED&status=RUNNING')
    if (/"count":0\b/.test(answer.text)) return true
    const retries = await api.exchange('/v2/runs/count?status=RUNNING&hasRetries=true')
    if (!/"count":0\b/.test(retries.text)) await api.advance('2s')
    return false
  })
}

interface Start {
  readonly name: string
  readonly data: object
  readonly fn: string
}

async function startRun(api: FlowApi, { name, data, fn }: Start): Promise<string> {
  const id = await api.sendOne({ name: `${SHOP}/${name}`, data })
  return until(`a run of ${fn}`, () => startedRun(api, id, fn))
}

/** The run of one function that an event has started. */
async function startedRun(api: FlowApi, eventId: string, fn: string): Promise<string | undefined> {
  const runs = list(at(await api.ask(`/v2/events/${eventId}`), 'data', 'runs') ?? [])
  const run = runs.find((each) => at(each, 'functionId') === `${SHOP}-${fn}`)
  return run === undefined ? undefined : text(at(run, 'id'))
}

/** One run in every state. */
async function begin(api: FlowApi): Promise<DemoRuns> {
  const start = (name: string, data: object, fn: string) => startRun(api, { name, data, fn })
  const event = await api.sendOne({
    name: `${SHOP}/order.placed`,
    data: { ...order(1).data, orderId: 'A-2001', total: 90 },
  })
  const completed = await until('the run of an order', () => startedRun(api, event, 'order-placed'))
  const failed = await start('order.placed', { ...order(8).data, orderId: 'A-2002', customer: 'Ines' }, 'order-placed')
  const sleeping = await start('subscription.started', { plan: 'yearly' }, 'renew-subscription')
  const waiting = await start('refund.asked', { orderId: 'A-1999', amount: 35 }, 'approve-refund')
  const signal = await start('pickup.ready', { orderId: 'A-1998' }, 'await-pickup')
  const running = await start('catalog.uploaded', { files: 4, supplier: 'Nordlicht' }, 'import-catalog')
  await start('tenant.changed', { tenant: 'tenant_42', hold: true }, 'sync-tenant')
  const slot = await start('tenant.changed', { tenant: 'tenant_42' }, 'sync-tenant')
  await api.reached(completed, 'Completed')
  await api.reached(failed, 'Failed')
  await api.rests(sleeping, 'sleeping')
  await api.rests(waiting, 'waiting_for_event')
  await api.rests(signal, 'waiting_for_signal')
  await api.rests(running, 'executing')
  await api.rests(slot, 'concurrency')
  return { completed, failed, running, sleeping, waiting, signal, slot, event }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Nothing has been started yet')
  return value
}
