import type { GatewayRequest, GatewayResult } from '@pawl/engine'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const UNKNOWN = '01J00000000000000000000000'

const seen: GatewayRequest[] = []
let reply: (request: GatewayRequest) => Promise<GatewayResult>
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    gateway(request) {
      seen.push(request)
      return reply(request)
    },
  })
})
afterAll(() => server.close())
beforeEach(() => {
  seen.length = 0
  reply = async () => answer(200, 'fine')
})

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): GatewayResult {
  return { kind: 'answer', status, headers, body, bodyBytes: body.length }
}

interface JobOut {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly updatedAt: string
  readonly nextRunAt?: string
  readonly liveRunId?: string
  readonly request: { readonly headers: readonly unknown[]; readonly body?: unknown }
  readonly stats: Readonly<Record<string, unknown>>
  readonly strip?: readonly { readonly runId: string; readonly status: string }[]
}

const HOURLY = { name: 'ping', intervalMinutes: 60, request: { url: 'https://example.com/ping' } }

async function create(body: object = {}): Promise<JobOut> {
  const made = await server.ask('POST /v2/jobs', { body: { ...HOURLY, ...body } })
  expect(made.text).toContain('"data"')
  expect(made.status).toBe(201)
  return at(made.json, 'data') as JobOut
}

async function read(id: string): Promise<JobOut> {
  return at((await server.ask(`GET /v2/jobs/${id}`)).json, 'data') as JobOut
}

/** Calls a job by hand and gives its run once it has ended. */
async function ran(id: string): Promise<Readonly<Record<string, unknown>>> {
  const begun = await server.ask(`POST /v2/jobs/${id}/run`)
  expect(begun.status).toBe(202)
  const runId = String(at(begun.json, 'data', 'id'))
  return until(async () => {
    const run = at((await server.ask(`GET /v2/job-runs/${runId}`)).json, 'data')
    return at(run, 'finishedAt') === undefined ? undefined : (run as Record<string, unknown>)
  }, `the end of ${runId}`)
}

describe('a job', () => {
  test('has its defaults, and is answered under both prefixes', async () => {
    const job = await create()
    expect(job).toMatchObject({
      name: 'ping',
      enabled: true,
      intervalMinutes: 60,
      startMinute: 0,
      startHour: 0,
      timeZone: 'UTC',
      anchorDate: new Date().toISOString().slice(0, 10),
      request: { url: 'https://example.com/ping', method: 'GET', headers: [] },
      timeoutSeconds: 30,
      stats: { totalRuns: 0, successfulRuns: 0, failedRuns: 0, skippedRuns: 0 },
      nextRunAt: expect.stringMatching(/T\d\d:00:00\.000Z$/),
    })
    expect(job).not.toHaveProperty('isElapsed')
    expect(at((await server.ask(`GET /api/v2/jobs/${job.id}`)).json, 'data')).toEqual(job)
  })

  test('whose slots do not divide a day counts from 1970, and says that they are elapsed', async () => {
    expect(await create({ intervalMinutes: 7 })).toMatchObject({ anchorDate: '1970-01-01', isElapsed: true })
  })

  test.each([
    [{ name: undefined }, 'missing_field', 'name'],
    [{ intervalMinutes: 0 }, 'invalid_field_format', 'intervalMinutes'],
    [{ intervalMinutes: 10_081 }, 'invalid_field_format', 'intervalMinutes'],
    [{ timeZone: 'Mars/Olympus' }, 'invalid_field_format', 'timeZone'],
    [{ anchorDate: '2026-02-30' }, 'invalid_field_format', 'anchorDate'],
    [{ timeoutSeconds: 301 }, 'invalid_field_format', 'timeoutSeconds'],
    [{ request: { url: 'ftp://example.com' } }, 'invalid_field_format', 'request.url'],
    [{ request: { url: 'https://user:word@example.com' } }, 'invalid_field_format', 'request.url'],
    [{ request: { url: 'https://a.example', body: 1 } }, 'invalid_field_format', 'request.body'],
    [
      { request: { url: 'https://a.example', headers: [{ name: 'Host', value: 'b' }] } },
      'invalid_field_format',
      'request.headers[0].name',
    ],
    [
      { request: { url: 'https://a.example', method: 'POST', body: 'x'.repeat(262_145) } },
      'invalid_field_format',
      'request.body',
    ],
  ])('is refused as %j', async (given, code, path) => {
    const refused = await server.ask('POST /v2/jobs', { body: { ...HOURLY, ...given } })
    expect(refused.status).toBe(400)
    expect(at(refused.json, 'errors', 0)).toMatchObject({ code, path })
  })

  test('that is not known is not found', async () => {
    for (const what of ['GET', 'PATCH', 'DELETE']) {
      const body = what === 'PATCH' ? { body: { name: 'x' } } : {}
      const refused = await server.ask(`${what} /v2/jobs/${UNKNOWN}`, body)
      expect(refused, what).toMatchObject({ status: 404, json: { errors: [{ code: 'not_found' }] } })
    }
    for (const verb of ['pause', 'resume', 'run'])
      expect((await server.ask(`POST /v2/jobs/${UNKNOWN}/${verb}`)).status, verb).toBe(404)
    expect((await server.ask(`GET /v2/jobs/${UNKNOWN}/runs`)).status).toBe(404)
    expect((await server.ask(`GET /v2/job-runs/${UNKNOWN}`)).status).toBe(404)
    expect((await server.ask('GET /v2/jobs/nonsense')).status).toBe(400)
  })

  test('sends a text as it is and any other value as JSON, and shows it as it was given', async () => {
    const text = await create({ request: { url: 'https://a.example', method: 'POST', body: 'a=b' } })
    expect(text.request.body).toBe('a=b')
    const json = await create({ request: { url: 'https://a.example', method: 'POST', body: { b: [1], a: 'x' } } })
    expect(json.request.body).toEqual({ a: 'x', b: [1] })
    await ran(text.id)
    await ran(json.id)
    expect(seen.map(({ body }) => body)).toEqual(['a=b', '{"a":"x","b":[1]}'])
  })
})

