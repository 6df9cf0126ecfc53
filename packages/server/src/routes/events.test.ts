import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const send = (body: unknown, headers: Record<string, string> = {}) => server.ask('POST /e/any-key', { body, headers })

describe('POST /e/{key}', () => {
  test('answers the IDs in the order sent, after the events are stored', async () => {
    const sent = await send([
      { name: 'a/one', data: { n: 1 }, id: 'mine', v: '2' },
      { name: 'a/two', ts: 1_700_000_000_000 },
    ])
    expect(sent).toMatchObject({ status: 200, json: { status: 200, ids: [expect.any(String), expect.any(String)] } })
    const [first, second] = at(sent.json, 'ids') as string[]
    const one = await server.ask(`GET /v1/events/${first}`)
    expect(at(one.json, 'data')).toMatchObject({
      internal_id: first,
      id: 'mine',
      name: 'a/one',
      data: { n: 1 },
      v: '2',
      source: '',
      source_id: null,
    })
    const two = await server.ask(`GET /v1/events/${second}`)
    expect(at(two.json, 'data')).toMatchObject({ id: second, name: 'a/two', data: {}, ts: 1_700_000_000_000 })
    expect(at(two.json, 'data', 'v')).toBeUndefined()
  })

  test('takes one object, any content type and no content type', async () => {
    expect((await send({ name: 'a/b' })).status).toBe(200)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'not a type']) {
      expect((await send('{"name":"a/b"}', { 'content-type': type })).status).toBe(200)
    }
    expect((await send(Buffer.from(' [{"name":"a/b"}]'))).status).toBe(200)
  })

  test('answers an empty array with no IDs', async () => {
    expect((await send([])).json).toEqual({ ids: [], status: 200 })
  })

  test('takes all or nothing, and names the first bad event', async () => {
    const refused = await send([{ name: 'x/kept' }, {}, { name: 'x/kept' }])
    expect(refused).toMatchObject({
      status: 400,
      json: { ids: [], status: 400, error: 'event name is empty (event 1)' },
    })
    expect(at((await server.ask('GET /v1/events?name=x/kept')).json, 'data')).toEqual([])
  })

  test.each([
    [{ name: '' }, 'event name is empty'],
    [{ name: 'Inngest/x' }, 'event name is reserved for internal use'],
    [{ name: 'pawl/session.x' }, 'event name is reserved for internal use'],
    [{ name: 'a/b', ts: 1 }, 'timestamp is before Jan 1, 1980'],
    [{ name: 'a/b', ts: 9_999_999_999_999 }, 'timestamp is after Jan 1, 2100'],
    ['[1', 'Invalid JSON'],
    ['', 'Request body must contain an event object or an array of event objects'],
    ['"text"', 'Request body must contain an event object or an array of event objects'],
    ['name=a%2Fb', 'Invalid JSON'],
    [Array.from({ length: 5001 }, () => ({ name: 'a/b' })), 'Cannot have more than 5000 events in a batch'],
  ])('refuses the %#th bad body', async (body, error) => {
    const refused = await send(body)
    expect(refused).toMatchObject({
      status: 400,
      json: { ids: [], status: 400, error: expect.stringContaining(error) },
    })
  })

  test('refuses an event over 3 MiB', async () => {
    const refused = await send({ name: 'a/b', data: { text: 'x'.repeat(3 * 1024 * 1024) } })
    expect(refused).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(/^Event is over the max size: Max 3145728 bytes/) },
    })
  })

  test('marks a resend with the same seed as a repeat', async () => {
    const seed = { 'x-inngest-event-id-seed': '1700000000000,AAAAAAAAAAAAAA==' }
    const first = await send([{ name: 'seed/a' }], seed)
    const again = await send([{ name: 'seed/a' }], seed)
    expect(again.json).toEqual(first.json)
    const listed = at((await server.ask('GET /v1/events?name=seed/a')).json, 'data') as { is_repeat?: boolean }[]
    expect(listed.map((event) => event.is_repeat)).toEqual([true, undefined])
  })

  test('answers 401 without a key', async () => {
    for (const path of ['/e', '/e/']) {
      const refused = await server.ask(`POST ${path}`, { body: { name: 'a/b' } })
      expect(refused).toMatchObject({ status: 401, json: { ids: [], status: 401, error: 'Event key not found' } })
    }
  })

  test('is open to pages of any origin', async () => {
    const asked = await server.ask('OPTIONS /e/any-key', {
      headers: { origin: 'https://shop.example', 'access-control-request-headers': 'content-type, x-inngest-sdk' },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type, x-inngest-sdk',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-max-age': '3600',
    })
    const sent = await send({ name: 'a/b' }, { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' })
    expect(sent.status).toBe(200)
    expect(sent.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Link, Mcp-Session-Id',
    })
  })
})

