import { describe, expect, test } from 'vitest'
import { changesOf, draftsOf, fieldOfPath, fieldsOf, readForm } from './schema-form.ts'

const schema = {
  type: 'object',
  required: ['symbol', 'amount'],
  properties: {
    symbol: { type: 'string', title: 'Symbol', maxLength: 5 },
    amount: { type: 'integer', minimum: 1, maximum: 100 },
    side: { enum: ['buy', 'sell'] },
    isUrgent: { type: 'boolean' },
    legs: { type: 'array' },
    price: { type: ['number', 'null'] },
  },
} as const
const order = { symbol: 'ACME', amount: 40, side: 'buy', legs: [{ n: 1 }], note: 'as told', price: null }

function form(value: unknown, typed: Record<string, string> = {}, of: Parameters<typeof fieldsOf>[0] = schema) {
  const fields = fieldsOf(of, value) ?? []
  return { fields, ...readForm(fields, { ...draftsOf(fields, value), ...typed }, value) }
}

describe('a form from a schema', () => {
  test('has a field for each property, and for what the value has besides', () => {
    expect(fieldsOf(schema, order)?.map(({ label, kind }) => `${label} ${kind}`)).toEqual([
      'Symbol text',
      'amount integer',
      'side choice',
      'isUrgent boolean',
      'legs json',
      'price number',
      'note text',
    ])
  })

  test('leaves what is not touched exactly as it was', () => {
    const { value, faults } = form(order)
    expect(faults.size).toBe(0)
    expect(value).toEqual(order)
    expect(changesOf(order, value)).toEqual([])
  })

  test('gives numbers, booleans, choices and JSON their types', () => {
    const typed = { amount: '50', side: '"sell"', isUrgent: 'true', legs: '[1, 2]', price: '2,5', note: '' }
    expect(form(order, typed).value).toEqual({
      symbol: 'ACME',
      amount: 50,
      side: 'sell',
      isUrgent: true,
      legs: [1, 2],
      price: 2.5,
      note: '',
    })
  })

  test('says what is wrong at its field', () => {
    const { faults } = form(order, { amount: '4.5', legs: '[', symbol: 'TOOLONG' })
    expect([...faults.keys()]).toEqual(['symbol', 'amount', 'legs'])
    expect(form(order, { amount: '0' }).faults.get('amount')).toBe('At least 1.')
    expect(form({ symbol: 'A' }).faults.get('amount')).toBe('Needed.')
  })

  test('finds the field of a fault that the server tells', () => {
    const fields = fieldsOf(schema, order) ?? []
    expect(fieldOfPath(fields, 'arguments/legs/0/n')).toBe('legs')
    expect(fieldOfPath(fields, 'arguments')).toBeUndefined()
    expect(fieldOfPath(fieldsOf({ type: 'number' }, undefined) ?? [], 'response')).toBe('')
  })
})

describe('a form without a schema, or for a single value', () => {
  test('takes its fields from the value', () => {
    const fields = fieldsOf(undefined, { to: 'ana@example.com', count: 2, tags: ['a'] })
    expect(fields?.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['to text', 'count number', 'tags json'])
  })

  test('has one field for a text, a number, a choice', () => {
    expect(form(undefined, { '': '12' }, { type: 'number' }).value).toBe(12)
    expect(form(undefined, { '': '"b"' }, { enum: ['a', 'b'] }).value).toBe('b')
    expect(form(undefined, {}, { type: 'string', minLength: 1 }).faults.get('')).toBe('Needed.')
  })

  test('is JSON where fields would lie about it', () => {
    expect(fieldsOf({ oneOf: [{ type: 'string' }] }, undefined)).toBeUndefined()
    expect(fieldsOf(undefined, [1, 2])).toBeUndefined()
    expect(fieldsOf({ properties: { n: { type: 'number' } } }, { n: 'four' })?.[0]?.kind).toBe('json')
  })
})

test('changes are told by key', () => {
  expect(changesOf({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 3, d: 4 })).toEqual([
    { name: 'a', from: 1, to: 3 },
    { name: 'd', from: undefined, to: 4 },
  ])
  expect(changesOf([1], [2])).toEqual([{ name: '', from: [1], to: [2] }])
})
