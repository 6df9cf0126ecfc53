import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

test.each([
  ['sdk-urls', 'sdk-url'],
  ['porte', 'port'],
  ['pol-interval', 'poll-interval'],
  ['quite-different', undefined],
  ['', undefined],
])('of the known names, %j is nearest to %j', (wanted, expected) => {
  expect(nearestName(wanted, ['port', 'sdk-url', 'poll-interval'])).toBe(expected)
})
