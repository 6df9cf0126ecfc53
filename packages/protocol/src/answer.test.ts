import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { type Answer, type AnswerHeaders, readAnswer } from './answer.ts'
import { hashStepId } from './ids.ts'

const id = hashStepId('a')
const sdk = { 'x-inngest-sdk': 'inngest-js:v4.24.0' }
const steps = `[{"op":"StepRun","id":"${id}","data":1}]`

function read(status: number, body: string | Uint8Array, headers: AnswerHeaders = sdk): Answer {
  return readAnswer({ status, headers, body: Buffer.from(body) })
}

describe('opcodes', () => {
  it('come with version, retry and delay', () => {
    const headers = { ...sdk, 'x-inngest-req-version': '2', 'x-inngest-no-retry': 'false', 'retry-after': ['30'] }
    expect(read(206, steps, headers)).toMatchObject({
      kind: 'opcodes',
      status: 206,
      version: 2,
      noRetry: false,
      retryAfter: '30',
      ops: [{ op: 'StepRun', id, dataText: '1' }],
    })
    expect(read(206, steps)).toMatchObject({ version: null, noRetry: null, retryAfter: null })
  })

  it('may be encoded twice, stand alone, or be none', () => {
    expect(read(206, JSON.stringify(steps))).toEqual(read(206, steps))
    expect(read(206, steps.slice(1, -1))).toEqual(read(206, steps))
    expect(read(206, '[]')).toMatchObject({ kind: 'opcodes', ops: [{ op: 'None' }] })
  })

  it.each([
    ['', 'bad_response', true],
    ['{', 'bad_response', true],
    ['[1]', 'bad_response', true],
    ['"text"', 'bad_response', true],
    ['[{"op":"X"}]', 'protocol_error', false],
  ])('that are %j are a fault', (body, code, retry) => {
    expect(read(206, body)).toMatchObject({
      kind: 'error',
      code,
      retry,
      errorText: expect.stringContaining(`"name":"${code}"`),
    })
  })
})

describe('return values', () => {
  it.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['null', 'null'],
    ['', 'null'],
    [' 5 ', '5'],
    ['"text"', '"text"'],
    ['<html>"', '"<html>\\""'],
    ['{"a":NaN}', '"{\\"a\\":NaN}"'],
    ['"{\\"b\\":1,\\"a\\":2}"', '{"a":2,"b":1}'],
    ['"{not json}"', '"{not json}"'],
    ['"[1, 2]"', '"[1, 2]"'],
  ])('of %s are %s', (body, dataText) => {
    expect(read(200, body)).toEqual({
      kind: 'returned',
      status: 200,
      version: null,
      noRetry: null,
      retryAfter: null,
      dataText,
    })
  })

  it('that must not be retried are failures: connect workers report them as done', () => {
    const answer = read(200, '{"name":"E","message":"m"}', { ...sdk, 'x-inngest-no-retry': 'true' })
    expect(answer).toMatchObject({
      kind: 'error',
      code: 'function_error',
      retry: false,
      errorText: '{"message":"m","name":"E"}',
    })
  })

  it.each([
    ['too deep', '['.repeat(65) + ']'.repeat(65)],
    ['no UTF-8', Uint8Array.from([0x22, 0xff, 0x22])],
    ['with a byte order mark', '\ufeff{}'],
  ])('that are %s are a fault', (_name, body) => {
    expect(read(200, body)).toMatchObject({ kind: 'error', code: 'bad_response', retry: true })
  })

  it('over 8 MiB are a fault, whoever sent them', () => {
    const large = { kind: 'error', code: 'output_too_large', retry: true }
    expect(read(200, `"${'x'.repeat(8 * 1024 * 1024)}"`)).toMatchObject(large)
    expect(read(200, 'x'.repeat(8 * 1024 * 1024 + 1), {})).toMatchObject(large)
    expect(read(200, `"${'x'.repeat(8 * 1024 * 1024 - 2)}"`).kind).toBe('returned')
  })
})

