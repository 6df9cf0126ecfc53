/**
 * What people do with jobs: pause, resume, call by hand, change, remove; and what becomes of a call whose server dies.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { at, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { idOf, JobsApi, MINUTE } from './jobs-api.ts'
import { useTarget } from './use-target.ts'

const QUIET_MS = 400
const MINUTE_MS = 60_000

const server = useServer()
const target = useTarget()
const api = (): JobsApi => new JobsApi(server().url)

let jobs = 0
/** Makes a job with a path of its own. */
async function make(more: object = {}): Promise<{ readonly id: string; readonly path: string }> {
  const path = `/job-${++jobs}`
  const job = await api().createJob({
    name: `job ${jobs}`,
    intervalMinutes: 1,
    request: { url: `${target().url}${path}` },
    ...more,
  })
  return { id: idOf(job), path }
}

afterEach(async () => {
  // The clock is shared: no job of one test may be called in the next one.
  for (const job of (at(await api().ask('/v2/jobs?limit=100'), 'data') as readonly object[] | undefined) ?? [])
    await api().ask(`/v2/jobs/${text(at(job, 'id'))}`, { method: 'DELETE' })
})

const calls = (path: string): number => target().at(path).length

describe('OS-6: pause and resume', () => {
  it('a paused job has no next slot and is not called; resumed it goes on from now, and makes up for nothing', async () => {
    const { id, path } = await make()
    const paused = await api().pause(id)
    expect([paused.enabled, paused.nextRunAt]).toEqual([false, undefined])
    await api().advance('3m')
    await moment(QUIET_MS)
    expect(calls(path)).toBe(0)
    const now = await api().now()
    const resumed = await api().resume(id)
    expect(resumed.enabled).toBe(true)
    const ahead = Date.parse(text(resumed.nextRunAt)) - now
    expect(ahead > 0 && ahead <= MINUTE_MS + 1_000).toBe(true)
    await api().advance(MINUTE)
    await until('the call', () => calls(path) === 1)
    await moment(QUIET_MS)
    expect(calls(path)).toBe(1)
    expect((await api().job(id)).stats).toMatchObject({ totalRuns: 1, skippedRuns: 0 })
  })

  it('a pause leaves the call that is open to finish', async () => {
    const { id, path } = await make()
    target().hold()
    const runId = await api().callNow(id)
    await until('the call', () => calls(path) === 1)
    await api().pause(id)
    expect(await api().jobRun(runId)).toMatchObject({ status: 'running' })
    target().release()
    expect(await api().jobRunEnded(runId)).toMatchObject({ status: 'success' })
  })
})

describe('OS-6: a call by hand', () => {
  it('is answered 202 with its run, works while paused, and does not move the next slot', async () => {
    const { id, path } = await make()
    const before = await api().job(id)
    const answer = await api().exchange(`/v2/jobs/${id}/run`, { method: 'POST', body: {} })
    expect(answer.status).toBe(202)
    const run = await api().jobRunEnded(text(at(answer.json, 'data', 'id')))
    expect(run).toMatchObject({ trigger: 'manual', status: 'success' })
    expect(target().at(path)[0]?.headers['x-job-trigger']).toBe('manual')
    expect((await api().job(id)).nextRunAt).toBe(before.nextRunAt)
    await api().pause(id)
    expect(await api().called(id)).toMatchObject({ status: 'success' })
    const { nextRunAt, stats } = await api().job(id)
    expect(nextRunAt).toBeUndefined()
    expect(stats).toMatchObject({ totalRuns: 2, successfulRuns: 2 })
  })

  it('is refused with 409 while a call is open, whose run the job names', async () => {
    const { id, path } = await make({ enabled: false })
    target().hold()
    const runId = await api().callNow(id)
    await until('the call', () => calls(path) === 1)
    const second = await api().exchange(`/v2/jobs/${id}/run`, { method: 'POST', body: {} })
    expect([second.status, at(second.json, 'errors', 0, 'code')]).toEqual([409, 'job_running'])
    expect((await api().job(id)).liveRunId).toBe(runId)
    target().release()
    await api().jobRunEnded(runId)
    expect(calls(path)).toBe(1)
    expect(await api().called(id)).toMatchObject({ status: 'success' })
  })

  it('pressed by twenty people at once is one call', async () => {
    const { id, path } = await make({ enabled: false })
    target().hold()
    const press = () => api().exchange(`/v2/jobs/${id}/run`, { method: 'POST', body: {} })
    const answers = await Promise.all(Array.from({ length: 20 }, press))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array.from({ length: 19 }, () => 409)])
    await until('the call', () => calls(path) > 0)
    await moment(QUIET_MS)
    expect(calls(path)).toBe(1)
    target().release()
  })
})

