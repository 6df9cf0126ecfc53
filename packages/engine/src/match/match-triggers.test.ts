import type { Json } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import type { Incoming } from '../incoming.ts'
import { entry, eventRow, NOW, registryOf } from '../scenarios/rows.ts'
import { matchTriggers } from './match-triggers.ts'

function event(name: string, data: Json = {}): Incoming {
  const { key: _key, receivedAt: _receivedAt, isRepeat: _isRepeat, ...row } = eventRow({ name })
  return { row, senderId: null, text: '', value: { name, data, id: row.id, ts: NOW, user: {} } }
}

describe('the triggers of a function', () => {
  it.each([
    ['one without a condition', [{ event: 'a' }], true, null],
    ['one whose condition holds', [{ event: 'a', expression: 'event.data.n == 1' }], true, null],
    ['one whose condition does not', [{ event: 'a', expression: 'event.data.n == 2' }], false, 'filter_false'],
    [
      'the second, when the first does not hold',
      [
        { event: 'a', expression: 'event.data.n == 2' },
        { event: 'a', expression: 'event.data.n < 2' },
      ],
      true,
      null,
    ],
    ['the condition of another event', [{ event: 'b', expression: 'event.data.n == 2' }, { event: 'a' }], true, null],
    ['a wildcard beside the name', [{ event: 'a/*' }, { event: 'a' }], true, null],
    ['one that errs', [{ event: 'a', expression: 'event.data.s + 1 > 3' }], false, 'bad_expression'],
    ['one after one that errs', [{ event: 'a', expression: 'event.data.s + 1 > 3' }, { event: 'a' }], true, null],
    ['one that is no condition', [{ event: 'a', expression: 'event.data.s' }], false, 'bad_expression'],
  ])('%s', (_what, triggers, matched, reason) => {
    const registry = registryOf({ f: { triggers } })
    const [verdict] = matchTriggers([entry(registry, 'f')], event('a', { n: 1, s: 'x' }), NOW)
    expect(verdict?.matched).toBe(matched)
    if (reason !== null) expect(verdict).toMatchObject({ reason })
    expect(entry(registry, 'f').warning === null).toBe(!triggers.some((each) => each.expression?.includes('.s')))
  })
})
