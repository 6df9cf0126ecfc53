import { setTimeout as sleep } from 'node:timers/promises'
import type { RunQuery } from '@pawl/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

let server: TestServer
/** What a test puts in front of the store's list. */
let before: ((query: RunQuery) => Promise<void>) | undefined
let fetched = 0

beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      lists: {
        async runs(query) {
          fetched += 1
          await before?.(query)
          return server.store.lists.runs(query)
        },
      },
    },
  })
  server.answer(({ ctx }) => ({ status: 200, body: { n: ctx.attempt } }))
  await server.register({ one: {} })
  for (let n = 0; n < 5; n++) await server.run('shop/one', 'Completed', { n, token: 'secret-value' })
})
afterAll(() => server.close())

async function lines(what: string): Promise<readonly unknown[]> {
  const reply = await server.ask(what)
  expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
  return reply.text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

const query = (text: string) => `query=${encodeURIComponent(text)}`

describe('a search', () => {
  test('of runs answers the rows that match, and how it ended', async () => {
    const found = await lines(`GET /v2/runs/search?${query('event.data.n >= 3\nrun.status == "COMPLETED"')}`)
    expect(found).toHaveLength(3)
    expect(found[0]).toEqual({
      row: expect.objectContaining({
        status: 'COMPLETED',
        function: { id: 'one', name: 'one', slug: 'shop-one' },
        trigger: { eventIds: [expect.any(String)], eventName: 'shop/one' },
      }),
    })
    expect(found.at(-1)).toEqual({ done: { hasMore: false, scanned: 5 } })
    expect(JSON.stringify(found)).not.toContain('secret-value')
  })

  test('goes on from its cursor', async () => {
    const first = await lines(`GET /v2/runs/search?limit=2&${query('event.data.n < 4')}`)
    expect(first).toHaveLength(3)
    const { cursor, hasMore } = at(first, 2, 'done') as { cursor: string; hasMore: boolean }
    expect(hasMore).toBe(true)
    const rest = await lines(`GET /v2/runs/search?limit=9&${query('event.data.n < 4')}&cursor=${cursor}`)
    expect(rest).toHaveLength(3)
    const ids = [...first, ...rest].flatMap((line) => at(line, 'row', 'id') ?? [])
    expect(new Set(ids).size).toBe(4)
  })

  test('of events shows what each started, and none of its data', async () => {
    const found = await lines(`GET /v2/events/search?${query('event.data.n == 1')}`)
    expect(found[0]).toEqual({
      row: {
        id: expect.any(String),
        eventId: expect.any(String),
        name: 'shop/one',
        ts: expect.any(String),
        receivedAt: expect.any(String),
        sizeBytes: expect.any(Number),
        runs: [{ id: expect.any(String), functionId: 'shop-one', functionName: 'one', status: 'COMPLETED' }],
      },
    })
    expect(found.at(-1)).toEqual({ done: { hasMore: false, scanned: 5 } })
  })

  test.each([
    ['runs', 'event.data.n === 1', 16],
    ['runs', 'output.n == 1\nnope == 2', 1],
    ['events', 'event.data.n == ', undefined],
  ])('of %s with a bad expression is refused before anything is sent: %s', async (what, text, column) => {
    const reply = await server.ask(`GET /v2/${what}/search?${query(text)}`)
    expect(reply).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_expression', path: 'query', column: column ?? expect.any(Number) }] },
    })
  })

  test('says how far it is while the store takes long', async () => {
    before = () => sleep(700)
    const found = await lines(`GET /v2/runs/search?${query('event.data.n == 1')}`)
    before = undefined
    const progress = found.filter((line) => at(line, 'progress') !== undefined)
    expect(progress.length).toBeGreaterThanOrEqual(2)
    expect(progress[0]).toEqual({ progress: { scanned: 0 } })
    expect(found.at(-1)).toMatchObject({ done: { scanned: 5 } })
  })

  test('tells in the stream what goes wrong later', async () => {
    before = () => Promise.reject(new Error('the disk is gone'))
    const found = await lines(`GET /v2/runs/search?${query('event.data.n == 1')}`)
    before = undefined
    expect(found).toEqual([{ error: { code: 'internal_error', message: 'Something went wrong in the server' } }])
    expect(server.log.at(-1)).toMatchObject({ level: 'error', message: 'A stream failed' })
  })

  test('is one of ten at most', async () => {
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    before = () => held
    const what = `GET /v2/runs/search?${query('event.data.n == 1')}`
    const refused: unknown[] = []
    const asked = Array.from({ length: 13 }, async () => {
      const { status, json } = await server.ask(what)
      if (status !== 200) refused.push(json)
      return status
    })
    await until(async () => refused.length >= 3, 'those past ten to be refused')
    expect(refused[0]).toMatchObject({ errors: [{ code: 'too_many_searches' }] })
    release()
    before = undefined
    // The place of a search that has just ended is given back a moment later.
    expect((await Promise.all(asked)).filter((status) => status === 200).length).toBeGreaterThanOrEqual(8)
    await until(async () => (await server.ask(what)).status === 200, 'a place to be free again')
    expect(await server.ask('HEAD /v2/runs/search')).toMatchObject({ status: 200, text: '' })
  })

  test('stops when the client goes away', async () => {
    const port = await server.listen()
    before = async () => {
      await sleep(150)
    }
    const stop = new AbortController()
    // So many rows that it never ends by itself: the store is asked for the first batch again and again.
    const real = server.store.lists.runs
    const full = await real({
      field: 'queuedAt',
      order: 'desc',
      limit: 1,
      withOutput: false,
      withEvents: true,
    })
    server.store.lists.runs = async ({ limit }: RunQuery) => Array.from({ length: limit }, () => full).flat()
    const answer = await fetch(`http://127.0.0.1:${port}/v2/runs/search?${query('event.data.n == 99')}`, {
      signal: stop.signal,
    })
    const reader = answer.body?.getReader()
    await reader?.read()
    stop.abort()
    await until(async () => {
      const seen = fetched
      await sleep(400)
      return fetched === seen
    }, 'the search to stop')
    server.store.lists.runs = real
    before = undefined
  })
})
