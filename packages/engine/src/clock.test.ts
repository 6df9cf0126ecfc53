import { describe, expect, it } from 'vitest'
import { type Clock, StoreTime } from './clock.ts'

function timeWith(monotonic: { at: number }): StoreTime {
  const clock: Clock = { wall: () => 0, monotonic: () => monotonic.at, setTimer: () => () => {} }
  return new StoreTime(clock)
}

describe('the time of the store', () => {
  it('is carried on in between by the monotonic clock, in whole milliseconds', () => {
    const monotonic = { at: 10.25 }
    const time = timeWith(monotonic)
    time.observe(1_000)
    monotonic.at = 15.75
    expect(time.now()).toBe(1_005)
  })

  it('follows the store when it says more or less than was carried on', () => {
    const monotonic = { at: 0 }
    const time = timeWith(monotonic)
    time.observe(1_000)
    monotonic.at = 100
    time.observe(5_000)
    expect(time.now()).toBe(5_000)
    monotonic.at = 200
    time.observe(5_040)
    expect(time.now()).toBe(5_040)
  })

  it('leaves out an instant that came late', () => {
    const monotonic = { at: 0 }
    const time = timeWith(monotonic)
    time.observe(1_000)
    time.observe(900)
    expect(time.now()).toBe(1_000)
  })

  it('can begin anew, also earlier', () => {
    const time = timeWith({ at: 0 })
    time.observe(1_000)
    time.restart(10, 5)
    expect([time.now(), time.offsetMs]).toEqual([10, 5])
  })
})
