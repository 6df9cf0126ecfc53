import { describe, expect, it } from 'vitest'
import { Seats } from './seats.ts'

describe('places', () => {
  it('are given out up to their number and come back one by one', () => {
    const seats = new Seats(2)
    const booking = seats.book()
    booking.begin()
    expect([booking.take(), booking.take(), booking.take()]).toEqual([true, true, false])
    booking.keep()
    expect([seats.taken, seats.free]).toEqual([2, 0])
    seats.release()
    expect(seats.free).toBe(1)
  })

  it('of a decision that is made again are taken once', () => {
    const seats = new Seats(2)
    const booking = seats.book()
    for (let n = 0; n < 3; n++) {
      booking.begin()
      booking.take()
    }
    booking.keep()
    expect(seats.taken).toBe(1)
  })

  it('of an operation that did not commit come back; what was kept before does not', () => {
    const seats = new Seats(3)
    const [first, second] = [seats.book(), seats.book()]
    first.begin()
    first.take()
    first.keep()
    first.cancel()
    second.begin()
    second.take()
    second.cancel()
    second.cancel()
    expect(seats.taken).toBe(1)
  })
})
