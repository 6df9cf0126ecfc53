import { describe, expect, test } from 'vitest'
import { CarriedClock } from './clock.ts'

function aClock(newestAt = 0) {
  let ticks = 0
  const clock = new CarriedClock({ monotonic: () => ticks, newestAt })
  return { clock, pass: (ms: number) => (ticks += ms) }
}

describe('the store’s time in a process', () => {
  test('is what the database told last, carried on', () => {
    const { clock, pass } = aClock()
    expect(clock.adopt(1_000)).toBe(1_000)
    pass(40)
    expect(clock.now()).toBe(1_040)
    expect(clock.adopt(1_041)).toBe(1_041)
  })

  test('does not go back when an answer was long on its way', () => {
    const { clock, pass } = aClock()
    clock.adopt(1_000)
    pass(40)
    expect(clock.now()).toBe(1_040)
    expect(clock.adopt(1_030)).toBe(1_040)
    expect(clock.now()).toBe(1_040)
  })

  test('goes on at half speed after a backward step, until the database has caught up', () => {
    const { clock, pass } = aClock()
    clock.adopt(10_000)
    expect(clock.adopt(9_000)).toBe(10_000)
    pass(100)
    expect([clock.now(), clock.floor()]).toEqual([10_050, 10_050])
    expect(clock.adopt(9_100)).toBe(10_050)
    pass(2_000)
    expect(clock.adopt(11_100)).toBe(11_100)
    pass(10)
    expect(clock.now()).toBe(11_110)
  })

  test('does not begin before the newest instant in the store', () => {
    const { clock } = aClock(5_000)
    expect(clock.adopt(4_000)).toBe(5_000)
  })

  test('the next answer may not be before what was told, and need not be after what was not', () => {
    const { clock, pass } = aClock()
    clock.adopt(1_000)
    pass(40)
    expect(clock.floor()).toBe(1_000)
    clock.now()
    expect(clock.floor()).toBe(1_040)
  })

  test('begins anew for a store that was emptied', () => {
    const { clock } = aClock(9_000)
    clock.reset()
    expect(clock.adopt(1_000)).toBe(1_000)
  })
})
