import { createHmac } from 'node:crypto'
import type { Database } from '@pawl/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayResult } from '../drivers/driver.ts'
import type { GivenHeader } from '../jobs/door.ts'
import { returned } from './answers.ts'
import { jobGiven, jobRow, MINUTE, OK, runRowsOf, runsOf, Target } from './job-world.ts'
import { BEGIN, World } from './world.ts'

const KEY = new Uint8Array(32).fill(1)
const OPTIONS = { options: { instanceKey: KEY } }

let world: World

beforeEach(async () => {
  world = await World.open(OPTIONS)
})

afterEach(() => world.close())

function jobs() {
  return world.engine.jobs
}

describe('a job', () => {
  it('is called at its slot, once, and recorded with its counters and its next slot', async () => {
    world.fetch = () => ({ kind: 'answer', status: 204, headers: {}, body: '', bodyBytes: 0 })
    const { id } = await jobs().create(jobGiven({ everyMinutes: 5 }))
    await world.advance(5 * MINUTE - 1)
    expect(world.fetched).toEqual([])
    await world.advance(1)
    expect(world.fetched).toMatchObject([{ url: 'https://target.test/hook', method: 'POST', timeoutMs: 30_000 }])
    expect(await runsOf(world, id)).toEqual(['00:05 schedule success'])
    expect(await jobRow(world, id)).toMatchObject({
      ...{ successes: 1, failures: 0, skips: 0, lastStatus: 'success', lastAt: BEGIN + 5 * MINUTE },
      ...{ nextAt: BEGIN + 10 * MINUTE, live: null },
    })
    const [run] = await runRowsOf(world, id)
    expect(world.fetched[0]?.headers).toMatchObject({
      'x-job-id': id,
      'x-job-run-id': run?.row.id,
      'idempotency-key': run?.row.id,
      'x-job-scheduled-at': '2026-01-01T00:05:00.000Z',
      'x-job-trigger': 'schedule',
    })
  })

  it('OS-4: is not called while its call before is open: that slot is skipped, and no two are ever open', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven({ timeoutMs: 120_000 }))
    await world.advance(MINUTE)
    expect(target.open).toBe(1)
    await world.advance(90_000)
    expect(target.open).toBe(1)
    target.answer()
    await world.advance(30_000)
    expect(await runsOf(world, id)).toEqual([
      '00:03 schedule running',
      '00:02 schedule skipped overlap 1',
      '00:01 schedule success',
    ])
    target.answer()
    await world.rest()
    expect(target.openMax).toBe(1)
    expect(await jobRow(world, id)).toMatchObject({ successes: 2, failures: 0, skips: 1, live: null })
  })

  const failures: readonly (readonly [string, GatewayResult, string])[] = [
    ['answers 500', { ...OK, kind: 'answer', status: 500, headers: {}, body: 'broken', bodyBytes: 6 }, 'http_status'],
    ['refuses', { kind: 'lost', reason: 'unreachable', fault: 'connect', message: 'ECONNREFUSED' }, 'connect'],
    ['is slow', { kind: 'lost', reason: 'timeout', message: 'no whole answer' }, 'timeout'],
    ['is not to be called', { kind: 'lost', reason: 'blocked', message: 'not called' }, 'blocked_by_policy'],
  ]
  it.each(failures)(
    'OS-5: whose target %s has failed, and is not called again for this slot',
    async (_what, result, code) => {
      world.fetch = () => result
      const { id } = await jobs().create(jobGiven({ everyMinutes: 60 }))
      await world.advance(90 * MINUTE)
      expect(world.fetched).toHaveLength(1)
      expect(await runsOf(world, id)).toEqual([`01:00 schedule failure ${code}`])
      expect(await jobRow(world, id)).toMatchObject({ successes: 0, failures: 1, lastStatus: 'failure' })
    },
  )

  it('whose call fails within the server has failed, and is not called again', async () => {
    world.fetch = () => Promise.reject(new Error('a defect'))
    const { id } = await jobs().create(jobGiven({ everyMinutes: 60 }))
    await world.advance(90 * MINUTE)
    expect(world.fetched).toHaveLength(1)
    expect(await runsOf(world, id)).toEqual(['01:00 schedule failure response_aborted'])
  })

  it('that was missed by up to a minute is still called; older slots are one record', async () => {
    const { id } = await jobs().create(jobGiven({ everyMinutes: 1 }))
    // The machine stands still.
    world.clock.now += 10 * MINUTE + 1
    await world.advance(MINUTE)
    expect(await runsOf(world, id)).toEqual([
      '00:11 schedule success',
      '00:10 schedule success',
      '00:01 schedule skipped missed 9',
    ])
    expect(world.fetched).toHaveLength(2)
    expect(await jobRow(world, id)).toMatchObject({ successes: 2, skips: 9 })
  })

  it('follows the clock of development, and is armed anew by a reset', async () => {
    const { id } = await jobs().create(jobGiven({ everyMinutes: 60 }))
    await world.engine.advanceClock(60 * MINUTE)
    await world.rest()
    expect(await runsOf(world, id)).toEqual(['01:00 schedule success'])
    await world.engine.reset()
    await world.rest()
    expect(await jobRow(world, id)).toMatchObject({ nextAt: BEGIN + 60 * MINUTE, live: null })
    await world.advance(60 * MINUTE)
    expect(await runsOf(world, id)).toEqual(['01:00 schedule success'])
    expect(world.fetched).toHaveLength(2)
  })
})

