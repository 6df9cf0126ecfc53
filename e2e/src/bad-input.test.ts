/**
 * Bad input from both sides: requests to the HTTP API and answers of apps. Each gets its exact answer; at the end the
 * process is the one that was started, its memory is bounded, and a run of a decent app completes as ever.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ANSWER_CASES } from './bad-input/answers.ts'
import { API_CASES } from './bad-input/api-requests.ts'
import { EVENT_CASES, ODD_EVENTS } from './bad-input/event-requests.ts'
import { REGISTER_CASES } from './bad-input/register-requests.ts'
import { MIB, type RequestCase, type Shape } from './bad-input/request-case.ts'
import { SOCKET_CASES, statusOf } from './bad-input/sockets.ts'
import { Api } from './harness/api.ts'
import { type HandMadeApp, op, serveByHand } from './harness/hand-made-app.ts'
import { exchange } from './harness/http.ts'
import { at, list, text } from './harness/shapes.ts'
import { hashedId } from './harness/step-id.ts'
import { useServer } from './harness/world.ts'

/** What the process may grow by, over all cases: a few times the greatest limit on one body, with Node's own slack. */
const GROWTH_MAX_BYTES = 400 * MIB

/** The most of an input that an answer may repeat, in bytes. */
const ECHO_MAX_BYTES = 200

const ONE = hashedId('one')

vi.setConfig({ maxConcurrency: 8 })

const server = useServer()
let decent: HandMadeApp
let bad: HandMadeApp
let started: { pid: number; memory: number | undefined }

/** The API of a server that is still alive: one case that kills it must not make the others wait for it. */
function api(): Api {
  if (!server().child.running()) throw new Error('The server is dead')
  return new Api(server().url)
}
beforeAll(async () => {
  decent = await serveByHand(server().url, 'decent', [
    {
      id: 'works',
      answer: ({ body }) =>
        at(body, 'steps', ONE) === undefined
          ? { status: 206, body: [op('StepRun', ONE, { data: 1 })] }
          : { status: 200, body: '"works"' },
    },
  ])
  bad = await serveByHand(
    server().url,
    'bad',
    ANSWER_CASES.map(({ id, answer }) => ({ id, answer, retries: 0 })),
  )
  await works()
  started = { pid: server().child.pid, memory: await server().child.memoryBytes() }
})
afterAll(() => Promise.all([decent.close(), bad.close()]))

describe.concurrent('bad requests', () => {
  it.each([...EVENT_CASES, ...API_CASES, ...REGISTER_CASES])('$path refuses $title with $status', async (row) => {
    const answer = await send(row)
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: row.status })
    expectShape(row, answer.json)
    if (row.says) expect(String(at(answer.json, 'error') ?? at(answer.json, 'errors', 0, 'message'))).toMatch(row.says)
    if (row.header) expect(answer.headers[row.header[0]]).toMatch(row.header[1])
    expectDiscreet(answer.text)
  })

  it.each(ODD_EVENTS)('/e takes $title', async ({ body, kept, headers = { 'content-type': 'application/json' } }) => {
    const answer = await api().exchange('/e/key', { method: 'POST', body, headers })
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
    const stored = await api().exchange(`/v1/events/${text(at(answer.json, 'ids', 0))}`)
    expect(stored.text).toContain(kept)
  })

  it('/e takes an empty array and gives an empty one', async () => {
    const answer = await api().exchange('/e/key', { body: [] })
    expect([answer.status, at(answer.json, 'ids')]).toEqual([200, []])
  })

  it('/e takes 5,000 events in one request', async () => {
    const events = Array.from({ length: 5_000 }, (_, n) => ({ name: 'odd/many', data: { n } }))
    const answer = await api().exchange('/e/key', { body: events })
    expect(answer.status).toBe(200)
    expect(new Set(list(at(answer.json, 'ids'))).size).toBe(5_000)
  })

  it('of an array with one bad event nothing is stored', async () => {
    const body = [{ name: 'bad/all-or-nothing' }, { name: 'inngest/x' }]
    const answer = await api().exchange('/e/key', { body })
    expect([answer.status, at(answer.json, 'ids')]).toEqual([400, []])
    expect(await api().events('name=bad%2Fall-or-nothing')).toEqual([])
  })

  it('an error repeats no more of the input than 200 bytes, and no control characters', async () => {
    const secret = 'S3CRET'.repeat(2_000)
    for (const [path, body] of [
      ['/e/key', { name: `inngest/${secret}\u0007` }],
      ['/v1/signals', { signal: secret }],
      [`/v2/apps/${secret.slice(0, 2_000)}/functions/x/invoke`, {}],
    ] as const) {
      const answer = await api().exchange(path, { body })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      const repeated = answer.text.match(/(?:S3CRET)+/g)?.map((part) => part.length) ?? []
      expect(Math.max(0, ...repeated)).toBeLessThanOrEqual(ECHO_MAX_BYTES)
      expect(answer.text).not.toContain('\u0007')
    }
  })

  it.each(SOCKET_CASES)(
    'a connection with $title is answered $statuses and closed',
    async ({ bytes, statuses, withinMs }) => {
      expect(statuses).toContain(await statusOf(server().port, bytes, withinMs))
    },
  )
})

