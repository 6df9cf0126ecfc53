import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatExact,
  formatExactTime,
  formatNumber,
  formatPercent,
  formatTime,
  shortId,
} from './format.ts'

const plain = (text: string) => text.replaceAll('\u202f', ' ')

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [340, '340 ms'],
    [999.4, '999 ms'],
    [999.9, '1 s'],
    [2100, '2.1 s'],
    [59_940, '59.9 s'],
    [59_990, '1 m'],
    [252_000, '4 m 12 s'],
    [3_599_900, '1 h'],
    [7_500_000, '2 h 5 m'],
    [273_600_000, '3 d 4 h'],
    [-5000, '−5 s'],
    [Number.NaN, '–'],
  ])('%d ms reads as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [12_345, '12 345'],
    [999_999, '999 999'],
    [1_234_567, '1.2 M'],
    [2_000_000_000, '2 G'],
    [-1500, '−1 500'],
    [0.256, '0.26'],
  ])('%d reads as %s', (value, text) => {
    expect(plain(formatNumber(value))).toBe(text)
  })

  it('keeps every digit in the exact form', () => {
    expect(plain(formatExact(1_234_567))).toBe('1 234 567')
  })
})

it.each([
  [0, '0 %'],
  [0.0004, '< 0.1 %'],
  [0.004, '0.4 %'],
  [0.1234, '12 %'],
  [0.9999, '> 99.9 %'],
  [1, '100 %'],
])('the share %d reads as %s', (share, text) => {
  expect(plain(formatPercent(share))).toBe(text)
})

it.each([
  [0, '0 B'],
  [812, '812 B'],
  [1024, '1 KiB'],
  [4_404_019, '4.2 MiB'],
  [1_048_570, '1 MiB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

it('an id shows its first and last four characters', () => {
  expect(shortId('01KB9Z3X8QW5T7R2N4M6P8S0AB')).toBe('01KB…S0AB')
  expect(shortId('my-app')).toBe('my-app')
})

describe('times', () => {
  const now = Date.UTC(2026, 10, 24, 14, 0, 0)
  it.each([
    [now - 2000, 'just now'],
    [now - 12_000, '12 s ago'],
    [now + 61_000, 'in 1 m'],
    [now - 3 * 3_600_000, '3 h ago'],
    [now - 2 * 86_400_000, '22 Nov, 14:00'],
    [Date.UTC(2025, 0, 5), '5 Jan 2025'],
  ])('%d reads as %s', (at, text) => {
    expect(formatTime(at, now, 'utc')).toBe(text)
  })

  it('the exact form goes to the millisecond and names its zone', () => {
    expect(formatExactTime(now + 7, 'utc')).toBe('Tue, 24 Nov 2026, 14:00:00.007 UTC')
    expect(formatDate(now, 'utc', now)).toBe('24 Nov, 14:00')
  })
})