describe('a change', () => {
  test('changes what it names and leaves the rest', async () => {
    const job = await create({ startMinute: 5, request: { url: 'https://a.example/', method: 'POST', body: { n: 1 } } })
    const changed = await server.ask(`PATCH /v2/jobs/${job.id}`, {
      body: { startHour: 3, request: { url: 'https://b.example/' } },
    })
    expect(changed.status).toBe(200)
    expect(at(changed.json, 'data')).toMatchObject({
      name: 'ping',
      intervalMinutes: 60,
      startMinute: 5,
      startHour: 3,
      request: { url: 'https://b.example/', method: 'POST', body: { n: 1 } },
    })
    const bare = await server.ask(`PATCH /v2/jobs/${job.id}`, { body: { request: { method: 'GET', body: null } } })
    expect(at(bare.json, 'data', 'request')).toEqual({ url: 'https://b.example/', method: 'GET', headers: [] })
  })

  test('with If-Match is refused with 412 once somebody else has changed it', async () => {
    const job = await create()
    const first = await server.ask(`PATCH /v2/jobs/${job.id}`, {
      body: { name: 'first' },
      headers: { 'if-match': job.updatedAt },
    })
    expect(first.status).toBe(200)
    const second = await server.ask(`PATCH /v2/jobs/${job.id}`, {
      body: { name: 'second' },
      headers: { 'if-match': `"${job.updatedAt}"` },
    })
    expect(second).toMatchObject({ status: 412, json: { errors: [{ code: 'job_changed' }] } })
    expect((await read(job.id)).name).toBe('first')
    const third = await server.ask(`PATCH /v2/jobs/${job.id}`, {
      body: { name: 'third' },
      headers: { 'if-match': String(first.headers.etag) },
    })
    expect(third.status).toBe(200)
    const odd = await server.ask(`PATCH /v2/jobs/${job.id}`, { body: {}, headers: { 'if-match': 'yesterday' } })
    expect(odd).toMatchObject({ status: 400, json: { errors: [{ path: 'If-Match' }] } })
  })

  test('of different fields at the same moment loses none of them', async () => {
    const job = await create()
    const changes = [{ startMinute: 7 }, { startHour: 4 }, { timeZone: 'Europe/Berlin' }, { name: 'all' }]
    const answers = await Promise.all(changes.map((body) => server.ask(`PATCH /v2/jobs/${job.id}`, { body })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(await read(job.id)).toMatchObject({
      startMinute: 7,
      startHour: 4,
      timeZone: 'Europe/Berlin',
      name: 'all',
    })
  })

  test('pauses and resumes; a paused job has no next run', async () => {
    const job = await create()
    const paused = at((await server.ask(`POST /v2/jobs/${job.id}/pause`)).json, 'data')
    expect(paused).toMatchObject({ enabled: false })
    expect(paused).not.toHaveProperty('nextRunAt')
    expect(at((await server.ask(`POST /v2/jobs/${job.id}/resume`)).json, 'data')).toMatchObject({
      enabled: true,
      nextRunAt: job.nextRunAt,
    })
  })

  test('that deletes it takes it out of everything', async () => {
    const job = await create({ name: 'to be gone' })
    expect(await server.ask(`DELETE /v2/jobs/${job.id}`)).toMatchObject({ status: 204, text: '' })
    expect((await server.ask(`GET /v2/jobs/${job.id}`)).status).toBe(404)
    expect((await server.ask('GET /v2/jobs?q=to%20be%20gone')).json).not.toHaveProperty('data')
  })
})

describe('a call by hand', () => {
  test('is recorded, counted and does not move the next run (OS-3, OS-6)', async () => {
    reply = async () => answer(200, 'all is well', { 'x-session-id': 'none' })
    const job = await create()
    await server.ask(`POST /v2/jobs/${job.id}/pause`)
    const run = await ran(job.id)
    expect(run).toMatchObject({
      jobId: job.id,
      trigger: 'manual',
      status: 'success',
      httpStatus: 200,
      request: { method: 'GET', url: 'https://example.com/ping' },
      responseBytes: 11,
      responseExcerpt: 'all is well',
      durationMs: expect.any(Number),
    })
    expect(seen).toHaveLength(1)
    expect((await read(job.id)).stats).toMatchObject({ totalRuns: 1, successfulRuns: 1, lastRunStatus: 'success' })
    expect(await read(job.id)).not.toHaveProperty('nextRunAt')
  })

  test('that ends with 500 is a failure and is not repeated (OS-5)', async () => {
    reply = async () => answer(500, 'oh no')
    const job = await create()
    expect(await ran(job.id)).toMatchObject({
      status: 'failure',
      httpStatus: 500,
      error: { code: 'http_status' },
      responseExcerpt: 'oh no',
    })
    expect(seen).toHaveLength(1)
  })

  test('is refused while one is open, which the job names (OS-6)', async () => {
    let go = (): void => {}
    reply = () =>
      new Promise((resolve) => {
        go = () => resolve(answer(200, ''))
      })
    const job = await create()
    const begun = await server.ask(`POST /v2/jobs/${job.id}/run`)
    expect(begun.status).toBe(202)
    const again = await server.ask(`POST /v2/jobs/${job.id}/run`)
    expect(again).toMatchObject({ status: 409, json: { errors: [{ code: 'job_running' }] } })
    expect((await read(job.id)).liveRunId).toBe(at(begun.json, 'data', 'id'))
    await until(async () => seen.length === 1, 'the call')
    go()
    await until(async () => (await read(job.id)).liveRunId === undefined, 'its end')
    expect(seen).toHaveLength(1)
  })
})

describe('the list', () => {
  test('has exact pages, filters, and the strips of all jobs in one read', async () => {
    const reads: number[] = []
    const alone = await startTestServer({ gateway: async () => answer(200, 'ok') })
    try {
      const ids: string[] = []
      for (const name of ['Alpha', 'Beta', 'Gamma']) {
        const made = await alone.ask('POST /v2/jobs', { body: { ...HOURLY, name, enabled: name !== 'Beta' } })
        ids.unshift(String(at(made.json, 'data', 'id')))
      }
      await alone.ask(`POST /v2/jobs/${ids[1]}/run`)
      await until(
        async () => at((await alone.ask(`GET /v2/jobs/${ids[1]}`)).json, 'data', 'stats', 'totalRuns') === 1,
        'the run',
      )
      const lists = alone.store.lists
      const strips = lists.jobStrips.bind(lists)
      lists.jobStrips = (jobs, limit) => {
        reads.push(jobs.length)
        return strips(jobs, limit)
      }
      const whole = await alone.ask('GET /v2/jobs?limit=3')
      expect((at(whole.json, 'data') as JobOut[]).map(({ id }) => id)).toEqual(ids)
      expect(at(whole.json, 'page')).toEqual({ limit: 3 })
      expect(reads).toEqual([3])
      expect(at(whole.json, 'data', 1, 'strip')).toEqual([
        {
          runId: expect.any(String),
          status: 'success',
          scheduledAt: expect.any(String),
          durationMs: expect.any(Number),
        },
      ])
      const first = await alone.ask('GET /v2/jobs?limit=2')
      expect(at(first.json, 'page', 'hasMore')).toBe(true)
      const rest = await alone.ask(`GET /v2/jobs?limit=2&cursor=${at(first.json, 'page', 'cursor')}`)
      expect((at(rest.json, 'data') as JobOut[]).map(({ name }) => name)).toEqual(['Alpha'])
      const named = async (query: string) =>
        ((at((await alone.ask(`GET /v2/jobs?${query}`)).json, 'data') ?? []) as JobOut[]).map(({ name }) => name)
      expect(await named('enabled=false')).toEqual(['Beta'])
      expect(await named('enabled=true')).toEqual(['Gamma', 'Alpha'])
      expect(await named('q=MM')).toEqual(['Gamma'])
      expect((await alone.ask('GET /v2/jobs?cursor=nonsense')).status).toBe(400)
      expect((await alone.ask('GET /v2/jobs?limit=101')).status).toBe(400)
    } finally {
      await alone.close()
    }
  })

  test('of runs has filters and pages', async () => {
    const job = await create()
    for (const status of [200, 500, 204]) {
      reply = async () => answer(status, '')
      await ran(job.id)
    }
    const statuses = async (query: string) => {
      const listed = await server.ask(`GET /v2/jobs/${job.id}/runs${query}`)
      return ((at(listed.json, 'data') ?? []) as { httpStatus: number }[]).map(({ httpStatus }) => httpStatus)
    }
    expect(await statuses('')).toEqual([204, 500, 200])
    expect(await statuses('?status=failure')).toEqual([500])
    expect(await statuses('?status=failure&status=success')).toEqual([204, 500, 200])
    expect(await statuses('?trigger=schedule')).toEqual([])
    const page = await server.ask(`GET /v2/jobs/${job.id}/runs?limit=2`)
    expect(await statuses(`?limit=2&cursor=${at(page.json, 'page', 'cursor')}`)).toEqual([200])
    const other = await create()
    const foreign = `GET /v2/jobs/${other.id}/runs?cursor=${at(page.json, 'page', 'cursor')}`
    expect((await server.ask(foreign)).status).toBe(400)
  })
})

describe('the preview', () => {
  test.each([
    [{ intervalMinutes: 15 }, ['11:00', '11:15', '11:30', '11:45']],
    [{ intervalMinutes: 30, startMinute: 5 }, ['11:05', '11:35', '12:05', '12:35']],
    [{ intervalMinutes: 60 }, ['11:00', '12:00', '13:00', '14:00']],
    [{ intervalMinutes: 120, startMinute: 10 }, ['12:10', '14:10', '16:10', '18:10']],
  ])('OS-1: of %j from 10:50 is %j', async (schedule, times) => {
    const body = { ...schedule, from: '2026-11-24T10:50:00Z', count: 4 }
    const answered = await server.ask('POST /v2/jobs/preview', { body })
    expect(at(answered.json, 'data')).toEqual({ slots: times.map((time) => `2026-11-24T${time}:00.000Z`) })
  })

  test('says when slots are elapsed, and refuses what cannot be', async () => {
    const elapsed = await server.ask('POST /v2/jobs/preview', { body: { intervalMinutes: 7 } })
    expect(at(elapsed.json, 'data', 'isElapsed')).toBe(true)
    expect(at(elapsed.json, 'data', 'slots')).toHaveLength(5)
    expect((await server.ask('POST /v2/jobs/preview', { body: { intervalMinutes: 60, count: 101 } })).status).toBe(400)
  })
})

describe('secrets (OS-8)', () => {
  test('are stored, named and removed, and never answered', async () => {
    const put = (name: string, value: unknown) => server.ask(`PUT /v2/secrets/${name}`, { body: { value } })
    expect(await put('API_TOKEN', 'hidden-value-1')).toMatchObject({ status: 204, text: '' })
    const listed = await server.ask('GET /v2/secrets')
    expect(at(listed.json, 'data')).toEqual([{ name: 'API_TOKEN', updatedAt: expect.any(String) }])
    expect(listed.text).not.toContain('hidden-value')
    expect((await put('1st', 'x')).status).toBe(400)
    expect((await put('!instance-key', 'x')).status).toBe(400)
    expect((await put('API_TOKEN', '')).status).toBe(400)
    expect((await server.ask('DELETE /v2/secrets/API_TOKEN')).status).toBe(204)
    expect((await server.ask('DELETE /v2/secrets/API_TOKEN')).status).toBe(404)
  })

  test('go out with the call, and nowhere else', async () => {
    await server.ask('PUT /v2/secrets/PLACE', { body: { value: 'hidden-place-2' } })
    reply = async (request) => answer(500, `you sent ${JSON.stringify(request.headers)} to ${request.url}`)
    const job = await create({
      request: {
        url: 'https://example.com/{{secrets.PLACE}}',
        headers: [
          { name: 'Authorization', value: 'Bearer hidden-header-3' },
          { name: 'X-Plain', value: 'shown' },
          { name: 'X-Mine', value: 'hidden-mine-4', secret: true },
        ],
      },
      signingSecret: 'hidden-signing-5',
    })
    expect(job.request.headers).toEqual([
      { name: 'Authorization', secret: true, hasValue: true },
      { name: 'X-Plain', value: 'shown', hasValue: true },
      { name: 'X-Mine', secret: true, hasValue: true },
    ])
    expect(job).toMatchObject({ hasSigningSecret: true })
    const run = await ran(job.id)
    expect(seen[0]?.url).toBe('https://example.com/hidden-place-2')
    expect(Object.values(seen[0]?.headers ?? {})).toEqual(
      expect.arrayContaining(['Bearer hidden-header-3', 'hidden-mine-4']),
    )
    // A change without values keeps those that are stored.
    await server.ask(`PATCH /v2/jobs/${job.id}`, {
      body: { request: { headers: [{ name: 'authorization' }, { name: 'X-Mine', secret: true }] } },
    })
    await ran(job.id)
    expect(Object.values(seen[1]?.headers ?? {})).toEqual(
      expect.arrayContaining(['Bearer hidden-header-3', 'hidden-mine-4']),
    )
    const shown = await Promise.all([
      server.ask(`GET /v2/jobs/${job.id}`),
      server.ask('GET /v2/jobs?limit=100'),
      server.ask(`GET /v2/jobs/${job.id}/runs`),
      server.ask(`GET /v2/job-runs/${run.id}`),
    ])
    for (const { text } of shown) expect(text).not.toContain('hidden-')
    expect(JSON.stringify(server.log)).not.toContain('hidden-')
  })

  test('that are not there cannot be named', async () => {
    const refused = await server.ask('POST /v2/jobs', {
      body: { ...HOURLY, request: { url: 'https://a.example/{{secrets.NOWHERE}}' } },
    })
    expect(refused).toMatchObject({ status: 400, json: { errors: [{ code: 'secret_unknown', path: 'request.url' }] } })
  })
})

describe('a test', () => {
  test('sends the request once and keeps nothing', async () => {
    reply = async () => answer(201, 'made')
    const before = await server.ask('GET /v2/jobs?limit=100')
    const tested = await server.ask('POST /v2/jobs/test', {
      body: { request: { url: 'https://a.example/?token=abcd', method: 'POST', body: {} }, timeoutSeconds: 5 },
    })
    expect(tested.status).toBe(200)
    expect(at(tested.json, 'data')).toMatchObject({
      status: 'success',
      httpStatus: 201,
      responseExcerpt: 'made',
      request: { method: 'POST', url: 'https://a.example/?token=[masked]' },
    })
    expect(seen).toHaveLength(1)
    expect(at((await server.ask('GET /v2/jobs?limit=100')).json, 'data')).toEqual(at(before.json, 'data'))
  })

  test('fills secret headers from the job it names', async () => {
    const job = await create({
      request: { url: 'https://a.example', headers: [{ name: 'Authorization', value: 'Bearer kept-6' }] },
    })
    const request = { url: 'https://a.example', headers: [{ name: 'Authorization' }] }
    await server.ask('POST /v2/jobs/test', { body: { request, jobId: job.id } })
    expect(Object.values(seen[0]?.headers ?? {})).toContain('Bearer kept-6')
    expect((await server.ask('POST /v2/jobs/test', { body: { request } })).status).toBe(400)
    expect((await server.ask('POST /v2/jobs/test', { body: { request, jobId: UNKNOWN } })).status).toBe(404)
  })
})

test('without a key nobody gets near jobs or secrets in production', async () => {
  const production = await startTestServer({ mode: 'start', signingKeys: [KEY], eventKeys: ['k'] })
  for (const what of ['GET /v2/jobs', 'POST /v2/jobs', 'GET /v2/secrets', `GET /v2/job-runs/${UNKNOWN}`])
    expect((await production.ask(what)).status, what).toBe(401)
  await production.close()
})
