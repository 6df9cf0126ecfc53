import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventError } from './errors.ts'
import { type EventInput, eventText, isReservedName, readEvent, readEvents } from './event.ts'
import { canonicalText } from './json.ts'
import type { Json } from './json-value.ts'
import { writeCanonical } from './json-write.ts'

const read = (body: unknown): EventInput[] =>
  readEvents(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))

function refusal(body: unknown): { code: string; message: string; index: number | undefined } {
  try {
    read(body)
  } catch (error) {
    if (error instanceof EventError) return { code: error.code, message: error.message, index: error.index }
    throw error
  }
  throw new Error('the body was accepted')
}

describe('readEvents', () => {
  it('fills in what is missing', () => {
    const event = { name: 'a/b', id: null, ts: null, data: {}, dataText: '{}', v: null, metaText: null }
    expect(read({ name: 'a/b' })).toEqual([event])
    expect(read([{ name: 'a/b', data: null, id: '', ts: 0, v: null, user: null, meta: null, other: 1 }])).toEqual([
      event,
    ])
    expect(read([])).toEqual([])
  })

  it('keeps what was sent, in canonical form', () => {
    const [event] = read(
      '{"v":"1","ts":1795477871991,"id":"k1","data":{"b":1.0,"a":{"d":1,"c":2}},"user":{"x":1},"name":"a/b"}',
    )
    expect(event).toMatchObject({ name: 'a/b', id: 'k1', ts: 1_795_477_871_991, v: '1' })
    expect(event?.dataText).toBe('{"a":{"c":2,"d":1},"b":1}')
    expect(event?.data).toEqual({ a: { c: 2, d: 1 }, b: 1 })
  })

  it('takes the private channel out of the data', () => {
    const [event] = read('{"name":"a","data":{"_inngest":{"fn_id":"x"},"__proto__":1,"a":1}}')
    expect(event?.dataText).toBe('{"__proto__":1,"a":1}')
    expect(Object.keys(event?.data ?? {})).toEqual(['__proto__', 'a'])
  })

  it.each([
    ['null', null],
    ['a number', 5],
    ['a string', '"x"'],
  ])('refuses %s', (_name, body) => {
    expect(refusal(body)).toEqual({
      code: 'invalid_event',
      message: 'Request body must contain an event object or an array of event objects',
      index: undefined,
    })
  })

  it.each<[string, Json, string, string]>([
    ['no name', {}, 'invalid_event', 'event name is empty'],
    ['an empty name', { name: '' }, 'invalid_event', 'event name is empty'],
    ['a name that is no string', { name: 5 }, 'invalid_event', 'event name must be a string'],
    ['a reserved name', { name: 'Inngest/x' }, 'invalid_event', 'event name is reserved for internal use: Inngest/x'],
    ['our reserved name', { name: 'pawl/x' }, 'invalid_event', 'event name is reserved for internal use: pawl/x'],
    [
      'a name of 513 characters',
      { name: 'x'.repeat(513) },
      'invalid_event',
      'event name is longer than 512 characters',
    ],
    ['data that is a string', { name: 'a', data: 'x' }, 'invalid_event', 'event data must be an object'],
    ['data that is an array', { name: 'a', data: [] }, 'invalid_event', 'event data must be an object'],
    ['an ID that is a number', { name: 'a', id: 5 }, 'invalid_event', 'event id must be a string'],
    [
      'an ID of 257 characters',
      { name: 'a', id: 'x'.repeat(257) },
      'invalid_event',
      'event id is longer than 256 characters',
    ],
    ['a version that is a number', { name: 'a', v: 1 }, 'invalid_event', 'event v must be a string'],
    ['a time as text', { name: 'a', ts: '1' }, 'invalid_timestamp', 'event ts must be a whole number of milliseconds'],
    [
      'a fraction of time',
      { name: 'a', ts: 1795477871991.5 },
      'invalid_timestamp',
      'event ts must be a whole number of milliseconds',
    ],
    ['a time in seconds', { name: 'a', ts: 315532799999 }, 'invalid_timestamp', 'timestamp is before Jan 1, 1980'],
    ['a time too late', { name: 'a', ts: 4102444800001 }, 'invalid_timestamp', 'timestamp is after Jan 1, 2100'],
    [
      'too many sessions',
      { name: 'a', meta: { sessions: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 } } },
      'invalid_event',
      'event has more than 5 sessions',
    ],
    [
      'a long session key',
      { name: 'a', meta: { sessions: { ['k'.repeat(129)]: 'x' } } },
      'invalid_event',
      'event session key is over 128 bytes',
    ],
    [
      'a long session',
      { name: 'a', meta: { sessions: { a: 'é'.repeat(257) } } },
      'invalid_event',
      'event session is over 512 bytes',
    ],
    ['a large meta', { name: 'a', meta: { x: 'x'.repeat(33_000) } }, 'invalid_event', 'event meta is over 32768 bytes'],
    [
      'a session that is an object',
      { name: 'a', meta: { sessions: { a: {} } } },
      'invalid_event',
      'event session must be a string or a number',
    ],
  ])('refuses %s, alone and in an array', (_name, event, code, message) => {
    expect(refusal(event)).toEqual({ code, message, index: undefined })
    expect(refusal([{ name: 'a' }, event, {}])).toEqual({ code, message: `${message} (event 1)`, index: 1 })
  })

  it('accepts every limit as it is', () => {
    expect(read({ name: 'é'.repeat(512), id: '😀'.repeat(256), ts: 315_532_800_000 })).toHaveLength(1)
    expect(read({ name: 'a', ts: 4_102_444_800_000 })).toHaveLength(1)
    expect(read(Array.from({ length: 5000 }, () => ({ name: 'a' })))).toHaveLength(5000)
    expect(read({ name: 'a', meta: { sessions: { a: 1, b: 1, c: 1, d: 1, e: 1 } } })).toHaveLength(1)
  })

  it('refuses 5,001 events', () => {
    const events = Array.from({ length: 5001 }, () => ({ name: 'a' }))
    expect(refusal(events)).toEqual({
      code: 'too_many_events',
      message: 'Cannot have more than 5000 events in a batch',
      index: undefined,
    })
  })

  it('measures an event as it was sent', () => {
    const max = 3 * 1024 * 1024
    const sized = (bytes: number): string => {
      const frame = '{"name":"a","data":{"s":""}}'
      return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
    }
    const message = `Event is over the max size: Max ${max} bytes / Size ${max + 1} bytes`
    expect(read(sized(max))).toHaveLength(1)
    expect(refusal(sized(max + 1))).toEqual({ code: 'event_too_large', message, index: undefined })
    expect(read(`[${sized(max)},{"name":"b"}]`)).toHaveLength(2)
    const expected = { code: 'event_too_large', message: `${message} (event 1)`, index: 1 }
    expect(refusal(`[{"name":"b"},${sized(max + 1)}]`)).toEqual(expected)
  })

  it('passes on what is wrong with the JSON', () => {
    expect(refusal('{"name":"a",}')).toMatchObject({ code: 'invalid_json', index: undefined })
    expect(refusal('')).toMatchObject({ code: 'invalid_json' })
    expect(refusal(`{"name":"a","data":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`)).toMatchObject({
      code: 'json_too_deep',
    })
    expect(() => readEvents(Uint8Array.from([0x7b, 0xff]))).toThrow(expect.objectContaining({ code: 'invalid_utf8' }))
  })

  it('echoes little of a bad name, and no control characters', () => {
    const { message } = refusal({ name: `inngest/\u0007${'é'.repeat(300)}` })
    expect(message).toContain('inngest/\\u0007é')
    expect(Buffer.byteLength(message)).toBeLessThan(250)
  })
})