describe('OS-6: a job', () => {
  it('that is paused has no next slot, finishes its open call, and begins from now when it goes on', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    expect(await jobs().pause(id)).toMatchObject({ enabled: false, nextAt: null })
    target.answer()
    await world.advance(5 * MINUTE + 30_000)
    expect(await runsOf(world, id)).toEqual(['00:01 schedule success'])
    expect(await jobs().resume(id)).toMatchObject({ enabled: true, nextAt: BEGIN + 7 * MINUTE })
    await world.advance(30_000)
    expect(await runsOf(world, id)).toEqual(['00:07 schedule running', '00:01 schedule success'])
    // Once more changes nothing.
    const row = await jobRow(world, id)
    expect(await jobs().resume(id)).toEqual(row)
    target.answer()
  })

  it('is called by hand also while it is paused, once at a time, and its next slot stays', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven({ enabled: false }))
    const run = await jobs().run(id)
    expect(run).toMatchObject({ trigger: 'manual', status: 'running', scheduledAt: BEGIN })
    await world.rest()
    await expect(jobs().run(id)).rejects.toMatchObject({ code: 'job_running' })
    target.answer()
    await world.rest()
    expect(await runsOf(world, id)).toEqual(['00:00 manual success'])
    expect(await jobRow(world, id)).toMatchObject({ nextAt: null, successes: 1 })
    expect(target.requests[0]?.headers).toMatchObject({ 'x-job-trigger': 'manual', 'x-job-run-id': run.id })
    expect((await jobs().run(id)).status).toBe('running')
    await world.rest()
    target.answer()
  })

  it('that is being called by hand at its slot skips that slot', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await jobs().run(id)
    await world.advance(MINUTE)
    expect((await runsOf(world, id))[0]).toBe('00:01 schedule skipped overlap 1')
    expect(await jobRow(world, id)).toMatchObject({ nextAt: BEGIN + 2 * MINUTE })
    target.answer()
  })

  it('that is edited is due by its new schedule from now on; other edits leave the slot', async () => {
    const { id, updatedAt } = await jobs().create(jobGiven({ everyMinutes: 60 }))
    const renamed = await jobs().update(id, { name: 'other', timeoutMs: 5_000 })
    expect(renamed).toMatchObject({ name: 'other', timeoutMs: 5_000, nextAt: BEGIN + 60 * MINUTE })
    expect(renamed.updatedAt).toBeGreaterThan(updatedAt)
    await world.advance(7 * MINUTE)
    const { schedule } = jobGiven({ everyMinutes: 10 })
    expect(await jobs().update(id, { schedule })).toMatchObject({ nextAt: BEGIN + 10 * MINUTE })
    await world.advance(3 * MINUTE)
    expect(await runsOf(world, id)).toEqual(['00:10 schedule success'])
    expect(world.fetched[0]?.timeoutMs).toBe(5_000)
  })

  it('that somebody else has changed is not changed by who has an older one', async () => {
    const { id, updatedAt } = await jobs().create(jobGiven())
    const mine = await jobs().update(id, { name: 'first' }, updatedAt)
    const late = jobs().update(id, { name: 'second' }, updatedAt)
    await expect(late).rejects.toMatchObject({ code: 'job_changed', details: { updatedAt: mine.updatedAt } })
    expect((await jobRow(world, id)).name).toBe('first')
  })

  it('that is removed is gone at once; its open call ends in order', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    await jobs().remove(id)
    expect(await world.store.lists.jobs({ limit: 10 })).toEqual([])
    for (const gone of [jobs().remove(id), jobs().pause(id), jobs().run(id), jobs().update(id, { name: 'x' })])
      await expect(gone).rejects.toMatchObject({ code: 'job_not_found' })
    target.answer()
    await world.advance(5 * MINUTE)
    expect(target.requests).toHaveLength(1)
    expect(await runsOf(world, id)).toEqual(['00:01 schedule success'])
  })

  it('whose edits, pauses, calls and slots all come at once is called as the last of them says', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    world.clock.now += MINUTE
    const all = await Promise.allSettled([
      jobs().run(id),
      jobs().pause(id),
      jobs().update(id, { name: 'b' }),
      jobs().run(id),
      jobs().resume(id),
      world.advance(0),
    ])
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(target.openMax).toBe(1)
    expect(await jobRow(world, id)).toMatchObject({ name: 'b', enabled: true, nextAt: BEGIN + 2 * MINUTE })
    target.answer()
    await world.advance(MINUTE)
    target.answer()
    await world.rest()
    expect(target.openMax).toBe(1)
    expect(await jobRow(world, id)).toMatchObject({ successes: 2, live: null })
  })
})

