import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, type Reply, startTestServer, type TestServer, until } from '../test-server.ts'

const UNKNOWN = '01J00000000000000000000000'
const KEY = '0123456789abcdef0123456789abcdef'
const APPROVAL = { kind: 'approval', prompt: 'Buy 10 shares?', arguments: { shares: 10 } }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let made = 0

async function open(of: TestServer = server, headers: Record<string, string> = {}): Promise<string> {
  const opened = await of.ask('POST /v2/sessions', { body: { key: `s${++made}`, agent: 'trader' }, headers })
  return String(at(opened.json, 'data', 'id'))
}

async function ask(body: object = {}, session?: string): Promise<Readonly<Record<string, unknown>>> {
  const id = session ?? (await open())
  const asked = await server.ask(`POST /v2/sessions/${id}/requests`, { body: { key: 'q', ...APPROVAL, ...body } })
  expect(asked.status).toBe(201)
  return at(asked.json, 'data') as Readonly<Record<string, unknown>>
}

function respond(id: unknown, body: object, query = ''): Promise<Reply> {
  return server.ask(`POST /v2/requests/${id}/respond${query}`, { body })
}

const first = (reply: Reply) => at(reply.json, 'errors', 0)

describe('a request', () => {
  test('is asked once under its key, and makes its session wait', async () => {
    const session = await open()
    const request = await ask({}, session)
    expect(request).toMatchObject({
      sessionId: session,
      key: 'q',
      ...APPROVAL,
      status: 'pending',
      expiresAt: expect.any(String),
      session: { agent: 'trader' },
    })
    expect(request).not.toHaveProperty('link')
    const again = await server.ask(`POST /v2/sessions/${session}/requests`, {
      body: { key: 'q', kind: 'input', prompt: 'Something else?' },
    })
    expect(again.status).toBe(200)
    expect(at(again.json, 'data')).toEqual(request)
    expect(at((await server.ask(`GET /v2/requests/${request.id}`)).json, 'data')).toEqual(request)
    const seen = await server.ask(`GET /v2/sessions/${session}`)
    expect(at(seen.json, 'data')).toMatchObject({ status: 'waiting', pendingRequests: 1, itemCount: 1 })
  })

  test('is approved, perhaps with other arguments, by who called', async () => {
    const request = await ask({ schema: { type: 'object', properties: { shares: { type: 'integer', maximum: 20 } } } })
    const unfit = await respond(request.id, { decision: 'approve', arguments: { shares: 21 } })
    expect(unfit.status).toBe(422)
    expect(first(unfit)).toMatchObject({ code: 'validation_error', path: expect.stringMatching(/^arguments.*shares/) })
    const approved = await respond(request.id, { decision: 'approve', arguments: { shares: 5 }, reason: 'less' })
    expect(approved.status).toBe(200)
    expect(at(approved.json, 'data')).toMatchObject({
      status: 'approved',
      arguments: { shares: 5 },
      reason: 'less',
      respondedBy: 'anyone',
      resolvedAt: expect.any(String),
    })
  })

  test('of another kind is answered by a response that fits', async () => {
    const input = await ask({ kind: 'input', schema: { type: 'string', minLength: 2 }, arguments: undefined })
    expect((await respond(input.id, { response: 'x' })).status).toBe(422)
    expect((await respond(input.id, { decision: 'approve' })).status).toBe(422)
    expect(at((await respond(input.id, { response: 'xy' })).json, 'data')).toMatchObject({
      status: 'answered',
      response: 'xy',
    })
    const options = [{ value: 'a', label: 'A' }, { value: 'b' }]
    const choice = await ask({ kind: 'choice', options, arguments: undefined })
    expect(choice.options).toEqual(options)
    expect((await respond(choice.id, { response: 'c' })).status).toBe(422)
    expect((await respond(choice.id, { response: 'b' })).status).toBe(200)
    const free = await ask({ kind: 'input', arguments: undefined })
    expect(at((await respond(free.id, { response: null })).json, 'data')).toMatchObject({ response: null })
  })

  test('OS-11: takes one of two answers; the other gets the first', async () => {
    const request = await ask()
    const [one, two] = await Promise.all([
      respond(request.id, { decision: 'approve' }),
      respond(request.id, { decision: 'deny', reason: 'no' }),
    ])
    expect([one.status, two.status].sort()).toEqual([200, 409])
    const [won, lost] = one.status === 200 ? [one, two] : [two, one]
    expect(first(lost)).toMatchObject({ code: 'request_already_resolved' })
    expect(at(lost.json, 'data')).toEqual(at(won.json, 'data'))
    expect(at(lost.json, 'data', 'arguments')).toEqual({ shares: 10 })
    const name = 'pawl/session.request.resolved'
    const events = await server.ask(`GET /v2/events?name=${name}&includeInternal=true&limit=100`)
    const ofIt = ((at(events.json, 'data') ?? []) as { id: string }[]).map(({ id }) =>
      server.ask(`GET /v1/events/${id}`),
    )
    const told = (await Promise.all(ofIt)).filter(({ text }) => text.includes(String(request.id)))
    expect(told).toHaveLength(1)
  })

  test.each([
    [{}, 'missing_field', 'decision'],
    [{ decision: 'perhaps' }, 'invalid_field_format', 'decision'],
    [{ decision: 'approve', response: 1 }, 'invalid_field_format', 'response'],
    [{ arguments: {} }, 'invalid_field_format', 'arguments'],
  ])('does not understand %j', async (body, code, path) => {
    const request = await ask()
    const refused = await respond(request.id, body)
    expect(refused.status).toBe(400)
    expect(first(refused)).toMatchObject({ code, path })
  })

  test.each([
    [{ prompt: '' }, 400, 'prompt'],
    [{ kind: 'order' }, 400, 'kind'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 400, 'expiresAt'],
    [{ expiresAt: '2099-01-01T00:00:00Z' }, 400, 'expiresAt'],
    [{ kind: 'choice' }, 400, 'options'],
    [{ callbackUrl: 'ftp://a.example' }, 400, 'callbackUrl'],
    [{ arguments: 'x'.repeat(256 * 1024) }, 413, 'arguments'],
  ])('cannot be asked as %j', async (body, status, path) => {
    const session = await open()
    const refused = await server.ask(`POST /v2/sessions/${session}/requests`, {
      body: { key: 'q', ...APPROVAL, ...body },
    })
    expect(refused.status).toBe(status)
    expect(first(refused)).toMatchObject({ path })
  })

  test('is one of a hundred that may be pending in a session', async () => {
    const session = await open()
    const asked = await Promise.all(
      Array.from({ length: 101 }, (_, index) =>
        server.ask(`POST /v2/sessions/${session}/requests`, { body: { ...APPROVAL, key: `q${index}` } }),
      ),
    )
    const refused = asked.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(1)
    expect(refused[0]).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'too_many_requests_pending' }], data: { limit: 100 } },
    })
  })

  test('is taken back once; and goes with its session', async () => {
    const request = await ask()
    const cancelled = await server.ask(`POST /v2/requests/${request.id}/cancel`)
    expect(at(cancelled.json, 'data')).toMatchObject({ status: 'cancelled' })
    expect((await server.ask(`POST /v2/requests/${request.id}/cancel`)).status).toBe(409)
    expect((await respond(request.id, { decision: 'approve' })).status).toBe(409)
    const session = await open()
    const open2 = await ask({}, session)
    await server.ask(`PATCH /v2/sessions/${session}`, { body: { status: 'cancelled' } })
    expect(at((await server.ask(`GET /v2/requests/${open2.id}`)).json, 'data', 'status')).toBe('cancelled')
  })

  test('that is not known is not found', async () => {
    for (const what of ['', '/wait?timeout=0']) {
      expect((await server.ask(`GET /v2/requests/${UNKNOWN}${what}`)).status, what).toBe(404)
    }
    expect((await respond(UNKNOWN, { decision: 'deny' })).status).toBe(404)
    expect((await server.ask(`POST /v2/requests/${UNKNOWN}/cancel`)).status).toBe(404)
  })
})

