/**
 * Bad answers of an app, as a table: what the app sends and what its run must then say. The functions have no retries,
 * so that one bad answer ends the run; some take hold of the socket, since no HTTP library would send what they send.
 */
import { gzipSync } from 'node:zlib'
import { type Answering, type HandMadeAnswer, type HandMadeCall, op, SDK_HEADERS } from '../harness/hand-made-app.ts'
import { hashedId } from '../harness/step-id.ts'

/** One bad answer. */
export interface AnswerCase {
  readonly id: string
  readonly title: string
  readonly answer: Answering
  /** Must be found in the run's output or trace. */
  readonly says: RegExp
}

const A = hashedId('a')
const MIB = 1024 * 1024
const HTML = { 'content-type': 'text/html' }
const JSON_ONLY = { 'content-type': 'application/json' }

const cases: AnswerCase[] = []

/** An answer by its parts. */
function answers(id: string, title: string, says: RegExp, answer: HandMadeAnswer): void {
  cases.push({ id, title, says, answer: () => answer })
}

/** An answer of opcodes from an SDK. */
function reports(id: string, title: string, says: RegExp, body: unknown): void {
  answers(id, title, says, { status: 206, body })
}

/** Bytes on the socket, after which the connection is closed unless `end` is false. */
function writes(id: string, title: string, says: RegExp, write: (call: HandMadeCall) => void): void {
  cases.push({
    id,
    title,
    says,
    answer: (call) => {
      write(call)
      return undefined
    },
  })
}

const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const SDK_LINES = Object.entries(SDK_HEADERS).map(([name, value]) => `${name}: ${value}`)

const NOT_SDK = /The response did not come from an Inngest SDK/
const BEFORE_SDK = (status: number): RegExp =>
  new RegExp(`Your server returned HTTP ${status} before the SDK responded`)
const BAD = /bad_response/
const PROTOCOL = /protocol_error/
const STUCK = /NoProgress|protocol_error/

// Somebody else answers in the app's place.
answers('html-200', '200 with a page', NOT_SDK, { status: 200, headers: HTML, body: '<html>It works!</html>' })
answers('json-200', '200 with JSON of no SDK', NOT_SDK, { status: 200, headers: JSON_ONLY, body: '{"ok":true}' })
answers('empty-200', '200 with nothing', NOT_SDK, { status: 200, headers: {} })
answers('empty-204', '204', NOT_SDK, { status: 204, headers: {} })
answers('ops-no-sdk', '206 with opcodes of no SDK', NOT_SDK, {
  status: 206,
  headers: JSON_ONLY,
  body: [op('StepRun', A, { data: 1 })],
})
answers('html-404', '404 with a page', BEFORE_SDK(404), { status: 404, headers: HTML, body: '<h1>Not Found</h1>' })
answers('html-502', '502 with a page', BEFORE_SDK(502), { status: 502, headers: HTML, body: '<h1>Bad Gateway</h1>' })
answers('json-500', '500 with JSON of no SDK', BEFORE_SDK(500), {
  status: 500,
  headers: JSON_ONLY,
  body: '{"error":"x"}',
})
answers('html-401', '401 with a page', BEFORE_SDK(401), { status: 401, headers: HTML, body: 'who are you?' })

// An SDK's headers over a body that is none of an SDK's.
answers('text-206', '206 with text', /error reading generator opcode response/, { status: 206, body: 'hello' })
answers('empty-206', '206 with nothing', BAD, { status: 206 })
reports('null-206', '206 with null', BAD, 'null')
reports('number-206', '206 with a number', BAD, '5')
reports('string-206', '206 with a string', BAD, '"StepRun"')
reports('numbers', '206 with an array of numbers', BAD, [1, 2, 3])
reports('nulls', '206 with an array of nulls', BAD, [null])
reports('arrays', '206 with an array of arrays', BAD, [[[]]])
reports('truncated', '206 that breaks off', BAD, `[{"op":"StepRun","id":"${A}"`)
reports('trailing', '206 with bytes after the array', BAD, `${JSON.stringify([op('StepRun', A, { data: 1 })])}]`)
reports(
  'deep',
  '206 that is too deep',
  BAD,
  `[{"op":"StepRun","id":"${A}","data":${'['.repeat(200)}${']'.repeat(200)}}]`,
)
answers('not-utf8', '206 in bytes that are no UTF-8', BAD, {
  status: 206,
  body: Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]),
})

// Opcodes that no SDK sends.
reports('no-op', 'an opcode without a name', PROTOCOL, [{ id: A }])
reports('op-number', 'an opcode whose name is a number', PROTOCOL, [{ op: 7, id: A }])
reports('unknown-op', 'an opcode that nobody knows', PROTOCOL, [op('Levitate', A)])
reports('no-id', 'a step without an ID', PROTOCOL, [{ op: 'StepRun', data: 1 }])
reports('long-id', 'a step with an ID of 10,000 characters', PROTOCOL, [op('StepRun', 'a'.repeat(10_000), { data: 1 })])
reports(
  'many',
  '10,001 steps in one answer',
  /protocol_error|InngestErrFunctionOverflowed/,
  Array.from({ length: 10_001 }, (_, n) => op('StepPlanned', hashedId(`step-${n}`))),
)
reports('sleep-what', 'a sleep for a time that is none', PROTOCOL, [op('Sleep', A, { name: 'soonish' })])
reports('wait-what', 'a wait for no event', PROTOCOL, [{ op: 'WaitForEvent', id: A, opts: { timeout: '1h' } }])
reports('wait-when', 'a wait with a timeout that is none', PROTOCOL, [
  op('WaitForEvent', A, { name: 'x/y', opts: { timeout: 'never' } }),
])
reports('invoke-what', 'an invoke of no function', PROTOCOL, [op('InvokeFunction', A, { opts: {} })])
reports('signal-what', 'a wait for no signal', PROTOCOL, [{ op: 'WaitForSignal', id: A, opts: { timeout: '1h' } }])
reports('fetch-what', 'a fetch of no URL', PROTOCOL, [op('Gateway', A, { opts: { method: 'GET' } })])
reports('error-what', 'a step error without the error', PROTOCOL, [op('StepFailed', A)])