describe('a call that is lost with its server', () => {
  /** What the heartbeat of others, or the next start, does with a lease of a process that is gone. */
  async function processGone(): Promise<void> {
    const leased = await world.store.state.leasedBy(world.store.process)
    const changes = leased.map((item) => ({
      ...{ set: 'item' as const },
      row: { ...item, state: 'ready' as const, owner: 0, epoch: item.epoch + 1, due: world.clock.now },
    }))
    await world.store.commit({ needs: {}, decide: () => ({ changes, result: null }) })
  }

  it('OS-6: is recorded as lost, and never sent again; what it still brings is nobody’s', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven({ everyMinutes: 60 }))
    await world.advance(60 * MINUTE)
    await processGone()
    // Somebody looks.
    await world.engine.advanceClock(0)
    await world.rest()
    expect(await runsOf(world, id)).toEqual(['01:00 schedule failure worker_lost'])
    expect(await jobRow(world, id)).toMatchObject({ successes: 0, failures: 1, live: null })
    target.answer()
    await world.advance(10 * MINUTE)
    expect(target.requests).toHaveLength(1)
    expect(await runsOf(world, id)).toEqual(['01:00 schedule failure worker_lost'])
    expect(await jobRow(world, id)).toMatchObject({ successes: 0, failures: 1 })
  })

  it('that is found together with the next slot does not keep it from being called', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    await processGone()
    world.clock.now += MINUTE
    await world.advance(0)
    // The slot may be decided on before or after the lost call, but both are, with all counters.
    const row = await jobRow(world, id)
    expect(row.failures).toBe(1)
    expect(row.skips + target.requests.length).toBe(2)
    expect(row.nextAt).toBe(BEGIN + 3 * MINUTE)
  })

  it('at a stop in order has had its grace first', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    const stopped = world.engine.stop(8_000)
    await world.advance(7_000)
    expect(await runsOf(world, id)).toEqual(['00:01 schedule running'])
    await world.advance(2_000)
    await stopped
    expect(await runsOf(world, id)).toEqual(['00:01 schedule failure worker_lost'])
    target.answer()
    await world.rest()
    expect(await runsOf(world, id)).toEqual(['00:01 schedule failure worker_lost'])
  })

  it('that ends within the grace is recorded as it ended', async () => {
    const target = new Target(world)
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    const stopped = world.engine.stop(8_000)
    await world.rest()
    target.answer()
    await world.rest()
    await stopped
    expect(await runsOf(world, id)).toEqual(['00:01 schedule success'])
  })
})

