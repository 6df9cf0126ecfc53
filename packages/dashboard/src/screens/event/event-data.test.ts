import { expect, it } from 'vitest'
import { dataTextOf } from './event-data.ts'

it('the data stands alone and indented', () => {
  expect(dataTextOf('{"data":{"a":[1]},"name":"x"}')).toBe('{\n  "a": [\n    1\n  ]\n}')
})

it('an event without data is edited from an empty object', () => {
  expect(dataTextOf('{"name":"x"}')).toBe('{}')
})

it('numbers that would change are left as they are written', () => {
  expect(dataTextOf('{"data":{"n":12345678901234567890}}')).toBe('{"n":12345678901234567890}')
})
