import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCondition, anyEvent } from './arbitrary.ts'
import { compileExpression } from './compile.ts'
import { ExpressionError } from './error.ts'
import { evaluate, keyText, test, type Variables } from './evaluate.ts'
import type { Json } from './value.ts'

const NOW = Date.UTC(2026, 5, 15, 12, 30)

const EVENT: Json = {
  id: '01',
  name: 'test/event',
  ts: 1_750_000_000_000,
  user: {},
  data: { s: 'abc', n: 1, b: true, nul: null, list: ['x', 'y'], big: 1_234_567_890_123 },
}

function holds(text: string, variables: Variables = { event: EVENT }): boolean {
  return test(compileExpression(text), variables, { now: NOW })
}

function result(text: string, variables: Variables = { event: EVENT }): Json {
  return evaluate(compileExpression(text), variables, { now: NOW }).value
}

function failure(text: string, variables: Variables = { event: EVENT }): ExpressionError {
  try {
    holds(text, variables)
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
  throw new Error(`${text} did not fail`)
}

// The contract of the dialect: what was observed of it, line by line.
const CONTRACT: readonly (readonly [string, true | false | 'error'])[] = [
  ['event.data.n == 1', true],
  ['event.data.n == 1.0', true],
  ['event.data.n > 0u', true],
  ['event.data.missing == null', true],
  ['event.data.a.b.c == null', true],
  ["event.data.missing != 'x'", true],
  ["event.data.a.b != 'x'", true],
  ["event.data.missing == 'x'", false],
  ['event.data.missing < 5', true],
  ['event.data.missing <= 5', true],
  ['event.data.missing > 5', false],
  ['event.data.missing >= 5', false],
  ['5 > event.data.missing', true],
  ['event.data.nul == null', true],
  ['event.data.nul < 1', true],
  ['has(event.data.s)', true],
  ['has(event.data.missing)', false],
  ['has(event.data.missing.deeper)', false],
  ["event.data.missing.contains('b')", false],
  ["!event.data.missing.contains('b')", true],
  ['size(event.data.missing) == 0', true],
  ['event.data.missing || event.data.b', true],
  ['event.data.missing || event.data.s', 'error'],
  ['event.data.s', 'error'],
  ['event.data.missing ? false : true', true],
  ["event.data.n == '1'", false],
  ['event.data.s == 1', false],
  ['event.data.s > 5', 'error'],
  ['event.data.n + 1.0 == 2.0', true],
  ['int(event.data.n) % 2 == 1', true],
  ['event.data.n / 2 == 0.5', 'error'],
  ["event.data.s + '-' + event.data.n == 'abc-1'", true],
  ["event.data.list[0] == 'x'", true],
  ["event.data.list[9] == 'x'", false],
  ["'x' in event.data.list", true],
  ["event.data.list.exists(i, i == 'y')", true],
  ["date('2020-01-01') < now()", true],
  ["now_plus('1h') > now()", true],
  ['event.user == null', false],
  ['async.data.s == null', true],
  // Three lines that nobody could rely on, made to work.
  ['event.data.n + 1 == 2', true],
  ['event.data.n % 2 == 1', true],
  ["string(event.data.big) == '1234567890123'", true],
]

describe('the contract of the dialect', () => {
  for (const [text, expected] of CONTRACT) {
    it(`${text} is ${expected}`, () => {
      if (expected === 'error') expect(failure(text).code).toBe('evaluation_failed')
      else expect(holds(text)).toBe(expected)
    })
  }

  it('|| and && give the operand that decided', () => {
    expect(result('event.data.missing || event.data.s')).toBe('abc')
    expect(result("event.data.s && 'last'")).toBe('last')
    expect(result("0 && 'last'")).toBe(0)
  })

  it('a missing part adds nothing to a text', () => {
    expect(result("event.data.s + '-' + event.data.missing")).toBe('abc-')
  })

  it('an error on one side of || or && is forgotten when the other side decides', () => {
    expect(holds('event.data.s > 5 || event.data.b')).toBe(true)
    expect(holds('event.data.s > 5 && !event.data.b')).toBe(false)
    expect(failure('event.data.s > 5 || !event.data.b').code).toBe('evaluation_failed')
  })
})

describe('missing and null', () => {
  it('missing is below everything, and null is the zero value of the other type', () => {
    expect(holds('event.data.missing < -5')).toBe(true)
    expect(holds('event.data.nul < -5')).toBe(false)
    expect(holds("event.data.nul <= '' && event.data.nul < 'a'")).toBe(true)
    expect(holds('event.data.nul < now()')).toBe(true)
    expect(holds('event.data.missing >= event.data.nul && !(event.data.missing < event.data.nul)')).toBe(true)
  })

  it('a condition that is only a missing value does not hold', () => {
    expect(holds('event.data.missing')).toBe(false)
    expect(holds('async.data.ok')).toBe(false)
  })

  it('a name is never looked up on a prototype', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length']) {
      expect(holds(`event.data["${name}"] == null && !has(event["${name}"]) && !("${name}" in event.data)`)).toBe(true)
      expect(holds(`event.data.s["${name}"] == null && event.data.list["${name}"] == null`)).toBe(true)
    }
  })

  it('a name that shadows a prototype is data like any other', () => {
    const event: Json = JSON.parse('{"data": {"__proto__": {"role": "admin"}, "constructor": 1}}')
    expect(holds('event.data["__proto__"].role == "admin" && event.data.constructor == 1', { event })).toBe(true)
    expect(holds('event.data.role == null', { event })).toBe(true)
  })

  it('other roots are given by name, and only what is given exists', () => {
    const options = { roots: ['event', 'output', 'error'] }
    const expression = compileExpression('output.num > 11 && error.message == null', options)
    expect(test(expression, { output: { num: 12 } }, { now: NOW })).toBe(true)
    expect(() => compileExpression('async.data.x == 1', options)).toThrow(ExpressionError)
  })
})