describe('calls of jobs and the places of a server', () => {
  it('are queued when there is no place, begin in order, and leave places to functions', async () => {
    await world.close()
    world = await World.open({ ...OPTIONS, callsMax: 20 })
    const target = new Target(world)
    await world.register({ f: [{}, () => returned('done')] })
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, n) => jobs().create(jobGiven({ name: `job ${n}`, everyMinutes: 1_440 }))),
    )
    await world.advance(1_440 * MINUTE)
    // One function beside them: the last place is kept for it.
    expect(target.open).toBe(19)
    const statuses = async () => {
      const rows = await Promise.all(made.map(async ({ id }) => (await runRowsOf(world, id))[0]?.row.status))
      return rows.filter((status) => status === 'queued').length
    }
    expect(await statuses()).toBe(41)
    await world.send({ name: 'f', data: {} })
    expect((await world.run('f')).status).toBe('completed')
    while (target.open > 0) {
      target.answer()
      await world.rest()
    }
    expect(target.requests).toHaveLength(60)
    expect(target.openMax).toBe(19)
    const rows = await Promise.all(made.map(({ id }) => jobRow(world, id)))
    expect(rows.every((row) => row.successes === 1 && row.live === null)).toBe(true)
  })

  it('that is queued when its job is removed is never made', async () => {
    await world.close()
    world = await World.open({ ...OPTIONS, callsMax: 1 })
    const target = new Target(world)
    const first = await jobs().create(jobGiven({ enabled: false }))
    const second = await jobs().create(jobGiven({ enabled: false }))
    await jobs().run(first.id)
    expect((await jobs().run(second.id)).status).toBe('queued')
    await jobs().remove(second.id)
    target.answer()
    await world.rest()
    expect(target.requests).toHaveLength(1)
    expect(await runsOf(world, second.id)).toEqual(['00:00 manual failure internal'])
  })
})

describe('runs of jobs', () => {
  it('are deleted after their time, but for the newest of each job; removed jobs go with their runs', async () => {
    await world.close()
    world = await World.open({ ...OPTIONS, limits: { jobRunsMs: 60 * MINUTE, jobRunsMost: 20, jobRunsLeast: 5 } })
    const { id } = await jobs().create(jobGiven())
    const other = await jobs().create(jobGiven())
    await world.advance(10 * MINUTE)
    await jobs().remove(other.id)
    await jobs().pause(id)
    await world.advance(11 * MINUTE)
    expect(await runsOf(world, id)).toHaveLength(10)
    expect(await world.store.state.jobByUlid(other.id)).toBeUndefined()
    await world.advance(80 * MINUTE)
    expect(await runsOf(world, id)).toHaveLength(5)
    await jobs().resume(id)
    await world.advance(32 * MINUTE)
    await jobs().pause(id)
    await world.advance(11 * MINUTE)
    expect(await runsOf(world, id)).toHaveLength(20)
    expect((await jobRow(world, id)).successes).toBe(42)
  })
})

