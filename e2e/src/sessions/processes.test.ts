/**
 * Sessions on two server processes that share one PostgreSQL: who asks either of them finds the same session, the same
 * numbers, and the one answer that counts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { newStore } from '../processes/database.ts'
import { ServerProcess } from '../processes/server-process.ts'
import { useDatabase } from '../processes/use-database.ts'
import { RESOLVED, SessionsApi } from './sessions-api.ts'

const ROUNDS = 20

const database = useDatabase()
let servers: readonly ServerProcess[] = []

beforeAll(async () => {
  const store = newStore(database())
  servers = await Promise.all([1, 2].map(() => ServerProcess.start(store, { command: 'dev', lease: 3 })))
})
afterAll(async () => void (await Promise.all(servers.map((server) => server.kill()))))

/** The server of the turn. */
function api(turn: number): SessionsApi {
  const server = servers[turn % servers.length]
  if (server === undefined) throw new Error('No server')
  return new SessionsApi(server.url)
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

describe('two servers on one store', () => {
  it('OS-13: opened at both at once with one key there is one session', async () => {
    for (const round of upTo(ROUNDS)) {
      const body = { key: `same-${round}`, agent: 'tester' }
      const answers = await Promise.all(upTo(10).map((turn) => api(turn).exchange('/v2/sessions', { body })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201])
      expect(new Set(answers.map(({ json }) => at(json, 'data', 'id'))).size).toBe(1)
    }
    const created = await api(0).events('include_internal=true&limit=50&name=pawl/session.created')
    expect(created).toHaveLength(ROUNDS)
  })

  it('OS-10: fifty appends at both at once are numbered without a gap', async () => {
    const id = text((await api(0).open({ key: 'appends' })).id)
    const log = (n: number) => ({ type: 'log', content: { n }, ...(n % 2 === 0 ? { key: `k${n}` } : {}) })
    const answers = await Promise.all(upTo(50).map((n) => api(n).append(id, log(n))))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201))
    // Those with keys again, at the other server.
    await Promise.all(upTo(25).map((n) => api(n + 1).append(id, log(2 * n))))
    const items = await api(1).items(id)
    expect(items.map(({ seq }) => seq)).toEqual(upTo(50).map((n) => n + 1))
    expect(new Set(items.map((item) => number(at(item, 'content', 'n')))).size).toBe(50)
  })

  it('OS-11: answered at both at once one counts, the other gets it, and one event tells it', async () => {
    for (const round of upTo(ROUNDS)) {
      const id = text((await api(round).open({ key: `two-people-${round}` })).id)
      const requestId = await api(round).request(id, { key: 'q' })
      const answers = await Promise.all(
        upTo(6).map((turn) => api(turn).respond(requestId, { decision: turn % 2 === 0 ? 'approve' : 'deny' })),
      )
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(5).fill(409)])
      const won = at(answers.find(({ status }) => status === 200)?.json, 'data', 'status')
      expect(answers.map(({ json }) => at(json, 'data', 'status'))).toEqual(Array(6).fill(won))
      const told = await until('the event', async () => {
        const events = await api(round + 1).told(RESOLVED, id)
        return events.length > 0 && events
      })
      expect(told.map((event) => at(event, 'data', 'status'))).toEqual([won])
    }
    await moment(300)
    for (const round of upTo(ROUNDS)) {
      const session = await api(0).open({ key: `two-people-${round}` })
      expect(await api(1).told(RESOLVED, text(session.id))).toHaveLength(1)
    }
  })

  it('a long poll at one server hears of the answer at the other', async () => {
    const id = text((await api(0).open({ key: 'heard' })).id)
    const requestId = await api(0).request(id, { key: 'q' })
    const waiting = api(0).exchange(`/v2/requests/${requestId}/wait?timeout=20`)
    await moment(200)
    const began = performance.now()
    await api(1).respond(requestId, { decision: 'approve' })
    expect(at((await waiting).json, 'data', 'status')).toBe('approved')
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('a deadline comes once, also when the server that was asked is gone', async () => {
    const id = text((await api(0).open({ key: 'deadline' })).id)
    const expiresAt = new Date((await api(0).now()) + 3_600_000).toISOString()
    const requestId = await api(0).request(id, { key: 'q', expiresAt })
    await servers[0]?.kill()
    await api(1).advance('61m')
    await until('the deadline', async () => (await api(1).readRequest(requestId)).status === 'expired')
    expect(await api(1).told(RESOLVED, id)).toHaveLength(1)
    await servers[0]?.start()
  })
})
