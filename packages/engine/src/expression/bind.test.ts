import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCondition, anyEvent } from './arbitrary.ts'
import { type BoundWait, bindWait } from './bind.ts'
import { compileExpression, compileRest } from './compile.ts'
import { ExpressionError } from './error.ts'
import { test } from './evaluate.ts'
import { pathsOf, valueAt } from './key.ts'
import type { Json } from './value.ts'

const NOW = Date.UTC(2026, 5, 15, 12, 30)

const EVENT: Json = {
  name: 'test/event',
  user: {},
  data: {
    userId: 'u1',
    n: 7,
    yes: true,
    nul: null,
    tags: ['a', 'b'],
    list: [],
    map: { k: 'v' },
    'a-b': 1.0,
    big: 2 ** 53,
  },
}

function bound(text: string, event: Json = EVENT): BoundWait {
  return bindWait(compileExpression(text), event, { now: NOW })
}

function matches(wait: BoundWait, async: Json): boolean {
  if (wait.never || (wait.key && valueAt(async, wait.key.path) !== wait.key.value)) return false
  return wait.rest === null || outcome(() => test(compileRest(wait.rest ?? ''), { async }, { now: NOW })) === true
}

function outcome(ask: () => boolean): boolean | 'limit' {
  try {
    return ask()
  } catch (error) {
    if (error instanceof ExpressionError) return error.limit ? 'limit' : false
    throw error
  }
}

const NEVER: BoundWait = { never: true, key: null, rest: null }

describe('bindWait', () => {
  const cases: readonly (readonly [string, Partial<BoundWait>])[] = [
    ['event.data.userId == async.data.userId', { key: { path: 'data.userId', value: '"u1"' }, rest: null }],
    ['async.data.userId == event.data.userId', { key: { path: 'data.userId', value: '"u1"' }, rest: null }],
    ['event.data.n == async.data.n', { key: { path: 'data.n', value: '7' }, rest: null }],
    ['async.data.n == 7', { key: { path: 'data.n', value: '7' }, rest: null }],
    ['async.data.n == 7.0', { key: { path: 'data.n', value: '7' }, rest: null }],
    ['event.data.yes == async.data.yes', { key: { path: 'data.yes', value: 'true' }, rest: null }],
    ['async.data["a-b"] == event.data["a-b"]', { key: { path: 'data["a-b"]', value: '1' }, rest: null }],
    ['async.data.items[0].id == event.data.userId', { key: { path: 'data.items[0].id', value: '"u1"' }, rest: null }],
    ['async.name == "x" && true', { key: { path: 'name', value: '"x"' }, rest: null }],
    ['event.data.userId + "!" == async.data.k', { key: { path: 'data.k', value: '"u1!"' }, rest: null }],
    [
      'async.data.k == event.data.userId && async.data.n > 5',
      { key: { path: 'data.k', value: '"u1"' }, rest: 'async.data.n > 5.0' },
    ],
    ['async.data.t in event.data.tags', { key: null, rest: 'async.data.t in ["a", "b"]' }],
    ['async.data.n > event.data.n + 1', { key: null, rest: 'async.data.n > 8.0' }],
    ['async.data.map == event.data.map', { key: null, rest: 'async.data.map == {"k": "v"}' }],
    ['async.data.n == int(event.data.big) + 1', { key: null, rest: 'async.data.n == 9007199254740993' }],
    ['event.data.yes', { key: null, rest: null }],
    ['event.data.yes || async.data.x == 1', { key: null, rest: null }],
    ['!event.data.yes || async.data.x > 1', { key: null, rest: 'async.data.x > 1.0' }],
    ['event.data.yes ? async.data.x > 1 : async.data.y > 1', { key: null, rest: 'async.data.x > 1.0' }],
    ['async.data.s && async.data.k == "x"', { key: { path: 'data.k', value: '"x"' }, rest: 'async.data.s && true' }],
    ['async.data.at > now()', { key: null, rest: 'async.data.at > now()' }],
    ['has(event.data.n) && has(async.data.n)', { key: null, rest: 'has(async.data.n)' }],
    ['event.data.missing < async.data.n', { key: null, rest: 'vars.missing < async.data.n' }],
    ['async.data.list.exists(i, i == event.data.n)', { key: null, rest: 'async.data.list.exists(i, i == 7.0)' }],
    ['event.data.tags.exists(t, t == async.data.t)', { key: null, rest: '["a", "b"].exists(t, t == async.data.t)' }],
    ['event.data.tags.exists(t, t == "b") && async.data.n > 1', { key: null, rest: 'async.data.n > 1.0' }],
    ['event == async', { key: null }],
    ['event.data.n == 8 && async.data.x == 1', NEVER],
    ['async.data.x == 1 && "z" in event.data.tags', NEVER],
    ['event.data.userId > 5 && async.data.x == 1', NEVER],
    ['event.data.userId', NEVER],
    ['event.data.missing', NEVER],
    ['false', NEVER],
  ]
  for (const [text, expected] of cases) {
    it(`turns ${text} into ${JSON.stringify(expected)}`, () => {
      expect(bound(text)).toMatchObject({ never: false, ...expected })
    })
  }

  it('prefers a key that the run gives over one that all waits share', () => {
    const wait = bound('async.data.type == "paid" && event.data.userId == async.data.userId')
    expect(wait).toEqual({
      never: false,
      key: { path: 'data.userId', value: '"u1"' },
      rest: 'async.data.type == "paid"',
    })
  })
})