describe('POST /v2/events', () => {
  const sendOne = (body: unknown) => server.ask('POST /v2/events', { body })

  test('sends one event', async () => {
    const sent = await sendOne({ name: 'v2/a', data: { n: 1 }, id: 'own' })
    const eventId = at(sent.json, 'data', 'eventId')
    expect(at((await server.ask(`GET /v1/events/${eventId}`)).json, 'data')).toMatchObject({ name: 'v2/a', id: 'own' })
    expect((await server.ask('POST /api/v2/events', { body: { name: 'v2/a' } })).status).toBe(200)
  })

  test.each([
    [{}, 400, 'missing_field'],
    [{ name: 'inngest/x' }, 400, 'invalid_field_format'],
    [{ name: 'x'.repeat(513) }, 400, 'invalid_field_format'],
    [[{ name: 'a' }], 400, 'invalid_field_format'],
    [{ name: 'a', data: 7 }, 400, 'invalid_field_format'],
    [{ name: 'a', data: { text: 'x'.repeat(3 * 1024 * 1024) } }, 422, 'validation_error'],
    ['{"name":', 400, 'invalid_json'],
  ])('refuses %#', async (body, status, code) => {
    expect(await sendOne(body)).toMatchObject({ status, json: { errors: [{ code }] } })
  })

  test('takes JSON only', async () => {
    const refused = await server.ask('POST /v2/events', {
      body: '{"name":"a/b"}',
      headers: { 'content-type': 'text/plain' },
    })
    expect(refused).toMatchObject({ status: 415, json: { errors: [{ code: 'unsupported_media_type' }] } })
  })
})

