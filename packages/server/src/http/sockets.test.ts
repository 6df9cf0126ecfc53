// What only a real socket shows: Node's parser, limits of size and time, and how connections end.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer } from '../server.ts'
import { startTestServer, type TestServer } from '../test-server.ts'
import { HttpError } from './http-errors.ts'
import { BodyWatch } from './read-body.ts'

let server: TestServer
let port: number
beforeAll(async () => {
  server = await startTestServer()
  port = await server.listen()
})
afterAll(() => server.close())

interface Exchange {
  readonly socket: Socket
  /** All that was answered until the connection was closed. */
  readonly closed: Promise<string>
}

function talk(text: string | Buffer): Exchange {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.write(text)
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(answer))
    socket.on('error', () => {})
  })
  return { socket, closed }
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const HOST = 'Host: localhost'

describe('Node’s parser', () => {
  test.each([
    ['both lengths', head('POST /e/k HTTP/1.1', HOST, 'Content-Length: 3', 'Transfer-Encoding: chunked'), '400'],
    ['a folded header', head('GET /health HTTP/1.1', HOST, 'X-A: b', ' c'), '400'],
    ['bare line feeds', `GET /health HTTP/1.1\n${HOST}\n\n`, '400'],
    ['a control character in a header', head('GET /health HTTP/1.1', HOST, 'X-A: b\u0000c'), '400'],
    ['a bad chunk', `${head('POST /e/k HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}zz\r\n`, '400'],
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['a request line over 8 KiB', head(`GET /${'x'.repeat(9_000)} HTTP/1.1`, HOST, 'Connection: close'), '414'],
    ['a request line over 24 KiB', head(`GET /${'x'.repeat(30_000)} HTTP/1.1`, HOST), '414'],
    [
      'headers over 16 KiB',
      head('GET /health HTTP/1.1', HOST, 'Connection: close', `X-A: ${'x'.repeat(17_000)}`),
      '431',
    ],
    ['headers over 24 KiB', head('GET /health HTTP/1.1', HOST, `X-A: ${'x'.repeat(30_000)}`), '431'],
  ])('%s: answered, then closed', async (_, text, status) => {
    const answer = await talk(text).closed
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/x-inngest-server-kind: dev/i)
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({
      status: Number(status),
      error: expect.any(String),
    })
  })

  test.each([
    ['GET /v2/runs?limit=1 HTTP/1.1', 400, { errors: [{ code: 'invalid_request', message: expect.any(String) }] }],
    ['POST /api/v2/events HTTP/1.1', 400, { errors: [{ code: 'invalid_request', message: expect.any(String) }] }],
    ['POST /e/key HTTP/1.1', 400, { ids: [], status: 400, error: expect.any(String) }],
    ['GET /v1/runs HTTP/1.1', 400, { code: 'invalid_request', status: 400, error: expect.any(String), data: null }],
  ])('refuses in the shape of the address: %s', async (line, status, shape) => {
    const answer = await talk(head(line, HOST, 'X-A: b', ' c')).closed
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual(shape)
  })

  test('a request with two Host headers is refused, whichever comes first', async () => {
    for (const hosts of [
      [HOST, 'Host: evil.example'],
      ['host: evil.example', HOST],
    ]) {
      const answer = await talk(head('GET /v2/runs HTTP/1.1', ...hosts, 'Connection: close')).closed
      expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"invalid_request","message":"Host is given more than once"/)
    }
  })

  test('a request without Host is refused', async () => {
    expect(await talk(head('GET /health HTTP/1.1', 'Connection: close')).closed).toMatch(/^HTTP\/1.1 400 /)
    expect(await talk(head('GET /health HTTP/1.0')).closed).toMatch(/^HTTP\/1.1 421 /)
  })
})