describe('waiting', () => {
  test('ends with the answer', async () => {
    const request = await ask()
    const waiting = server.ask(`GET /v2/requests/${request.id}/wait?timeout=30`)
    await respond(request.id, { decision: 'deny', reason: 'too much' })
    expect(await waiting).toMatchObject({ status: 200, json: { data: { status: 'denied', reason: 'too much' } } })
    expect((await server.ask(`GET /v2/requests/${request.id}/wait`)).status).toBe(200)
  })

  test('that has no time ends with 204', async () => {
    const request = await ask()
    expect(await server.ask(`GET /v2/requests/${request.id}/wait?timeout=0`)).toMatchObject({ status: 204, text: '' })
    expect((await server.ask(`GET /v2/requests/${request.id}/wait?timeout=61`)).status).toBe(400)
  })

  test('ends when the server stops', async () => {
    const alone = await startTestServer()
    const session = await open(alone)
    const asked = await alone.ask(`POST /v2/sessions/${session}/requests`, { body: { key: 'q', ...APPROVAL } })
    const waiting = alone.ask(`GET /v2/requests/${at(asked.json, 'data', 'id')}/wait?timeout=60`)
    await until(async () => true, 'a turn')
    await alone.close()
    expect((await waiting).status).toBe(204)
  })
})

