import { expect, it } from 'vitest'
import { pickText } from './pick-text.ts'

it.each([
  ['{"data":{"a":[1,2]}}', 'data', '{"a":[1,2]}'],
  ['{"x":{"data":1},"data":null}', 'data', 'null'],
  ['{"error":{"name":"E"}}', 'data', '{"error":{"name":"E"}}'],
  ['[1]', 'data', '[1]'],
  ['{"data":{"a":', 'data', '{"data":{"a":'],
])('of %s the value under %s is %s', (text, key, expected) => {
  expect(pickText(text, key)).toBe(expected)
})
