/**
 * OS-9: the daily trading agent of `apps/trading-agent`, as a plain HTTP agent and as a durable function. Its job is fired by
 * hand, it reads the news, asks, and buys only what a person has approved: counted at the broker.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useBrowser } from '../browser/dashboard.ts'
import { at, type Fields, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { idOf, JobsApi } from '../jobs/jobs-api.ts'
import { SessionsApi } from './sessions-api.ts'
import { TradingWorld } from './trading-world.ts'

const QUIET_MS = 600
const PROPOSED = { symbol: 'PAWL', side: 'buy', quantity: 15 }

const server = useServer()
const api = (): SessionsApi => new SessionsApi(server().url)
const jobs = (): JobsApi => new JobsApi(server().url)
const visit = useBrowser()
let world: TradingWorld

beforeAll(async () => {
  world = await TradingWorld.start(server())
})
afterAll(() => world.close())
beforeEach(() => world.reset())

interface Asked {
  readonly jobId: string
  readonly jobRunId: string
  readonly sessionId: string
  readonly requestId: string
}

/** Makes the daily job, calls it by hand, and gives the call's run. */
async function fire(body: object): Promise<{ readonly jobId: string; readonly run: Fields }> {
  const job = await jobs().createJob({
    ...{ name: 'Daily trading agent', intervalMinutes: 1440, startHour: 9 },
    request: world.jobRequest(body),
  })
  expect(text(job.nextRunAt)).toMatch(/T09:00:00/)
  return { jobId: idOf(job), run: await jobs().called(idOf(job)) }
}

/** Fires the job and waits until the agent has asked. */
async function ask(body: object): Promise<Asked> {
  const { jobId, run } = await fire(body)
  expect(run).toMatchObject({ status: 'success', httpStatus: 202 })
  const jobRunId = idOf(run)
  const session = await until(
    'the session to wait',
    async () => {
      const answer = await api().ask(`/v2/sessions?jobId=${jobId}&status=waiting`)
      return at(answer, 'data', 0) as Fields | undefined
    },
    { onGivingUp: () => world.agentSaid() },
  )
  const sessionId = idOf(session)
  const request = (await api().pending()).find((each) => each.sessionId === sessionId)
  if (request === undefined) throw new Error('The question is not in the inbox')
  expect(request).toMatchObject({ kind: 'approval', arguments: PROPOSED, prompt: 'Buy 15 PAWL?' })
  return { jobId, jobRunId, sessionId, requestId: idOf(request) }
}

function approve(requestId: string, more: object = {}): Promise<unknown> {
  return api().respond(requestId, { decision: 'approve', ...more })
}

async function expectBought(sessionId: string, ...orders: readonly object[]): Promise<void> {
  await api().sessionIn(sessionId, 'completed', { onGivingUp: () => world.agentSaid() })
  expect(await world.orders()).toEqual(orders)
}

