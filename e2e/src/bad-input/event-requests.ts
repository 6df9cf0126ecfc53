/**
 * Bad and odd events, sent to `/e/{key}`: JSON that is none, events that are none, and what looks wrong but must be taken.
 */
import { bytes, JSON_TYPE, MIB, type RequestCase } from './request-case.ts'

const nested = (depth: number): string => `{"name":"bad/depth","data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
const EVENTS = '/e/key'
const event = (rest: Omit<RequestCase, 'path' | 'shape' | 'status'> & { status?: number }): RequestCase => ({
  path: EVENTS,
  shape: 'ingest',
  status: 400,
  headers: JSON_TYPE,
  ...rest,
})

const jsonFaults: readonly RequestCase[] = [
  event({ title: 'no JSON', body: 'hello' }),
  event({ title: 'a truncated object', body: '{"name":"bad/x"' }),
  event({ title: 'a truncated string', body: '{"name":"bad/x' }),
  event({ title: 'bytes after the object', body: '{"name":"bad/x"}x' }),
  event({ title: 'two objects', body: '{"name":"bad/x"}{"name":"bad/y"}' }),
  event({ title: 'a byte order mark', body: bytes(0xef, 0xbb, 0xbf, '{"name":"bad/x"}') }),
  event({ title: 'NaN', body: '{"name":"bad/x","data":{"n":NaN}}' }),
  event({ title: 'Infinity', body: '{"name":"bad/x","data":{"n":Infinity}}' }),
  event({ title: 'a trailing comma', body: '{"name":"bad/x",}' }),
  event({ title: 'single quotes', body: "{'name':'bad/x'}" }),
  event({ title: 'a comment', body: '{"name":"bad/x"/* why */}' }),
  event({ title: 'a leading zero', body: '{"name":"bad/x","data":{"n":012}}' }),
  event({ title: 'a raw control character in a string', body: '{"name":"bad/\u0001x"}' }),
  event({ title: 'a bad escape', body: '{"name":"bad/\\x"}' }),
  event({ title: '__proto__ twice', body: '{"name":"bad/x","data":{"__proto__":1,"__proto__":2}}' }),
  event({ title: 'a number that is no double', body: '{"name":"bad/x","data":{"n":1e400}}' }),
  event({ title: 'a lone continuation byte', body: bytes('{"name":"bad/', 0x80, '"}') }),
  event({ title: 'an overlong encoding', body: bytes('{"name":"bad/', 0xc0, 0xaf, '"}') }),
  event({ title: 'a surrogate half in UTF-8', body: bytes('{"name":"bad/', 0xed, 0xa0, 0x80, '"}') }),
  event({ title: 'a truncated character', body: bytes('{"name":"bad/', 0xe2, 0x82, '"}') }),
  event({ title: 'a depth of 65', body: nested(64) }),
  event({ title: 'a depth of 100,000', body: `{"name":"bad/x","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }),
  event({ title: 'a depth of 100,000 that never closes', body: '['.repeat(100_000) }),
  event({
    title: '100,001 keys',
    body: JSON.stringify({
      name: 'bad/x',
      data: Object.fromEntries(Array.from({ length: 100_001 }, (_, n) => [`k${n}`, n])),
    }),
  }),
]