describe.concurrent('bad answers of an app', () => {
  it.each(ANSWER_CASES)('$title fails the run and says why', async ({ id, says }) => {
    const run = await api().sendAndWait({ name: bad.event(id) }, { status: 'Failed', withinMs: 15_000 })
    const trace = await api().exchange(`/v2/runs/${run.id}/trace?includeOutput=true`)
    expect(`${JSON.stringify(run.output)} ${trace.text}`).toMatch(says)
    expectDiscreet(JSON.stringify(run.output ?? null))
  })

  it('LC-4: a page in place of the answer is tried again', async () => {
    const app = await serveByHand(server().url, 'behind-proxy', [
      {
        id: 'page-first',
        retries: 1,
        answer: ({ attempt }) =>
          attempt === 0
            ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>maintenance</html>' }
            : { status: 200, body: '"in the end"' },
      },
    ])
    try {
      expect((await api().sendAndWait({ name: app.event('page-first') })).output).toBe('in the end')
    } finally {
      await app.close()
    }
  })

  it('LC-5: a redirect to another path is followed with method, body and query', async () => {
    const app = await serveByHand(server().url, 'moved', [
      {
        id: 'elsewhere',
        answer: ({ request, body }) => {
          if (request.url?.startsWith('/new-place'))
            return { status: 200, body: JSON.stringify({ name: at(body, 'event', 'name') }) }
          return { status: 302, headers: { location: (request.url ?? '').replace('/api/inngest', '/new-place') } }
        },
      },
    ])
    try {
      const run = await api().sendAndWait({ name: app.event('elsewhere') })
      expect(run.output).toEqual({ name: app.event('elsewhere') })
    } finally {
      await app.close()
    }
  })
})

describe('after all that', () => {
  it('the process is the one that was started, and it is ready', async () => {
    expect(server().child.pid).toBe(started.pid)
    expect(server().child.running()).toBe(true)
    expect((await exchange(`${server().url}/health`)).status).toBe(200)
  })

  it('a run of another app completes', works)

  it('its memory has not grown by more than a few times the limits', async () => {
    const memory = await server().child.memoryBytes()
    if (memory === undefined || started.memory === undefined) return expect(process.platform).not.toBe('linux')
    expect(memory - started.memory).toBeLessThan(GROWTH_MAX_BYTES)
  })
})

async function works(): Promise<void> {
  const run = await api().sendAndWait({ name: decent.event('works') })
  expect(run.output).toBe('works')
}

function send({ path, method, headers, body }: RequestCase) {
  return api().exchange(path, {
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  })
}

function expectShape({ shape, status, code }: RequestCase, answer: unknown): void {
  const seen: Record<Shape, () => void> = {
    ingest: () => {
      expect(answer).toMatchObject({ status, error: expect.any(String) })
      expect(list(at(answer, 'ids') ?? [])).toEqual([])
    },
    v1: () =>
      expect(answer).toMatchObject({ status, error: expect.any(String), ...(code === undefined ? {} : { code }) }),
    v2: () => {
      expect(at(answer, 'errors', 0, 'message')).toBeTypeOf('string')
      expect(at(answer, 'errors', 0, 'code')).toEqual(code ?? expect.any(String))
    },
  }
  seen[shape]()
}

/** No stack, no SQL, no file path. */
function expectDiscreet(answer: string): void {
  expect(answer).not.toMatch(/\bat .{0,200}\.(ts|js|mjs):\d+/)
  expect(answer).not.toMatch(/\b(SELECT|INSERT INTO|UPDATE) [a-z_"*]+/i)
  expect(answer).not.toMatch(/\/(packages|node_modules|home)\//)
}
