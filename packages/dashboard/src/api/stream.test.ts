import { expect, it } from 'vitest'
import { createStream, type Source } from './stream.ts'
import type { ChangeMessage } from './types.ts'

/** A stream over a clock and connections that the test moves. */
function world() {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  const opened: { after: string | undefined; isClosed: boolean; say: (type: string, data?: unknown) => void }[] = []
  const seen: (number | 'gap' | 'hello')[] = []
  const stream = createStream({
    open(after) {
      const takers = new Map<string, (event: { readonly data?: unknown }) => void>()
      const connection = {
        after,
        isClosed: false,
        say: (type: string, data?: unknown) =>
          takers.get(type)?.({ data: data === undefined ? undefined : JSON.stringify(data) }),
      }
      opened.push(connection)
      const source: Source = {
        addEventListener: (type, taker) => takers.set(type, taker),
        close: () => {
          connection.isClosed = true
        },
      }
      return source
    },
    now: () => now,
    setTimer(run, ms) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return timer
    },
    clearTimer: (timer) => {
      timers = timers.filter((each) => each !== timer)
    },
    onHello: () => seen.push('hello'),
    onChange: (message: ChangeMessage) => seen.push(message.seq),
    onGap: () => seen.push('gap'),
  })
  const advance = (ms: number) => {
    now += ms
    const due = timers.filter((timer) => timer.at <= now)
    timers = timers.filter((timer) => timer.at > now)
    for (const timer of due) timer.run()
  }
  const last = () => {
    const connection = opened.at(-1)
    if (connection === undefined) throw new Error('nothing was opened')
    return connection
  }
  return { stream, opened, seen, advance, last }
}

it('takes each change once and in order', () => {
  const { stream, last, seen } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 4, now: '' })
  for (const seq of [5, 5, 4, 6]) last().say('change', { seq })
  expect(seen).toEqual(['hello', 5, 6])
  expect(stream.getState().state).toBe('live')
})

it('a hole in the numbers is a gap', () => {
  const { stream, last, seen } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 4, now: '' })
  last().say('change', { seq: 7 })
  last().say('change', { seq: 8 })
  expect(seen).toEqual(['hello', 'gap', 8])
})

it('reconnects with growing delays up to 30 s and asks for what it missed', () => {
  const { stream, last, opened, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 4, now: '' })
  last().say('change', { seq: 5 })
  const delays: number[] = []
  for (let round = 0; round < 7; round++) {
    last().say('error')
    const before = opened.length
    let waited = 0
    while (opened.length === before) {
      advance(1000)
      waited += 1000
    }
    delays.push(waited / 1000)
  }
  expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30])
  expect(last().after).toBe('f.5')
})

it('says until when the data was good while it reconnects', () => {
  const { stream, last, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  advance(5000)
  last().say('error')
  advance(1000)
  last().say('error')
  expect(stream.getState()).toEqual({ state: 'reconnecting', lastGoodAt: 5000, retryAt: 8000 })
})

it('another server process means a gap', () => {
  const { stream, last, advance, seen } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 90, now: '' })
  last().say('error')
  advance(1000)
  last().say('hello', { feed: 'g', seq: 2, now: '' })
  last().say('change', { seq: 3 })
  expect(seen).toEqual(['hello', 'hello', 'gap', 3])
})

it('catches up on the same feed without a gap', () => {
  const { stream, last, advance, seen } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  last().say('error')
  advance(1000)
  last().say('hello', { feed: 'f', seq: 4, now: '' })
  // The server tells all that was missed in one message.
  last().say('change', { seq: 4 })
  last().say('change', { seq: 5 })
  last().say('change', { seq: 7 })
  expect(seen).toEqual(['hello', 'hello', 4, 5, 'gap'])
})

it('lets go 60 s after the tab is hidden and comes back when it is seen', () => {
  const { stream, last, opened, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  stream.setHidden(true)
  advance(59_000)
  expect(last().isClosed).toBe(false)
  advance(1000)
  expect(last().isClosed).toBe(true)
  advance(600_000)
  expect(opened).toHaveLength(1)
  stream.setHidden(false)
  expect(last().after).toBe('f.1')
})

it('takes a connection for broken that falls silent after it has beaten', () => {
  const { stream, last, opened, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  last().say('beat')
  advance(30_000)
  last().say('beat')
  advance(44_000)
  expect(stream.getState().state).toBe('live')
  advance(1_000)
  expect(stream.getState()).toMatchObject({ state: 'reconnecting', lastGoodAt: 30_000 })
  expect(last().isClosed).toBe(true)
  advance(1_000)
  expect(opened).toHaveLength(2)
  expect(last().after).toBe('f.1')
})

it('who comes back to a server that is gone is told until when the data was good', () => {
  const { stream, last, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  stream.setHidden(true)
  advance(60_000)
  advance(600_000)
  stream.setHidden(false)
  last().say('error')
  expect(stream.getState()).toEqual({ state: 'reconnecting', lastGoodAt: 60_000, retryAt: 661_000 })
})

it('a short look away changes nothing', () => {
  const { stream, last, opened, advance } = world()
  stream.start()
  stream.setHidden(true)
  advance(30_000)
  stream.setHidden(false)
  advance(120_000)
  expect(opened).toHaveLength(1)
  expect(last().isClosed).toBe(false)
})

it('paused it stays closed, and resumed it asks for what it missed', () => {
  const { stream, last, opened, advance } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  stream.pause()
  expect(last().isClosed).toBe(true)
  stream.setHidden(true)
  advance(61_000)
  stream.setHidden(false)
  expect(opened).toHaveLength(1)
  stream.resume()
  expect(last().after).toBe('f.1')
})

it('a connection that was replaced has no say any more', () => {
  const { stream, opened, last, seen } = world()
  stream.start()
  last().say('hello', { feed: 'f', seq: 1, now: '' })
  stream.pause()
  stream.resume()
  opened[0]?.say('change', { seq: 2 })
  opened[0]?.say('error')
  expect(seen).toEqual(['hello'])
  expect(stream.getState().state).toBe('connecting')
})
