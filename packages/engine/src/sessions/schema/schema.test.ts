import type { Json } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import { checkSchema } from './check-schema.ts'
import { validate } from './validate.ts'

describe('a schema holds or not', () => {
  const money = {
    type: 'object',
    properties: { amount: { type: 'number', minimum: 0 } },
    required: ['amount'],
  } as const
  const conditional = JSON.parse('{"if":{"type":"string"},"then":{"minLength":2},"else":false}')
  it.each<[string, Json, Json, string | null]>([
    ['true', true, 1, null],
    ['false', false, 1, ''],
    ['nothing asked', {}, { a: 1 }, null],
    ['type', { type: 'string' }, 'a', null],
    ['type, other', { type: 'string' }, 1, ''],
    ['type null', { type: 'null' }, null, null],
    ['type array is no object', { type: 'object' }, [], ''],
    ['integer', { type: 'integer' }, 3, null],
    ['integer, fraction', { type: 'integer' }, 3.5, ''],
    ['one of types', { type: ['string', 'null'] }, null, null],
    ['enum', { enum: ['a', 1, { x: [1] }] }, { x: [1] }, null],
    ['enum, other type', { enum: ['1'] }, 1, ''],
    ['const', { const: { b: 1, a: 2 } }, { a: 2, b: 1 }, null],
    ['member', money, { amount: 1 }, null],
    ['member, wrong', money, { amount: -1 }, '/amount'],
    ['member, missing', money, {}, '/amount'],
    ['further members', { properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 }, '/b'],
    [
      'further members by pattern',
      { patternProperties: { '^x-': { type: 'number' } }, additionalProperties: false },
      { 'x-a': 1 },
      null,
    ],
    ['members by pattern, wrong', { patternProperties: { '^x-': { type: 'number' } } }, { 'x-a': 'b' }, '/x-a'],
    ['member names', { propertyNames: { maxLength: 2 } }, { abc: 1 }, '/abc'],
    [
      'a member named as a prototype has it',
      { properties: { a: {} }, additionalProperties: false },
      JSON.parse('{"__proto__":1}'),
      '/__proto__',
    ],
    ['a required member named as a prototype has it', { required: ['constructor'] }, {}, '/constructor'],
    ['dependent members', { dependentRequired: { card: ['address'] } }, { card: 1 }, '/address'],
    ['members, at least', { minProperties: 1 }, {}, ''],
    ['elements', { items: { type: 'number' } }, [1, 'a'], '/1'],
    ['first elements and the rest', { prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 1], null],
    ['first elements and the rest, wrong', { prefixItems: [{ type: 'string' }], items: false }, ['a', 1], '/1'],
    ['elements, at most', { maxItems: 1 }, [1, 2], ''],
    [
      'elements twice',
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      '',
    ],
    ['contains', { contains: { const: 2 } }, [1, 3], ''],
    ['characters are code points', { maxLength: 1 }, '😀', null],
    ['pattern anywhere', { pattern: 'b+' }, 'abbc', null],
    ['pattern, other', { pattern: '^b' }, 'ab', ''],
    ['minimum at it', { minimum: 1, maximum: 1 }, 1, null],
    ['exclusive', { exclusiveMinimum: 1 }, 1, ''],
    ['multiple of a fraction', { multipleOf: 0.1 }, 0.3, null],
    ['no multiple', { multipleOf: 2 }, 3, ''],
    ['numbers are not asked of texts', { minimum: 5, minLength: 3 }, true, null],
    ['any', { anyOf: [{ type: 'string' }, { type: 'number' }] }, true, ''],
    ['one, two hold', { oneOf: [{ minimum: 0 }, { maximum: 9 }] }, 5, ''],
    ['all', { allOf: [{ minimum: 0 }, { maximum: 9 }] }, 10, ''],
    ['not', { not: { type: 'string' } }, 'a', ''],
    ['if then', conditional, 'a', ''],
    ['if else', conditional, 1, ''],
    [
      'reference',
      { $defs: { 'a/b': { type: 'number' } }, properties: { x: { $ref: '#/$defs/a~1b' } } },
      { x: 'y' },
      '/x',
    ],
    [
      'reference to itself',
      { type: 'object', properties: { child: { $ref: '#' } } },
      { child: { child: 1 } },
      '/child/child',
    ],
    ['date', { format: 'date' }, '2026-02-28', null],
    ['date, no such day', { format: 'date' }, '2026-02-29', ''],
    ['date-time', { format: 'date-time' }, '2026-02-28T10:00:00.5+01:00', null],
    ['date-time without a zone', { format: 'date-time' }, '2026-02-28T10:00:00', ''],
    ['email', { format: 'email' }, 'a.b+c@example.com', null],
    ['email, none', { format: 'email' }, 'a@b@c', ''],
    ['uri', { format: 'uri' }, 'https://example.com/a?b=c', null],
    ['uri, relative', { format: 'uri' }, '/a', ''],
    ['uuid', { format: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', null],
    ['a format that is only a note', { format: 'colour' }, 'x', null],
    ['a pointer escapes', { properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 1 }, '/a~1b~0c'],
  ])('%s', (_what, schema, value, path) => {
    expect(checkSchema(schema)).toBeNull()
    expect(validate(schema, value)?.path ?? null).toBe(path)
  })
})

describe('a schema that cannot be used is refused with the place', () => {
  it.each<[string, Json, string]>([
    ['no schema', 1, ''],
    ['an unknown type', { properties: { a: { type: 'float' } } }, '/properties/a/type'],
    ['a pattern of another engine', { pattern: '(?=a)' }, '/pattern'],
    ['a reference outside', { $ref: 'https://example.com/x' }, '/$ref'],
    ['a reference into nothing', { $ref: '#/$defs/none' }, '/$ref'],
    ['a keyword that restricts and is not understood', { unevaluatedProperties: false }, '/unevaluatedProperties'],
    ['an older form of a bound', { minimum: 1, exclusiveMinimum: true }, '/exclusiveMinimum'],
    ['an empty choice', { anyOf: [] }, '/anyOf'],
    ['a bound below nothing', { minLength: -1 }, '/minLength'],
    ['a list where an object stands', { properties: [] }, '/properties'],
  ])('%s', (_what, schema, path) => {
    expect(checkSchema(schema)?.path).toBe(path)
  })

  it('so is one with too many parts, or too deep', () => {
    expect(checkSchema({ anyOf: Array.from({ length: 2_001 }, () => true) })?.says).toContain('2000')
    let deep: Json = {}
    for (let level = 0; level < 70; level++) deep = { not: deep }
    expect(checkSchema(deep)?.says).toContain('deep')
  })
})

describe('the work is bounded', () => {
  it('a schema that refers to itself without end is refused at the answer', () => {
    const schema = { $ref: '#' }
    expect(checkSchema(schema)).toBeNull()
    expect(validate(schema, 1)?.says).toContain('too complex')
    expect(validate({ not: { $ref: '#' } }, 1)?.says).toContain('too complex')
  })

  it('so is one whose branches double at each level', () => {
    const level = (n: number): Json => ({ anyOf: [{ $ref: `#/$defs/l${n}` }, { $ref: `#/$defs/l${n}` }] })
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`l${n}`, n === 39 ? false : level(n + 1)]))
    const before = performance.now()
    expect(validate({ $defs, ...(level(0) as object) }, 1)?.says).toBeDefined()
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('so is a pattern that costs too much over a long answer', () => {
    const schema = { pattern: '(a{0,100}){0,10}b' }
    expect(checkSchema(schema)).toBeNull()
    const before = performance.now()
    expect(validate(schema, 'a'.repeat(250_000))).not.toBeNull()
    expect(performance.now() - before).toBeLessThan(1_000)
  })
})