const eventFaults: readonly RequestCase[] = [
  event({ title: 'an empty body', body: '', says: /must contain an event object or an array/ }),
  event({ title: 'null', body: 'null', says: /must contain an event object or an array/ }),
  event({ title: 'a number', body: '5', says: /must contain an event object or an array/ }),
  event({ title: 'a string', body: '"bad/x"', says: /must contain an event object or an array/ }),
  event({ title: 'an array of something else', body: '[1]' }),
  event({ title: 'no name', body: '{}', says: /event name is empty/ }),
  event({ title: 'EV-4: an empty name', body: '{"name":""}', says: /event name is empty/ }),
  event({ title: 'a name that is no string', body: '{"name":5}' }),
  event({
    title: 'a reserved name',
    body: '{"name":"inngest/function.finished"}',
    says: /event name is reserved for internal use/,
  }),
  event({
    title: 'EV-4: a reserved name in capitals',
    body: '{"name":"Inngest/x"}',
    says: /event name is reserved for internal use/,
  }),
  event({
    title: "a name that only this server's own events have",
    body: '{"name":"pawl/x"}',
    says: /event name is reserved/,
  }),
  event({ title: 'a name of 513 characters', body: JSON.stringify({ name: 'n'.repeat(513) }) }),
  event({ title: 'EV-4: data that is a string', body: '{"name":"bad/x","data":"x"}' }),
  event({ title: 'data that is an array', body: '{"name":"bad/x","data":[1]}' }),
  event({ title: 'data that is a number', body: '{"name":"bad/x","data":5}' }),
  event({ title: 'an ID that is a number', body: '{"name":"bad/x","id":5}' }),
  event({ title: 'an ID of 257 characters', body: JSON.stringify({ name: 'bad/x', id: 'i'.repeat(257) }) }),
  event({ title: 'a time that is text', body: '{"name":"bad/x","ts":"now"}' }),
  event({ title: 'a time with a fraction', body: '{"name":"bad/x","ts":1700000000000.5}' }),
  event({ title: 'a time before 1980', body: '{"name":"bad/x","ts":1}', says: /timestamp is before Jan 1, 1980/ }),
  event({
    title: 'a time after 2100',
    body: '{"name":"bad/x","ts":99999999999999}',
    says: /timestamp is after Jan 1, 2100/,
  }),
  event({ title: 'a version that is a number', body: '{"name":"bad/x","v":1}' }),
  event({
    title: 'EV-4: 5,001 events',
    body: JSON.stringify(Array.from({ length: 5_001 }, () => ({ name: 'bad/x' }))),
    says: /Cannot have more than 5000 events in a batch/,
  }),
  event({
    title: 'EV-4: an event of 3 MiB and one byte',
    body: `{"name":"bad/x","data":{"s":"${'x'.repeat(3 * MIB + 1 - 32)}"}}`,
    says: /Event is over the max size: Max 3145728 bytes \/ Size \d+ bytes/,
  }),
  event({
    title: 'a body of more than 8 MiB',
    body: `[${'{"name":"bad/x"},'.repeat(520_000)}{"name":"bad/x"}]`,
    status: 413,
  }),
  event({
    title: 'a bad third event: none is taken, and it is named',
    body: '[{"name":"bad/one"},{"name":"bad/two"},{},{"name":"bad/four"}]',
    says: /event name is empty.*\(event \d+\)$/,
  }),
  event({ title: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=bad%2Fx' }),
  event({
    title: 'a multipart form',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nbad/x\r\n--b--\r\n',
  }),
  event({
    title: 'a compressed body',
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    body: bytes(0x1f, 0x8b, 8, 0),
    status: 415,
  }),
  {
    title: 'no event key',
    path: '/e/',
    body: '{"name":"bad/x"}',
    headers: JSON_TYPE,
    status: 401,
    shape: 'ingest',
    says: /Event key not found/,
  },
  {
    title: 'a method that events do not have',
    method: 'GET',
    path: EVENTS,
    status: 405,
    shape: 'ingest',
    header: ['allow', /POST/],
  },
]

/** Events that must be refused. */
export const EVENT_CASES: readonly RequestCase[] = [...jsonFaults, ...eventFaults]

/** Odd events that must be taken, and what must be given back: the stored text must contain `kept`. */
export const ODD_EVENTS: readonly {
  readonly title: string
  readonly body: string
  readonly kept: string
  readonly headers?: Readonly<Record<string, string>>
}[] = [
  { title: 'NUL in a string', body: '{"name":"odd/x","data":{"s":"a\\u0000b"}}', kept: '"a\\u0000b"' },
  { title: 'half of a surrogate pair', body: '{"name":"odd/x","data":{"s":"\\ud800"}}', kept: '"\\ud800"' },
  {
    title: 'an integer above 2^53, as the nearest double',
    body: '{"name":"odd/x","data":{"n":9007199254740993}}',
    kept: '9007199254740992',
  },
  {
    title: 'the key __proto__',
    body: '{"name":"odd/x","data":{"__proto__":{"admin":true}}}',
    kept: '"__proto__":{"admin":true}',
  },
  {
    title: 'the keys constructor and prototype',
    body: '{"name":"odd/x","data":{"constructor":{"prototype":1}}}',
    kept: '"constructor":{"prototype":1}',
  },
  { title: 'a name of 512 characters', body: JSON.stringify({ name: 'o'.repeat(512) }), kept: 'o'.repeat(512) },
  { title: 'data that is null, as an empty object', body: '{"name":"odd/x","data":null}', kept: '"data":{}' },
  { title: 'a depth of 60', body: nested(59).replace('bad/depth', 'odd/x'), kept: '{"a":1}' },
  { title: 'no content type', body: '{"name":"odd/x","data":{"t":1}}', kept: '"t":1', headers: {} },
  {
    title: 'plain text that is JSON',
    body: '{"name":"odd/x","data":{"t":2}}',
    kept: '"t":2',
    headers: { 'content-type': 'text/plain' },
  },
  { title: 'unknown fields, which are dropped', body: '{"name":"odd/x","data":{"t":3},"more":{"x":1}}', kept: '"t":3' },
  {
    title: "the server's own private field, which is dropped",
    body: '{"name":"odd/x","data":{"_inngest":{"fn_id":"x"},"t":4}}',
    kept: '"data":{"t":4}',
  },
  { title: 'white space all over', body: ' \n{ "name" :\t"odd/x" , "data" : { "t" : 5 } }\r\n ', kept: '"t":5' },
]