const VALUES: readonly (readonly [string, Json])[] = [
  ['1 + 2 * 3', 7],
  ['7 / 2', 3],
  ['-7 % 3', -1],
  ['7.0 / 2.0', 3.5],
  ['event.data.n * 2 - 0.5', 1.5],
  ['3u + 4u', 7],
  ['[1, 2] + [event.data.n]', [1, 2, 1]],
  ['size("añ😀")', 3],
  ['"añ😀".size()', 3],
  ['size({"a": 1, "b": 2})', 2],
  ['type(event.data.n) == double && type(1) == int && type(1u) == uint && type("") == string', true],
  ['type(null) == null_type && type([]) == list && type({}) == map && type(b"a") == bytes', true],
  ['int("42") + int(3.9) + int(timestamp("1970-01-01T00:00:05Z"))', 50],
  ['uint("42") == 42u', true],
  ['double("1.5e3")', 1500],
  ['bool("true") && !bool("f")', true],
  ['string(true) + string(2u) + string(1.5) + string(b"xy")', 'true21.5xy'],
  ['bytes("é") == b"\\xc3\\xa9"', true],
  ['[1, 2, 3].map(i, i * 2)', [2, 4, 6]],
  ['[1, 2, 3].map(i, i > 1, i * 2)', [4, 6]],
  ['[1, 2, 3].filter(i, i > 1)', [2, 3]],
  ['[1, 2, 3].all(i, i > 0) && [1, 2].exists_one(i, i == 2) && !["a"].exists_one(i, i == "b")', true],
  ['{"a": 1, "b": 2}.exists(k, k == "b")', true],
  ['[[1, 2], [3]].map(l, l.map(i, i + size(l)))', [[3, 4], [4]]],
  ['{"a": {"b": [10, 20]}}.a.b[1]', 20],
  ['{1: "one", true: "yes"}[1]', 'one'],
  ['event.data.list[event.data.n]', 'y'],
  ['"a" in {"a": null} && !("b" in {"a": null})', true],
  ['"abc".startsWith("ab") && "abc".endsWith("bc") && "abc".contains("b")', true],
  ['"abc".matches("^a.c$") && matches("xabcx", "b") && !"abc".matches("^b")', true],
  ['lowercase("ÀB") + uppercase("cß")', 'àbCSS'],
  ['b64decode("aMOp")', 'hé'],
  ['json_parse(\'{"a": [1]}\').a[0]', 1],
  ['duration("1h30m") == duration("90m") && duration("1500ms") > duration("1s")', true],
  ['string(duration("90s"))', '90s'],
  ['duration("1h30m").getMinutes()', 90],
  ['timestamp("2026-03-29T01:30:00+02:00")', '2026-03-28T23:30:00Z'],
  ['string(timestamp("2026-01-01T00:00:00.5Z"))', '2026-01-01T00:00:00.500Z'],
  ['timestamp("2026-01-01T00:00:00Z") + duration("36h")', '2026-01-02T12:00:00Z'],
  ['timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T00:00:00Z") == duration("24h")', true],
  ['now()', '2026-06-15T12:30:00Z'],
  ['now_minus("30m")', '2026-06-15T12:00:00Z'],
  ['date(event.ts)', '2025-06-15T15:06:40Z'],
  ['date(int(event.ts)) == date(1750000000) && date(event.ts) == date(1750000000000000000)', true],
  ['now().getFullYear() == 2026 && now().getMonth() == 5 && now().getDate() == 15', true],
  ['now().getDayOfMonth() == 14 && now().getDayOfWeek() == 1 && now().getDayOfYear() == 165', true],
  ['now().getHours() == 12 && now().getMinutes() == 30 && now().getSeconds() == 0', true],
  ['now().getHours("Europe/Paris") == 14 && now().getHours("America/New_York") == 8', true],
  ['now().getMinutes("+05:45") == 15 && now().getHours("-03:00") == 9', true],
  ['9223372036854775807 > 9223372036854775806', true],
  ['-9223372036854775808 < 0', true],
  ['9007199254740993 == 9007199254740992.0', false],
  ['"\uff5e" < "😀"', true],
  ['event.data.missing.filter(i, i == 1)', null],
]