test('the inbox has the oldest pending first, and a count of them', async () => {
  const alone = await startTestServer()
  const session = await open(alone)
  const ids: string[] = []
  for (const key of ['a', 'b', 'c']) {
    const asked = await alone.ask(`POST /v2/sessions/${session}/requests`, { body: { ...APPROVAL, key } })
    ids.push(String(at(asked.json, 'data', 'id')))
  }
  const keys = async (query: string) => {
    const { json } = await alone.ask(`GET /v2/requests${query}`)
    return ((at(json, 'data') ?? []) as { key: string }[]).map(({ key }) => key)
  }
  const count = async () => at((await alone.ask('GET /v2/requests/count?status=pending')).json, 'data')
  expect(await keys('?status=pending')).toEqual(['a', 'b', 'c'])
  expect(await count()).toEqual({ count: 3 })
  await alone.ask(`POST /v2/requests/${ids[0]}/respond`, { body: { decision: 'approve' } })
  expect(await count()).toEqual({ count: 2 })
  expect(await keys('?status=pending')).toEqual(['b', 'c'])
  expect(await keys('?status=approved')).toEqual(['a'])
  expect(await keys('')).toEqual(['c', 'b', 'a'])
  expect(await keys(`?sessionId=${session}&limit=1`)).toEqual(['c'])
  const page = await alone.ask('GET /v2/requests?status=pending&limit=1')
  expect(at(page.json, 'page', 'hasMore')).toBe(true)
  const { cursor } = at(page.json, 'page') as { cursor: string }
  expect(await keys(`?status=pending&limit=1&cursor=${cursor}`)).toEqual(['c'])
  expect((await alone.ask(`GET /v2/requests?cursor=${cursor}`)).status).toBe(400)
  expect((await alone.ask(`GET /v2/requests?sessionId=${UNKNOWN}`)).status).toBe(404)
  await alone.close()
})

