import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpClient, type HttpLimits, type HttpRequest, type HttpResult } from './http-client.ts'
import { createHttpDriver } from './http-driver.ts'
import { createHttpGateway } from './http-gateway.ts'

const LIMITS: HttpLimits = { bodyBytesMax: 10_000, redirectsMax: 5, redirects: 'app', timeoutMs: 5_000 }
const LOCAL = { allowPrivate: true }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server on this machine, which notes what it gets. @returns its origin. */
async function serve(
  handle: (request: Received, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<{ origin: string; port: number; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() }
      received.push(seen)
      handle(seen, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://${host}:${port}`, port, received }
}

/** A server that writes these bytes to whoever asks. */
async function serveBytes(answer: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function client(policy = LOCAL): HttpClient {
  const made = new HttpClient(policy)
  closing.push(() => made.close())
  return made
}

function send(request: Partial<HttpRequest> & { url: string }, limits: Partial<HttpLimits> = {}): Promise<HttpResult> {
  return client().send({ method: 'POST', headers: {}, body: 'hello', ...request }, { ...LIMITS, ...limits })
}

const textOf = (result: HttpResult): string => (result.kind === 'answer' ? result.body.toString() : result.reason)

describe('a request', () => {
  it('brings back status, headers and body, also when it comes in chunks', async () => {
    const { origin, received } = await serve((_request, response) => {
      response.writeHead(206, { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] })
      response.write('one ')
      setImmediate(() => response.end('two'))
    })
    const result = await send({ url: `${origin}/path?q=1`, headers: { 'x-own': 'yes' } })
    expect(result).toMatchObject({ kind: 'answer', status: 206, headers: { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] } })
    expect(textOf(result)).toBe('one two')
    expect(received[0]).toMatchObject({ method: 'POST', url: '/path?q=1', body: 'hello', headers: { 'x-own': 'yes' } })
  })

  it.each([
    ['a URL that cannot be read', 'not a url'],
    ['another protocol', 'ftp://127.0.0.1/'],
    ['a metadata address', 'http://169.254.169.254/'],
  ])('to %s is not sent', async (_what, url) => {
    expect(await send({ url })).toMatchObject({ kind: 'lost', reason: 'blocked' })
  })

  it('to a private address or a name of one is not sent in production', async () => {
    const { port } = await serve((_request, response) => response.end('secret'))
    const strict = client({ allowPrivate: false })
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433']) {
      const request = { url: `http://${host}:${port}/`, method: 'GET', headers: {}, body: null }
      expect(await strict.send(request, LIMITS)).toMatchObject({ kind: 'lost', reason: 'blocked' })
    }
  })

  it('with a header that is none is refused, and does not reject', async () => {
    const { origin, received } = await serve((_request, response) => response.end())
    expect(await send({ url: origin, headers: { a: 'b\r\nc: d' } })).toMatchObject({
      kind: 'lost',
      reason: 'bad_response',
    })
    expect(received).toEqual([])
  })

  it('to where nobody listens is lost as unreachable', async () => {
    const { origin } = await serve(() => {})
    for (const close of closing.splice(0)) await close()
    expect(await send({ url: origin })).toMatchObject({ kind: 'lost', reason: 'unreachable' })
  })
})

