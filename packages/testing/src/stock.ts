// A stock of functions that between them use every kind of step and every way in which a run may end. They are small, and
// their courses are known: what is tried is the server.

import { RESOLVED_EVENT } from './people.ts'
import type { Random } from './random.ts'
import { all, ask, caught, FinalError, race, run, type Script, type ScriptContext, sleep, wait } from './script.ts'
import { APP_NAME, type SimFunction } from './sim-function.ts'

/** Puts one function, or a family of them, into an app. */
export type Put = (stock: Stock) => void

export interface Stock {
  readonly random: Random
  readonly add: (fn: Omit<SimFunction, 'checkpointing'>) => void
}

const on = (event: string, more: Readonly<Record<string, unknown>> = {}) => ({ triggers: [{ event, ...more }] })
const keyOf = (ctx: ScriptContext) => String(ctx.event.data.key ?? 'none')

const chain: Put = ({ add, random }) => {
  const count = random.whole(2, 5)
  add({
    id: 'chain',
    config: { ...on('order/made'), retries: 3 },
    mayFail: false,
    *script() {
      const values: unknown[] = []
      for (let index = 0; index < count; index++) values.push(yield* run('link'))
      return values
    },
  })
}

const fan: Put = ({ add }) =>
  add({
    id: 'fan',
    config: { ...on('order/made'), retries: 3 },
    mayFail: false,
    *script() {
      function* side(): Script {
        const first = yield* run('side 1')
        yield* sleep('side nap', 900)
        return [first, yield* run('side 2')]
      }
      const results = yield* all(run('a'), run('b'), side())
      return [results, yield* run('after')]
    },
  })

const racer: Put = ({ add }) =>
  add({
    id: 'racer',
    config: { ...on('user/seen'), retries: 3 },
    mayFail: false,
    *script(ctx) {
      function* slow(): Script {
        yield* sleep('slow nap', 3_000)
        return yield* run('slow end')
      }
      const first = yield* race(
        run('quick'),
        slow(),
        wait({ id: 'paid', event: 'order/paid', key: keyOf(ctx), timeoutMs: 20_000 }),
      )
      return [first, yield* run('after')]
    },
  })

const waiter: Put = ({ add, random }) => {
  const timeoutMs = random.pick([2_000, 15_000, 60_000])
  const above = random.chance(0.4) ? 3 : null
  add({
    id: 'waiter',
    config: { ...on('order/made'), retries: 3 },
    mayFail: false,
    *script(ctx) {
      const before = yield* run('before')
      const paid = yield* wait({ id: 'paid', event: 'order/paid', key: keyOf(ctx), above, timeoutMs })
      return [before, paid, yield* run('after')]
    },
  })
}

const anyWaiter: Put = ({ add }) =>
  add({
    id: 'any-waiter',
    config: { ...on('user/seen'), retries: 3 },
    mayFail: false,
    *script() {
      return yield* all(
        wait({ id: 'low', event: 'stock/low', key: null, timeoutMs: 30_000 }),
        wait({ id: 'low too', event: 'stock/low', key: null, timeoutMs: 10_000 }),
      )
    },
  })

const signaler: Put = ({ add, random }) => {
  const conflict = random.pick(['fail', 'replace'] as const)
  add({
    id: 'signaler',
    config: { ...on('order/made'), retries: 2 },
    mayFail: conflict === 'fail',
    *script(ctx) {
      const got = yield* ask({ kind: 'signal', id: 'go', signal: `go ${keyOf(ctx)}`, conflict, timeoutMs: 25_000 })
      return [got, yield* run('after')]
    },
  })
}

const family: Put = ({ add, random }) => {
  const isBad = random.chance(0.3)
  const retries = random.whole(0, 2)
  const fails = random.whole(0, retries)
  add({
    id: 'child',
    config: { triggers: [], retries },
    mayFail: isBad,
    *script() {
      const value = yield* run('work', { fails: isBad ? Number.POSITIVE_INFINITY : fails })
      yield* sleep('rest', 700)
      return value
    },
  })
  add({
    id: 'parent',
    config: { ...on('order/made'), retries: 2 },
    mayFail: true,
    *script() {
      function* invoke(id: string, timeoutMs: number): Script {
        return yield* caught(ask({ kind: 'invoke', id, slug: `${APP_NAME}-child`, data: { from: id }, timeoutMs }))
      }
      const both = yield* all(invoke('one', 120_000), invoke('two', 1_000))
      const unknown = yield* caught(
        ask({ kind: 'invoke', id: 'nobody', slug: `${APP_NAME}-nobody`, data: {}, timeoutMs: 1_000 }),
      )
      return [both, unknown]
    },
  })
}

const sender: Put = ({ add }) =>
  add({
    id: 'sender',
    config: { ...on('order/made'), retries: 4 },
    mayFail: false,
    *script(ctx) {
      const key = `sent ${keyOf(ctx)} ${String(ctx.event.data.n)}`
      return yield* all(
        wait({ id: 'echo', event: 'stock/low', key, timeoutMs: 30_000 }),
        run('send', { sends: { name: 'stock/low', data: { key, amount: 1 } } }),
      )
    },
  })