describe('sessions', () => {
  it.each<[Json, string | null]>([
    [{ sessions: { a: 'x', n: 5 } }, '{"sessions":{"a":"x","n":"5"}}'],
    [{ sessions: { b: 'own' }, propagated_sessions: { b: 'old', a: 'x' } }, '{"sessions":{"a":"x","b":"own"}}'],
    [{ sessions: { b: null }, propagated_sessions: { b: 'old', a: 'x' } }, '{"sessions":{"a":"x"}}'],
    [{ sessions: { b: null } }, null],
    [{ other: 1 }, null],
    [{ sessions: null }, null],
  ])('of %j are %s', (meta, expected) => {
    expect(readEvent({ name: 'a', meta }).metaText).toBe(expected)
  })
})

describe('readEvent', () => {
  it('takes the name that is given, reserved or not', () => {
    expect(readEvent({ data: { a: 1 } }, 'inngest/function.invoked').name).toBe('inngest/function.invoked')
    expect(isReservedName('inngest')).toBe(false)
    expect(isReservedName('INNGEST/')).toBe(true)
  })
})

describe('eventText', () => {
  it('is canonical and holds every field that apps expect', () => {
    const [event] = read({ name: 'a/"b"', data: { b: 1, a: 2 }, v: '2', meta: { sessions: { s: 't' } } })
    if (event === undefined) throw new Error('no event')
    expect(eventText(event, 'k1', 5)).toBe(
      '{"data":{"a":2,"b":1},"id":"k1","meta":{"sessions":{"s":"t"}},"name":"a/\\"b\\"","ts":5,"user":{},"v":"2"}',
    )
  })

  it('is canonical whatever was sent', () => {
    const words = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    const events = fc.record(
      { name: words, data: fc.dictionary(words, words), v: words, id: words },
      { requiredKeys: ['name'] },
    )
    fc.assert(
      fc.property(events, words, (sent, id) => {
        fc.pre(!isReservedName(sent.name))
        const text = eventText(readEvent(sent as Json), id, 1_795_477_871_991)
        expect(canonicalText(text)).toBe(text)
        const { id: _sent, ...others } = sent
        expect(text).toBe(writeCanonical({ data: {}, ...others, id, ts: 1_795_477_871_991, user: {} } as Json))
      }),
    )
  })
})
