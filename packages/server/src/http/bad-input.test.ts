import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const deep = `${'['.repeat(80)}${']'.repeat(80)}`
const wide = `{${Array.from({ length: 100_001 }, (_, n) => `"k${n}":1`).join(',')}}`

describe('a body', () => {
  const bodies: readonly (readonly [what: string, body: string | Buffer, code: string])[] = [
    ['that is truncated', '{"signal":', 'invalid_json'],
    ['with trailing bytes', '{"signal":"x"} x', 'invalid_json'],
    ['with a byte order mark', Buffer.from('\uFEFF{"signal":"x"}'), 'invalid_json'],
    ['with NaN', '{"signal":"x","data":NaN}', 'invalid_json'],
    ['with 1e400', '{"signal":"x","data":1e400}', 'invalid_json'],
    ['with __proto__ twice', '{"signal":"x","data":{"__proto__":1,"__proto__":2}}', 'invalid_json'],
    ['with a lone continuation byte', Buffer.from([0x22, 0x80, 0x22]), 'invalid_utf8'],
    ['with an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'invalid_utf8'],
    ['with an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_utf8'],
    ['nested 80 levels deep', `{"signal":"x","data":${deep}}`, 'json_too_deep'],
    ['with 100,001 keys', wide, 'json_too_large'],
    ['that is empty', '', 'invalid_json'],
  ]

  test.each(bodies)('%s is refused on v1', async (_, body, code) => {
    const refused = await server.ask('POST /v1/signals', { body, headers: { 'content-type': 'application/json' } })
    expect(refused).toMatchObject({ status: 400, json: { code, status: 400, error: expect.any(String) } })
    if (code.startsWith('invalid_') && body.length > 0)
      expect(at(refused.json, 'data', 'offset')).toEqual(expect.any(Number))
  })

  test.each(bodies)('%s is refused on v2', async (_, body, code) => {
    const refused = await server.ask('POST /v2/events', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(refused).toMatchObject({ status: 400, json: { errors: [{ code }] } })
  })

  test('is refused with a wrong content type, however it is written', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'json',
      'x',
    ]) {
      const refused = await server.ask('POST /v1/signals', {
        body: '{"signal":"x"}',
        headers: { 'content-type': type },
      })
      expect(refused, type).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } })
    }
    for (const type of ['application/json; charset=utf-8', 'application/problem+json', 'APPLICATION/JSON']) {
      const taken = await server.ask('POST /v1/signals', { body: '{"signal":"x"}', headers: { 'content-type': type } })
      expect(taken, type).toMatchObject({ status: 404, json: { error: 'No signal found' } })
    }
  })

  test('is refused compressed, but for spans', async () => {
    const headers = { 'content-encoding': 'gzip' }
    expect(await server.ask('POST /e/key', { body: Buffer.from('x'), headers })).toMatchObject({
      status: 415,
      json: { ids: [], status: 415 },
    })
    expect((await server.ask('POST /v1/traces/userland', { body: Buffer.from('x'), headers })).status).toBe(200)
    expect(
      (await server.ask('POST /v1/traces/userland', { body: Buffer.from('x'), headers: { 'content-encoding': 'br' } }))
        .status,
    ).toBe(415)
  })

  test('over the limit of its address is refused in its shape', async () => {
    const big = Buffer.alloc(9 * 1024 * 1024, 'x')
    expect(await server.ask('POST /e/key', { body: big })).toMatchObject({
      status: 413,
      json: { ids: [], status: 413 },
    })
    expect(await server.ask('POST /v1/checkpoint/01J00000000000000000000000/async', { body: big })).toMatchObject({
      status: 413,
      json: { code: 'body_too_large' },
    })
    expect(await server.ask('POST /v2/apps/x/syncs', { body: big })).toMatchObject({
      status: 413,
      json: { errors: [{ code: 'body_too_large' }] },
    })
  })

  test('keeps keys such as __proto__ as data', async () => {
    const sent = await server.ask('POST /e/key', {
      body: '{"name":"a/b","data":{"__proto__":{"x":1},"constructor":2,"text":"\\u0000\\ud800"}}',
    })
    const event = await server.ask(`GET /v1/events/${at(sent.json, 'ids', 0)}`)
    expect(event.text).toContain('"data":{"__proto__":{"x":1},"constructor":2,"text":"\\u0000\\ud800"}')
  })
})