describe('an answer', () => {
  it('that breaks off is lost as reset, one that never begins as unreachable', async () => {
    const cut = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart')
      setImmediate(() => socket.destroy())
    })
    expect(await send({ url: cut })).toMatchObject({ kind: 'lost', reason: 'reset' })
    const none = await serveBytes((socket) => socket.destroy())
    expect(await send({ url: none })).toMatchObject({ kind: 'lost', reason: 'unreachable' })
  })

  it.each([
    ['is no HTTP', 'what?\r\n\r\n'],
    ['has headers over 16 KiB', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(17_000)}\r\n\r\n`],
    [
      'has over 100 headers',
      `HTTP/1.1 200 OK\r\n${Array.from({ length: 101 }, (_, n) => `h${n}: 1\r\n`).join('')}content-length: 0\r\n\r\n`,
    ],
    ['has a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['has a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('that %s is a bad one', async (_what, bytes) => {
    expect(await send({ url: await serveBytes((socket) => void socket.write(bytes)) })).toMatchObject({
      kind: 'lost',
      reason: 'bad_response',
    })
  })

  it('after any number of interim ones is read', async () => {
    const url = await serveBytes((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000))
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    expect(textOf(await send({ url }))).toBe('ok')
  })

  it('of exactly the limit is read, and one byte more is too large', async () => {
    const { origin } = await serve((request, response) => response.end('x'.repeat(Number(request.url.slice(1)))))
    expect(await send({ url: `${origin}/10000` })).toMatchObject({ kind: 'answer' })
    expect(await send({ url: `${origin}/10001` })).toMatchObject({ kind: 'lost', reason: 'too_large' })
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('in %s is unpacked, and no bomb is', async (encoding, pack) => {
    const { origin } = await serve((request, response) => {
      response.setHeader('content-encoding', request.url === '/upper' ? encoding.toUpperCase() : encoding)
      if (request.url === '/bad') response.end('not packed')
      else response.end(pack(request.url === '/bomb' ? 'x'.repeat(1_000_000) : 'packed'))
    })
    expect(textOf(await send({ url: origin }))).toBe('packed')
    expect(textOf(await send({ url: `${origin}/upper` }))).toBe('packed')
    expect(await send({ url: `${origin}/bomb` })).toMatchObject({ kind: 'lost', reason: 'too_large' })
    expect(await send({ url: `${origin}/bad` })).toMatchObject({ kind: 'lost', reason: 'bad_response' })
    expect(await send({ url: origin, method: 'HEAD', body: null })).toMatchObject({ kind: 'answer', status: 200 })
  })

  it('in an encoding that nobody asked for is a bad one', async () => {
    const { origin } = await serve((_request, response) => response.setHeader('content-encoding', 'zstd').end('x'))
    expect(await send({ url: origin })).toMatchObject({ kind: 'lost', reason: 'bad_response' })
  })

  it('that trickles has to end in time', async () => {
    const { origin } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    expect(await send({ url: origin }, { timeoutMs: 150 })).toMatchObject({ kind: 'lost', reason: 'timeout' })
  })

  it('that never comes is a time-out', async () => {
    const { origin } = await serve(() => {})
    expect(await send({ url: origin }, { timeoutMs: 100 })).toMatchObject({ kind: 'lost', reason: 'timeout' })
  })
})

describe('a redirect of a call', () => {
  it.each([300, 301, 302, 303, 307, 308])('%d is followed with method, body, headers and query', async (status) => {
    const { origin, received } = await serve((request, response) => {
      if (request.url.startsWith('/to')) return response.end('there')
      response.writeHead(status, { location: '/to?b=3' }).end('moved')
    })
    expect(textOf(await send({ url: `${origin}/from?a=1&b=2`, headers: { 'x-own': 'yes' } }))).toBe('there')
    expect(received[1]).toMatchObject({
      method: 'POST',
      url: '/to?b=3&a=1',
      body: 'hello',
      headers: { 'x-own': 'yes' },
    })
  })

  it('is followed as often as allowed, and a circle ends', async () => {
    const { origin, received } = await serve((request, response) => {
      const left = Number(request.url.slice(1))
      if (left === 0) return response.end('end')
      response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    expect(textOf(await send({ url: `${origin}/5` }))).toBe('end')
    expect(await send({ url: `${origin}/6` })).toMatchObject({ kind: 'lost', reason: 'redirect_refused' })
    expect(received).toHaveLength(12)
  })

  it('to where nothing may be sent is refused', async () => {
    const { origin } = await serve((request, response) =>
      response.writeHead(302, { location: decodeURIComponent(request.url.slice(1)) }).end(),
    )
    const to = (url: string) => send({ url: `${origin}/${encodeURIComponent(url)}` })
    expect(await to('http://169.254.169.254/')).toMatchObject({ kind: 'lost', reason: 'blocked' })
    expect(await to('file:///etc/passwd')).toMatchObject({ kind: 'lost', reason: 'redirect_refused' })
    expect(await to('http://')).toMatchObject({ kind: 'lost', reason: 'redirect_refused' })
  })

  it('without a place to go is the answer', async () => {
    const { origin } = await serve((_request, response) => response.writeHead(304).end())
    expect(await send({ url: origin })).toMatchObject({ kind: 'answer', status: 304 })
  })
})

describe('a redirect of a plain request', () => {
  const KEY = { authorization: 'Bearer secret', 'x-own': 'yes' }

  it('keeps the headers at the same origin and drops them at another', async () => {
    const other = await serve((_request, response) => response.end('there'), '127.0.0.2')
    const { origin, received } = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `${other.origin}/x` }).end()
      else if (request.url.startsWith('/from')) response.writeHead(302, { location: '/to' }).end()
      else response.end('here')
    })
    const plain = (url: string) =>
      send({ url, method: 'GET', body: null, headers: KEY }, { redirects: 'plain', redirectsMax: 3 })
    expect(textOf(await plain(`${origin}/from?key=k`))).toBe('here')
    expect(received[1]).toMatchObject({ url: '/to', headers: KEY })
    expect(textOf(await plain(`${origin}/away`))).toBe('there')
    expect(other.received[0]?.url).toBe('/x')
    expect(other.received[0]?.headers).not.toHaveProperty('authorization')
    expect(other.received[0]?.headers).not.toHaveProperty('x-own')
  })

  it('is not followed for what may change something', async () => {
    const { origin, received } = await serve((_request, response) => response.writeHead(307, { location: '/to' }).end())
    expect(await send({ url: origin, headers: KEY }, { redirects: 'plain' })).toMatchObject({
      kind: 'answer',
      status: 307,
    })
    expect(received).toHaveLength(1)
  })
})

describe('the driver', () => {
  it('posts a call and gives the raw answer', async () => {
    const { origin, received } = await serve((_request, response) => response.writeHead(206).end('[]'))
    const driver = createHttpDriver(LOCAL)
    closing.push(() => driver.close())
    const result = await driver.call({ url: origin, headers: { 'x-run-id': 'r' }, body: '{}' })
    expect(result).toMatchObject({ kind: 'answer', raw: { status: 206, body: Buffer.from('[]') } })
    expect(received[0]).toMatchObject({ method: 'POST', body: '{}', headers: { 'x-run-id': 'r' } })
    await driver.close()
    expect(await driver.call({ url: origin, headers: {}, body: '{}' })).toMatchObject({ kind: 'lost' })
  })
})

describe('the gateway', () => {
  it('sends what the step gave but for what the client says itself, and shows what concerns the body', async () => {
    const { origin, received } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'x-a': ['1', '2'], 'keep-alive': 'timeout=5' })
      response.end(gzipSync('unpacked'))
    })
    const headers = {
      Host: 'elsewhere.test',
      Connection: 'close',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      Expect: '100-continue',
      'X-Own': 'yes',
    }
    const result = await createHttpGateway(LOCAL).fetch({ url: `${origin}/p`, method: 'put', headers, body: 'hello' })
    expect(result).toMatchObject({ kind: 'answer', status: 200, body: 'unpacked', headers: { 'x-a': '1, 2' } })
    const shown = result.kind === 'answer' ? Object.keys(result.headers) : []
    expect(shown).not.toEqual(expect.arrayContaining(['content-encoding']))
    expect(shown).not.toEqual(expect.arrayContaining(['keep-alive']))
    expect(shown).not.toEqual(expect.arrayContaining(['transfer-encoding']))
    expect(received[0]).toMatchObject({
      method: 'PUT',
      body: 'hello',
      headers: { 'x-own': 'yes', 'content-length': '5' },
    })
    expect(received[0]?.headers.host).toBe(new URL(origin).host)
    expect(received[0]?.headers).not.toHaveProperty('expect')
  })

  it.each(['CONNECT', 'trace', 'TRACK'])('does not send %s', async (method) => {
    const result = await createHttpGateway(LOCAL).fetch({
      url: 'http://127.0.0.1:9999/',
      method,
      headers: {},
      body: null,
    })
    expect(result).toMatchObject({ kind: 'lost', reason: 'blocked' })
  })
})