describe('operators and functions', () => {
  for (const [text, expected] of VALUES) {
    it(`${text} gives ${JSON.stringify(expected)}`, () => {
      expect(JSON.stringify(result(text))).toBe(JSON.stringify(expected))
    })
  }

  const failing = [
    '1 / 0 == 1',
    'event.data.n % 0 == 1',
    '1.5 % 2 == 1',
    '9223372036854775807 + 1 > 0',
    'uint(-1) == 0u',
    '1u - 2u == 0u',
    "int('x') == 1",
    'size(1) == 1',
    'date(5) < now()',
    "date('31/12/2026') < now()",
    "date('2026-02-30') < now()",
    "duration('1 hour') == duration('1h')",
    "json_parse('[1]') == null",
    "b64decode('*') == ''",
    "now().getHours('Mars/Base') == 1",
    "event.data.s.matches(event.data.s + '(')",
    '1 in 2',
    'event.data.n.exists(i, i == 1)',
    '{null: 1} == 1',
    '-event.data.s == 1',
  ]
  for (const text of failing) {
    it(`${text} has no result`, () => {
      const error = failure(text)
      expect([error.code, error.limit]).toEqual(['evaluation_failed', false])
    })
  }
})

describe('keys', () => {
  const key = (text: string) => keyText(compileExpression(text), { event: EVENT }, { now: NOW })

  it('a key is the value as text', () => {
    expect(key('event.data.s').text).toBe('abc')
    expect(key('event.data.n').text).toBe('1')
    expect(key('event.data.big').text).toBe('1234567890123')
    expect(key('event.data.b').text).toBe('true')
    expect(key('event.data.nul').text).toBe('null')
    expect(key("event.data.s + '-' + event.data.n").text).toBe('abc-1')
    expect(key('event.data.list').text).toBe('["x","y"]')
    expect(key('{"b": 1, "a": event.data.n}').text).toBe('{"a":1,"b":1}')
  })

  it('a missing attribute is the text false, and says that it is missing', () => {
    expect(key('event.data.missing')).toEqual({ text: 'false', missing: true, isFalse: false })
    expect(key('event.data.a.b')).toEqual({ text: 'false', missing: true, isFalse: false })
  })

  it('a function over a missing attribute is missing too, through whatever hands it on', () => {
    for (const text of [
      'lowercase(event.data.missing)',
      'event.data.b ? lowercase(event.data.missing) : "x"',
      'event.data.missing || string(event.data.missing)',
      'lowercase(event.data.nul)',
    ]) {
      expect(key(text)).toEqual({ text: 'false', missing: true, isFalse: false })
    }
  })

  it('a result of false is false and not missing', () => {
    expect(key('event.data.n == 2')).toEqual({ text: 'false', missing: false, isFalse: true })
    expect(key("event.data.missing == 'x'")).toEqual({ text: 'false', missing: false, isFalse: true })
    expect(key("event.data.missing.contains('x') && event.data.n == 2").isFalse).toBe(false)
  })
})