describe('errors of functions', () => {
  const js =
    '{"name":"TypeError","message":"nope","stack":"s","cause":{"name":"C","message":"c","__serialized":true},"__serialized":true}'
  const jsText = '{"cause":{"message":"c","name":"C"},"message":"nope","name":"TypeError","stack":"s"}'

  it.each<[string, number, string, string | null, object]>([
    ['of JavaScript', 500, js, 'false', { errorText: jsText, retry: true, noRetry: false }],
    ['that are final', 400, js, 'true', { errorText: jsText, retry: false, noRetry: true }],
    ['that do not say', 400, js, null, { errorText: jsText, retry: true, noRetry: null }],
    [
      'of Python',
      500,
      '{"code":"x","name":"E","message":"m","stack":"s"}',
      'true',
      { errorText: '{"message":"m","name":"E","stack":"s"}', retry: false },
    ],
    ['of Go', 500, '{"message":"m"}', null, { errorText: '{"message":"m","name":"Error"}', retry: true }],
    ['that are text', 500, 'oops', null, { errorText: '{"message":"oops","name":"Error"}', outputText: '"oops"' }],
    [
      'that are nothing',
      500,
      '',
      null,
      { errorText: '{"message":"Unknown error","name":"Error"}', outputText: 'null' },
    ],
    ['encoded twice', 500, JSON.stringify(js), null, { errorText: jsText }],
    [
      'about a step that is gone',
      500,
      '{"error":"Could not find step","requestedStep":"x"}',
      'false',
      {
        errorText: '{"message":"Could not find step","name":"Error"}',
        outputText: '{"error":"Could not find step","requestedStep":"x"}',
      },
    ],
    [
      'about a function that is gone',
      410,
      '{"message":"gone"}',
      null,
      { errorText: '{"message":"gone","name":"Error"}', retry: true },
    ],
  ])('%s', (_name, status, body, noRetry, expected) => {
    const headers = noRetry === null ? sdk : { ...sdk, 'x-inngest-no-retry': noRetry }
    expect(read(status, body, headers)).toMatchObject({ kind: 'error', code: 'function_error', status, ...expected })
  })

  it('may refuse a call by the second header alone', () => {
    const answer = read(401, '{"message":"Unauthorized"}', { 'x-inngest-sdk-handled': 'true' })
    expect(answer).toMatchObject({
      code: 'function_error',
      errorText: '{"message":"Unauthorized","name":"Error"}',
      retry: true,
    })
  })

  it('know a call that was replaced', () => {
    const body = '{"name":"StaleDispatchError","message":"Stale dispatch"}'
    expect(read(400, body, { ...sdk, 'x-inngest-no-retry': 'true' })).toMatchObject({
      code: 'stale_dispatch',
      retry: false,
    })
    expect(read(500, body)).toMatchObject({ code: 'function_error' })
  })
})

describe('answers of others', () => {
  it.each([
    [200, '{"ok":true}'],
    [206, steps],
    [201, '{"status":200,"body":"1"}'],
    [204, ''],
  ])('with status %d never complete anything', (status, body) => {
    const answer = read(status, body, { 'x-inngest-sdk-handled': 'true' })
    expect(answer).toMatchObject({ kind: 'error', code: 'not_sdk', retry: true })
    expect(answer).toHaveProperty(
      'errorText',
      expect.stringContaining('"message":"The response did not come from an Inngest SDK"'),
    )
  })

  it('that are errors are told with the beginning of their body', () => {
    const answer = read(502, `<h1>${'é'.repeat(5000)}`, {})
    if (answer.kind !== 'error') throw new Error('no error')
    const error = JSON.parse(answer.errorText)
    expect(error.name).toBe('Server returned a fatal error')
    expect(error.message).toBe('Your server returned HTTP 502 before the SDK responded.')
    expect(error.stack).toMatch(/^<h1>é+$/)
    expect(Buffer.byteLength(error.stack)).toBeLessThanOrEqual(8192)
    expect(answer).toMatchObject({ code: 'not_sdk', status: 502, retry: true })
  })

  it('with another success of an SDK are a fault', () => {
    expect(read(204, '')).toMatchObject({ kind: 'error', code: 'bad_response', retry: true })
  })
})

describe('streamed answers', () => {
  const stream = (envelope: object): Answer => read(201, `     ${JSON.stringify(envelope)}`)

  it('are read as what they wrap, with its headers', () => {
    const headers = { 'X-Inngest-Req-Version': '2', 'x-inngest-no-retry': 'false', 'Retry-After': 30 }
    expect(stream({ status: 206, headers, body: steps, version: 2 })).toMatchObject({
      kind: 'opcodes',
      status: 206,
      version: 2,
      noRetry: false,
      retryAfter: '30',
      ops: [{ op: 'StepRun' }],
    })
    expect(stream({ status: 200, headers: {}, body: '{"b":1,"a":2}', version: 2 })).toMatchObject({
      kind: 'returned',
      version: 2,
      dataText: '{"a":2,"b":1}',
    })
    expect(
      stream({ status: 400, headers: { 'x-inngest-no-retry': 'true' }, body: '{"name":"E","message":"m"}' }),
    ).toMatchObject({ kind: 'error', status: 400, retry: false })
  })

  it('may hold their body as JSON, as Go does', () => {
    expect(stream({ status: 206, headers: {}, body: JSON.parse(steps) })).toMatchObject({
      kind: 'opcodes',
      ops: [{ op: 'StepRun' }],
    })
    expect(stream({ status: 200, headers: {}, body: { b: 1, a: 2 } })).toMatchObject({
      kind: 'returned',
      dataText: '{"a":2,"b":1}',
    })
  })

  it.each(['', '   ', '{"error":"broken"}', '{"status":201,"body":"1"}', '[]', 'x'])(
    'that are %j are a fault',
    (body) => {
      expect(read(201, body)).toMatchObject({ kind: 'error', code: 'bad_response', retry: true })
    },
  )

  it('say why they broke', () => {
    expect(read(201, '{"error":"broken"}')).toHaveProperty('errorText', '{"message":"broken","name":"bad_response"}')
  })
})
