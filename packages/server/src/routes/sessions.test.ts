import { type IncomingMessage, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

const UNKNOWN = '01J00000000000000000000000'
const KEY = '0123456789abcdef0123456789abcdef'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let made = 0

async function open(body: object = {}): Promise<string> {
  const opened = await server.ask('POST /v2/sessions', { body: { key: `session ${++made}`, ...body } })
  expect(opened.status).toBe(201)
  return String(at(opened.json, 'data', 'id'))
}

async function read(id: string): Promise<Readonly<Record<string, unknown>>> {
  return at((await server.ask(`GET /v2/sessions/${id}`)).json, 'data') as Readonly<Record<string, unknown>>
}

function append(id: string, body: object, headers: Record<string, string> = {}) {
  return server.ask(`POST /v2/sessions/${id}/items`, { body, headers })
}

describe('a session', () => {
  test('is opened once under a key, and found again', async () => {
    const body = { key: 'daily', agent: 'trader', title: 'Daily', metadata: { b: 1, a: [null] } }
    const first = await server.ask('POST /v2/sessions', { body })
    expect(first.status).toBe(201)
    expect(at(first.json, 'data')).toMatchObject({
      key: 'daily',
      agent: 'trader',
      title: 'Daily',
      status: 'running',
      metadata: { a: [null], b: 1 },
      itemCount: 0,
      pendingRequests: 0,
    })
    const again = await server.ask('POST /v2/sessions', { body: { key: 'daily', title: 'Other' } })
    expect(again.status).toBe(200)
    expect(at(again.json, 'data')).toEqual(at(first.json, 'data'))
  })

  test('OS-13: is one, however many open it at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.ask('POST /v2/sessions', { body: { key: 'at once' } })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(answers.map(({ json }) => at(json, 'data', 'id'))).size).toBe(1)
  })

  test('ends with a result, and is set to running again only when that is asked for', async () => {
    const id = await open({ key: 'ends' })
    const ended = await server.ask(`PATCH /v2/sessions/${id}`, { body: { status: 'completed', result: [1, 'x'] } })
    expect(at(ended.json, 'data')).toMatchObject({
      status: 'completed',
      result: [1, 'x'],
      endedAt: expect.any(String),
    })
    expect(await append(id, { type: 'log', content: 1 })).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'session_ended' }], data: { status: 'completed' } },
    })
    expect((await server.ask(`PATCH /v2/sessions/${id}`, { body: { title: 'Named' } })).status).toBe(200)
    const same = await server.ask('POST /v2/sessions', { body: { key: 'ends' } })
    expect(at(same.json, 'data', 'status')).toBe('completed')
    const reopened = await server.ask('POST /v2/sessions', { body: { key: 'ends', reopen: true } })
    expect(reopened.status).toBe(200)
    expect(at(reopened.json, 'data')).toMatchObject({ status: 'running', title: 'Named' })
    expect(at(reopened.json, 'data')).not.toHaveProperty('endedAt')
    expect((await append(id, { type: 'log', content: 1 })).status).toBe(201)
  })

  test.each([
    [{}, 400, 'missing_field', 'key'],
    [{ key: '' }, 400, 'invalid_field_format', 'key'],
    [{ key: 'x', metadata: [] }, 400, 'invalid_field_format', 'metadata'],
    [{ key: 'x', metadata: { a: 'x'.repeat(16_384) } }, 413, 'session_too_large', 'metadata'],
    [{ key: 'x', runId: 'nonsense' }, 400, 'invalid_field_format', 'runId'],
  ])('is refused as %j', async (body, status, code, path) => {
    const refused = await server.ask('POST /v2/sessions', { body })
    expect(refused.status).toBe(status)
    expect(at(refused.json, 'errors', 0)).toMatchObject({ code, path })
    if (status === 413) expect(at(refused.json, 'data')).toEqual({ limit: 16_384 })
  })

  test('that is not known is not found', async () => {
    const body = { type: 'log', content: 1 }
    for (const what of [`GET /v2/sessions/${UNKNOWN}`, `GET /v2/sessions/${UNKNOWN}/items`])
      expect((await server.ask(what)).status, what).toBe(404)
    expect((await append(UNKNOWN, body)).status).toBe(404)
    expect((await server.ask(`PATCH /v2/sessions/${UNKNOWN}`, { body: {} })).status).toBe(404)
    expect((await server.ask(`GET /v2/sessions/${UNKNOWN}/stream`)).status).toBe(404)
    const unlinked = await server.ask('POST /v2/sessions', { body: { key: 'unlinked', jobRunId: UNKNOWN } })
    expect(unlinked.status).toBe(404)
  })
})

