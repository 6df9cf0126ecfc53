// Calls over real sockets, against targets that behave badly in each way there is.
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EngineContext } from '../context.ts'
import { createHttpGateway } from '../drivers/http-gateway.ts'
import { createSeal } from '../seal/seal.ts'
import { callOnce } from './call-job.ts'
import type { StoredRequest } from './door.ts'

const TOLD = { jobId: 'J', runId: 'R', scheduledAt: 0, trigger: 'schedule', wallMs: 0 } as const
const MIB = 1024 * 1024

let server: Server
let origin = ''
let requests: string[] = []
let answer: RequestListener = (_request, response) => void response.end()
const gateway = createHttpGateway({ allowPrivate: true })

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await gateway.close?.()
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  requests = []
})

async function call(part: Partial<StoredRequest> = {}, how: { timeoutMs?: number; door?: typeof gateway } = {}) {
  const stored = { method: 'GET', url: `${origin}/`, headers: [], body: null, signingSecret: null, ...part } as const
  const seal = createSeal(null, () => new Uint8Array())
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  // What a call without secrets touches of the engine.
  const ctx = { gateway: how.door ?? gateway, seal, log } as unknown as EngineContext
  const { outcome } = await callOnce(ctx, stored, { told: TOLD, timeoutMs: how.timeoutMs ?? 5_000 })
  return outcome
}

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const tcp = createTcp()
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  await new Promise((resolve) => tcp.close(resolve))
  return port
}

describe('OS-5: a call', () => {
  it('answered with 500 has failed, and is made once', async () => {
    answer = (_request, response) => void response.writeHead(500).end('no')
    expect(await call()).toMatchObject({
      status: 'failure',
      httpStatus: 500,
      error: { code: 'http_status' },
      excerpt: 'no',
    })
    expect(requests).toEqual(['GET /'])
  })

  it('that is refused fails at the connection', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`
    expect(await call({ url })).toMatchObject({ httpStatus: null, error: { code: 'connect' } })
  })

  it('of a name that does not exist fails at the name', async () => {
    expect(await call({ url: 'http://nowhere.invalid/' })).toMatchObject({ error: { code: 'dns' } })
  })

  it('over https to one who speaks http fails at the encryption', async () => {
    expect(await call({ url: origin.replace('http', 'https') })).toMatchObject({ error: { code: 'tls' } })
  })

  it.each([
    ['never', () => {}],
    ['with a head alone', (_request, response) => void response.writeHead(200).flushHeaders()],
    ['bit by bit', (_request, response) => void setInterval(() => response.write('.'), 20).unref()],
    [
      'with one redirect after the other',
      (_request, response) => void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60),
    ],
  ] as const satisfies readonly (readonly [string, RequestListener])[])(
    'that is answered %s ends within its time',
    async (_how, listener) => {
      answer = listener
      const began = performance.now()
      expect(await call({}, { timeoutMs: 150 })).toMatchObject({ status: 'failure', error: { code: 'timeout' } })
      expect(performance.now() - began).toBeLessThan(1_150)
    },
  )

  it('whose answer breaks off has failed', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('abc')
      setTimeout(() => response.destroy(), 10)
    }
    expect(await call()).toMatchObject({ status: 'failure', error: { code: 'response_aborted' } })
    answer = (request) => void request.socket.destroy()
    expect(await call()).toMatchObject({ status: 'failure', error: { code: 'response_aborted' } })
  })

  it('is blocked by policy before anything is sent', async () => {
    const door = createHttpGateway({ allowPrivate: false }, (_host, _options, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]),
    )
    const { port } = new URL(origin)
    for (const url of ['http://169.254.169.254/', `${origin}/`, `http://name.test:${port}/`])
      expect(await call({ url }, { door })).toMatchObject({ error: { code: 'blocked_by_policy' } })
    expect(requests).toEqual([])
    await door.close?.()
  })

  it('follows redirects of GET and HEAD, and of nothing else', async () => {
    answer = (request, response) =>
      void (request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'))
    expect(await call()).toMatchObject({ status: 'success', excerpt: 'there' })
    expect(await call({ method: 'HEAD' })).toMatchObject({ status: 'success' })
    expect(await call({ method: 'POST' })).toMatchObject({
      status: 'failure',
      httpStatus: 302,
      error: { code: 'redirect' },
    })
    expect(requests).toEqual(['GET /', 'GET /there', 'HEAD /', 'HEAD /there', 'POST /'])
    answer = (_request, response) => void response.writeHead(302, { location: '/' }).end()
    expect(await call()).toMatchObject({ status: 'failure', error: { code: 'redirect' } })
  })

  it('reads 1 MiB of an answer and drops the rest, which is a success all the same', async () => {
    let isDropped = false
    answer = (request, response) => {
      request.socket.on('close', () => {
        isDropped = true
      })
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', write)
      write()
    }
    expect(await call()).toMatchObject({ status: 'success', httpStatus: 200, responseBytes: MIB })
    await expect.poll(() => isDropped).toBe(true)
  })

  it('reads what was compressed, and is a success where it cannot be read', async () => {
    answer = (_request, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('compressed'))
    expect(await call()).toMatchObject({ status: 'success', excerpt: 'compressed' })
    answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'zstd' }).end('?')
    expect(await call()).toMatchObject({ status: 'success', excerpt: '', responseBytes: 1 })
    answer = (_request, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * MIB)))
    expect(await call()).toMatchObject({ status: 'success', excerpt: '' })
  })
})
