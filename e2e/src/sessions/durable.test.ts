/**
 * Durable functions that ask a person, on every SDK: the answer wakes them though it comes while they still ask, and while
 * app and server are gone. The wait is the pattern of the client package, `requestApproval`.
 */
import { requestApproval, Sessions } from '@pawl/sessions'
import { describe, expect, it } from 'vitest'
import { SDKS } from '../harness/sdk.ts'
import { at, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { SessionsApi } from './sessions-api.ts'

const TIMES = 100
/** Asked at the same time, so that answers meet askers in every order. */
const AT_ONCE = 20

/** Answers at once whatever it asks, inside the asking step. */
class Hasty extends Sessions {
  override async request(...asked: Parameters<Sessions['request']>): ReturnType<Sessions['request']> {
    const request = await super.request(...asked)
    await super.respond(request.id, { decision: 'approve', reason: 'at once' })
    return request
  }
}

const world = useWorld({ name: 'asking' }, ({ define, event }) => {
  const baseUrl = (): string => world.server.url
  define({
    id: 'hasty',
    triggers: [{ event: event('hasty') }],
    run: async ({ step, runId }) => {
      const sessions = new Hasty({ baseUrl: baseUrl() })
      const session = await step.run('open', () => sessions.open({ key: runId, runId }))
      const answer = await requestApproval(step, 'approve', {
        ...{ sessions, sessionId: session.id, key: `${runId}:approve`, prompt: 'Really?', arguments: { n: 1 } },
        timeout: '1h',
      })
      return { status: answer.status, reason: answer.reason, arguments: answer.arguments }
    },
  })
  define({
    id: 'patient',
    triggers: [{ event: event('patient') }],
    run: async ({ step, runId }) => {
      const sessions = new Sessions({ baseUrl: baseUrl() })
      const session = await step.run('open', () => sessions.open({ key: runId, runId }))
      const answer = await requestApproval(step, 'approve', {
        ...{ sessions, sessionId: session.id, key: `${runId}:approve`, prompt: 'Really?', timeout: '24h' },
      })
      await step.run('end', () => sessions.complete(session.id, { status: answer.status }))
      return answer.status
    },
  })
  define({
    id: 'signalled',
    triggers: [{ event: event('signalled') }],
    run: async ({ step, event: { data } }) => {
      const signal = await step.waitForSignal('wait', {
        signal: `session-request:${String(data.requestId)}`,
        timeout: '1h',
        onConflict: 'fail',
      })
      return at(signal, 'data', 'status')
    },
  })
})

const api = (): SessionsApi => new SessionsApi(world.server.url)

describe.each(SDKS.map((sdk) => [sdk.title, sdk] as const))('%s', (_title, sdk) => {
  it(`OS-12: an answer given inside the asking step wakes the function, ${TIMES} times of ${TIMES}`, async () => {
    const app = world.app(sdk)
    for (let sent = 0; sent < TIMES; sent += AT_ONCE) {
      const events = Array.from({ length: AT_ONCE }, () => ({ name: app.event('hasty'), data: {} }))
      const ids = await world.api.send(events)
      const runs = await Promise.all(ids.map((id) => world.api.firstRun(id)))
      const ended = await Promise.all(runs.map(({ id }) => world.api.reached(id, 'Completed')))
      for (const { output } of ended)
        expect(output).toEqual({ status: 'approved', reason: 'at once', arguments: { n: 1 } })
    }
  })

  it('the signal of a request wakes who waits for it', async () => {
    const session = await api().open({ key: `signal-${sdk.slug}` })
    const requestId = await api().request(text(session.id), { key: 'q' })
    const id = await world.api.sendOne({ name: world.app(sdk).event('signalled'), data: { requestId } })
    const run = await world.api.firstRun(id)
    await until('the wait', async () => {
      const { children } = await world.api.trace(run.id)
      return children.some(({ name, status }) => name === 'wait' && status === 'WAITING')
    })
    await api().respond(requestId, { decision: 'deny' })
    expect((await world.api.reached(run.id, 'Completed')).output).toBe('denied')
  })

  it('a person answers after the server was killed and started again', async () => {
    const id = await world.api.sendOne({ name: world.app(sdk).event('patient'), data: {} })
    const run = await world.api.firstRun(id)
    const request = await until('the question', async () =>
      (await api().pending()).find((each) => at(each, 'session', 'runId') === run.id),
    )
    await world.server.kill()
    await world.server.start()
    await api().respond(text(request.id), { decision: 'approve' })
    expect((await world.api.reached(run.id, 'Completed')).output).toBe('approved')
    await api().sessionIn(text(request.sessionId), 'completed')
  })

  it('a question that is taken back wakes the function with `cancelled`', async () => {
    const id = await world.api.sendOne({ name: world.app(sdk).event('patient'), data: {} })
    const run = await world.api.firstRun(id)
    const request = await until('the question', async () =>
      (await api().pending()).find((each) => at(each, 'session', 'runId') === run.id),
    )
    const path = `/v2/requests/${text(request.id)}/cancel`
    await api().ask(path, { method: 'POST', body: {} })
    expect((await world.api.reached(run.id, 'Completed')).output).toBe('cancelled')
  })
})
