import { describe, expect, it } from 'vitest'
import { indexJson, keyOf, pathOf, searchJson, visibleRows } from './json-index.ts'

function index(text: string) {
  const made = indexJson(text)
  if (made === undefined) throw new Error(`not indexed: ${text}`)
  return made
}

const keys = (text: string) => {
  const made = index(text)
  return Array.from({ length: made.count }, (_, node) => keyOf(made, node)).filter((key) => key !== undefined)
}

it('keys keep the order of the text and their own spelling', () => {
  expect(keys('{"10":1,"2":2,"__proto__":{"constructor":3},"a\\"b":4,"":5}')).toEqual([
    '10',
    '2',
    '__proto__',
    'constructor',
    'a"b',
    '',
  ])
})

it.each(['1', '"a"', 'null', '[]', '{}', ' [1, {"a": [true, false]}, "x\\\\"] ', '-1.5e+10', '{"a":{}}', '[[],[[]]]'])(
  '%s is indexed whole',
  (text) => {
    expect(index(text).isCut).toBe(false)
  },
)

it.each(['', 'x', '{]', '[1 2]', '{"a" 1}', '{"a":1,}', '[1,]', '{1:2}', '1 2', '[tru]', 'nul1 ', '[01x]', '<html>'])(
  '%j is not JSON',
  (text) => {
    expect(indexJson(text)).toBeUndefined()
  },
)

it('a text that was cut is indexed as far as it goes', () => {
  const whole = '{"list":[1,2,{"text":"a long one"}],"more":true}'
  for (let length = 1; length < whole.length; length++) {
    expect(index(whole.slice(0, length)).isCut, whole.slice(0, length)).toBe(true)
  }
})

it('agrees with the parser on what is JSON', () => {
  const texts = [
    '[',
    ']',
    '{"a":[}',
    '{"a":1',
    '[1,[2,[3]]]',
    '"\\u00e9"',
    '{"a":{"b":{"c":[{}]}}}',
    '[{},{},[]]',
    '{}{}',
  ]
  for (const text of texts) {
    const made = indexJson(text)
    const isWhole = made !== undefined && !made.isCut
    let isParsed = true
    try {
      JSON.parse(text)
    } catch {
      isParsed = false
    }
    expect(isWhole, text).toBe(isParsed)
  }
})

describe('rows', () => {
  const made = index('{"a":[1,2],"b":{},"c":"x"}')

  it('folded containers hide what is in them, open ones are closed by a row of their own', () => {
    expect([...visibleRows(made, () => false)]).toEqual([0])
    expect([...visibleRows(made, (node) => node === 0)]).toEqual([0, 1, 4, 5, -1])
    expect([...visibleRows(made, () => true)]).toEqual([0, 1, 2, 3, -2, 4, 5, -1])
  })
})

it('a path can be pasted into an expression', () => {
  const made = index('{"items":[{"a b":1,"__proto__":2}]}')
  expect(pathOf(made, 3, 'event.data')).toBe('event.data.items[0]["a b"]')
  expect(pathOf(made, 4, '')).toBe('items[0].__proto__')
  expect(pathOf(made, 0, 'event.data')).toBe('event.data')
})

it('a search finds keys and values, not the signs between them', () => {
  const made = index('{"Name":"value","other":["NAME",12]}')
  expect(searchJson(made, 'name')).toEqual([1, 3])
  expect(searchJson(made, '12')).toEqual([4])
  expect(searchJson(made, '[')).toEqual([])
  expect(searchJson(made, '.*')).toEqual([])
})

it('five megabytes are indexed and searched without a noticeable wait', () => {
  const row = { id: 123456, name: 'a name of some length', tags: ['one', 'two'], nested: { ok: true, value: 1.5 } }
  const text = JSON.stringify(Array.from({ length: 52_000 }, () => row))
  const before = performance.now()
  const made = index(text)
  visibleRows(made, () => true)
  searchJson(made, 'nothing like this')
  expect(text.length).toBeGreaterThan(5_000_000)
  expect(made.count).toBe(1 + 52_000 * 9)
  // A tenth of this is usual; the bound is wide for slow machines.
  expect(performance.now() - before).toBeLessThan(2000)
})