// Answers that lead nowhere: the server must see that nothing moves, and must not ask for ever.
reports('nothing', 'no opcode at all', STUCK, [])
reports('none', 'nothing to do', STUCK, [{ op: 'None', id: A }])
reports('same-step', 'the same step again and again', STUCK, [op('StepRun', A, { data: 1 })])
reports('same-failure', 'the same failed step again and again', STUCK, [
  op('StepFailed', A, { error: { name: 'E', message: 'no' } }),
])
reports('same-plan', 'the same plan again and again, also when that step is asked for', STUCK, [op('StepPlanned', A)])
reports('discover', 'a wish to be asked again, again and again', STUCK, [{ op: 'DiscoveryRequest', id: A }])

// Sizes.
answers('large', 'a body of more than 8 MiB', /output_too_large/, { status: 200, body: `"${'x'.repeat(8 * MIB)}"` })
answers('bomb', 'a compressed body that unpacks to 64 MiB', /output_too_large/, {
  status: 200,
  headers: { ...SDK_HEADERS, 'content-encoding': 'gzip' },
  body: gzipSync(Buffer.alloc(64 * MIB, 0x20)),
})
answers('not-gzip', 'a body that says it is compressed and is not', BAD, {
  status: 200,
  headers: { ...SDK_HEADERS, 'content-encoding': 'gzip' },
  body: '"plain"',
})
answers('odd-encoding', 'a body in an encoding that nobody knows', BAD, {
  status: 200,
  headers: { ...SDK_HEADERS, 'content-encoding': 'zip' },
  body: '"x"',
})
answers('big-header', 'headers of more than 16 KiB', BAD, {
  status: 200,
  headers: { ...SDK_HEADERS, 'x-big': 'x'.repeat(20_000) },
  body: '1',
})
answers('many-headers', 'more than 100 headers', BAD, {
  status: 200,
  headers: { ...SDK_HEADERS, ...Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`x-${n}`, '1'])) },
  body: '1',
})

// Streams and redirects.
answers('stream-text', 'a stream of text', BAD, { status: 201, body: '     not the envelope' })
answers('stream-error', 'a stream that says it failed', /went wrong/, {
  status: 201,
  body: '   {"error":"went wrong"}',
})
answers('stream-status', 'a stream whose inner status is none', BAD, {
  status: 201,
  body: '{"status":"fine","headers":{},"body":"1"}',
})
cases.push({
  id: 'loop',
  title: 'a redirect that goes round',
  says: /redirect_refused/,
  answer: ({ request }) => ({ status: 302, headers: { location: request.url ?? '/' } }),
})
answers('redirect-file', 'a redirect to a file', /redirect_refused/, {
  status: 307,
  headers: { location: 'file:///etc/passwd' },
})
answers('redirect-nowhere', 'a redirect without a place', /redirect_refused|before the SDK responded/, {
  status: 302,
  headers: {},
})

// Below HTTP.
writes(
  'reset',
  'a connection that is reset before the answer',
  /Unable to reach SDK URL|reset the connection/,
  ({ request }) => request.socket.resetAndDestroy(),
)
writes(
  'closed',
  'a connection that is closed before the answer',
  /Unable to reach SDK URL|reset the connection/,
  ({ request }) => request.socket.end(),
)
writes('halfway', 'a body that breaks off', /reset the connection while we were reading the reply/, ({ request }) => {
  request.socket.write(head(['HTTP/1.1 200 OK', ...SDK_LINES, 'content-length: 1000']))
  request.socket.end('"only this')
})
writes('not-http', 'bytes that are no HTTP', /bad_response|Unable to reach SDK URL/, ({ request }) =>
  request.socket.end('220 mail.example.com ESMTP\r\n'),
)
writes(
  'both-lengths',
  'both ways of giving a length',
  /bad_response|Unable to reach SDK URL|reset the connection/,
  ({ request }) => {
    request.socket.end(
      `${head(['HTTP/1.1 200 OK', ...SDK_LINES, 'content-length: 3', 'transfer-encoding: chunked'])}1\r\n1\r\n0\r\n\r\n`,
    )
  },
)
writes(
  'flood',
  'a flood of interim answers',
  /bad_response|app_timeout|Unable to reach SDK URL|reset the connection/,
  ({ request: { socket } }) => {
    const interim = head(['HTTP/1.1 103 Early Hints', 'link: </x>; rel=preload'])
    socket.on('error', () => {})
    let left = 20_000
    const more = (): void => {
      while (left-- > 0 && !socket.destroyed) if (!socket.write(interim)) return void socket.once('drain', more)
      socket.end()
    }
    more()
  },
)

/** Every bad answer. */
export const ANSWER_CASES: readonly AnswerCase[] = cases
