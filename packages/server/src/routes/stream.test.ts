import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import type { StoreChange } from '@pawl/storage'
import { afterEach, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const open: TestServer[] = []
const streams: IncomingMessage[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy()
  for (const server of open.splice(0)) await server.close()
})

async function start(given: NonNullable<Parameters<typeof startTestServer>[0]> = {}) {
  const listeners = new Set<(change: StoreChange) => void>()
  const server = await startTestServer({
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ...given,
  })
  open.push(server)
  const port = await server.listen()
  return { server, port, listeners }
}

interface Stream {
  readonly response: IncomingMessage
  text: string
  isEnded: boolean
}

function listen(port: number, headers: Record<string, string> = {}, method = 'GET'): Promise<Stream> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v2/stream', headers, method }, (response) => {
      streams.push(response)
      const stream: Stream = { response, text: '', isEnded: false }
      response.setEncoding('utf8').on('data', (chunk: string) => {
        stream.text += chunk
      })
      response.on('close', () => {
        stream.isEnded = true
      })
      resolve(stream)
    })
      .on('error', reject)
      .end()
  })
}

const change: StoreChange = {
  runs: [],
  events: [],
  bulks: [],
  jobs: [],
  sessions: [],
  requests: [],
  registry: true,
  isCut: false,
}

test('the stream tells of jobs, sessions and requests as lists show them', async () => {
  const server = await startTestServer()
  open.push(server)
  const stream = await listen(await server.listen())
  const ask = async (what: string, body: object) => String(at((await server.ask(what, { body })).json, 'data', 'id'))
  const job = await ask('POST /v2/jobs', { name: 'n', intervalMinutes: 60, request: { url: 'https://a.example' } })
  const session = await ask('POST /v2/sessions', { key: 's', metadata: { large: 'kept out' } })
  const asked = { key: 'q', kind: 'approval', prompt: 'May I?', arguments: ['kept out'] }
  const request = await ask(`POST /v2/sessions/${session}/requests`, asked)
  const rows = (kind: string) =>
    [...stream.text.matchAll(/^data: (.*)$/gm)].flatMap(([, text = '']) => JSON.parse(text)[kind] ?? [])
  await until(async () => rows('requests').length > 0 && rows('jobs').length > 0, 'the changes')
  expect(rows('jobs')[0]).toMatchObject({ id: job, name: 'n', stats: { totalRuns: 0 }, request: { method: 'GET' } })
  expect(rows('sessions').at(-1)).toMatchObject({ id: session, status: 'waiting', itemCount: 1, pendingRequests: 1 })
  expect(rows('requests').at(-1)).toMatchObject({
    id: request,
    sessionId: session,
    prompt: 'May I?',
    status: 'pending',
  })
  expect(stream.text).not.toContain('kept out')
  const seen = rows('sessions').length
  await server.ask(`DELETE /v2/jobs/${job}`)
  await until(async () => stream.text.includes('"isCut":true'), 'the deletion')
  expect(rows('sessions')).toHaveLength(seen)
})

describe('the stream', () => {
  test('comes as server-sent events that nobody holds back', async () => {
    const { port, listeners } = await start()
    const stream = await listen(port)
    expect(stream.response).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        'x-inngest-server-kind': 'dev',
        'x-content-type-options': 'nosniff',
      },
    })
    await until(async () => stream.text.includes('event: hello'), 'hello')
    for (const listener of listeners) listener(change)
    await until(async () => stream.text.includes('"registry":true'), 'a change')
  })

  test('tells of a run as it goes, from the store itself', async () => {
    const server = await startTestServer()
    open.push(server)
    const stream = await listen(await server.listen())
    await until(async () => stream.text.includes('event: hello'), 'hello')
    await server.register({ pay: {} })
    await until(async () => stream.text.includes('"registry":true'), 'the registration')
    const run = await server.run('shop/pay', 'Completed')
    const rows = () => stream.text.split('\n').filter((line) => line.startsWith('data: ') && line.includes(run))
    await until(async () => rows().some((line) => line.includes('"COMPLETED"')), 'its end')
    expect(rows()[0]).toContain('"isNew":true')
    expect(stream.text).toContain('"name":"shop/pay"')
  })

  test('goes on from the ID that the browser says, before the one in its address', async () => {
    const { port, server } = await start()
    const first = await listen(port)
    await until(async () => first.text.includes('event: hello'), 'hello')
    const seen = /^id: (.*)$/m.exec(first.text)?.[1] ?? ''
    const again = await listen(port, { 'last-event-id': seen })
    await until(async () => again.text.includes('event: hello'), 'hello')
    expect(again.text).toContain(`id: ${seen}`)
    expect((await server.ask('HEAD /v2/stream')).status).toBe(200)
  })

  test('wants a sign-in, of this origin, and ends when somebody signs out', async () => {
    const { port, server } = await start({ mode: 'start', eventKeys: ['k'], signingKeys: [KEY] })
    expect((await listen(port)).response.statusCode).toBe(401)
    const signedIn = await server.ask('POST /v2/sign-in', { body: { key: KEY } })
    const cookie = String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? ''
    for (const origin of ['https://evil.example', 'http://127.0.0.1:3000']) {
      const foreign = await listen(port, { cookie, origin })
      expect(foreign.response.statusCode).toBe(403)
      expect(foreign.response.headers).not.toHaveProperty('access-control-allow-origin')
    }
    const stream = await listen(port, { cookie, 'sec-fetch-site': 'same-origin' })
    await until(async () => stream.text.includes('event: hello'), 'hello')
    await server.ask('POST /v2/sign-out', { headers: { cookie } })
    await until(async () => stream.isEnded, 'the end of the stream')
  })

  test('is open a hundred times at most', async () => {
    const { port, server } = await start()
    const hundred = await Promise.all(Array.from({ length: 100 }, () => listen(port)))
    await until(async () => hundred.every(({ text }) => text.includes('hello')), 'all')
    expect(await server.ask('GET /v2/stream')).toMatchObject({
      status: 503,
      json: { errors: [{ code: 'too_many_streams', hint: expect.any(String) }] },
    })
    hundred[0]?.response.destroy()
    await until(async () => (await listen(port)).response.statusCode === 200, 'a place')
  })

  test('ends when the server stops', async () => {
    const { port, server, listeners } = await start()
    const stream = await listen(port)
    await until(async () => stream.text.includes('event: hello'), 'hello')
    open.splice(0)
    await server.close()
    await until(async () => stream.isEnded, 'the end of the stream')
    expect(listeners.size).toBe(0)
  })

  test('leaves the store alone once nobody listens, and takes no CPU of a tab that is gone', async () => {
    const { port, listeners } = await start()
    expect(listeners.size).toBe(0)
    const stream = await listen(port)
    await until(async () => listeners.size === 1, 'a watcher')
    stream.response.destroy()
    for (const listener of listeners) listener(change)
    await until(async () => stream.isEnded, 'the end')
  })
})
