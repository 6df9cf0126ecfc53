/**
 * Bad requests, as a table: what is sent and what must come back. A row asserts the exact status, the shape of the
 * surface that was asked, and the code or the words where the documents give them.
 */

/** The three shapes in which the server speaks of errors. */
export type Shape = 'ingest' | 'v1' | 'v2'

/** One bad request. */
export interface RequestCase {
  readonly title: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly status: number
  readonly shape: Shape
  readonly code?: string
  readonly says?: RegExp
  /** A header that the answer must carry. */
  readonly header?: readonly [string, RegExp]
}

const MIB = 1024 * 1024
const NO_RUN = '01J00000000000000000000000'
const JSON_TYPE = { 'content-type': 'application/json' }

const nested = (depth: number): string => `{"name":"bad/depth","data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
const bytes = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

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
  event({ title: 'an empty name', body: '{"name":""}', says: /event name is empty/ }),
  event({ title: 'a name that is no string', body: '{"name":5}' }),
  event({
    title: 'a reserved name',
    body: '{"name":"inngest/function.finished"}',
    says: /event name is reserved for internal use/,
  }),
  event({
    title: 'a reserved name in capitals',
    body: '{"name":"Inngest/x"}',
    says: /event name is reserved for internal use/,
  }),
  event({
    title: "a name that only this server's own events have",
    body: '{"name":"pawl/x"}',
    says: /event name is reserved/,
  }),
  event({ title: 'a name of 513 characters', body: JSON.stringify({ name: 'n'.repeat(513) }) }),
  event({ title: 'data that is a string', body: '{"name":"bad/x","data":"x"}' }),
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
    title: '5,001 events',
    body: JSON.stringify(Array.from({ length: 5_001 }, () => ({ name: 'bad/x' }))),
    says: /Cannot have more than 5000 events in a batch/,
  }),
  event({
    title: 'an event of 3 MiB and one byte',
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

const v1 = (rest: Omit<RequestCase, 'shape'>): RequestCase => ({ shape: 'v1', ...rest })

const v1Faults: readonly RequestCase[] = [
  v1({ title: 'an unknown path below /v1', path: '/v1/nothing', status: 404 }),
  v1({ title: 'an unknown path', path: '/nothing/at/all', headers: { accept: 'application/json' }, status: 404 }),
  v1({ title: 'a path with bytes that are no UTF-8', path: '/v1/%ff%fe', status: 400 }),
  v1({
    title: 'a method that the list of events does not have',
    method: 'DELETE',
    path: '/v1/events',
    status: 405,
    header: ['allow', /GET/],
  }),
  v1({ title: 'a run ID that is no ULID', path: '/v1/runs/nope', status: 400, code: 'invalid_parameter' }),
  v1({ title: 'an event ID that is no ULID', path: '/v1/events/nope', status: 400, code: 'invalid_parameter' }),
  v1({
    title: 'an event ID that is SQL',
    path: `/v1/events/${encodeURIComponent("' or 1=1 --")}/runs`,
    status: 400,
    code: 'invalid_parameter',
  }),
  v1({ title: 'a run that does not exist', path: `/v1/runs/${NO_RUN}`, status: 404 }),
  v1({ title: 'an event that does not exist', path: `/v1/events/${NO_RUN}`, status: 404, says: /Event not found/ }),
  v1({ title: 'a limit that is no number', path: '/v1/events?limit=many', status: 400, code: 'invalid_parameter' }),
  v1({ title: 'a limit of 0', path: '/v1/events?limit=0', status: 400, code: 'invalid_parameter' }),
  v1({ title: 'a limit that is too high', path: '/v1/events?limit=1000', status: 400, code: 'invalid_parameter' }),
  v1({ title: 'a cursor that is none', path: '/v1/events?cursor=%00', status: 400, code: 'invalid_parameter' }),
  v1({
    title: 'a time that is none',
    path: '/v1/events?received_after=someday',
    status: 400,
    code: 'invalid_parameter',
  }),
  v1({
    title: 'an expression that does not compile',
    path: '/v1/events?query=event.name%20%3D%3D%3D',
    status: 400,
    code: 'invalid_expression',
  }),
  v1({
    title: 'an expression of more than 4 KiB',
    path: `/v1/events?query=${encodeURIComponent(`event.name == '${'x'.repeat(4_100)}'`)}`,
    status: 400,
    code: 'invalid_expression',
  }),
  v1({
    title: 'a signal that is no JSON',
    path: '/v1/signals',
    headers: JSON_TYPE,
    body: '{',
    status: 400,
    code: 'invalid_json',
  }),
  v1({
    title: 'a signal in bytes that are no UTF-8',
    path: '/v1/signals',
    headers: JSON_TYPE,
    body: bytes('{"signal":"', 0xff, '"}'),
    status: 400,
    code: 'invalid_utf8',
  }),
  v1({
    title: 'a signal that is too deep',
    path: '/v1/signals',
    headers: JSON_TYPE,
    body: `{"signal":"s","data":${'['.repeat(70)}${']'.repeat(70)}}`,
    status: 400,
    code: 'json_too_deep',
  }),
  v1({
    title: 'a signal as plain text',
    path: '/v1/signals',
    headers: { 'content-type': 'text/plain' },
    body: '{"signal":"s"}',
    status: 415,
  }),
  v1({
    title: 'a compressed signal',
    path: '/v1/signals',
    headers: { ...JSON_TYPE, 'content-encoding': 'br' },
    body: '{"signal":"s"}',
    status: 415,
  }),
  v1({ title: 'a signal without a name', path: '/v1/signals', headers: JSON_TYPE, body: '{"data":1}', status: 400 }),
  v1({
    title: 'a signal whose name is no string',
    path: '/v1/signals',
    headers: JSON_TYPE,
    body: '{"signal":{}}',
    status: 400,
  }),
  v1({
    title: 'a signal that nobody waits for',
    path: '/v1/signals',
    headers: JSON_TYPE,
    body: '{"signal":"nobody"}',
    status: 404,
    says: /No signal found/,
  }),
  v1({
    title: 'a checkpoint that is no JSON',
    path: `/v1/checkpoint/${NO_RUN}/async`,
    headers: JSON_TYPE,
    body: 'steps',
    status: 400,
    code: 'invalid_json',
  }),
  v1({
    title: 'a checkpoint without steps',
    path: `/v1/checkpoint/${NO_RUN}/async`,
    headers: JSON_TYPE,
    body: '{}',
    status: 400,
  }),
  v1({
    title: 'a checkpoint of a run ID that is none',
    path: '/v1/checkpoint/nope/async',
    headers: JSON_TYPE,
    body: '{"steps":[]}',
    status: 400,
  }),
  v1({
    title: 'a checkpoint with a sleep',
    path: `/v1/checkpoint/${NO_RUN}/async`,
    headers: JSON_TYPE,
    body: JSON.stringify({
      run_id: NO_RUN,
      fn_id: NO_RUN,
      qi_id: '1.1',
      steps: [{ op: 'Sleep', id: 'a', name: '1s' }],
    }),
    status: 400,
  }),
  v1({
    title: 'a clock that goes back',
    path: '/dev/clock',
    headers: JSON_TYPE,
    body: '{"advance":"-1h"}',
    status: 400,
  }),
  v1({
    title: 'a clock that goes by something',
    path: '/dev/clock',
    headers: JSON_TYPE,
    body: '{"advance":"a while"}',
    status: 400,
  }),
]

const v2 = (rest: Omit<RequestCase, 'shape'>): RequestCase => ({ shape: 'v2', ...rest })

const v2Faults: readonly RequestCase[] = [
  v2({ title: 'an unknown path below /v2', path: '/v2/nothing', status: 404, code: 'not_found' }),
  v2({
    title: 'a method that runs do not have',
    method: 'PUT',
    path: `/v2/runs/${NO_RUN}`,
    headers: JSON_TYPE,
    body: '{}',
    status: 405,
    header: ['allow', /GET/],
  }),
  v2({ title: 'a run ID that is no ULID', path: '/v2/runs/nope', status: 400, code: 'invalid_field_format' }),
  v2({
    title: 'a run that does not exist',
    path: `/v2/runs/${NO_RUN}`,
    status: 404,
    code: 'not_found',
    says: /Run not found/,
  }),
  v2({
    title: 'a trace of a run that does not exist',
    path: `/v2/runs/${NO_RUN}/trace`,
    status: 404,
    code: 'not_found',
  }),
  v2({ title: 'a limit that is too high', path: '/v2/runs?limit=101', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'a limit of 0', path: '/v2/runs?limit=0', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'a negative limit', path: '/v2/runs?limit=-1', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'a cursor that is none', path: '/v2/runs?cursor=AAAA', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'a status that is none', path: '/v2/runs?status=SLEEPY', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'an order that is none', path: '/v2/runs?order=SIDEWAYS', status: 400, code: 'invalid_field_format' }),
  v2({ title: 'a time that is none', path: '/v2/runs?from=someday', status: 400, code: 'invalid_field_format' }),
  v2({
    title: 'a window that ends before it begins',
    path: '/v2/runs?from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z',
    status: 400,
  }),
  v2({ title: 'a function without its app', path: '/v2/runs?functionId=f', status: 400 }),
  v2({
    title: 'a rerun that is no JSON',
    path: `/v2/runs/${NO_RUN}/rerun`,
    headers: JSON_TYPE,
    body: 'again',
    status: 400,
    code: 'invalid_json',
  }),
  v2({
    title: 'a rerun of a run that does not exist',
    path: `/v2/runs/${NO_RUN}/rerun`,
    headers: JSON_TYPE,
    body: '{}',
    status: 404,
    code: 'not_found',
  }),
  v2({
    title: 'a cancel of a run that does not exist',
    path: `/v2/runs/${NO_RUN}/cancel`,
    headers: JSON_TYPE,
    body: '{}',
    status: 404,
    code: 'not_found',
  }),
  v2({
    title: 'an invoke of a function that does not exist',
    path: '/v2/apps/nobody/functions/nothing/invoke',
    headers: JSON_TYPE,
    body: '{}',
    status: 404,
    code: 'not_found',
  }),
  v2({ title: 'an app that does not exist', path: '/v2/apps/nobody', status: 404, code: 'not_found' }),
  v2({
    title: 'an event without a name',
    path: '/v2/events',
    headers: JSON_TYPE,
    body: '{}',
    status: 400,
    code: 'missing_field',
  }),
  v2({
    title: 'an event with a reserved name',
    path: '/v2/events',
    headers: JSON_TYPE,
    body: '{"name":"inngest/x"}',
    status: 400,
    code: 'invalid_field_format',
  }),
  v2({
    title: 'an event as plain text',
    path: '/v2/events',
    headers: { 'content-type': 'text/plain' },
    body: '{"name":"bad/x"}',
    status: 415,
  }),
]

const APP = {
  url: 'http://127.0.0.1:9/api/inngest',
  deployType: 'ping',
  framework: 'x',
  appName: 'bad-app',
  sdk: 'js:v4.24.0',
  v: '0.1',
}
const configured = (rest: object = {}, id = 'bad-app-f'): object => ({
  id,
  name: id,
  triggers: [{ event: 'bad/register' }],
  steps: { step: { id: 'step', name: 'step', runtime: { type: 'http', url: `${APP.url}?fnId=${id}&stepId=step` } } },
  ...rest,
})
const register = (title: string, body: unknown, rest: Partial<RequestCase> = {}): RequestCase =>
  v1({
    title: `registering ${title}`,
    path: '/fn/register',
    headers: JSON_TYPE,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    status: 400,
    ...rest,
  })
const bad = (title: string, rest: object): RequestCase =>
  register(title, { ...APP, functions: [configured(rest)] }, { says: /bad-app-f/ })

const registerFaults: readonly RequestCase[] = [
  register('what is no JSON', '{"functions":[', { code: 'invalid_json' }),
  register('an array', '[]'),
  register('an app without a name', { ...APP, appName: '', functions: [] }, { says: /App ID required/ }),
  register('an app without an address', { ...APP, url: '', functions: [] }),
  register('an app whose address is of another scheme', {
    ...APP,
    url: 'ftp://127.0.0.1/x',
    functions: [configured()],
  }),
  register(
    'an app with a line break in its name',
    { ...APP, appName: 'bad\r\napp', functions: [] },
    { code: 'invalid_config' },
  ),
  register(
    'an app with a NUL in its address',
    { ...APP, url: 'http://127.0.0.1:9/\u0000', functions: [] },
    { code: 'invalid_config' },
  ),
  register(
    '1,001 functions',
    { ...APP, functions: Array.from({ length: 1_001 }, (_, n) => configured({}, `bad-app-f${n}`)) },
    { code: 'invalid_config' },
  ),
  register(
    'with a server of another kind',
    { ...APP, functions: [] },
    { headers: { ...JSON_TYPE, 'x-inngest-expected-server-kind': 'cloud' } },
  ),
  bad('11 triggers', { triggers: Array.from({ length: 11 }, (_, n) => ({ event: `bad/${n}` })) }),
  bad('one trigger twice', { triggers: [{ event: 'bad/x' }, { event: 'bad/x' }] }),
  bad('a trigger name of 256 characters', { triggers: [{ event: 'n'.repeat(256) }] }),
  bad('a trigger that is both', { triggers: [{ event: 'bad/x', cron: '* * * * *' }] }),
  bad('a cron with seconds', { triggers: [{ cron: '* * * * * *' }] }),
  bad('a cron by name', { triggers: [{ cron: '@hourly' }] }),
  bad('a cron in a zone that does not exist', { triggers: [{ cron: 'TZ=Europe/Atlantis 0 0 * * *' }] }),
  bad('a cron with a range that goes back', { triggers: [{ cron: '0 22-2 * * *' }] }),
  bad('a cron on weekday 7', { triggers: [{ cron: '0 0 * * 7' }] }),
  bad('a filter that does not compile', { triggers: [{ event: 'bad/x', expression: 'event.data.n ==' }] }),
  bad('a filter on something unknown', { triggers: [{ event: 'bad/x', expression: 'steps.x == 1' }] }),
  bad('a filter of more than 4 KiB', {
    triggers: [{ event: 'bad/x', expression: `event.data.s == '${'x'.repeat(4_100)}'` }],
  }),
  bad('a filter that is too deep', {
    triggers: [{ event: 'bad/x', expression: `${'('.repeat(200)}true${')'.repeat(200)}` }],
  }),
  bad('three concurrency rules', { concurrency: [{ limit: 1 }, { limit: 2 }, { limit: 3 }] }),
  bad('a concurrency of an unknown scope', { concurrency: [{ limit: 1, scope: 'galaxy', key: 'event.data.k' }] }),
  bad('a concurrency of the environment without a key', { concurrency: [{ limit: 1, scope: 'env' }] }),
  bad('six cancel rules', { cancel: Array.from({ length: 6 }, (_, n) => ({ event: `bad/${n}` })) }),
  bad('a debounce of less than a second', { debounce: { period: '100ms' } }),
  bad('a rate limit of zero', { rateLimit: { limit: 0, period: '1m' } }),
  bad('a rate limit over more than a day', { rateLimit: { limit: 1, period: '25h' } }),
  bad('a batch of one', { batchEvents: { maxSize: 1, timeout: '5s' } }),
  bad('a batch with a singleton', { batchEvents: { maxSize: 5, timeout: '5s' }, singleton: { mode: 'skip' } }),
]

/** Every bad request. */
export const REQUEST_CASES: readonly RequestCase[] = [
  ...jsonFaults,
  ...eventFaults,
  ...v1Faults,
  ...v2Faults,
  ...registerFaults,
]

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