describe('a one-time link', () => {
  let production: TestServer
  const headers = { authorization: `Bearer ${KEY}` }
  beforeAll(async () => {
    production = await startTestServer({ mode: 'start', signingKeys: [KEY], eventKeys: ['k'] })
  })
  afterAll(() => production.close())

  async function linked(
    body: object = {},
  ): Promise<{ readonly id: string; readonly link: URL; readonly query: string }> {
    const session = await open(production, headers)
    const asked = await production.ask(`POST /v2/sessions/${session}/requests`, {
      body: { key: 'q', ...APPROVAL, link: true, callbackUrl: 'https://a.example/private', ...body },
      headers,
    })
    const link = new URL(String(at(asked.json, 'data', 'link')))
    return { id: String(at(asked.json, 'data', 'id')), link, query: link.search }
  }

  test('leads to the page, and below the prefix of a proxy', async () => {
    const { id, link } = await linked()
    expect(link.href).toMatch(/^http:\/\/localhost:8288\/requests\/\w{26}\?token=[\w-]{43}$/)
    const page = await production.ask(`GET ${link.pathname}${link.search}`, { headers: { accept: 'text/html' } })
    // Nothing has been built for this server; what matters is that nobody has to sign in for it.
    expect(page.status).toBe(503)
    const shown = await production.ask(`GET /v2/requests/${id}`, { headers })
    expect(shown.text).not.toContain('token')
    const session = await open(production, headers)
    const behind = await production.ask(`POST /v2/sessions/${session}/requests`, {
      body: { key: 'q', ...APPROVAL, link: true },
      headers: { ...headers, host: 'localhost', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/tools' },
    })
    expect(at(behind.json, 'data', 'link')).toMatch(/^https:\/\/localhost\/tools\/requests\//)
  })

  test('shows what the form needs and no more, to nobody without it', async () => {
    const { id, query } = await linked({ schema: { type: 'object' } })
    const seen = await production.ask(`GET /v2/requests/${id}${query}`)
    expect(seen.status).toBe(200)
    expect(seen.headers['cache-control']).toBe('no-store')
    expect(at(seen.json, 'data')).toEqual({
      id,
      ...APPROVAL,
      schema: { type: 'object' },
      status: 'pending',
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      session: { agent: 'trader' },
    })
    expect((await production.ask(`GET /v2/requests/${id}`)).status).toBe(401)
    expect((await production.ask(`GET /v2/requests/${id}?token=`)).status).toBe(401)
    expect((await production.ask(`GET /v2/requests/${id}/wait${query}`)).status).toBe(401)
    expect((await production.ask(`POST /v2/requests/${id}/cancel${query}`)).status).toBe(401)
    expect((await production.ask(`GET /v2/requests${query}`)).status).toBe(401)
  })

  test('answers once, in the name of the link', async () => {
    const { id, query } = await linked()
    const path = `POST /v2/requests/${id}/respond`
    expect((await production.ask(path, { body: { decision: 'approve' } })).status).toBe(401)
    const answered = await production.ask(`${path}${query}`, { body: { decision: 'approve', reason: 'fine' } })
    expect(answered.status).toBe(200)
    expect(at(answered.json, 'data', 'status')).toBe('approved')
    expect(answered.text).not.toContain('private')
    const again = await production.ask(`${path}${query}`, { body: { decision: 'deny' } })
    expect(again).toMatchObject({ status: 409, json: { errors: [{ code: 'request_already_resolved' }] } })
    expect(at(again.json, 'data', 'status')).toBe('approved')
    expect(again.text).not.toContain('fine')
    const shown = await production.ask(`GET /v2/requests/${id}`, { headers })
    expect(at(shown.json, 'data')).toMatchObject({ respondedBy: 'link', reason: 'fine' })
  })

  test('is not for a page of another origin', async () => {
    const { id, query } = await linked()
    const foreign = await production.ask(`POST /v2/requests/${id}/respond${query}`, {
      body: { decision: 'approve' },
      headers: { origin: 'https://elsewhere.example' },
    })
    expect(foreign.status).toBe(403)
  })

  test('with a wrong token opens nothing, whether there is such a request or not, and only so often', async () => {
    const guarded = await startTestServer({ mode: 'start', signingKeys: [KEY], eventKeys: ['k'] })
    const session = await open(guarded, headers)
    const asked = await guarded.ask(`POST /v2/sessions/${session}/requests`, {
      body: { key: 'q', ...APPROVAL, link: true },
      headers,
    })
    const id = String(at(asked.json, 'data', 'id'))
    const wrong = await guarded.ask(`GET /v2/requests/${id}?token=wrong`)
    const none = await guarded.ask(`GET /v2/requests/${UNKNOWN}?token=wrong`)
    expect(wrong.status).toBe(403)
    expect(first(wrong)).toMatchObject({ code: 'link_invalid' })
    expect(none.json).toEqual(wrong.json)
    for (let tries = 2; tries < 10; tries++) {
      const body = { decision: 'approve' }
      expect((await guarded.ask(`POST /v2/requests/${id}/respond?token=${tries}`, { body })).status).toBe(403)
    }
    const { search } = new URL(String(at(asked.json, 'data', 'link')))
    const slowed = await guarded.ask(`GET /v2/requests/${id}${search}`)
    expect(slowed).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
    expect(first(slowed)).toMatchObject({ code: 'rate_limited' })
    // Who has a key is not concerned.
    expect((await guarded.ask(`GET /v2/requests/${id}`, { headers })).status).toBe(200)
    expect(JSON.stringify(guarded.log)).not.toContain(search.slice('?token='.length))
    await guarded.close()
  })
})

test('the secrets of callbacks are told to who has a key', async () => {
  const production = await startTestServer({ mode: 'start', signingKeys: [KEY, 'ab'.repeat(16)], eventKeys: ['k'] })
  expect((await production.ask('GET /v2/callback-secrets')).status).toBe(401)
  const told = await production.ask('GET /v2/callback-secrets', { headers: { authorization: `Bearer ${KEY}` } })
  expect(told.headers['cache-control']).toBe('no-store')
  expect(at(told.json, 'data')).toEqual([expect.stringMatching(/^whsec_/), expect.stringMatching(/^whsec_/)])
  expect(told.text).not.toContain(KEY)
  expect((await server.ask('GET /v2/callback-secrets')).json).toMatchObject({ data: [] })
  await production.close()
})