describe('the match option', () => {
  it('an absent value in the first event never matches', () => {
    expect(bound('event.data.x == async.data.x')).toEqual(NEVER)
  })

  it('an absent value in the new event never matches, not even a null', () => {
    const wait = bound('event.data.nul == async.data.nul')
    expect(matches(wait, { data: {} })).toBe(false)
    expect(matches(wait, { data: { nul: null } })).toBe(true)
    expect(matches(bound('event.data.n == async.data.n'), { data: {} })).toBe(false)
  })

  it('types must be the same', () => {
    const wait = bound('event.data.n == async.data.n')
    expect(matches(wait, { data: { n: '7' } })).toBe(false)
    expect(matches(wait, { data: { n: 7 } })).toBe(true)
  })

  it('lists and maps are compared by the rest', () => {
    const wait = bound('event.data.map == async.data.map')
    expect(wait.key).toBe(null)
    expect(matches(wait, { data: { map: { k: 'v' } } })).toBe(true)
    expect(matches(wait, { data: {} })).toBe(false)
  })
})

describe('an if written by hand', () => {
  it('null equals missing, in both orders', () => {
    for (const text of [
      'async.data.x == event.data.x',
      'event.data.x == async.data.y',
      'event.data.x == async.data.x && true',
    ]) {
      expect(matches(bound(text), { data: {} })).toBe(true)
      expect(matches(bound(text), { data: { x: null, y: null } })).toBe(true)
      expect(matches(bound(text), { data: { x: 1, y: 1 } })).toBe(false)
    }
  })

  it('wakes on the event whose rest holds too', () => {
    const wait = bound('async.data.k == event.data.userId && async.data.n > 5')
    expect(matches(wait, { data: { k: 'u1', n: 3 } })).toBe(false)
    expect(matches(wait, { data: { k: 'u1', n: 9 } })).toBe(true)
  })

  it('keeps the operator in', () => {
    const wait = bound('async.data.t in event.data.tags')
    expect(['a', 'b', 'c', null].map((t) => matches(wait, { data: { t } }))).toEqual([true, true, false, false])
  })
})

describe('values written into the rest', () => {
  it('come back as they were, whatever they are', () => {
    const values: readonly Json[] = [
      'a"b\\c\n\u0000\u007f\u2028',
      '\ud800',
      '\udc00x',
      1e21,
      1e-7,
      -0,
      -2.5,
      '',
      {},
      { '\ud801': ['\ud800'] },
    ]
    for (const value of values) {
      const wait = bound('async.data.list[0] == event.data.v && async.data.w == event.data.v', { data: { v: value } })
      expect(matches(wait, { data: { list: [value], w: value } })).toBe(true)
      expect(matches(wait, { data: { list: ['other'], w: value } })).toBe(false)
    }
  })

  it('may be longer than an expression, up to a limit that is an error', () => {
    const tags = Array.from({ length: 1_000 }, (_, index) => `tag-${index}`)
    const wait = bound('async.data.t in event.data.tags', { data: { tags } })
    expect(matches(wait, { data: { t: 'tag-999' } })).toBe(true)
    const huge = { data: { tags: Array.from({ length: 1_000 }, () => 'x'.repeat(300)) } }
    expect(() => bound('async.data.t in event.data.tags', huge)).toThrow(ExpressionError)
  })

  it('are equal to the key of a long value', () => {
    const long = 'x'.repeat(600)
    const wait = bound('event.data.s == async.data.s', { data: { s: long } })
    expect(wait.key?.value).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(matches(wait, { data: { s: long } })).toBe(true)
    expect(matches(wait, { data: { s: `${long}y` } })).toBe(false)
  })
})

describe('any condition', () => {
  const MATCH_FORM = /^event\.([\w.[\]']+) == async\.\1$/

  it('holds for key and rest exactly when it holds for both events', () => {
    let held = 0
    fc.assert(
      fc.property(anyCondition, anyEvent, anyEvent, (text, event, async) => {
        fc.pre(!MATCH_FORM.test(text))
        const expression = compileExpression(text)
        const direct = outcome(() => test(expression, { event, async }, { now: NOW }))
        fc.pre(direct !== 'limit')
        const wait = bindWait(expression, event, { now: NOW })
        if (direct) held += 1
        expect(matches(wait, async)).toBe(direct)
        if (wait.key) expect(pathsOf(expression)).toContain(wait.key.path)
        expect(wait.rest ?? '').not.toContain('event.')
      }),
      { numRuns: 2_000 },
    )
    // A property that never sees a match would prove little.
    expect(held).toBeGreaterThan(50)
  })
})