describe('a body', () => {
  test('that is declared too large is refused before it is read, and the answer can be read', async () => {
    const { socket, closed } = talk(head('POST /e/k HTTP/1.1', HOST, `Content-Length: ${9 * 1024 * 1024}`))
    socket.write(Buffer.alloc(1024 * 1024, 'x'))
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toMatch(/connection: close/i)
    expect(answer).toMatch(/access-control-allow-origin: \*/i)
    expect(answer).toContain('"ids":[]')
  })

  test('that turns out too large is refused where it crosses the limit', async () => {
    const { socket, closed } = talk(head('POST /v2/apps/x/syncs HTTP/1.1', HOST, 'Transfer-Encoding: chunked'))
    const chunk = Buffer.alloc(64 * 1024, 'x')
    for (let n = 0; n < 20; n++) socket.write(Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]))
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('"code":"body_too_large"')
  })

  test('in pieces is put together', async () => {
    const { socket, closed } = talk(head('POST /e/k HTTP/1.1', HOST, 'Connection: close', 'Transfer-Encoding: chunked'))
    for (const piece of ['8\r\n[{"name"\r\n', '7\r\n:"a/b"}\r\n', '1\r\n]\r\n']) {
      await new Promise((resolve) => socket.write(piece, resolve))
    }
    socket.write('0\r\n\r\n')
    expect(await closed).toMatch(/^HTTP\/1.1 200 [\s\S]*"status":200\}/)
  })

  test('that is refused for another reason does not cost the connection while it is small', async () => {
    const { socket, closed } = talk(
      head('POST /v2/runs HTTP/1.1', HOST, 'Content-Length: 10') +
        '0123456789' +
        head('GET /health HTTP/1.1', HOST, 'Connection: close'),
    )
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1.1 405 [\s\S]*HTTP\/1.1 200 /)
    socket.destroy()
  })

  test('behind an answer that is still open closes the connection instead of mixing the two', async () => {
    const first = head('GET /v2/runs HTTP/1.1', HOST)
    const second = head('POST /e/k HTTP/1.1', HOST, `Content-Length: ${9 * 1024 * 1024}`)
    const answer = await talk(first + second).closed
    expect(answer === '' || /^HTTP\/1.1 (200|413) /.test(answer)).toBe(true)
  })
})

describe('a slow body', () => {
  // A clock in place of waiting.
  test('is given up after five seconds below 1 KiB/s, and after thirty in any case', () => {
    let now = 0
    const watch = new BodyWatch(() => now)
    const bodies = ['slow', 'steady'].map(() => {
      const listeners = new Map<string, (value?: unknown) => void>()
      const request = {
        headers: {},
        on(name: string, listener: () => void) {
          listeners.set(name, listener)
          return request
        },
        off: () => request,
        pause: () => {},
      }
      const outcome: unknown[] = []
      watch.read(request as never, 1024 * 1024, (error) => outcome.push(error))
      return { data: (bytes: number) => listeners.get('data')?.(Buffer.alloc(bytes)), outcome }
    })
    const [slow, steady] = bodies
    for (now = 1_000; now <= 31_000; now += 1_000) {
      steady?.data(2_048)
      slow?.data(10)
      watch.sweep()
      expect(slow?.outcome.length, `slow at ${now}`).toBe(now >= 5_000 ? 1 : 0)
      expect(steady?.outcome.length, `steady at ${now}`).toBe(now > 30_000 ? 1 : 0)
    }
    expect(slow?.outcome[0]).toBeInstanceOf(HttpError)
    expect(slow?.outcome[0]).toMatchObject({ code: 'request_timeout' })
    watch.close()
  })
})

describe('the server', () => {
  const make = () =>
    createServer({
      engine: server.engine,
      lists: server.store.lists,
      watch: () => () => {},
      database: 'memory',
      retentionMs: 0,
      wallNow: () => 0,
      mode: 'dev',
      eventKeys: [],
      signingKeys: [],
      version: '0',
      log: { debug() {}, info() {}, warn() {}, error() {} },
      syncApp: async () => ({ ok: false, code: 'x', message: 'x' }),
    })

  test('listens on several hosts with one port, and closes', async () => {
    const made = make()
    const listening = await made.listen({ hosts: ['127.0.0.1', '127.0.0.2'], port: 0 })
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      expect((await fetch(`http://${host}:${listening}/health`)).status).toBe(200)
    }
    await made.close()
    await expect(fetch(`http://127.0.0.1:${listening}/health`)).rejects.toThrow()
  })

  test('says when the port is taken', async () => {
    const made = make()
    await expect(made.listen({ hosts: ['127.0.0.1'], port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await made.close()
  })

  test('leaves out an address that the machine does not have, but not the only one', async () => {
    const made = make()
    const listening = await made.listen({ hosts: ['127.0.0.1', '203.0.113.7'], port: 0 })
    expect((await fetch(`http://127.0.0.1:${listening}/health`)).status).toBe(200)
    await made.close()
    const none = make()
    await expect(none.listen({ hosts: ['203.0.113.7'], port: 0 })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
    await none.close()
  })

  test('lets an open request end before it closes', async () => {
    const made = make()
    const listening = await made.listen({ hosts: ['127.0.0.1'], port: 0 })
    const socket = connect(listening, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    await new Promise((resolve) =>
      socket.write(head('POST /e/k HTTP/1.1', HOST, 'Content-Length: 14').concat('{"name"'), resolve),
    )
    await new Promise((resolve) => setImmediate(resolve))
    const closing = made.close(2_000)
    socket.write(':"a/b"}')
    await closing
    expect(answer).toMatch(/^HTTP\/1.1 (200|503) /)
    socket.destroy()
  })
})
