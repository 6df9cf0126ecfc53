import { describe, expect, test } from 'vitest'
import { FailureLimit } from './failure-limit.ts'

describe('an address that fails', () => {
  test('has to wait after ten times, until its five minutes are over', () => {
    let now = 0
    const limit = new FailureLimit(() => now)
    for (let count = 0; count < 10; count++) {
      expect(limit.waitMs('203.0.113.7')).toBe(0)
      limit.note('203.0.113.7')
    }
    expect(limit.waitMs('203.0.113.7')).toBe(300_000)
    expect(limit.waitMs('203.0.113.8')).toBe(0)
    now = 299_999
    expect(limit.waitMs('203.0.113.7')).toBe(1)
    now = 300_000
    expect(limit.waitMs('203.0.113.7')).toBe(0)
  })

  test('is one with its neighbours in a /64, and as IPv4 however it is written', () => {
    const limit = new FailureLimit(() => 0)
    for (let count = 0; count < 10; count++) limit.note(`2001:db8:1:2::${count.toString(16)}`)
    expect(limit.waitMs('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBeGreaterThan(0)
    expect(limit.waitMs('2001:db8:1:3::1')).toBe(0)
    for (let count = 0; count < 10; count++) limit.note('::ffff:203.0.113.9')
    expect(limit.waitMs('203.0.113.9')).toBeGreaterThan(0)
    expect(limit.waitMs('::1')).toBe(0)
  })

  test('is forgotten when too many others have come after it', () => {
    const limit = new FailureLimit(() => 0)
    for (let count = 0; count < 10; count++) limit.note('203.0.113.7')
    for (let count = 0; count < 9_999; count++) limit.note(`host-${count}`)
    expect(limit.waitMs('203.0.113.7')).toBeGreaterThan(0)
    limit.note('one more')
    expect(limit.waitMs('203.0.113.7')).toBe(0)
  })
})
