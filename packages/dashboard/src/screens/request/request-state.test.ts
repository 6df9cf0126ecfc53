import { expect, test } from 'vitest'
import { leftOf, previewOf } from './request-state.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const left = (ms: number) => leftOf({ expiresAt: new Date(NOW + ms).toISOString() }, NOW)

test('a deadline counts seconds only in its last hour, and nothing once it is over', () => {
  expect(left(7_265_000).text).toBe('2 h 1 m')
  expect(left(125_900)).toEqual({ text: '2 m 5 s', isShort: true, isUrgent: true })
  expect(left(0).text).toBe('')
  expect(left(3_000_000).isUrgent).toBe(false)
})

test('arguments are told in one line', () => {
  expect(previewOf({ amount: 40, symbol: 'ACME' })).toBe('amount: 40 · symbol: "ACME"')
  expect(previewOf(undefined)).toBe('')
  expect(previewOf('x'.repeat(200), 10)).toBe('"xxxxxxxxx…')
})
