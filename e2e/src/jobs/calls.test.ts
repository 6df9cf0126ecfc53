/**
 * Calls of jobs, counted where they arrive: at their slot and once, never two of one job at a time, and recorded as what
 * they came to. One server for all, so the tests stand in order: some of them move its clock.
 */
import { describe, expect, it } from 'vitest'
import { freePort } from '../harness/port.ts'
import { at, number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { idOf, JobsApi, MINUTE } from './jobs-api.ts'
import { startProduction } from './production-server.ts'
import { Target } from './target.ts'
import { useTarget } from './use-target.ts'

const MINUTE_MS = 60_000
/** A slot is called within a second on an idle server; the rest is for a busy test machine. */
const LATE_MS_MAX = 2_000

const server = useServer()
const target = useTarget()
const api = (): JobsApi => new JobsApi(server().url)

describe('OS-3: the next minute comes', () => {
  it('the target sees one call with its headers, and the records are right', { timeout: 100_000 }, async () => {
    const job = await api().createJob({
      name: 'every minute',
      intervalMinutes: 1,
      request: {
        url: `${target().url}/minute`,
        method: 'POST',
        headers: [{ name: 'X-Own', value: 'mine' }],
        body: { hello: 'Ada' },
      },
    })
    const id = idOf(job)
    const slot = Date.parse(text(job.nextRunAt))
    expect([slot % MINUTE_MS, slot > Date.now() - 1_000, slot <= Date.now() + MINUTE_MS]).toEqual([0, true, true])
    await until('the call', () => target().at('/minute').length > 0, { withinMs: 65_000 })
    const [call] = target().at('/minute')
    expect(call?.at).toBeGreaterThanOrEqual(slot)
    expect(call?.at).toBeLessThan(slot + LATE_MS_MAX)
    expect(call).toMatchObject({ method: 'POST', body: '{"hello":"Ada"}' })
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-own': 'mine',
      'x-job-id': id,
      'x-job-scheduled-at': new Date(slot).toISOString(),
      'x-job-trigger': 'schedule',
      'idempotency-key': call?.runId,
      'user-agent': expect.stringMatching(/./),
    })
    const run = await api().jobRunEnded(text(call?.runId))
    expect(run).toMatchObject({
      jobId: id,
      trigger: 'schedule',
      scheduledAt: new Date(slot).toISOString(),
      status: 'success',
      httpStatus: 200,
      responseBytes: 2,
      responseExcerpt: 'ok',
      request: { method: 'POST', url: `${target().url}/minute` },
    })
    expect(number(run.durationMs)).toBeLessThan(LATE_MS_MAX)
    const after = await api().pause(id)
    expect(after.stats).toMatchObject({
      ...{ totalRuns: 1, successfulRuns: 1, failedRuns: 0, skippedRuns: 0 },
      ...{ lastRunAt: run.startedAt, lastRunStatus: 'success' },
    })
    await moment(500)
    expect(target().at('/minute')).toHaveLength(1)
    expect((await api().jobRuns(id)).map(idOf)).toEqual([call?.runId])
  })
})

describe('OS-4: a call that takes longer than its interval', () => {
  it('its next slot is skipped, and the target never sees two at once', async () => {
    const slow = await Target.open()
    slow.hold()
    const job = await api().createJob({
      name: 'slow',
      intervalMinutes: 1,
      timeoutSeconds: 120,
      request: { url: `${slow.url}/slow` },
    })
    const id = idOf(job)
    await api().advance(MINUTE)
    await until('the first call', () => slow.held === 1)
    const [first] = slow.calls
    expect(await api().job(id)).toMatchObject({ liveRunId: first?.runId })
    await api().advance(MINUTE)
    const skipped = await until('the skip', async () => (await api().jobRuns(id, 'status=skipped'))[0])
    expect(skipped).toMatchObject({ status: 'skipped', skipped: { reason: 'overlap', slots: 1 }, trigger: 'schedule' })
    const slots = [first?.headers['x-job-scheduled-at'], skipped.scheduledAt].map((slot) => Date.parse(text(slot)))
    expect(number(slots[1]) - number(slots[0])).toBe(MINUTE_MS)
    slow.release()
    await api().jobRunEnded(text(first?.runId))
    await api().advance(MINUTE)
    await until('the next call', () => slow.calls.length === 2)
    await api().jobRunEnded(text(slow.calls[1]?.runId))
    expect((await api().pause(id)).stats).toMatchObject({
      ...{ totalRuns: 2, successfulRuns: 2, failedRuns: 0, skippedRuns: 1 },
      lastRunStatus: 'success',
    })
    expect([slow.peak, slow.calls.length]).toEqual([1, 2])
    await slow.close()
  })

  it('slots that were missed by more than a minute are one record, and are not made up for', async () => {
    const job = await api().createJob({
      name: 'missed',
      intervalMinutes: 1,
      request: { url: `${target().url}/missed` },
    })
    const id = idOf(job)
    await api().advance('10m')
    const missed = await until('the record', async () => (await api().jobRuns(id, 'status=skipped'))[0])
    expect(missed).toMatchObject({ skipped: { reason: 'missed' }, scheduledAt: job.nextRunAt })
    const slots = number(at(missed, 'skipped', 'slots'))
    expect(slots).toBeGreaterThanOrEqual(8)
    expect(slots).toBeLessThanOrEqual(10)
    await until('the call in time', () => target().at('/missed').length === 1)
    expect((await api().pause(id)).stats).toMatchObject({ skippedRuns: slots })
    await moment(300)
    expect(target().at('/missed')).toHaveLength(1)
  })
})