describe('secrets of jobs', () => {
  const header = (value: string | null): GivenHeader => ({ name: 'Authorization', value, isSecret: true })
  const withHeader = (value: string | null, url = 'https://target.test/') => ({
    request: { method: 'POST' as const, url, headers: [header(value)], body: null },
  })

  it('OS-8: are sent, and stand in the open nowhere: not in rows, not in what is shown, not in what came back', async () => {
    const texts: string[] = []
    await world.close()
    world = await World.open({ ...OPTIONS, database: (database) => noting(database, texts) })
    world.fetch = (request) => ({
      ...{ kind: 'answer', status: 500, headers: {}, bodyBytes: 1 },
      body: `you sent ${JSON.stringify(request)}`,
    })
    await jobs().setSecret('TOKEN', 'topsecret-named')
    const given = jobGiven({
      signingSecret: 'topsecret-signing',
      request: {
        method: 'POST',
        url: 'https://target.test/?token={{secrets.TOKEN}}',
        headers: [header('Bearer topsecret-header')],
        body: { text: '{"key":"{{secrets.TOKEN}}"}', isJson: true },
      },
    })
    const { id } = await jobs().create(given)
    await jobs().run(id)
    await world.rest()
    const [request] = world.fetched
    expect(request).toMatchObject({
      url: 'https://target.test/?token=topsecret-named',
      headers: { authorization: 'Bearer topsecret-header' },
      body: '{"key":"topsecret-named"}',
    })
    const toSign = `${request?.headers['webhook-id']}.${request?.headers['webhook-timestamp']}.${request?.body}`
    const signature = createHmac('sha256', 'topsecret-signing').update(toSign).digest('base64')
    expect(request?.headers['webhook-signature']).toBe(`v1,${signature}`)
    const row = await jobRow(world, id)
    const [view] = await runRowsOf(world, id)
    const run = await world.store.lists.jobRun(view?.row.id ?? '')
    const shown = jobs().shown(row)
    expect(run?.excerpt).toContain('[masked]')
    expect(shown.headers).toEqual([{ name: 'Authorization', isSecret: true, value: '' }])
    expect(shown.signingSecret).toBe('')
    expect(texts.length).toBeGreaterThan(3)
    for (const text of [...texts, ...world.warnings, JSON.stringify([row, run, shown])])
      expect(text).not.toContain('topsecret')
  })

  it('stay as they are where a change leaves their value out, and go with their header', async () => {
    const { id } = await jobs().create(jobGiven(withHeader('Bearer one')))
    await jobs().update(id, withHeader(null, 'https://other.test/'))
    await jobs().run(id)
    await world.rest()
    expect(world.fetched[0]).toMatchObject({ url: 'https://other.test/', headers: { authorization: 'Bearer one' } })
    await jobs().update(id, { request: { method: 'GET', url: 'https://target.test/', headers: [], body: null } })
    const again = jobs().update(id, withHeader(null))
    await expect(again).rejects.toMatchObject({ code: 'job_invalid', details: { path: 'request.headers[0].value' } })
  })

  it('that a job names must be there when it is saved; one that is gone when it is called is a failure', async () => {
    const given = jobGiven({
      request: { method: 'GET', url: 'https://target.test/{{secrets.A}}', headers: [], body: null },
    })
    const refused = { code: 'secret_unknown', details: { path: 'request.url', name: 'A' } }
    await expect(jobs().create(given)).rejects.toMatchObject(refused)
    await jobs().setSecret('A', 'aaaa')
    const { id } = await jobs().create(given)
    expect(await jobs().removeSecret('A')).toBe(true)
    expect(await jobs().removeSecret('A')).toBe(false)
    await jobs().run(id)
    await world.rest()
    expect(world.fetched).toEqual([])
    expect(await runsOf(world, id)).toEqual(['00:00 manual failure internal'])
    const [view] = await runRowsOf(world, id)
    expect(view?.row.errorMessage).toContain('the secret A is not set')
  })

  it('cannot be stored without an instance key; jobs without secrets need none', async () => {
    await world.close()
    world = await World.open()
    await expect(jobs().create(jobGiven(withHeader('x')))).rejects.toMatchObject({ code: 'instance_key_missing' })
    await expect(jobs().setSecret('A', 'b')).rejects.toMatchObject({ code: 'instance_key_missing' })
    const { id } = await jobs().create(jobGiven())
    await world.advance(MINUTE)
    expect(await runsOf(world, id)).toEqual(['00:01 schedule success'])
  })

  it('of another installation stop the start', async () => {
    const [row] = await world.store.state.secrets(['!instance-key'])
    await world.close()
    const planted = (database: Database): Database => ({
      ...wrapped(database),
      state: { ...database.state, secrets: async () => (row === undefined ? [] : [row]) },
    })
    const other = { options: { instanceKey: new Uint8Array(32).fill(2) }, database: planted }
    await expect(World.open(other)).rejects.toMatchObject({ code: 'instance_key_wrong' })
    world = await World.open({ ...OPTIONS, database: planted })
  })
})