describe('OS-6: changes', () => {
  it('a changed schedule counts from now, and a changed request is what is sent next', async () => {
    const { id, path } = await make({ intervalMinutes: 1440, startHour: 9 })
    const changed = await api().change(id, { intervalMinutes: 1, startHour: 0 })
    const ahead = Date.parse(text(changed.nextRunAt)) - (await api().now())
    expect(ahead > -1_000 && ahead <= MINUTE_MS).toBe(true)
    const url = `${target().url}${path}/other`
    const request = { url, method: 'PUT', body: 'as it is', headers: [{ name: 'X-New', value: 'yes' }] }
    expect(await api().change(id, { request, name: 'renamed' })).toMatchObject({ name: 'renamed', request: { url } })
    await api().advance(MINUTE)
    await until('the call', () => calls(`${path}/other`) === 1)
    expect(target().at(`${path}/other`)[0]).toMatchObject({
      method: 'PUT',
      body: 'as it is',
      headers: { 'x-new': 'yes' },
    })
    expect(calls(path)).toBe(0)
  })

  it('If-Match keeps two people from writing over each other', async () => {
    const { id } = await make()
    const { updatedAt } = await api().job(id)
    const patch = (name: string) =>
      api().exchange(`/v2/jobs/${id}`, { method: 'PATCH', body: { name }, headers: { 'if-match': text(updatedAt) } })
    const answers = await Promise.all([patch('one'), patch('two')])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412])
    const won = answers.findIndex(({ status }) => status === 200)
    expect((await api().job(id)).name).toBe(['one', 'two'][won])
  })

  it('a call does not count as a change of its job', async () => {
    const { id } = await make({ enabled: false })
    const { updatedAt } = await api().job(id)
    await api().called(id)
    const headers = { 'if-match': text(updatedAt) }
    const answer = await api().exchange(`/v2/jobs/${id}`, { method: 'PATCH', body: { name: 'still' }, headers })
    expect(answer.status).toBe(200)
  })
})

describe('OS-6: removal', () => {
  it('the job is gone at once and is not called any more; a call that is open harms nobody', async () => {
    const { id, path } = await make()
    target().hold()
    const runId = await api().callNow(id)
    await until('the call', () => calls(path) === 1)
    expect((await api().exchange(`/v2/jobs/${id}`, { method: 'DELETE' })).status).toBe(204)
    target().release()
    for (const [method, of] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/run'],
      ['POST', '/pause'],
      ['GET', '/runs'],
    ] as const) {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
      const answer = await api().exchange(`/v2/jobs/${id}${of}`, { method, ...body })
      expect([method, of, answer.status]).toEqual([method, of, 404])
    }
    expect(at(await api().ask('/v2/jobs'), 'data')).toBeUndefined()
    await api().advance('3m')
    await moment(QUIET_MS)
    expect(calls(path)).toBe(1)
    const { status } = await api().exchange(`/v2/job-runs/${runId}`)
    expect([200, 404]).toContain(status)
  })
})

describe('OS-6: kill -9 during a call', () => {
  it('the call is recorded as lost when the server is back, was seen once, and the next slot is called', async () => {
    const { id, path } = await make()
    target().hold()
    await api().advance(MINUTE)
    await until('the call', () => calls(path) === 1)
    const runId = text(target().at(path)[0]?.runId)
    await server().kill()
    target().release()
    await server().start()
    const run = await api().jobRunEnded(runId, { withinMs: 5_000 })
    expect(run).toMatchObject({ status: 'failure', error: { code: 'worker_lost' }, trigger: 'schedule' })
    expect(run.httpStatus).toBeUndefined()
    const { stats, liveRunId } = await api().job(id)
    expect([stats, liveRunId]).toMatchObject([{ totalRuns: 1, failedRuns: 1, lastRunStatus: 'failure' }, undefined])
    await moment(QUIET_MS)
    expect(calls(path)).toBe(1)
    await api().advance(MINUTE)
    await until('the next slot', () => calls(path) === 2)
    const second = text(target().at(path)[1]?.runId)
    expect(second).not.toBe(runId)
    expect(await api().jobRunEnded(second)).toMatchObject({ status: 'success' })
  })

  it('a stop in order waits for the open call, or tells that it was lost', async () => {
    const { id, path } = await make({ enabled: false })
    target().hold()
    const runId = await api().callNow(id)
    await until('the call', () => calls(path) === 1)
    const stopping = server().stop()
    await moment(300)
    target().release()
    await stopping
    await server().start()
    const run = await api().jobRunEnded(runId)
    expect([run.status, at(run, 'error', 'code')]).toEqual(
      run.status === 'success' ? ['success', undefined] : ['failure', 'worker_lost'],
    )
    expect(calls(path)).toBe(1)
  })
})