describe('an address', () => {
  test('that is not there is 404 in the shape of its prefix', async () => {
    for (const path of ['/v0/x', '/v1/x', '/fn/x', '/dev/x', '/x', '/v1', '/%2e%2e/x']) {
      expect(await server.ask(`GET ${path}`), path).toMatchObject({
        status: 404,
        json: { code: 'not_found', data: null, status: 404 },
      })
    }
    for (const path of ['/v2/x', '/api/v2/x', '/v2']) {
      expect(await server.ask(`GET ${path}`), path).toMatchObject({
        status: 404,
        json: { errors: [{ code: 'not_found' }] },
      })
    }
    expect(await server.ask('GET /e/x/y')).toMatchObject({ status: 404, json: { ids: [], status: 404 } })
  })

  test('says which methods it takes', async () => {
    const cases = [
      ['PUT /v1/events', 'GET, HEAD'],
      ['GET /e/key', 'OPTIONS, POST'],
      ['GET /fn/register', 'POST, PUT'],
      ['POST /v1/runs/x', 'DELETE, GET, HEAD'],
      ['PUT /v2/apps/x/', 'DELETE, GET, HEAD'],
      ['POST /', 'GET, HEAD'],
    ] as const
    for (const [what, allow] of cases) {
      const refused = await server.ask(what)
      expect(refused.status, what).toBe(405)
      expect(refused.headers.allow, what).toBe(allow)
    }
  })

  test('with bad percent-encoding is 400', async () => {
    expect(await server.ask('GET /v2/apps/%zz')).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_field_format' }] },
    })
    expect(await server.ask('GET /v1/runs/%')).toMatchObject({ status: 400, json: { code: 'invalid_parameter' } })
  })

  test('with a bad run ID is 400, with an unknown one 404', async () => {
    const unknown = '01J00000000000000000000000'
    for (const path of ['/v1/runs/x', '/v1/runs/x/jobs', '/v0/runs/x/actions', '/v2/runs/x', '/v2/runs/x/trace']) {
      expect((await server.ask(`GET ${path}`)).status, path).toBe(400)
      expect((await server.ask(`GET ${path.replace('/x', `/${unknown}`)}`)).status, path).toBe(404)
    }
    expect((await server.ask(`DELETE /v1/runs/${unknown}`)).status).toBe(404)
    expect(await server.ask(`POST /v2/runs/${unknown}/cancel`)).toMatchObject({
      status: 404,
      json: { errors: [{ code: 'not_found', message: 'Run not found' }] },
    })
    expect(await server.ask(`POST /v2/runs/${unknown}/rerun`, { body: {} })).toMatchObject({
      status: 404,
      json: { errors: [{ code: 'not_found' }] },
    })
  })

  test('that is not built yet answers 501 with a sentence', async () => {
    for (const route of server.routes.filter((one) => one.doc.state === 'not-built' && one.doc.id !== 'webhooks')) {
      for (const path of [route.path].flat()) {
        const what = `${[route.method].flat()[0]} ${path.replace(/:\w+/g, 'x').replace('*', 'x')}`
        const answer = await server.ask(what, { headers: { 'content-type': 'application/protobuf' } })
        expect(answer.status, what).toBe(501)
        const [code, sentence] =
          route.rules.surface === 'v2'
            ? [at(answer.json, 'errors', 0, 'code'), at(answer.json, 'errors', 0, 'message')]
            : [at(answer.json, 'code'), at(answer.json, 'error')]
        expect([code, sentence], what).toEqual(['not_implemented', expect.stringMatching(/\w+ \w+/)])
      }
    }
  })

  test('of webhooks needs an environment first', async () => {
    expect(await server.ask('GET /v2/env/webhooks')).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'missing_field' }] },
    })
    expect((await server.ask('GET /v2/env/webhooks', { headers: { 'x-inngest-env': 'dev' } })).status).toBe(501)
  })
})

describe('a bad parameter', () => {
  const ulid = '01J00000000000000000000000'
  test.each([
    ['GET /v1/runs/x', undefined, 'runId must be a ULID: 26 characters'],
    ['GET /v1/events?limit=x', undefined, 'limit must be a whole number'],
    ['GET /v1/events?limit=99', undefined, 'limit must be between 1 and 51'],
    ['GET /v1/events?limit=1&limit=2', undefined, 'limit is given more than once'],
    ['GET /v1/events?include_internal=maybe', undefined, 'include_internal must be one of 0, 1, true, false'],
    [`GET /v1/events?cursor=${'x'.repeat(1_001)}`, undefined, 'cursor must have at most 1000 characters'],
    ['POST /v1/signals', [], 'The body must be an object'],
    ['POST /v1/signals', {}, 'signal is required'],
    ['POST /v1/signals', { signal: 7 }, 'signal must be a string'],
    ['POST /v1/signals', { signal: '' }, 'signal must not be empty'],
    ['POST /v2/apps/x/syncs', { url: 'ftp://x' }, 'url must be an http or https URL'],
    [`GET /v2/runs?functionId=${'x&functionId='.repeat(100)}x`, undefined, 'functionId must have at most 100 items'],
    [`GET /v2/runs/${ulid}?includeOutput=7`, undefined, 'includeOutput must be one of 0, 1, true, false'],
  ])('of %s is named first, then what it must be', async (what, body, message) => {
    const refused = await server.ask(what, body === undefined ? {} : { body })
    expect(refused.status).toBe(400)
    expect(at(refused.json, 'error') ?? at(refused.json, 'errors', 0, 'message')).toBe(message)
  })
})

describe('a fault of the server', () => {
  test('is told to the log, and to nobody else', async () => {
    const broken = await startTestServer({ syncApp: () => Promise.reject(new Error('secret /path/of/file')) })
    const answer = await broken.ask('POST /v2/apps/x/syncs', { body: { url: 'http://localhost:1' } })
    expect(answer).toMatchObject({ status: 500, json: { errors: [{ code: 'internal_error' }] } })
    expect(answer.text).not.toContain('secret')
    expect(broken.log.some((line) => line.level === 'error' && String(line.fields.err).includes('secret'))).toBe(true)
    await broken.close()
  })

  test('while it stops, everything is refused with a code that says to try again', async () => {
    const stopping = await startTestServer({ stopping: () => true })
    expect(await stopping.ask('POST /e/key', { body: { name: 'a' } })).toMatchObject({
      status: 503,
      json: { ids: [], status: 503 },
    })
    expect(await stopping.ask('GET /v1/events')).toMatchObject({ status: 503, json: { code: 'stopping' } })
    await stopping.close()
  })
})
