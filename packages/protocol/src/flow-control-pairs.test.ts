// Every pair of flow controls: taken, or refused with the reason. All but the batch go together.
import { describe, expect, it } from 'vitest'
import { readFunction } from './function.ts'
import type { JsonObject } from './json-value.ts'

const CONTROLS = {
  concurrency: { concurrency: { limit: 5, key: 'event.data.u' } },
  throttle: { throttle: { limit: 2, period: '10s' } },
  rateLimit: { rateLimit: { limit: 3, period: '1m' } },
  debounce: { debounce: { period: '1s' } },
  batchEvents: { batchEvents: { maxSize: 10, timeout: '5s' } },
  priority: { priority: { run: 'event.data.p' } },
  singleton: { singleton: { mode: 'skip' } },
  cancel: { cancel: [{ event: 'a/stop' }] },
  idempotency: { idempotency: 'event.data.id' },
} as const satisfies Record<string, JsonObject>

type Control = keyof typeof CONTROLS

const NAMES = Object.keys(CONTROLS) as Control[]
const PAIRS = NAMES.flatMap((one, at) => NAMES.slice(at + 1).map((other) => [one, other] as const))

/** With a batch: what looks at one event, or at the run of one. */
const REFUSED: readonly string[] = ['rateLimit', 'debounce', 'priority', 'singleton', 'cancel', 'idempotency']

function read(...names: readonly Control[]) {
  const url = 'http://127.0.0.1:3000/api/inngest?fnId=app-f&stepId=step'
  const steps = { step: { id: 'step', name: 'step', runtime: { type: 'http', url } } }
  const controls: JsonObject = Object.assign({}, ...names.map((name) => CONTROLS[name]))
  const raw = { id: 'app-f', name: 'f', triggers: [{ event: 'a/b' }], steps, ...controls }
  return readFunction(raw, 'app', { checkExpression: () => null, checkCron: () => null })
}

const refused = ([one, other]: readonly [Control, Control]): Control | undefined =>
  one === 'batchEvents' || other === 'batchEvents' ? [one, other].find((name) => REFUSED.includes(name)) : undefined

describe('two flow controls of one function', () => {
  it.each(PAIRS.filter((pair) => refused(pair) === undefined))('%s and %s go together', (one, other) => {
    expect(read(one, other).faults).toEqual([])
  })

  it.each(PAIRS.filter((pair) => refused(pair) !== undefined))('%s and %s are refused', (one, other) => {
    const name = refused([one, other])
    expect(read(one, other).faults).toEqual([
      {
        function: 'app-f',
        code: 'combo_unsupported',
        path: name,
        message: `batchEvents cannot be combined with ${name}: a batch has no single event by which it could be decided`,
      },
    ])
  })

  it('are warned of where one takes the place of the other', () => {
    expect(read('rateLimit', 'idempotency').warnings).toEqual([
      'app-f: idempotency takes the place of rateLimit, which is ignored',
    ])
    const others = PAIRS.filter(([one, other]) => one !== 'rateLimit' || other !== 'idempotency')
    expect(others.flatMap((pair) => read(...pair).warnings)).toEqual([])
  })
})