describe('a test call', () => {
  it('sends once, keeps nothing, and tells what a run would record', async () => {
    world.fetch = () => ({
      ...{ kind: 'answer', status: 202, body: 'taken', bodyBytes: 5 },
      headers: { 'x-session-id': '01K00000000000000000000001' },
    })
    const { id } = await jobs().create(
      jobGiven({
        request: { ...jobGiven().request, headers: [{ name: 'X-Api-Key', value: 'kept-key', isSecret: true }] },
      }),
    )
    const request = { ...jobGiven().request, headers: [{ name: 'X-Api-Key', value: null, isSecret: true }] }
    const result = await jobs().test(request, { timeoutMs: 5_000, jobId: id })
    expect(result).toMatchObject({
      ...{ status: 'success', httpStatus: 202, error: null, responseBytes: 5, excerpt: 'taken' },
      ...{ startedAt: BEGIN, sessionId: '01K00000000000000000000001' },
    })
    expect(world.fetched).toMatchObject([
      { timeoutMs: 5_000, headers: { 'x-api-key': 'kept-key', 'x-job-trigger': 'test' } },
    ])
    expect(await runsOf(world, id)).toEqual([])
    await expect(jobs().test(request, { timeoutMs: 5_000, jobId: null })).rejects.toMatchObject({ code: 'job_invalid' })
    await expect(jobs().test(request, { timeoutMs: 5_000, jobId: 'none' })).rejects.toMatchObject({
      code: 'job_not_found',
    })
  })
})

describe('a preview', () => {
  it('tells the next slots, and checks what it is given', () => {
    const { schedule } = jobGiven({ everyMinutes: 15 })
    const slots = jobs().preview(schedule, BEGIN, 3)
    expect(slots.map((at) => (at - BEGIN) / MINUTE)).toEqual([15, 30, 45])
    expect(() => jobs().preview({ ...schedule, startHour: 24 }, BEGIN, 3)).toThrow(
      expect.objectContaining({ code: 'job_invalid', details: { path: 'startHour' } }),
    )
    for (const count of [0, 101, 1.5])
      expect(() => jobs().preview(schedule, BEGIN, count)).toThrow(
        expect.objectContaining({ details: { path: 'count' } }),
      )
  })
})

describe('a session that a target names in its answer', () => {
  it('shows the job and the run that named it first', async () => {
    const open = { name: 's', agent: null, title: null, metadata: null, jobRunId: null, runId: null, reopen: false }
    const { session } = await world.engine.sessions.open(open)
    world.fetch = () => ({ ...OK, kind: 'answer', status: 202, body: '', headers: { 'x-session-id': session.id } })
    const { id } = await jobs().create(jobGiven())
    await world.advance(2 * MINUTE)
    const views = await runRowsOf(world, id)
    expect(views.map(({ sessionIds }) => sessionIds)).toEqual([[], [session.id]])
    const view = await world.store.lists.session(session.id)
    expect(view).toMatchObject({ jobId: id, jobRunId: views[1]?.row.id })
  })
})

function wrapped(database: Database): Database {
  return {
    name: database.name,
    process: database.process,
    shared: database.shared,
    now: database.now,
    state: database.state,
    lists: database.lists,
    reserveKeys: (count) => database.reserveKeys(count),
    begin: (...all) => database.begin(...all),
    finish: (group) => database.finish(group),
    rollback: () => database.rollback(),
    written: (group) => database.written(group),
    close: () => database.close(),
  }
}

/** Notes every text that is written. */
function noting(database: Database, texts: string[]): Database {
  return {
    ...wrapped(database),
    finish: (group) => {
      texts.push(JSON.stringify(group))
      return database.finish(group)
    },
  }
}
