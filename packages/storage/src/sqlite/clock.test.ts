// The clock over a wall that is stepped forward and back, and a monotonic source that is not.
import { beforeEach, describe, expect, test } from 'vitest'
import { StoreClock } from './clock.ts'

const START = 1_767_225_600_000

describe('the clock of a store', () => {
  let wall: number
  let ticks: number

  beforeEach(() => {
    wall = START
    ticks = 0
  })

  function open(over: { readonly newestAt?: number; readonly offsetMs?: number } = {}): StoreClock {
    return new StoreClock({ now: () => wall, monotonic: () => ticks, offsetMs: 0, newestAt: 0, ...over })
  }

  function pass(ms: number): void {
    wall += ms
    ticks += ms
  }

  test('it goes with the wall clock', () => {
    const clock = open()
    pass(1_500)
    expect(clock.now()).toBe(START + 1_500)
  })

  test('a forward step of the wall is taken at once', () => {
    const clock = open()
    wall += 86_400_000
    expect(clock.now()).toBe(START + 86_400_000)
  })

  test('after a backward step it goes on at half speed until the wall has caught up', () => {
    const clock = open()
    pass(10_000)
    expect(clock.now()).toBe(START + 10_000)
    wall -= 1_000
    expect(clock.now()).toBe(START + 10_000)
    pass(1_000)
    expect(clock.now()).toBe(START + 10_500)
    pass(1_000)
    expect(clock.now()).toBe(START + 11_000)
    pass(1_000)
    expect(clock.now()).toBe(START + 12_000)
  })

  test('half speed loses nothing to whole milliseconds', () => {
    const clock = open()
    wall -= 60_000
    for (let tick = 0; tick < 1_000; tick++) {
      ticks += 1
      clock.now()
    }
    expect(clock.now()).toBe(START + 500)
  })

  test('it does not begin before the newest instant of the store', () => {
    const clock = open({ newestAt: START + 5_000 })
    expect(clock.now()).toBe(START + 5_000)
    pass(1_000)
    expect(clock.now()).toBe(START + 5_500)
  })

  test('an offset is added, and one that is lowered does not turn time back', () => {
    const clock = open({ offsetMs: 100 })
    expect(clock.now()).toBe(START + 100)
    clock.setOffset(5_000)
    expect(clock.now()).toBe(START + 5_000)
    clock.setOffset(0)
    pass(1_000)
    expect(clock.now()).toBe(START + 5_500)
    expect(clock.offsetMs).toBe(0)
  })

  test('a reset begins again from the wall', () => {
    const clock = open({ offsetMs: 60_000 })
    clock.now()
    clock.reset()
    expect([clock.now(), clock.offsetMs]).toEqual([START, 0])
  })

  test('a clock that serves as its own monotonic source may step back', () => {
    const clock = new StoreClock({ now: () => wall, monotonic: () => wall, offsetMs: 0, newestAt: 0 })
    wall -= 5_000
    expect(clock.now()).toBe(START)
    wall += 1_000
    expect(clock.now()).toBe(START + 500)
  })
})
