import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CompileOptions, compileExpression } from './compile.ts'
import { ExpressionError } from './error.ts'

function refusal(text: string, options?: CompileOptions): ExpressionError {
  try {
    compileExpression(text, options)
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
  throw new Error(`${text} was accepted`)
}

describe('compileExpression', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /unexpected/i],
    ['event.data.', /expected/i],
    ['event.data.a = 1', /unexpected character/i],
    ['event.data.a == "x', /unterminated/i],
    ['steps.a.b == 1', /unknown name steps/],
    ['output == 1', /unknown name output/],
    ['event.data.list.exists(i, j == 1)', /unknown name j/],
    ['event.data.s.split(",")[0] == "a"', /unknown function split/],
    ['event.data.s.trim() == "a"', /unknown function trim/],
    ['contains(event.data.s, "a")', /unknown function contains/],
    ['constructor(1)', /unknown function constructor/],
    ['event.data.s.lowercase() == "a"', /unknown function lowercase/],
    ['size() == 0', /size does not take 0/],
    ['event.data.s.contains()', /contains does not take 0/],
    ['has(event.data.a, event.data.b)', /has\(\) takes one field/],
    ['has("abc")', /has\(\) takes one field/],
    ['[1].exists(i)', /exists takes/],
    ['[1].exists(1, true)', /exists/],
    ['[1].all(event, event == 1)', /hides a root/],
    ['cel.bind(x, 1, x)', /unknown/],
    ['event.data.s.matches("(")', /pattern/],
    ['9223372036854775808 == 1', /64 bits/],
    ['event.?data == 1', /expected/i],
    ['if == 1', /reserved/i],
    ['"\\ud800" == event.id', /surrogate/i],
    ['"\ud800" == event.id', /surrogate/i],
  ]
  for (const [text, says] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const error = refusal(text)
      expect(error.code).toBe('invalid_expression')
      expect(error.message).toMatch(says)
    })
  }

  it('says at which column', () => {
    expect(refusal('event.data.a == steps.b').column).toBe(16)
    expect(refusal('event.data.a == #').column).toBe(16)
  })

  it('never quotes a control character', () => {
    expect(refusal('event.data.a == \u0007').message).toBe('Unexpected character: \\u0007')
  })

  it('bounds length, nodes and depth', () => {
    const long = (length: number): string => `event.id == "${'x'.repeat(length - 'event.id == ""'.length)}"`
    expect(compileExpression(long(4_096)).text).toHaveLength(4_096)
    expect(refusal(long(4_097)).message).toMatch(/longer than 4096/)
    expect(compileExpression(Array.from({ length: 60 }, () => 'event.data.a == 1').join(' || ')).tree.kind).toBe('or')
    expect(refusal(Array.from({ length: 300 }, () => 'event.id').join('+')).code).toBe('invalid_expression')
    expect(refusal(`${'('.repeat(33)}true${')'.repeat(33)}`).message).toMatch(/depth/i)
    expect(refusal(`${'!'.repeat(33)}true`).message).toMatch(/deeper than 32/)
    expect(refusal(`${'!'.repeat(4_000)}true`).code).toBe('invalid_expression')
    expect(refusal(`event${'.a'.repeat(40)} == 1`).message).toMatch(/depth/i)
  })

  it('accepts any text or refuses it with an ExpressionError', () => {
    const token = fc.constantFrom(
      ...[
        'event',
        '.',
        'data',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '"a"',
        "'",
        '1',
        '1u',
        '1e',
        '0x',
        'in',
        'has',
        ',',
        ':',
        '?',
      ],
      ...[
        '&&',
        '||',
        '!',
        '-',
        '==',
        ' ',
        '//',
        '\n',
        'b"',
        'r"',
        '\\',
        'matches',
        'exists',
        'i',
        'now',
        '\u0000',
        '€',
      ],
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
        ),
        (text) => {
          try {
            compileExpression(text)
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('the language of cancel rules', () => {
  const accepted = [
    'event.data.id == async.data.id && async.data.n > 5',
    'async.data.t in event.data.tags || !(async.data.x != null)',
    'async.data.list[0] == event.data.list[int(event.data.n)]',
    'uint(async.data.n) >= 5u && double(async.data.n) <= -5.5',
    'async.data.t in ["a", "b"]',
  ]
  for (const text of accepted) {
    it(`accepts ${text}`, () => {
      expect(compileExpression(text, { subset: 'cancel' }).text).toBe(text)
    })
  }

  const refused = [
    'async.data.s.contains("b")',
    'has(async.data.s)',
    'async.data.list.exists(i, i == 1)',
    'size(async.data.list) == 1',
    'string(async.data.n) == "1"',
    'async.data.n + 1 == 2',
    'async.data.n == 1 && async.data.s.matches("a")',
  ]
  for (const text of refused) {
    it(`refuses ${text}`, () => {
      expect(refusal(text, { subset: 'cancel' }).message).toMatch(/not allowed in a cancel rule/)
      expect(compileExpression(text).text).toBe(text)
    })
  }
})
