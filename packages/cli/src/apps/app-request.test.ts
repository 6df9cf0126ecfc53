import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { requestApp } from './app-request.ts'

async function serving(listener: RequestListener, run: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  try {
    await run(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

const put = { method: 'PUT', headers: { 'x-test': 'kept' }, body: '{"url":"x"}', timeoutMs: 2_000 } as const

test('redirects are followed with method, headers and body', async () => {
  await serving(
    async (request, response) => {
      if (request.url !== '/end') return response.writeHead(303, { location: '/end' }).end()
      return response.end(`${request.method} ${request.headers['x-test']} ${await bodyOf(request)}`)
    },
    async (origin) => {
      const answer = await requestApp({ ...put, url: `${origin}/start` })
      expect(answer.kind === 'answer' && answer.body.toString()).toBe('PUT kept {"url":"x"}')
    },
  )
})

test('60 redirects are followed, a circle is not', async () => {
  await serving(
    (request, response) => {
      const hop = Number(request.url?.slice(1))
      if (hop === 0) return response.end()
      return response.writeHead(307, { location: `/${hop - 1}` }).end()
    },
    async (origin) => {
      expect(await requestApp({ ...put, url: `${origin}/60` })).toMatchObject({ kind: 'answer', status: 200 })
      expect(await requestApp({ ...put, url: `${origin}/61` })).toMatchObject({ kind: 'lost', reason: 'redirect' })
    },
  )
})

test('a redirect does not lead to a metadata address', async () => {
  await serving(
    (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    async (origin) =>
      expect(await requestApp({ ...put, url: origin })).toMatchObject({ kind: 'lost', reason: 'blocked' }),
  )
})

test('nobody there, a name that does not exist and silence are told apart', async () => {
  await serving(
    () => {},
    async (origin) => {
      expect(await requestApp({ ...put, url: origin, timeoutMs: 50 })).toMatchObject({
        kind: 'lost',
        reason: 'timeout',
      })
      await serving(
        (_, response) => response.end(),
        async (closed) => {
          expect(await requestApp({ ...put, url: closed })).toMatchObject({ kind: 'answer' })
        },
      )
    },
  )
  expect(await requestApp({ ...put, url: 'http://127.0.0.1:59999/' })).toMatchObject({
    kind: 'lost',
    reason: 'refused',
  })
})

test('an answer without end is cut off', async () => {
  await serving(
    (_, response) => response.end(Buffer.alloc(9 * 1024 * 1024)),
    async (origin) =>
      expect(await requestApp({ ...put, url: origin })).toMatchObject({ kind: 'lost', reason: 'too_large' }),
  )
})