describe.each(['plain', 'durable'] as const)('OS-9: the %s agent', (form) => {
  it('asks before it buys: its session waits, stands in the inbox, and has a link to its call', async () => {
    const { jobId, jobRunId, sessionId, requestId } = await ask({ form })
    expect(await api().session(sessionId)).toMatchObject({ status: 'waiting', agent: 'trading-bot', jobId, jobRunId })
    expect((await jobs().jobRun(jobRunId)).sessionIds).toEqual([sessionId])
    const types = (await api().items(sessionId)).map(({ type }) => type)
    expect(types).toEqual(['message', 'tool_result', 'message', 'decision'])
    await moment(QUIET_MS)
    expect(await world.ordersSent()).toEqual([])
    await approve(requestId)
    await expectBought(sessionId, PROPOSED)
    const { result } = await api().session(sessionId)
    expect(result).toMatchObject({ decision: 'approved', order: PROPOSED, brokerId: 'order-1' })
    expect(await world.ordersSent()).toHaveLength(1)
  })

  it('buys what was approved, not what was proposed', async () => {
    const { sessionId, requestId } = await ask({ form })
    const wrong = await api().respond(requestId, { decision: 'approve', arguments: { ...PROPOSED, quantity: 1_000 } })
    expect(wrong.status).toBe(422)
    await approve(requestId, { arguments: { ...PROPOSED, quantity: 3 } })
    await expectBought(sessionId, { ...PROPOSED, quantity: 3 })
  })

  it('buys nothing when it is denied', async () => {
    const { sessionId, requestId } = await ask({ form })
    await api().respond(requestId, { decision: 'deny', reason: 'Not today.' })
    await expectBought(sessionId)
    expect((await api().session(sessionId)).result).toMatchObject({ decision: 'denied', order: null })
  })

  it('buys nothing when nobody answers in time', async () => {
    const { sessionId, requestId } = await ask({ form, answerWithinSeconds: 600 })
    await api().advance('11m')
    await expectBought(sessionId)
    expect(await api().readRequest(requestId)).toMatchObject({ status: 'expired' })
    expect((await api().session(sessionId)).result).toMatchObject({ decision: 'expired', order: null })
    expect((await api().respond(requestId, { decision: 'approve' })).status).toBe(409)
    await moment(QUIET_MS)
    expect(await world.ordersSent()).toEqual([])
  })

  it('buys nothing when its session is cancelled while it waits', async () => {
    const { sessionId, requestId } = await ask({ form })
    await api().ask(`/v2/sessions/${sessionId}`, { method: 'PATCH', body: { status: 'cancelled' } })
    expect(await api().readRequest(requestId)).toMatchObject({ status: 'cancelled' })
    await moment(QUIET_MS)
    const session = await api().session(sessionId)
    expect([session.status, await world.ordersSent()]).toEqual(['cancelled', []])
    if (form === 'durable') await api().reached(text(session.runId), 'Cancelled')
  })

  it('asks nothing on a day without news that stand out', async () => {
    await world.scriptNews({ headlines: [{ symbol: 'PAWL', title: 'Pawl holds its yearly meeting' }] })
    const { jobId } = await fire({ form })
    const session = await until('the end', async () => {
      const answer = await api().ask(`/v2/sessions?jobId=${jobId}&status=completed`)
      return at(answer, 'data', 0) as Fields | undefined
    })
    expect(session).toMatchObject({ pendingRequests: 0, result: { decision: 'nothing to propose', order: null } })
    expect(await world.ordersSent()).toEqual([])
  })

  it('goes on after the server was killed while it waits', async () => {
    const { sessionId, requestId } = await ask({ form })
    await server().kill()
    await server().start()
    await approve(requestId)
    await expectBought(sessionId, PROPOSED)
    expect(await world.ordersSent()).toHaveLength(1)
  })

  it('is approved by a person on the page', async () => {
    const { sessionId, requestId } = await ask({ form })
    const { page } = await visit()
    await page.goto(`${server().url}/requests/${requestId}`)
    await page.getByText('Buy 15 PAWL?').first().waitFor()
    await page
      .getByRole('button', { name: /^Approve/ })
      .first()
      .click()
    await expectBought(sessionId, PROPOSED)
  })
})

describe('OS-9: only the durable agent', () => {
  it('goes on after app and server were both killed while it waits, and buys once', async () => {
    const { sessionId, requestId } = await ask({ form: 'durable' })
    await world.killAgent()
    await server().kill()
    await server().start()
    await approve(requestId)
    await moment(300)
    expect(await world.ordersSent()).toEqual([])
    await world.startAgent()
    await expectBought(sessionId, PROPOSED)
    expect(await world.ordersSent()).toHaveLength(1)
  })

  it('was denied while its app was gone: it buys nothing when it is back', async () => {
    const { sessionId, requestId } = await ask({ form: 'durable' })
    await world.killAgent()
    await api().respond(requestId, { decision: 'deny' })
    await world.startAgent()
    await expectBought(sessionId)
    expect(await world.ordersSent()).toEqual([])
  })

  it('waits for a broker that is down, and buys once when it is back', async () => {
    await world.scriptBroker({ status: 503 })
    const { sessionId, requestId } = await ask({ form: 'durable' })
    await approve(requestId)
    await until('two tries', async () => (await world.ordersSent()).length >= 2)
    await world.scriptBroker({ status: 200 })
    await expectBought(sessionId, PROPOSED)
  })

  it('tells its session that it has failed when the news never come', async () => {
    await world.scriptNews({ status: 503 })
    const { jobId } = await fire({ form: 'durable' })
    const session = await until('the failure', async () => {
      const answer = await api().ask(`/v2/sessions?jobId=${jobId}&status=failed`)
      return at(answer, 'data', 0) as Fields | undefined
    })
    expect(at(session, 'error', 'message')).toContain('503')
    expect(await world.ordersSent()).toEqual([])
  })
})

describe('the agent’s door', () => {
  it('opens for the job only', async () => {
    const call = (headers: Record<string, string>) =>
      fetch(`${world.agentUrl}/agents/trading-bot/execute`, { method: 'POST', headers, body: '{}' })
    expect((await call({})).status).toBe(401)
    expect((await call({ authorization: 'Bearer another' })).status).toBe(401)
    const { run } = await fire({ form: 'unheard of' })
    expect(run).toMatchObject({ status: 'failure', httpStatus: 400, error: { code: 'http_status' } })
  })
})
