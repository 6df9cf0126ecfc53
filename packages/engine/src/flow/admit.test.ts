import type { Json } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import type { Incoming } from '../incoming.ts'
import { entry, eventRow, NOW, registryOf } from '../scenarios/rows.ts'
import { idempotencyKeys } from './admit.ts'

function incoming(data: Json, senderId: string | null = null): Incoming {
  const { key: _key, receivedAt: _receivedAt, isRepeat: _isRepeat, ...row } = eventRow()
  return { row, senderId, text: '', value: { name: 'e', data, id: row.id, ts: NOW, user: {} } }
}

describe('the keys under which a repeat is known', () => {
  it.each<[string, string | null, Json, string | null, readonly string[], boolean]>([
    ['none, for an event without an ID of its own', null, {}, null, [], false],
    ["the sender's ID", null, {}, 'k', ['event:k'], false],
    ['the value of the expression', 'event.data.id', { id: 'a' }, null, ['key:a'], false],
    ['both', 'event.data.id', { id: 7 }, 'k', ['event:k', 'key:7'], false],
    ['one that all events without a value share, with a warning', 'event.data.id', {}, null, ['key:null'], true],
    ['none, when the expression is false', 'event.data.id == 1', { id: 2 }, null, [], false],
    ['none, when the expression errs, with a warning', 'event.data.id - 1', { id: 'a' }, null, [], true],
  ])('are %s', (_what, idempotency, data, senderId, keys, warns) => {
    const fn = entry(registryOf({ f: idempotency === null ? {} : { idempotency } }), 'f')
    expect(idempotencyKeys(fn, incoming(data, senderId), NOW)).toEqual(keys)
    expect(fn.warning !== null).toBe(warns)
  })
})