describe('limits', () => {
  const many: Json = { data: { list: Array.from({ length: 1_000 }, (_, index) => index), long: 'a'.repeat(300_000) } }

  it('a loop inside a loop is stopped by the count of steps', () => {
    const error = failure('event.data.list.all(a, event.data.list.all(b, a >= 0 && b >= 0))', { event: many })
    expect(error.limit).toBe(true)
  })

  it('a met limit is not forgotten by ||', () => {
    expect(failure('event.data.list.all(a, event.data.list.all(b, b >= 0)) || true', { event: many }).limit).toBe(true)
  })

  it('nothing walks more than 1,000 items', () => {
    const event: Json = { data: { list: Array.from({ length: 1_001 }, () => 1) } }
    expect(failure('event.data.list.exists(i, i == 1)', { event }).limit).toBe(true)
    expect(failure('1 in event.data.list', { event }).limit).toBe(true)
    expect(holds('999 in event.data.list && event.data.list.exists(i, i == 999)', { event: many })).toBe(true)
  })

  it('long texts cost steps', () => {
    expect(holds('event.data.long.contains("b")', { event: many })).toBe(false)
    const error = failure('event.data.list.exists(i, event.data.long.contains("b"))', { event: many })
    expect(error.limit).toBe(true)
  })

  it('patterns that explode elsewhere take linear time, and large ones over long texts are stopped', () => {
    const event: Json = { data: { s: `${'a'.repeat(20_000)}!`, list: [1, 2, 3] } }
    expect(holds("event.data.s.matches('^(a+)+$')", { event })).toBe(false)
    expect(failure("event.data.s.matches('(.a|.b){400}$')", { event }).limit).toBe(true)
  })

  it('patterns made from data cannot be compiled without end', () => {
    const event: Json = { data: { list: Array.from({ length: 100 }, (_, index) => `a{${index}}b*`) } }
    expect(failure("event.data.list.all(i, ''.matches(i) || true)", { event }).limit).toBe(true)
  })

  it('values that are too deep to compare are an error, not an overflow', () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    const event: Json = { data: { deep } }
    expect(failure('json_parse(event.data.deep) == json_parse(event.data.deep)', { event }).limit).toBe(true)
  })
})

describe('any expression over any event', () => {
  it('gives a value or an ExpressionError, and nothing else', () => {
    fc.assert(
      fc.property(anyCondition, anyEvent, anyEvent, (text, event, async) => {
        const expression = compileExpression(text)
        for (const ask of [evaluate, test, keyText]) {
          try {
            ask(expression, { event, async }, { now: NOW })
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
