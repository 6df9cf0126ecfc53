/**
 * Sessions, items and requests over HTTP: gapless numbers, answers that count once, keys that find instead of making twice,
 * deadlines, ends. On one server; two of them are in processes.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { at, type Fields, number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { RESOLVED, SessionsApi } from './sessions-api.ts'

const server = useServer()
const api = (): SessionsApi => new SessionsApi(server().url)

let sessions = 0
async function open(): Promise<string> {
  return text((await api().open({ key: `session-${++sessions}`, agent: 'tester' })).id)
}

const log = (n: number): Fields => ({ type: 'log', content: { n } })
const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe('OS-10: appends', () => {
  it('fifty at once are numbered 1 to 50 without a gap', async () => {
    const id = await open()
    const answers = await Promise.all(numbers(1, 50).map((n) => api().append(id, log(n))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    const items = await api().items(id)
    expect(items.map(({ seq }) => seq)).toEqual(numbers(1, 50))
    expect(items.map((item) => at(item, 'content', 'n')).toSorted((a, b) => number(a) - number(b))).toEqual(
      numbers(1, 50),
    )
    // Each was told the number that it has.
    for (const answer of answers) {
      const item = at(answer.json, 'data', 0)
      expect(items[number(at(item, 'seq')) - 1]).toEqual(item)
    }
    expect(await api().session(id)).toMatchObject({ itemCount: 50, status: 'running' })
  })

  it('one that is repeated with its key adds nothing and is answered the same', async () => {
    const id = await open()
    const once = (): ReturnType<SessionsApi['append']> => api().append(id, { ...log(1), key: 'only once' })
    const answers = await Promise.all(numbers(1, 20).map(once))
    expect(new Set(answers.map(({ json }) => JSON.stringify(at(json, 'data')))).size).toBe(1)
    const header = { 'idempotency-key': 'of the request' }
    const many = { items: [log(2), log(3)] }
    const [first, again] = [await api().append(id, many, header), await api().append(id, many, header)]
    expect(at(again.json, 'data')).toEqual(at(first.json, 'data'))
    expect((await api().items(id)).map((item) => [item.seq, at(item, 'content', 'n')])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  it('of several at once all or none are added', async () => {
    const id = await open()
    const wrong = await api().append(id, { items: [log(1), { type: 'gossip', content: 1 }] })
    expect(wrong.status).toBe(400)
    const large = await api().append(id, { items: [log(1), { type: 'log', content: 'x'.repeat(300_000) }] })
    expect([413, 422]).toContain(large.status)
    expect((await api().append(id, { items: numbers(1, 101).map(log) })).status).toBeGreaterThanOrEqual(400)
    expect(await api().items(id)).toEqual([])
    expect((await api().append(id, { items: numbers(1, 100).map(log) })).status).toBe(201)
    expect((await api().items(id)).map(({ seq }) => seq)).toEqual(numbers(1, 100))
  })

  it('an ended session takes no more, until it is opened again on purpose', async () => {
    const key = `ended-${++sessions}`
    const id = text((await api().open({ key })).id)
    await api().ask(`/v2/sessions/${id}`, { method: 'PATCH', body: { status: 'completed', result: { done: true } } })
    const refused = await api().append(id, log(1))
    expect([refused.status, at(refused.json, 'errors', 0, 'code')]).toEqual([409, 'session_ended'])
    expect(await api().open({ key })).toMatchObject({ id, status: 'completed', result: { done: true } })
    expect(await api().open({ key, reopen: true })).toMatchObject({ id, status: 'running' })
    expect((await api().append(id, log(1))).status).toBe(201)
  })

  it('the stream tells each item once, in order, also to who comes back', async () => {
    const id = await open()
    await api().append(id, { items: numbers(1, 3).map(log) })
    const first = await readStream(id, {}, 5, async () => {
      await api().append(id, { items: [log(4), log(5)] })
    })
    expect(first).toEqual(['1', '2', '3', '4', '5'])
    expect(await readStream(id, { 'last-event-id': '3' }, 2)).toEqual(['4', '5'])
  })
})

describe('OS-11: two people answer at once', () => {
  it('one counts, the other is told which one, and it is told once', async () => {
    for (let round = 0; round < 20; round++) {
      const id = await open()
      const requestId = await api().request(id, { key: 'q' })
      const answers = await Promise.all([
        api().respond(requestId, { decision: 'approve', reason: 'I say yes' }),
        api().respond(requestId, { decision: 'deny', reason: 'I say no' }),
      ])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
      expect(at(lost?.json, 'errors', 0, 'code')).toBe('request_already_resolved')
      for (const field of ['id', 'status', 'reason', 'resolvedAt', 'respondedBy'])
        expect([field, at(lost?.json, 'data', field)]).toEqual([field, at(won?.json, 'data', field)])
      const told = await until('the event', async () => {
        const events = await api().told(RESOLVED, id)
        return events.length > 0 && events
      })
      expect(told.map((event) => at(event, 'data', 'status'))).toEqual([at(won?.json, 'data', 'status')])
      const decisions = (await api().items(id)).filter(({ type }) => type === 'decision')
      expect(decisions).toHaveLength(2)
      expect(await api().session(id)).toMatchObject({ status: 'running', pendingRequests: 0 })
    }
    await moment(300)
    const events = await api().events(`include_internal=true&limit=50&name=${encodeURIComponent(RESOLVED)}`)
    expect(new Set(events.map((event) => at(event, 'data', 'requestId'))).size).toBe(events.length)
  })
})

describe('OS-13: the same key', () => {
  it('opens one session, and asks one question, however often and at once', async () => {
    const key = `same-${++sessions}`
    const answers = await Promise.all(
      numbers(1, 30).map((n) => api().exchange('/v2/sessions', { body: { key, title: `call ${n}` } })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 29 }, () => 200), 201])
    const ids = new Set(answers.map(({ json }) => text(at(json, 'data', 'id'))))
    expect(ids.size).toBe(1)
    const [id = ''] = ids
    const asked = await Promise.all(
      numbers(1, 20).map(() =>
        api().exchange(`/v2/sessions/${id}/requests`, { body: { key: 'q', kind: 'approval', prompt: 'Really?' } }),
      ),
    )
    expect(asked.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 19 }, () => 200), 201])
    expect(new Set(asked.map(({ json }) => at(json, 'data', 'id'))).size).toBe(1)
    expect(await api().session(id)).toMatchObject({ pendingRequests: 1, status: 'waiting' })
  })
})

describe('requests', () => {
  it('the inbox shows who waits; the answer wakes the long poll', async () => {
    const id = await open()
    const requestId = await api().request(id, { key: 'q', arguments: { shares: 10 } })
    expect((await api().pending()).map((request) => request.id)).toContain(requestId)
    expect((await api().exchange(`/v2/requests/${requestId}/wait?timeout=0`)).status).toBe(204)
    const waiting = api().exchange(`/v2/requests/${requestId}/wait?timeout=30`)
    await moment(200)
    const began = performance.now()
    await api().respond(requestId, { decision: 'approve', arguments: { shares: 5 } })
    const woken = await waiting
    expect(performance.now() - began).toBeLessThan(1_000)
    expect([woken.status, at(woken.json, 'data')]).toMatchObject([
      200,
      { status: 'approved', arguments: { shares: 5 } },
    ])
    expect((await api().pending()).map((request) => request.id)).not.toContain(requestId)
  })

  it('what a person answers must satisfy the schema; what does not leaves the question open', async () => {
    const id = await open()
    const schema = {
      type: 'object',
      properties: { amount: { type: 'integer', minimum: 1 } },
      required: ['amount'],
      additionalProperties: false,
    }
    const requestId = await api().request(id, { key: 'q', kind: 'input', schema })
    for (const response of [{ amount: 0 }, { amount: 'ten' }, {}, { amount: 1, more: 1 }, null]) {
      const answer = await api().respond(requestId, { response })
      expect([response, answer.status]).toEqual([response, 422])
    }
    expect((await api().respond(requestId, { decision: 'approve' })).status).toBeGreaterThanOrEqual(400)
    expect(await api().readRequest(requestId)).toMatchObject({ status: 'pending' })
    const answered = await api().respond(requestId, { response: { amount: 3 } })
    expect([answered.status, at(answered.json, 'data', 'status')]).toEqual([200, 'answered'])
  })

  it('a question that nobody answers expires by itself, and late answers are refused', async () => {
    const id = await open()
    const expiresAt = new Date((await api().now()) + 3_600_000).toISOString()
    const requestId = await api().request(id, { key: 'q', expiresAt })
    const waiting = api().exchange(`/v2/requests/${requestId}/wait?timeout=30`)
    await moment(100)
    await api().advance('1h')
    expect(at((await waiting).json, 'data', 'status')).toBe('expired')
    const late = await api().respond(requestId, { decision: 'approve' })
    expect([late.status, at(late.json, 'data', 'status')]).toEqual([409, 'expired'])
    expect(await api().session(id)).toMatchObject({ status: 'running', pendingRequests: 0 })
    const told = await api().told(RESOLVED, id)
    expect(told.map((event) => at(event, 'data', 'status'))).toEqual(['expired'])
  })

  it('the end of a session takes its questions with it', async () => {
    const id = await open()
    const ids = [await api().request(id, { key: 'a' }), await api().request(id, { key: 'b' })]
    await api().ask(`/v2/sessions/${id}`, { method: 'PATCH', body: { status: 'cancelled' } })
    for (const requestId of ids) expect(await api().readRequest(requestId)).toMatchObject({ status: 'cancelled' })
    expect(await api().told(RESOLVED, id)).toHaveLength(2)
    expect(await api().told('pawl/session.ended', id)).toHaveLength(1)
    expect((await api().respond(ids[0] ?? '', { decision: 'approve' })).status).toBe(409)
  })

  it('an event key cannot forge an answer', async () => {
    const forged = { name: RESOLVED, data: { requestKey: 'q', status: 'approved' } }
    const answer = await api().exchange('/e/e2e', { body: forged })
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })

  it('all of it is there after kill -9, and the deadline still comes', async () => {
    const id = await open()
    await api().append(id, { items: numbers(1, 5).map(log) })
    const expiresAt = new Date((await api().now()) + 600_000).toISOString()
    const requestId = await api().request(id, { key: 'q', expiresAt })
    await server().kill()
    await server().start()
    expect(await api().session(id)).toMatchObject({ status: 'waiting', itemCount: 6, pendingRequests: 1 })
    expect((await api().items(id)).map(({ seq }) => seq)).toEqual(numbers(1, 6))
    await api().advance('11m')
    await until('the deadline', async () => (await api().readRequest(requestId)).status === 'expired')
    expect((await api().items(id)).map(({ type }) => type)).toEqual([...Array(5).fill('log'), 'decision', 'decision'])
  })
})

/** The numbers of the items that a stream tells, up to so many. */
async function readStream(
  id: string,
  headers: Record<string, string>,
  count: number,
  meanwhile: () => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const leaving = new AbortController()
  const answer = await fetch(`${server().url}/v2/sessions/${id}/stream`, { headers, signal: leaving.signal })
  expect(answer.status).toBe(200)
  const seen: string[] = []
  let read = ''
  await meanwhile()
  for await (const part of answer.body ?? []) {
    read += Buffer.from(part).toString()
    const messages = read.split('\n\n')
    read = messages.pop() ?? ''
    for (const message of messages)
      if (/^event: item$/m.test(message)) seen.push(/^id: (\d+)$/m.exec(message)?.[1] ?? '')
    if (seen.length >= count) break
  }
  leaving.abort()
  return seen
}
