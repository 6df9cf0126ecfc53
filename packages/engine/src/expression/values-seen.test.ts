import { describe, expect, it } from 'vitest'
import { compileExpression } from './compile.ts'
import type { Json } from './value.ts'
import { valuesSeen } from './values-seen.ts'

const event = {
  name: 'e',
  data: { n: 3, tags: ['a', 'b'], user: { id: 'u1' }, at: 1, none: null, long: 'x'.repeat(600) },
}

describe('what an expression saw of an event', () => {
  it.each<[string, { readonly [path: string]: Json }, readonly string[]]>([
    ['event.data.n > 5', { 'event.data.n': 3 }, []],
    ['event.data.n == 1 || event.data.n == 2', { 'event.data.n': 3 }, []],
    ['event.data.user.id == "u2" && event.data.x > 1', { 'event.data.user.id': 'u1' }, ['event.data.x']],
    ['event.data.none == 1', { 'event.data.none': null }, []],
    ['"c" in event.data.tags', { 'event.data.tags': ['a', 'b'] }, []],
    ['event.data.tags[event.data.at] == "a"', { 'event.data.tags': ['a', 'b'], 'event.data.at': 1 }, []],
    ['event.data.tags.exists(tag, tag == event.name)', { 'event.data.tags': ['a', 'b'], 'event.name': 'e' }, []],
    ['has(event.data.y)', {}, ['event.data.y']],
    ['event.data.long == ""', { 'event.data.long': `${'x'.repeat(500)}…` }, []],
    ['1 == 2', {}, []],
  ])('%s', (text, values, missing) => {
    const seen = valuesSeen(compileExpression(text), { event })
    expect({ ...seen.values }).toEqual(values)
    expect(seen.missing).toEqual(missing)
  })

  it('is a mark in place of a value that is too large to be read', () => {
    const seen = valuesSeen(compileExpression('event.data.list == 1'), {
      event: { data: { list: Array(20_000).fill(1) } },
    })
    expect({ ...seen.values }).toEqual({ 'event.data.list': '…' })
  })
})