describe('items', () => {
  test('OS-10: of 50 parallel appends are numbered 1 to 50 without a gap', async () => {
    const id = await open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => append(id, { type: 'log', content: index })),
    )
    const seqs = answers.map(({ json }) => Number(at(json, 'data', 0, 'seq'))).sort((a, b) => a - b)
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect((await read(id)).itemCount).toBe(50)
  })

  test('OS-10: that are sent again with the same key add nothing', async () => {
    const id = await open()
    const one = { type: 'message', role: 'user', content: { text: 'hi' } }
    const first = await append(id, one, { 'idempotency-key': 'k1' })
    const again = await append(id, one, { 'idempotency-key': 'k1' })
    expect(at(again.json, 'data')).toEqual(at(first.json, 'data'))
    const many = {
      items: [
        { type: 'log', content: 1 },
        { type: 'log', content: 2, key: 'own' },
      ],
    }
    await append(id, many, { 'idempotency-key': 'k2' })
    await append(id, many, { 'idempotency-key': 'k2' })
    expect((await read(id)).itemCount).toBe(3)
    await append(id, { ...one, key: 'own' })
    expect((await read(id)).itemCount).toBe(3)
    expect((await append(id, one, { 'idempotency-key': 'k'.repeat(300) })).status).toBe(400)
  })

  test('are read in their order, after one, in pages', async () => {
    const id = await open()
    await append(id, { items: Array.from({ length: 5 }, (_, index) => ({ type: 'log', content: index })) })
    const page = async (query: string) => {
      const { json } = await server.ask(`GET /v2/sessions/${id}/items${query}`)
      const rows = (at(json, 'data') ?? []) as { seq: number; content: number }[]
      return { seqs: rows.map(({ seq }) => seq), page: at(json, 'page') }
    }
    expect(await page('?limit=2')).toEqual({ seqs: [1, 2], page: { limit: 2, hasMore: true, cursor: '2' } })
    expect(await page('?limit=3&cursor=2')).toEqual({ seqs: [3, 4, 5], page: { limit: 3 } })
    expect((await page('?after=4')).seqs).toEqual([5])
    expect((await page('?after=5')).seqs).toEqual([])
    expect((await server.ask(`GET /v2/sessions/${id}/items?after=x`)).status).toBe(400)
  })

  test('keep any JSON as it was, and are all refused when one of them cannot be', async () => {
    const id = await open()
    const content = { __proto__x: 1, z: null, a: ['\u0000', 1e21] }
    const added = await append(id, { type: 'artifact', content })
    expect(at(added.json, 'data', 0, 'content')).toEqual(content)
    const refused = await append(id, {
      items: [
        { type: 'log', content: 1 },
        { type: 'log', content: 'x'.repeat(256 * 1024) },
      ],
    })
    expect(refused).toMatchObject({
      status: 413,
      json: { errors: [{ code: 'session_too_large', path: 'items[1].content' }], data: { limit: 262_144 } },
    })
    const many = { items: Array.from({ length: 101 }, () => ({ type: 'log', content: 1 })) }
    expect(await append(id, many)).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'too_many_items' }], data: { limit: 100 } },
    })
    for (const [body, path] of [
      [{ type: 'thought', content: 1 }, 'type'],
      [{ type: 'log' }, 'content'],
      [{ items: [{ type: 'thought', content: 1 }] }, 'items.0.type'],
    ] as const)
      expect(await append(id, body), path).toMatchObject({ status: 400, json: { errors: [{ path }] } })
    expect((await append(id, { items: [] })).status).toBe(400)
    expect((await read(id)).itemCount).toBe(1)
  })
})

test('the list has filters, and tells waiting from running', async () => {
  const alone = await startTestServer()
  const openOne = async (key: string, agent: string) => {
    const opened = await alone.ask('POST /v2/sessions', { body: { key, agent } })
    return String(at(opened.json, 'data', 'id'))
  }
  await openOne('runs', 'a')
  const waits = await openOne('waits', 'a')
  const done = await openOne('done', 'b')
  await alone.ask(`POST /v2/sessions/${waits}/requests`, { body: { key: 'q', kind: 'approval', prompt: 'May I?' } })
  await alone.ask(`PATCH /v2/sessions/${done}`, { body: { status: 'failed', error: { message: 'x' } } })
  const keys = async (query: string) => {
    const { json } = await alone.ask(`GET /v2/sessions${query}`)
    return ((at(json, 'data') ?? []) as { key: string }[]).map(({ key }) => key)
  }
  expect(await keys('')).toEqual(['done', 'waits', 'runs'])
  expect(await keys('?agent=a')).toEqual(['waits', 'runs'])
  expect(await keys('?status=waiting')).toEqual(['waits'])
  expect(await keys('?status=running')).toEqual(['runs'])
  expect(await keys('?status=running&status=waiting')).toEqual(['waits', 'runs'])
  expect(await keys('?status=waiting&status=failed')).toEqual(['done', 'waits'])
  expect((await alone.ask('GET /v2/sessions?status=sleeping')).status).toBe(400)
  expect((await alone.ask(`GET /v2/sessions?jobId=${UNKNOWN}`)).status).toBe(404)
  const page = await alone.ask('GET /v2/sessions?limit=2')
  expect(await keys(`?limit=2&cursor=${at(page.json, 'page', 'cursor')}`)).toEqual(['runs'])
  await alone.close()
})

