/**
 * Jobs of two server processes on one PostgreSQL: each slot is called once, whichever of them finds it; one that dies in a
 * call is found out by the other; all of them see the same records.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { newStore } from '../processes/database.ts'
import { ServerProcess } from '../processes/server-process.ts'
import { useDatabase } from '../processes/use-database.ts'
import { idOf, JobsApi, MINUTE } from './jobs-api.ts'
import { Target } from './target.ts'

const SLOTS = 20
const MINUTE_MS = 60_000
/** Seconds. Shorter than in production, so that a death is noticed soon. */
const LEASE = 3
const LOG_SHOWN = 3_000

const database = useDatabase()
let servers: readonly ServerProcess[] = []
let target: Target

beforeAll(async () => {
  const store = newStore(database())
  // One after the other: the second must find the tables of the first.
  const key = ['--instance-key', Buffer.alloc(32, 7).toString('base64')]
  const settings = { command: 'dev', lease: LEASE, flags: key } as const
  servers = await Promise.all([1, 2].map(() => ServerProcess.start(store, settings)))
  target = await Target.open()
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()))
  await target.close()
})

/** The server of the turn. */
function api(turn: number): JobsApi {
  const server = servers[turn % servers.length]
  if (server === undefined) throw new Error('No server')
  return new JobsApi(server.url)
}

function logs(): string {
  return servers.map((server) => server.log().slice(-LOG_SHOWN)).join('\n\n')
}

describe('OS-7: two servers on one store', () => {
  it(`call each of ${SLOTS} slots once`, async () => {
    const job = await api(0).createJob({
      name: 'every minute',
      intervalMinutes: 1,
      request: { url: `${target.url}/slots` },
    })
    const id = idOf(job)
    const first = Date.parse(text(job.nextRunAt))
    for (let slot = 1; slot <= SLOTS; slot++) {
      await api(slot).advance(MINUTE)
      await until(`slot ${slot}`, () => target.at('/slots').length >= slot, { onGivingUp: logs })
      await until('its record', async () => number(at(await api(slot + 1).job(id), 'stats', 'successfulRuns')) >= slot)
    }
    await api(1).pause(id)
    await moment(500)
    const slots = target.at('/slots').map(({ headers }) => Date.parse(text(headers['x-job-scheduled-at'])))
    expect(slots).toEqual(Array.from({ length: SLOTS }, (_, n) => first + n * MINUTE_MS))
    const runs = await api(0).jobRuns(id)
    expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: SLOTS }, () => 'success'))
    expect(new Set(runs.map(({ scheduledAt }) => scheduledAt)).size).toBe(SLOTS)
    for (const turn of [0, 1])
      expect((await api(turn).job(id)).stats).toMatchObject({ totalRuns: SLOTS, successfulRuns: SLOTS, skippedRuns: 0 })
  })

  it('call many jobs of one slot once each', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        api(n).createJob({ name: `many ${n}`, intervalMinutes: 1, request: { url: `${target.url}/many/${n}` } }),
      ),
    )
    await api(0).advance(MINUTE)
    const many = () => target.calls.filter(({ path }) => path.startsWith('/many'))
    await until('all of them', () => many().length >= ids.length, { onGivingUp: logs })
    await Promise.all(ids.map((job, n) => api(n).pause(idOf(job))))
    await moment(500)
    expect(new Set(many().map(({ path }) => path)).size).toBe(ids.length)
    expect(many()).toHaveLength(ids.length)
  })

  it('pressed at both at once a job is called once', async () => {
    target.hold()
    const job = await api(0).createJob({
      name: 'by hand',
      intervalMinutes: 60,
      enabled: false,
      request: { url: `${target.url}/by-hand` },
    })
    const press = (turn: number) => api(turn).exchange(`/v2/jobs/${idOf(job)}/run`, { method: 'POST', body: {} })
    const answers = await Promise.all(Array.from({ length: 10 }, (_, turn) => press(turn)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array.from({ length: 9 }, () => 409)])
    await until('the call', () => target.at('/by-hand').length > 0)
    await moment(300)
    expect(target.at('/by-hand')).toHaveLength(1)
    target.release()
    const runId = text(target.at('/by-hand')[0]?.runId)
    expect(await api(1).jobRunEnded(runId)).toMatchObject({ status: 'success' })
  })

  it('OS-6: a call whose server is killed is found out by the other, and is not sent again', async () => {
    target.hold()
    const [victim, survivor] = servers
    if (victim === undefined || survivor === undefined) throw new Error('No servers')
    const [dying, living] = [new JobsApi(victim.url), new JobsApi(survivor.url)]
    const job = await living.createJob({
      name: 'lost',
      intervalMinutes: 1,
      enabled: false,
      timeoutSeconds: 120,
      request: { url: `${target.url}/lost` },
    })
    const runId = await dying.callNow(idOf(job))
    await until('the call', () => target.at('/lost').length === 1)
    await victim.kill()
    target.release()
    // Whoever heard of the run first may have called it.
    const run = await living.jobRunEnded(runId, { withinMs: 15_000, onGivingUp: logs })
    const lost = run.status === 'failure'
    expect([run.status, at(run, 'error', 'code')]).toEqual(lost ? ['failure', 'worker_lost'] : ['success', undefined])
    expect(target.at('/lost')).toHaveLength(1)
    await living.resume(idOf(job))
    await living.advance(MINUTE)
    await until('the next slot', () => target.at('/lost').length === 2, { onGivingUp: logs })
    await living.pause(idOf(job))
    await victim.start()
  })
})
