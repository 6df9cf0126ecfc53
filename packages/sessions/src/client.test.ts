import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Sessions } from './client.ts'
import { type Answer, FakeServer } from './fake-server.ts'
import { SessionsError } from './sessions-error.ts'

let server: FakeServer
let sessions: Sessions

beforeEach(async () => {
  server = await FakeServer.open()
  sessions = new Sessions({ baseUrl: `${server.url}/`, key: 'signkey-test-00' })
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

const data = (value: unknown): Answer => ({ status: 200, body: { data: value } })
const refusal = (status: number, code: string, more: object = {}): Answer => ({
  status,
  body: { errors: [{ code, message: `${code} it is` }], ...more },
})

describe('each method is one call', () => {
  const item = { type: 'log', content: { n: 1 } } as const
  it.each([
    ['open', () => sessions.open({ key: 'a', agent: 'bot' }), 'POST', '/v2/sessions', { key: 'a', agent: 'bot' }],
    ['get', () => sessions.get('01/x'), 'GET', '/v2/sessions/01%2Fx', undefined],
    ['append of one', () => sessions.append('01', item), 'POST', '/v2/sessions/01/items', item],
    ['append of several', () => sessions.append('01', [item]), 'POST', '/v2/sessions/01/items', { items: [item] }],
    [
      'request',
      () => sessions.request('01', { key: 'k', kind: 'approval', prompt: 'Buy?' }),
      'POST',
      '/v2/sessions/01/requests',
      { key: 'k', kind: 'approval', prompt: 'Buy?' },
    ],
    ['getRequest', () => sessions.getRequest('02'), 'GET', '/v2/requests/02', undefined],
    [
      'respond',
      () => sessions.respond('02', { decision: 'deny', reason: 'no' }),
      'POST',
      '/v2/requests/02/respond',
      { decision: 'deny', reason: 'no' },
    ],
    ['cancelRequest', () => sessions.cancelRequest('02'), 'POST', '/v2/requests/02/cancel', {}],
    ['complete', () => sessions.complete('01'), 'PATCH', '/v2/sessions/01', { status: 'completed' }],
    [
      'complete with a result of null',
      () => sessions.complete('01', null),
      'PATCH',
      '/v2/sessions/01',
      { status: 'completed', result: null },
    ],
    [
      'fail',
      () => sessions.fail('01', { message: 'x' }),
      'PATCH',
      '/v2/sessions/01',
      { status: 'failed', error: { message: 'x' } },
    ],
  ] as const)('%s', async (_what, call, method, path, body) => {
    server.answer = () => data({ id: 'it' })
    expect(await call()).toEqual({ id: 'it' })
    const [seen, ...more] = server.seen
    expect(more).toEqual([])
    expect(seen).toMatchObject({ method, path, body, headers: { authorization: 'Bearer signkey-test-00' } })
  })

  it('without a key none is sent', async () => {
    server.answer = () => data({})
    await new Sessions({ baseUrl: server.url }).get('01')
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
  })
})

describe('what the server refuses', () => {
  it('is an error with its code, and the first answer where there was one', async () => {
    server.answer = () => refusal(409, 'request_already_resolved', { data: { status: 'denied' } })
    const failed = sessions.respond('02', { decision: 'approve' })
    await expect(failed).rejects.toBeInstanceOf(SessionsError)
    await expect(failed).rejects.toMatchObject({
      code: 'request_already_resolved',
      message: 'request_already_resolved it is',
      status: 409,
      data: { status: 'denied' },
    })
  })

  it.each([
    ['a page of a proxy', '<html>no'],
    ['another JSON', '{"errors":"x"}'],
    ['nothing', ''],
  ])('is told also when it is %s', async (_what, body) => {
    server.answer = () => ({ status: 502, body })
    await expect(sessions.get('01')).rejects.toMatchObject({ code: 'not_json', status: 502 })
  })
})

describe('waiting for an answer', () => {
  it('polls until the request is resolved', async () => {
    const answers: Answer[] = [{ status: 204 }, { status: 204 }, data({ status: 'approved' })]
    server.answer = () => answers.shift() ?? 'drop'
    expect(await sessions.waitForRequest('02')).toEqual({ status: 'approved' })
    expect(server.seen.map(({ path }) => path)).toEqual(Array(3).fill('/v2/requests/02/wait?timeout=30'))
  })

  it('gives the pending request when its time is up', async () => {
    server.answer = ({ path }) => (path.includes('/wait') ? { status: 204 } : data({ status: 'pending' }))
    expect(await sessions.waitForRequest('02', { timeoutMs: 0 })).toEqual({ status: 'pending' })
    expect(server.seen.map(({ path }) => path)).toEqual(['/v2/requests/02/wait?timeout=0', '/v2/requests/02'])
  })

  it('goes on after the server was away for a moment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const answers: Answer[] = ['drop', refusal(503, 'stopping'), data({ status: 'denied' })]
    server.answer = () => {
      // The pause begins after this answer has come.
      setImmediate(function tick() {
        void vi.advanceTimersByTimeAsync(1_000)
        if (answers.length > 0) setImmediate(tick)
      })
      return answers.shift() ?? 'drop'
    }
    expect(await sessions.waitForRequest('02')).toEqual({ status: 'denied' })
  })

  it('does not go on after a refusal', async () => {
    server.answer = () => refusal(404, 'request_not_found')
    await expect(sessions.waitForRequest('02')).rejects.toMatchObject({ code: 'request_not_found' })
    expect(server.seen).toHaveLength(1)
  })

  it('ends when its signal aborts', async () => {
    const leaving = new AbortController()
    server.answer = () => {
      leaving.abort(new Error('enough'))
      return 'hang'
    }
    await expect(sessions.waitForRequest('02', { signal: leaving.signal })).rejects.toThrow('enough')
  })
})
