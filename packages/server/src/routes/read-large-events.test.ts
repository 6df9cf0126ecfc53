import { EventError, readEvents } from '@pawl/protocol'
import { describe, expect, test } from 'vitest'
import { readEventsInTurns } from './read-large-events.ts'

const event = (n: number, more: object = {}) => ({
  name: 'a/b',
  id: `e${n}`,
  data: { n, z: 1, a: 'é'.repeat(500) },
  ...more,
})
const large = (...more: unknown[]) =>
  Buffer.from(JSON.stringify([...Array.from({ length: 600 }, (_, n) => event(n)), ...more]))

describe('a large body', () => {
  test('gives the same events as one that is read at once', async () => {
    const body = large(event(600, { v: '2', ts: 1_700_000_000_000, meta: { sessions: { user: 'u1' } } }))
    expect(body.length).toBeGreaterThan(256 * 1024)
    expect(await readEventsInTurns(body)).toEqual(readEvents(body))
  })

  test('lets others have their turn', async () => {
    let turns = 0
    const count = () => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    await readEventsInTurns(
      Buffer.from(
        JSON.stringify(
          Array.from({ length: 500 }, (_, n) => event(n, { data: { list: Array.from({ length: 2_000 }, () => 1.5) } })),
        ),
      ),
    )
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(1)
  })

  test.each([
    [[{ name: '' }], 'event name is empty (event 600)'],
    [[[event(1)]], 'Request body must contain an event object or an array of event objects (event 600)'],
    [['text'], 'Request body must contain an event object or an array of event objects (event 600)'],
    [[event(1, { data: 7 })], '(event 600)'],
    [Array.from({ length: 4_401 }, () => ({ name: 'a' })), 'Cannot have more than 5000 events in a batch'],
  ])('is refused for case %# with the same error', async (more, message) => {
    const body = large(...more)
    const read = async () => readEventsInTurns(body)
    await expect(read()).rejects.toThrow(message)
    await expect(read()).rejects.toBeInstanceOf(EventError)
    expect(() => readEvents(body)).toThrow(message)
  })

  test('with one event over the limit is refused with the event’s size', async () => {
    const body = large(event(1, { data: { text: 'x'.repeat(3 * 1024 * 1024) } }))
    await expect((async () => readEventsInTurns(body))()).rejects.toThrow(
      /Event is over the max size: Max 3145728 bytes \/ Size \d+ bytes \(event 600\)/,
    )
  })

  test('that is not JSON is refused as such', async () => {
    const body = Buffer.concat([large().subarray(0, -1), Buffer.from(',]')])
    await expect((async () => readEventsInTurns(body))()).rejects.toMatchObject({ code: 'invalid_json' })
  })
})
