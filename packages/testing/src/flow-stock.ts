// Functions under flow control: each control by itself, small numbers, and mixtures of what may be combined. What they do
// is little; who may do it when is what is tried.
import type { Random } from './random.ts'
import { all, run, type Script, type ScriptContext, sleep } from './script.ts'
import { APP_NAME } from './sim-function.ts'
import type { Put, Stock } from './stock.ts'

/** Events that start them, so that several functions meet the same load. */
const LOAD = ['order/made', 'user/seen'] as const

const KEY = 'event.data.key'

type Config = Readonly<Record<string, unknown>>

function putFlow({ add, random }: Stock, id: string, config: Config, script: () => Script = worker(random)): void {
  const triggers = [{ event: random.pick(LOAD) }]
  add({ id, config: { triggers, retries: 3, ...config }, mayFail: false, script: (_ctx: ScriptContext) => script() })
}

/** Some steps, of which one fails once, side by side or with a rest between. */
function worker(random: Random): () => Script {
  const isWide = random.chance(0.4)
  const fails = random.chance(0.2) ? 1 : 0
  const restMs = random.pick([0, 400, 3_000])
  return function* () {
    const first = yield* run('first', { fails })
    const more = isWide ? yield* all(run('left'), run('right'), run('middle')) : yield* run('second')
    if (restMs > 0) yield* sleep('rest', restMs)
    return [first, more, yield* run('last')]
  }
}

const limited: Put = (stock) => putFlow(stock, 'limited', { concurrency: stock.random.whole(1, 3) })

const keyed: Put = (stock) => putFlow(stock, 'keyed', { concurrency: { limit: stock.random.whole(1, 2), key: KEY } })

const doubly: Put = (stock) =>
  putFlow(stock, 'doubly', { concurrency: [{ limit: stock.random.whole(2, 3) }, { limit: 1, key: KEY }] })

/** Two functions count together, each by its own number. */
const together: Put = (stock) => {
  const key = stock.random.pick([KEY, "'all'"])
  const scope = stock.random.pick(['env', 'account'])
  for (const id of ['together-a', 'together-b'])
    putFlow(stock, id, { concurrency: { limit: stock.random.whole(1, 3), key, scope } })
}

const whole: Put = (stock) => {
  const { random } = stock
  const step = random.chance(0.5) ? { step: [{ limit: random.whole(1, 2) }] } : {}
  const key = random.chance(0.5) ? { key: KEY } : {}
  putFlow(stock, 'whole', { concurrency: { fn: [{ limit: random.whole(1, 2), ...key }], ...step } })
}

const throttled: Put = (stock) => putFlow(stock, 'throttled', { throttle: throttle(stock.random) })

function throttle(random: Random): Config {
  const key = random.chance(0.5) ? { key: KEY } : {}
  return { limit: random.whole(1, 3), period: random.pick(['1s', '4s']), burst: random.whole(0, 2), ...key }
}

const rated: Put = (stock) => {
  const key = stock.random.chance(0.5) ? { key: KEY } : {}
  putFlow(stock, 'rated', { rateLimit: { limit: stock.random.whole(1, 3), period: '10s', ...key } })
}

const debounced: Put = (stock) => putFlow(stock, 'debounced', { debounce: debounce(stock.random) })

function debounce(random: Random): Config {
  const key = random.chance(0.5) ? { key: KEY } : {}
  const timeout = random.chance(0.4) ? { timeout: '4s' } : {}
  return { period: random.pick(['1s', '3s']), ...key, ...timeout }
}

const batched: Put = (stock) => {
  const { random } = stock
  const key = random.chance(0.5) ? { key: KEY } : {}
  const condition = random.chance(0.3) ? { if: 'event.data.amount > 2' } : {}
  const batchEvents = { maxSize: random.whole(2, 4), timeout: random.pick(['1s', '5s']), ...key, ...condition }
  const concurrency = random.chance(0.4) ? { concurrency: random.whole(1, 2) } : {}
  const throttled = random.chance(0.2) ? { throttle: throttle(random) } : {}
  putFlow(stock, 'batched', { batchEvents, ...concurrency, ...throttled })
}

const ranked: Put = (stock) =>
  putFlow(stock, 'ranked', { concurrency: 1, priority: { run: 'event.data.amount * 60 - 240' } })

const single: Put = (stock) => {
  const key = stock.random.chance(0.6) ? { key: KEY } : {}
  putFlow(stock, 'single', { singleton: { mode: stock.random.pick(['skip', 'cancel']), ...key } })
}

const late: Put = (stock) => {
  const timeouts = stock.random.pick([{ start: '2s' }, { start: '3s', finish: '9s' }, { finish: '4s' }])
  putFlow(stock, 'late', { concurrency: 1, timeouts })
}

const mixed: Put = (stock) => {
  const { random } = stock
  const some = (config: () => Config) => (random.chance(0.5) ? config() : {})
  putFlow(stock, 'mixed', {
    ...some(() => ({ concurrency: [{ limit: random.whole(1, 2), key: KEY }] })),
    ...some(() => ({ throttle: throttle(random) })),
    ...some(() => ({ priority: { run: 'event.data.amount' } })),
    ...some(() => ({ singleton: { mode: random.pick(['skip', 'cancel']), key: KEY } })),
    ...some(() => (random.chance(0.5) ? { debounce: debounce(random) } : { rateLimit: { limit: 2, period: '5s' } })),
    ...some(() => ({ cancel: [{ event: 'order/cancelled', if: 'event.data.key == async.data.key' }] })),
  })
}

/** Invokes a function that is limited, and holds no slot itself meanwhile. */
const caller: Put = (stock) => {
  const { add, random } = stock
  putFlow(stock, 'served', { triggers: [], concurrency: 1 })
  add({
    id: 'caller',
    config: { triggers: [{ event: random.pick(LOAD) }], retries: 2, concurrency: random.whole(1, 2) },
    mayFail: true,
    *script() {
      const slug = `${APP_NAME}-served`
      return yield { kind: 'invoke', id: 'served', slug, data: { key: 'k1' }, timeoutMs: 60_000 }
    },
  })
}

// biome-ignore format: a list
export const FLOW_STOCK: readonly Put[] = [
  limited, keyed, doubly, together, whole, throttled, rated, debounced, batched, ranked, single, late, mixed, caller,
]