describe('OS-5: what a call comes to', () => {
  const make = async (request: object, more: object = {}): Promise<string> =>
    idOf(await api().createJob({ name: 'outcome', intervalMinutes: 1440, enabled: false, request, ...more }))

  it('500 is a failure with its status and the start of the answer, and is not tried again', async () => {
    const url = `${target().url}/500`
    target().answer = ({ path }) => (path === '/500' ? { status: 500, body: 'it broke' } : {})
    const run = await api().called(await make({ url }))
    expect(run).toMatchObject({
      ...{ status: 'failure', httpStatus: 500, trigger: 'manual' },
      ...{ error: { code: 'http_status' }, responseExcerpt: 'it broke' },
    })
    await api().advance('5m')
    await moment(500)
    expect(target().at('/500')).toHaveLength(1)
  })

  it('a port where nobody listens is `connect`', async () => {
    const run = await api().called(await make({ url: `http://127.0.0.1:${await freePort()}/` }))
    expect(run).toMatchObject({ status: 'failure', error: { code: 'connect' } })
    expect(run.httpStatus).toBeUndefined()
  })

  it('a name that does not exist is `dns`', async () => {
    const run = await api().called(await make({ url: 'http://nobody.invalid/' }))
    expect(run).toMatchObject({ status: 'failure', error: { code: 'dns' } })
  })

  it('no answer in time is `timeout`, within a second of it', async () => {
    target().answer = ({ path }) => (path === '/slow' ? 'hang' : {})
    const run = await api().called(await make({ url: `${target().url}/slow` }, { timeoutSeconds: 1 }))
    expect(run).toMatchObject({ status: 'failure', error: { code: 'timeout' } })
    expect(number(run.durationMs)).toBeGreaterThanOrEqual(950)
    expect(number(run.durationMs)).toBeLessThan(2_000)
  })

  it('an answer that breaks off is `response_aborted`', async () => {
    target().answer = ({ path }) => (path === '/broken' ? 'break' : {})
    const run = await api().called(await make({ url: `${target().url}/broken` }))
    expect(run).toMatchObject({ status: 'failure', error: { code: 'response_aborted' } })
  })

  it('GET follows redirects, POST does not, and neither to where it may not go', async () => {
    const to = (location: string) => ({ status: 302, headers: { location } })
    target().answer = ({ path }) => {
      if (path === '/moved') return to('/here')
      if (path === '/metadata') return to('http://169.254.169.254/latest/meta-data')
      return path === '/round' ? to('/round') : {}
    }
    const { url } = target()
    expect(await api().called(await make({ url: `${url}/moved` }))).toMatchObject({
      status: 'success',
      httpStatus: 200,
    })
    expect(target().at('/here')).toHaveLength(1)
    const posted = await api().called(await make({ url: `${url}/moved`, method: 'POST' }))
    expect(posted).toMatchObject({ status: 'failure', error: { code: 'redirect' } })
    expect(target().at('/here')).toHaveLength(1)
    const denied = await api().called(await make({ url: `${url}/metadata` }))
    expect(denied).toMatchObject({ status: 'failure', error: { code: 'blocked_by_policy' } })
    const round = await api().called(await make({ url: `${url}/round` }))
    expect(round).toMatchObject({ status: 'failure', error: { code: 'redirect' } })
    expect(target().at('/round')).toHaveLength(4)
  })

  it('metadata services are never called, though development may call its own machine', async () => {
    for (const host of ['169.254.169.254', '0xA9FEA9FE', '2852039166', '[::ffff:169.254.169.254]', '[fe80::1]']) {
      const run = await api().called(await make({ url: `http://${host}/` }))
      expect([host, run.status, at(run, 'error', 'code')]).toEqual([host, 'failure', 'blocked_by_policy'])
    }
  })

  it('nor where a secret or a redirect leads to one', async () => {
    const body = { value: '169.254.169.254' }
    await api().ask('/v2/secrets/METADATA', { method: 'PUT', body })
    const run = await api().called(await make({ url: 'http://{{secrets.METADATA}}/' }))
    expect(run).toMatchObject({ status: 'failure', error: { code: 'blocked_by_policy' } })
    target().answer = () => ({ status: 302, headers: { location: 'http://2852039166/' } })
    const moved = await api().called(await make({ url: `${target().url}/to-metadata` }))
    expect(moved).toMatchObject({ status: 'failure', error: { code: 'blocked_by_policy' } })
    target().answer = () => ({})
  })

  it('production calls no private address, however it is written or named, and nothing arrives', async () => {
    const production = await startProduction()
    const own = await Target.open()
    try {
      const { port } = own
      const hosts = ['localhost', '127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]']
      for (const host of [...hosts, '10.0.0.1', '192.168.0.1', '[fc00::1]']) {
        const request = { url: `http://${host}:${port}/` }
        const job = await production.api.createJob({ name: host, intervalMinutes: 60, enabled: false, request })
        const run = await production.api.called(idOf(job))
        expect([host, run.status, at(run, 'error', 'code')]).toEqual([host, 'failure', 'blocked_by_policy'])
      }
      expect([own.connections, own.calls.length]).toEqual([0, 0])
    } finally {
      await own.close()
      await production.close()
    }
  })

  it('production calls a private address that it was allowed', async () => {
    const production = await startProduction(['--allow-net', '127.0.0.1'])
    const own = await Target.open()
    try {
      const request = { url: `${own.url}/allowed` }
      const job = await production.api.createJob({ name: 'allowed', intervalMinutes: 60, enabled: false, request })
      expect(await production.api.called(idOf(job))).toMatchObject({ status: 'success' })
      expect(own.calls).toHaveLength(1)
    } finally {
      await own.close()
      await production.close()
    }
  })
})