describe('GET /v1/events', () => {
  beforeAll(async () => {
    await server.ask('POST /dev/reset')
    await send(
      Array.from({ length: 7 }, (_, n) => ({ name: n % 2 === 0 ? 'list/even' : 'list/odd', data: { n }, id: `e${n}` })),
    )
  })
  const ids = (json: unknown) => (at(json, 'data') as { id: string }[]).map((event) => event.id)
  const list = async (query: string) => (await server.ask(`GET /v1/events?${query}`)).json

  test('lists newest first', async () => {
    expect(ids(await list(''))).toEqual(['e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0'])
  })

  test('pages through events of equal time without repeating or losing one, with an exact end', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 4; page++) {
      const json = await list(`limit=3${cursor}`)
      seen.push(...ids(json))
      const more = at(json, 'page', 'has_more')
      expect(at(json, 'page', 'limit')).toBe(3)
      if (more !== true) {
        expect(at(json, 'page', 'cursor')).toBeUndefined()
        break
      }
      cursor = `&cursor=${at(json, 'page', 'cursor')}`
    }
    expect(seen).toEqual(['e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0'])
    expect(at(await list('limit=7'), 'page', 'has_more')).toBe(false)
    expect(at(await list('limit=6'), 'page', 'has_more')).toBe(true)
  })

  test('takes the ID of the last event as a cursor', async () => {
    const last = at(await list('limit=3'), 'data', 2, 'internal_id')
    expect(ids(await list(`limit=2&cursor=${last}`))).toEqual(['e3', 'e2'])
  })

  test('filters by names, by expressions and by time, and counts what matches', async () => {
    expect(ids(await list('name=list/even&limit=2'))).toEqual(['e6', 'e4'])
    const query = encodeURIComponent("event.data.n > 1 && event.name == 'list/even'")
    const found = await list(`query=${query}&limit=2&include_total=true`)
    expect(ids(found)).toEqual(['e6', 'e4'])
    expect(at(found, 'page')).toMatchObject({ has_more: true, total_count: 3 })
    const rest = await list(`query=${query}&limit=2&cursor=${at(found, 'page', 'cursor')}`)
    expect(ids(rest)).toEqual(['e2'])
    expect(at(rest, 'page')).toEqual({ has_more: false, limit: 2 })
    expect(ids(await list(`query=${encodeURIComponent('event.data.n > 1\nevent.data.n < 4')}`))).toEqual(['e3', 'e2'])
    expect(ids(await list('received_before=1h'))).toEqual([])
    expect(ids(await list('received_after=1h')).length).toBe(7)
    expect(ids(await list(`query=${encodeURIComponent('event.data.n > "x"')}`))).toEqual([])
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=52', 'limit'],
    ['limit=x', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['cursor=01J00000000000000000000000', 'cursor'],
    ['received_after=soon', 'received_after'],
    ['include_internal=maybe', 'include_internal'],
  ])('refuses %s', async (query, path) => {
    const refused = await server.ask(`GET /v1/events?${query}`)
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_parameter', status: 400, data: { path } } })
  })

  test('refuses an expression that does not compile', async () => {
    for (const query of ['event.data.n >', 'output.n == 1']) {
      const refused = await server.ask(`GET /v1/events?query=${encodeURIComponent(query)}`)
      expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_expression' } })
    }
  })

  test('answers 400 for an ID that is none, 404 for one that is unknown, and no runs for it', async () => {
    const unknown = '01J00000000000000000000000'
    expect(await server.ask('GET /v1/events/nope')).toMatchObject({ status: 400, json: { code: 'invalid_parameter' } })
    expect(await server.ask(`GET /v1/events/${unknown}`)).toMatchObject({
      status: 404,
      json: { error: 'Event not found', data: null },
    })
    expect(await server.ask(`GET /v1/events/${unknown}/runs`)).toMatchObject({ status: 200, json: { data: [] } })
    expect(await server.ask(`GET /v2/events/${unknown}/runs`)).toMatchObject({
      status: 200,
      json: { page: { limit: 20 } },
    })
    expect(await server.ask('GET /v2/events/nope/runs')).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_field_format' }] },
    })
  })

  test('refuses the ID of an event that was sent twice as a cursor, and loses none by its own', async () => {
    const seed = { 'x-inngest-event-id-seed': '1700000000000,BBBBBBBBBBBBBB==' }
    const batch = [{ name: 'twice/a' }, { name: 'twice/b' }]
    await send(batch, seed)
    await send([{ name: 'twice/between' }])
    await send(batch, seed)
    const page = await list('name=twice/a&name=twice/b&name=twice/between&limit=1')
    const refused = await server.ask(`GET /v1/events?limit=1&cursor=${at(page, 'data', 0, 'internal_id')}`)
    expect(refused).toMatchObject({
      status: 400,
      json: { code: 'invalid_parameter', error: expect.stringContaining('page.cursor'), data: { path: 'cursor' } },
    })
    const rest = await list(`limit=4&cursor=${at(page, 'page', 'cursor')}`)
    expect((at(rest, 'data') as { name: string }[]).map((event) => event.name)).toEqual([
      'twice/a',
      'twice/between',
      'twice/b',
      'twice/a',
    ])
  })
})