describe('the stream of a session', () => {
  const streams: IncomingMessage[] = []
  let port: number
  beforeAll(async () => {
    port = await server.listen()
  })
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.destroy()
  })

  interface Stream {
    status: number
    text: string
    isEnded: boolean
  }

  function listen(of: number, path: string, headers: Record<string, string> = {}): Promise<Stream> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: of, path, headers }, (response) => {
        streams.push(response)
        const stream: Stream = { status: response.statusCode ?? 0, text: '', isEnded: false }
        response.setEncoding('utf8').on('data', (chunk: string) => {
          stream.text += chunk
        })
        response.on('error', () => {})
        response.on('close', () => {
          stream.isEnded = true
        })
        resolve(stream)
      })
        .on('error', reject)
        .end()
    })
  }

  interface Message {
    readonly event: string
    readonly id: string | undefined
    readonly data: Readonly<Record<string, unknown>>
  }

  function messages({ text }: Stream): readonly Message[] {
    const blocks = text.split('\n\n').slice(0, -1)
    return blocks.flatMap((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      const event = /^event: (.*)$/m.exec(block)?.[1] ?? ''
      return data === undefined ? [] : [{ event, id: /^id: (.*)$/m.exec(block)?.[1], data: JSON.parse(data) }]
    })
  }

  const ids = (stream: Stream) => messages(stream).flatMap(({ id }) => id ?? [])

  test('tells what there is, then what happens, with the number of each item', async () => {
    const id = await open({ title: 'Live' })
    await append(id, {
      items: [
        { type: 'log', content: 'a' },
        { type: 'log', content: 'b' },
      ],
    })
    const stream = await listen(port, `/v2/sessions/${id}/stream`)
    await until(async () => ids(stream).length === 2, 'what there is')
    expect(messages(stream)[0]).toMatchObject({ event: 'session', data: { title: 'Live', itemCount: 2 } })
    expect(messages(stream)[1]).toMatchObject({ event: 'item', id: '1', data: { seq: 1, type: 'log', content: 'a' } })
    await append(id, { type: 'message', content: 'c' })
    await until(async () => ids(stream).length === 3, 'a new item')
    await server.ask(`PATCH /v2/sessions/${id}`, { body: { status: 'completed' } })
    await until(async () => messages(stream).at(-1)?.data.status === 'completed', 'the end')
    expect(ids(stream)).toEqual(['1', '2', '3'])
    expect(stream.isEnded).toBe(false)
  })

  test('goes on behind the last item that was seen', async () => {
    const id = await open()
    await append(id, { items: Array.from({ length: 45 }, (_, index) => ({ type: 'log', content: index })) })
    const all = await listen(port, `/v2/sessions/${id}/stream`)
    const back = await listen(port, `/v2/sessions/${id}/stream?after=3`, { 'last-event-id': '43' })
    const asked = await listen(port, `/v2/sessions/${id}/stream?after=44`)
    await until(async () => ids(all).length === 45 && ids(back).length === 2 && ids(asked).length === 1, 'the rest')
    expect(ids(all)).toEqual(Array.from({ length: 45 }, (_, index) => String(index + 1)))
    expect(ids(back)).toEqual(['44', '45'])
    expect(ids(asked)).toEqual(['45'])
    expect((await listen(port, `/v2/sessions/${id}/stream?after=x`)).status).toBe(400)
  })

  test('tells only of its own session, and leaves the store alone when it ends', async () => {
    const watching = new Set<unknown>()
    const alone: TestServer = await startTestServer({
      watch(listener) {
        const unwatch = alone.store.watch(listener)
        watching.add(listener)
        return () => {
          watching.delete(listener)
          unwatch()
        }
      },
    })
    const openOne = async (key: string) =>
      String(at((await alone.ask('POST /v2/sessions', { body: { key } })).json, 'data', 'id'))
    const [mine, other] = [await openOne('mine'), await openOne('other')]
    const stream = await listen(await alone.listen(), `/v2/sessions/${mine}/stream`)
    await until(async () => messages(stream).length === 1, 'the session')
    expect(watching.size).toBe(1)
    await alone.ask(`POST /v2/sessions/${other}/items`, { body: { type: 'log', content: 'other' } })
    await alone.ask(`POST /v2/sessions/${mine}/items`, { body: { type: 'log', content: 'mine' } })
    await until(async () => ids(stream).length === 1, 'the item')
    expect(stream.text).not.toContain('other')
    for (const each of streams.splice(0)) each.destroy()
    await until(async () => watching.size === 0, 'nobody to watch')
    await alone.close()
  })

  test('needs a key in production, and ends when the server stops', async () => {
    const production = await startTestServer({ mode: 'start', signingKeys: [KEY], eventKeys: ['k'] })
    const headers = { authorization: `Bearer ${KEY}` }
    const opened = await production.ask('POST /v2/sessions', { body: { key: 'x' }, headers })
    const path = `/v2/sessions/${at(opened.json, 'data', 'id')}/stream`
    const of = await production.listen()
    expect((await listen(of, path)).status).toBe(401)
    const stream = await listen(of, path, headers)
    await until(async () => messages(stream).length === 1, 'the session')
    await production.close()
    await until(async () => stream.isEnded, 'the end')
  })
})
