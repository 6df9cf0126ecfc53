import { describe, expect, it } from 'vitest'
import { Seats } from './seats.ts'

const [BUSY, OTHER, THIRD] = [1, 2, 3]

/** Places of a process where so many functions are registered. */
function seatsOf(max: number, functions = 1): Seats {
  return new Seats(max, () => functions)
}

/** Takes places for a function until it gets no more, `most` at most. @returns how many it got. */
function fill(seats: Seats, fn: number, most = Number.POSITIVE_INFINITY): number {
  const booking = seats.book()
  booking.begin()
  let got = 0
  while (got < most && booking.take(fn)) got++
  booking.keep()
  return got
}

describe('places', () => {
  it('are given out up to their number and come back one by one', () => {
    const seats = seatsOf(2)
    const booking = seats.book()
    booking.begin()
    expect([booking.take(BUSY), booking.take(BUSY), booking.take(BUSY)]).toEqual([true, true, false])
    booking.keep()
    expect([seats.taken, seats.free]).toEqual([2, 0])
    seats.release(BUSY)
    expect(seats.free).toBe(1)
  })

  it('of a decision that is made again are taken once', () => {
    const seats = seatsOf(2)
    const booking = seats.book()
    for (let n = 0; n < 3; n++) {
      booking.begin()
      booking.take(BUSY)
    }
    booking.keep()
    expect(seats.taken).toBe(1)
  })

  it('of an operation that did not commit come back; what was kept before does not', () => {
    const seats = seatsOf(3)
    const [first, second] = [seats.book(), seats.book()]
    first.begin()
    first.take(BUSY)
    first.keep()
    first.cancel()
    second.begin()
    second.take(OTHER)
    second.cancel()
    second.cancel()
    expect(seats.taken).toBe(1)
  })
})

describe('places kept for functions with few calls', () => {
  it.each([
    ['one that is alone takes all', 100, 1, 100],
    ['one beside another leaves one', 100, 2, 99],
    ['one beside many leaves a tenth', 100, 50, 90],
    ['of fewer than ten places none is kept', 9, 50, 9],
    ['the only place is taken', 1, 50, 1],
  ])('%s', (_, max, functions, got) => {
    expect(fill(seatsOf(max, functions), BUSY)).toBe(got)
  })

  it('a function without a call finds a place beside any number of busy ones but as many as there are places', () => {
    for (const busy of [1, 2, 10, 30, 90]) {
      const seats = seatsOf(100, 500)
      // In turns, as claims go, until none of them gets another.
      let got = 1
      while (got > 0) {
        got = 0
        for (let fn = 1; fn <= busy; fn++) got += fill(seats, fn, 1)
      }
      expect(seats.isOpenTo(busy + 1), `${busy} busy functions`).toBe(true)
    }
  })

  it('are shared: whoever holds some of them leaves as many to the next', () => {
    const seats = seatsOf(100, 50)
    fill(seats, BUSY)
    expect([fill(seats, OTHER), fill(seats, THIRD)]).toEqual([5, 3])
    expect(seats.free).toBe(2)
  })

  it('are not open to all, and to those who have reached their part they are full', () => {
    const seats = seatsOf(100, 50)
    fill(seats, OTHER, 2)
    expect([seats.open, seats.full()]).toEqual([88, []])
    fill(seats, BUSY)
    expect([seats.free, seats.open, seats.full()]).toEqual([10, 0, [BUSY]])
    fill(seats, OTHER)
    expect(seats.full().toSorted()).toEqual([BUSY, OTHER])
    seats.release(BUSY)
    expect([seats.isOpenTo(BUSY), seats.isOpenTo(OTHER)]).toEqual([false, true])
  })
})