/** Sends and then waits: within one call, where the app reports its steps on the way. */
const echoer: Put = ({ add }) =>
  add({
    id: 'echoer',
    config: { ...on('order/made'), retries: 4 },
    mayFail: false,
    *script(ctx) {
      const key = `echo ${String(ctx.event.data.n)}`
      const sent = yield* run('send', { sends: { name: 'stock/low', data: { key, amount: 2 } } })
      return [sent, yield* wait({ id: 'echo', event: 'stock/low', key, timeoutMs: 4_000 })]
    },
  })

const flaky: Put = ({ add, random }) => {
  const fails = random.whole(1, 2)
  add({
    id: 'flaky',
    config: { ...on('user/seen'), retries: 4 },
    mayFail: false,
    *script(ctx) {
      const first = yield* run('steady')
      const second = yield* run('flaky', { fails })
      if (ctx.attempt < 1) throw new Error('the function fails once')
      return [first, second]
    },
  })
}

const fatal: Put = ({ add, random }) => {
  const isFinal = random.chance(0.5)
  const isCaught = random.chance(0.3)
  add({
    id: 'fatal',
    config: { ...on('order/made'), retries: random.whole(0, 2) },
    mayFail: true,
    *script() {
      const first = yield* run('before')
      const bad = run('bad', { fails: Number.POSITIVE_INFINITY, isFinal })
      if (!isCaught) return [first, yield* bad]
      yield* caught(bad)
      throw new FinalError('given up')
    },
  })
  add({
    id: 'fatal-failure',
    config: {
      ...on('inngest/function.failed', { expression: `event.data.function_id == '${APP_NAME}-fatal'` }),
      retries: 1,
    },
    mayFail: true,
    *script() {
      return yield* run('mourn')
    },
  })
}

const cancellable: Put = ({ add }) =>
  add({
    id: 'cancellable',
    config: {
      ...on('order/made'),
      retries: 2,
      cancel: [{ event: 'order/cancelled', if: 'event.data.key == async.data.key', timeout: '10m' }],
    },
    mayFail: false,
    *script() {
      const first = yield* run('begin')
      yield* sleep('long', 12_000)
      return [first, yield* run('end')]
    },
  })

const ticker: Put = ({ add }) =>
  add({
    id: 'ticker',
    config: { triggers: [{ cron: '* * * * *' }], retries: 2 },
    mayFail: false,
    *script() {
      return yield* run('tick')
    },
  })

const slow: Put = ({ add, random }) =>
  add({
    id: 'slow',
    config: {
      ...on('user/seen'),
      retries: 2,
      timeouts: random.chance(0.5) ? { start: '2s', finish: '8s' } : { finish: '3s' },
    },
    mayFail: false,
    *script() {
      const first = yield* run('first')
      yield* sleep('long', 5_000)
      return [first, yield* run('second')]
    },
  })

const idempotent: Put = ({ add }) =>
  add({
    id: 'once',
    config: { ...on('stock/low'), retries: 2, idempotency: 'event.data.key' },
    mayFail: false,
    *script() {
      return yield* run('only')
    },
  })

const watcher: Put = ({ add }) =>
  add({
    id: 'watcher',
    config: {
      ...on('inngest/function.finished', { expression: 'event.data.function_id != "sim-ticker"' }),
      retries: 2,
    },
    mayFail: false,
    *script() {
      return yield* run('note')
    },
  })

const fetcher: Put = ({ add }) =>
  add({
    id: 'fetcher',
    config: { ...on('user/seen'), retries: 2 },
    mayFail: true,
    *script() {
      const one = yield* caught(ask({ kind: 'fetch', id: 'page', url: 'http://other.test/page' }))
      const both = yield* all(caught(ask({ kind: 'fetch', id: 'left', url: 'http://other.test/left' })), run('right'))
      return [one, both]
    },
  })

const wild: Put = ({ add }) =>
  add({
    id: 'wild',
    config: { ...on('order/*', { expression: 'event.data.amount > 4' }), retries: 2 },
    mayFail: false,
    *script() {
      return yield* run('seen')
    },
  })

/** Asks a person, with the wait for the answer beside the question; sometimes the answer comes inside the asking step. */
const asker: Put = ({ add, random }) => {
  const timeoutMs = random.pick([2_000, 20_000, 90_000])
  const lifeMs = random.pick([900, 8_000, 40_000])
  add({
    id: 'asker',
    config: { ...on(random.pick(['order/made', 'user/seen'])), retries: 4 },
    mayFail: false,
    *script(ctx) {
      const key = `${keyOf(ctx)} ${String(ctx.event.data.n)}`
      const both = yield* all(
        wait({ id: 'answer', event: RESOLVED_EVENT, field: 'requestKey', key, timeoutMs }),
        run('ask', { asks: { key, lifeMs } }),
      )
      return [both, yield* run('after')]
    },
  })
  add({
    id: 'hearer',
    config: { ...on('pawl/session.request.created'), retries: 2 },
    mayFail: false,
    *script() {
      return yield* run('hear')
    },
  })
}

// biome-ignore format: a list
export const STOCK: readonly Put[] = [
  chain, fan, racer, waiter, anyWaiter, signaler, family, sender, echoer, flaky, fatal, cancellable, ticker, slow, idempotent,
  watcher, fetcher, wild, asker,
]
