// HTTP Jobs: what a group sees of a job, its live run and its timer, what many due jobs cost at once, their lists, and what
// retention leaves of them.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { JobRunRow, Key } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { aJob, aJobRun, aSession, timerOf } from './record-rows.ts'
import { anItem, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

function putRun(row: JobRunRow, excerpt: string | null = null): Change {
  return { put: 'jobRun', row, excerpt }
}

export function describeJobs(here: Here): void {
  describe('jobs', () => {
    describeFacts(here)
    describeDue(here)
    describeLists(here)
    describeEnds(here)
  })
}

function describeFacts(here: Here): void {
  test('a job brings its live run and its timer, and what is not there is absent', async () => {
    const [key = 0, run = 0, timer = 0, other = 0, none = 0] = await here().keys(5)
    const job = aJob({ key, live: run, request: '{"body":"x"}' })
    const live = aJobRun({ key: run, job: key, status: 'running', startedAt: START })
    await here().put(
      { put: 'job', row: job },
      putRun(live),
      { put: 'item', row: timerOf(job, { key: timer }) },
      { put: 'job', row: aJob({ key: other, enabled: false, nextAt: null }) },
    )
    const found = await here().read({ jobs: [key, other, none] }, (facts) => ({
      jobs: [key, other, none].map((at) => facts.job(at)),
      live: facts.jobRun(run),
      timers: [facts.named(timerOf(job, { key: timer }).step), facts.named(`job:${aJob({ key: other }).id}`)],
    }))
    expect(found).toEqual({
      jobs: [job, aJob({ key: other, enabled: false, nextAt: null }), undefined],
      live,
      timers: [timerOf(job, { key: timer }), undefined],
    })
    expect(await here().store.state.jobByUlid(job.id)).toEqual(job)
    expect(await here().store.state.jobByUlid('none')).toBeUndefined()
    await expect(here().read({ jobs: [key] }, (facts) => facts.job(none))).rejects.toThrow('not in the needs')
  })

  test('a run of a job brings the job, and is found by its ULID', async () => {
    const [key = 0, run = 0, none = 0] = await here().keys(3)
    await here().put({ put: 'job', row: aJob({ key }) }, putRun(aJobRun({ key: run, job: key })))
    const found = await here().read({ jobRuns: [run, none] }, (facts) => [
      facts.jobRun(run),
      facts.job(key),
      facts.jobRun(none),
    ])
    expect(found).toEqual([aJobRun({ key: run, job: key }), aJob({ key }), undefined])
    expect(await here().store.state.jobRunByUlid(aJobRun({ key: run, job: key }).id)).toEqual(found[0])
    expect(await here().store.state.jobRunByUlid('none')).toBeUndefined()
  })

  test('what changes of a job and of its run is written, what is fixed stays', async () => {
    const [key = 0, run = 0] = await here().keys(2)
    const row = aJobRun({ key: run, job: key, trigger: 'manual' })
    await here().put({ put: 'job', row: aJob({ key }) }, putRun(row, null))
    const job = aJob({
      key,
      name: 'Another',
      enabled: false,
      schedule: '{}',
      request: '{"url":"http://other/"}',
      timeoutMs: 1,
      updatedAt: START + 1,
      nextAt: null,
      successes: 1,
      failures: 2,
      skips: 3,
      lastAt: START,
      lastStatus: 'failure',
      live: run,
    })
    const ended: JobRunRow = {
      ...row,
      startedAt: START + 1,
      finishedAt: START + 2,
      status: 'failure',
      httpStatus: 500,
      errorCode: 'http_status',
      errorMessage: 'The target answered 500',
      url: 'http://other/',
      responseBytes: 7,
    }
    await here().put({ set: 'job', row: job }, { set: 'jobRun', row: ended, excerpt: 'no luck' })
    await here().put({ set: 'jobRun', row: ended, excerpt: null })
    expect(await here().read({ jobs: [key] }, (facts) => [facts.job(key), facts.jobRun(run)])).toEqual([job, ended])
    expect(await here().store.lists.jobRun(row.id)).toEqual({
      row: ended,
      jobId: job.id,
      sessionIds: [],
      excerpt: 'no luck',
    })
    await expect(here().put({ set: 'job', row: aJob({ key: 999_999 }) })).rejects.toThrow()
    const missing = aJobRun({ key: 999_999, job: key })
    await expect(here().put({ set: 'jobRun', row: missing, excerpt: null })).rejects.toThrow()
  })

  test('a slot has one run; runs by hand are not counted', async () => {
    const [key = 0, run = 0, again = 0, byHand = 0] = await here().keys(4)
    await here().put({ put: 'job', row: aJob({ key }) }, putRun(aJobRun({ key: run, job: key })))
    await expect(here().put(putRun(aJobRun({ key: again, job: key })))).rejects.toThrow()
    await here().put(putRun(aJobRun({ key: byHand, job: key, trigger: 'manual' })))
    const found = await here().store.lists.jobRuns({ job: key, limit: 9 })
    expect(found.map(({ row }) => row.key)).toEqual([byHand, run])
  })

  test('of one group, later operations see what earlier ones have decided', async () => {
    const [key = 0, run = 0, timer = 0] = await here().keys(3)
    const job = aJob({ key })
    await here().put({ put: 'job', row: job }, { put: 'item', row: timerOf(job, { key: timer }) })
    const start = writing({ jobs: [key] }, (facts) => {
      const before = facts.job(key)
      if (before?.live !== null) return { changes: [], result: before?.live }
      const moved = timerOf(job, { key: timer, due: START + 60_000 })
      return {
        changes: [
          { set: 'job' as const, row: { ...before, live: run } },
          putRun(aJobRun({ key: run, job: key })),
          { set: 'item' as const, row: moved },
        ],
        result: null,
      }
    })
    const look = reading({ jobs: [key] }, (facts) => facts.named(timerOf(job, { key: timer }).step)?.due)
    const outcomes = await here().group<number | null | undefined>(start, start, look)
    expect(outcomes.map(done)).toEqual([null, run, START + 60_000])
  })

  test('secrets are put, replaced and ended by name', async () => {
    const secret = (name: string, sealed: string) => ({ name, sealed, updatedAt: START })
    await here().put({ put: 'secret', row: secret('B', 'v1') }, { put: 'secret', row: secret('A', 'v1') })
    await here().put({ put: 'secret', row: { ...secret('B', 'v2'), updatedAt: START + 5 } })
    const names = ['B', 'none', 'A']
    const found = await here().store.state.secrets(names)
    expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      secret('A', 'v1'),
      { ...secret('B', 'v2'), updatedAt: START + 5 },
    ])
    await here().put({ end: 'secret', name: 'A' })
    expect(await here().store.state.secrets(['A'])).toEqual([])
    expect(await here().store.lists.secretNames()).toEqual([{ name: 'B', updatedAt: START + 5 }])
  })
}

/** More jobs than a page of a list holds. */
const MANY = 1_000

function describeDue(here: Here): void {
  test('a due timer brings its job, and an open call its run and its job', async () => {
    const [key = 0, run = 0, timer = 0, call = 0, gone = 0] = await here().keys(5)
    const job = aJob({ key, live: run })
    const live = aJobRun({ key: run, job: key })
    const step = `jobRun:${live.id}`
    await here().put(
      { put: 'job', row: job },
      putRun(live),
      { put: 'item', row: timerOf(job, { key: timer }) },
      { put: 'item', row: anItem({ key: call, fn: null, kind: 'jobRun', step }) },
      { put: 'item', row: timerOf(aJob({ key: gone }), { key: gone }) },
    )
    const found = await here().read({ ready: { readyMax: 10, dueMax: 10, skip: [] } }, (facts) => ({
      keys: facts.ready().map((item) => item.key),
      rows: [facts.jobById(job.id), facts.jobRunById(live.id), facts.job(key), facts.jobRun(run)],
      gone: facts.jobById(aJob({ key: gone }).id),
    }))
    expect(found).toEqual({ keys: [call, timer, gone], rows: [job, live, job, live], gone: undefined })
    const byKey = await here().read({ items: [timer, call], named: [step] }, (facts) => [
      facts.jobById(job.id),
      facts.jobRunById(live.id),
    ])
    expect(byKey).toEqual([job, live])
    await expect(here().read({}, (facts) => facts.jobById(job.id))).rejects.toThrow()
  })

  test('a page of many jobs that are due at once is claimed and written as one group', async () => {
    const keys = await here().keys(MANY * 2)
    const jobs = keys.slice(0, MANY).map((key) => aJob({ key }))
    const timers = jobs.map((job, index) => timerOf(job, { key: keys[MANY + index] ?? 0 }))
    await here().put(...jobs.map((row) => ({ put: 'job' as const, row })))
    await here().put(...timers.map((row) => ({ put: 'item' as const, row })))
    const claim = writing({ ready: { readyMax: 0, dueMax: MANY, skip: [] } }, (facts) => {
      const changes = facts.ready().flatMap((item): readonly Change[] => {
        const job = facts.jobById(item.step.slice('job:'.length))
        if (job === undefined) return []
        const run = aJobRun({ key: facts.key(), job: job.key, scheduledAt: item.due, status: 'running' })
        const call = { key: facts.key(), fn: null, kind: 'jobRun', step: `jobRun:${run.id}`, state: 'leased' } as const
        return [
          { set: 'item', row: { ...item, due: START + 60_000 } },
          { set: 'job', row: { ...job, live: run.key, nextAt: START + 60_000 } },
          putRun(run),
          { put: 'item', row: anItem(call) },
        ]
      })
      return { changes, result: changes.length }
    })
    expect(done(await here().store.commit(claim))).toBe(MANY * 4)
    const strips = await here().store.lists.jobStrips(keys.slice(0, MANY), 1)
    expect(strips).toHaveLength(MANY)
    expect(await here().store.state.nextDue()).toEqual({ due: START + 60_000, ready: false })
  }, 30_000)
}

function describeLists(here: Here): void {
  test('jobs come newest first, by part of the name and whether they run, without deleted ones', async () => {
    const [one = 0, two = 0, three = 0, gone = 0] = await here().keys(4)
    await here().put(
      { put: 'job', row: aJob({ key: one, name: 'Nightly report' }) },
      { put: 'job', row: aJob({ key: two, name: 'REPORT of 100%', createdAt: START + 5, enabled: false }) },
      { put: 'job', row: aJob({ key: three, name: 'Ping' }) },
      { put: 'job', row: aJob({ key: gone, name: 'Old report' }) },
    )
    await here().put({ set: 'job', row: aJob({ key: gone, name: 'Old report', deletedAt: START + 1 }) })
    const { lists } = here().store
    const keysOf = async (query: Partial<Parameters<typeof lists.jobs>[0]>) =>
      (await lists.jobs({ limit: 10, ...query })).map(({ key }) => key)
    expect(await keysOf({})).toEqual([two, three, one])
    expect(await keysOf({ limit: 1 })).toEqual([two])
    expect(await keysOf({ after: { value: START + 5, key: two } })).toEqual([three, one])
    expect(await keysOf({ after: { value: START, key: three } })).toEqual([one])
    expect(await keysOf({ text: 'rEpOrT' })).toEqual([two, one])
    expect(await keysOf({ text: '%' })).toEqual([two])
    expect(await keysOf({ enabled: true, text: 'report' })).toEqual([one])
    expect(await keysOf({ enabled: false })).toEqual([two])
    expect(await lists.job(aJob({ key: one }).id)).toEqual(aJob({ key: one, name: 'Nightly report' }))
    expect(await lists.job(aJob({ key: gone }).id)).toBeUndefined()
    expect((await lists.jobsByKey([three, gone, 999_999, one])).map(({ key }) => key).sort()).toEqual([one, three])
    expect((await here().store.state.jobByUlid(aJob({ key: gone }).id))?.deletedAt).toBe(START + 1)
  })

  test('runs of a job come newest first, by status and trigger, with the sessions that they opened', async () => {
    const [job = 0, other = 0, one = 0, two = 0, three = 0, foreign = 0, first = 0, second = 0] = await here().keys(8)
    const run = (key: Key, over: Partial<JobRunRow> = {}) => aJobRun({ key, job, ...over })
    await here().put(
      { put: 'job', row: aJob({ key: job }) },
      { put: 'job', row: aJob({ key: other }) },
      putRun(run(one, { status: 'success' }), 'fine'),
      putRun(run(two, { status: 'failure', scheduledAt: START + 60_000 })),
      putRun(run(three, { trigger: 'manual', status: 'success' })),
      putRun(aJobRun({ key: foreign, job: other })),
      { put: 'session', row: aSession({ key: second, job, jobRun: one }) },
      { put: 'session', row: aSession({ key: first, job, jobRun: one }) },
    )
    const { lists } = here().store
    const keysOf = async (query: Partial<Parameters<typeof lists.jobRuns>[0]>) =>
      (await lists.jobRuns({ job, limit: 10, ...query })).map(({ row }) => row.key)
    expect(await keysOf({})).toEqual([two, three, one])
    expect(await keysOf({ limit: 2 })).toEqual([two, three])
    expect(await keysOf({ after: { value: START, key: three } })).toEqual([one])
    expect(await keysOf({ statuses: ['success', 'queued'] })).toEqual([three, one])
    expect(await keysOf({ trigger: 'schedule' })).toEqual([two, one])
    expect(await keysOf({ trigger: 'manual' })).toEqual([three])
    const sessionIds = [first, second].sort((a, b) => a - b).map((key) => aSession({ key }).id)
    const [view] = await lists.jobRuns({ job, limit: 1, after: { value: START, key: three } })
    expect(view).toMatchObject({ row: run(one, { status: 'success' }), jobId: aJob({ key: job }).id, sessionIds })
    expect(await lists.jobRun(run(one).id)).toMatchObject({ sessionIds, excerpt: 'fine' })
    expect(await lists.jobRun('none')).toBeUndefined()
    const strips = await lists.jobStrips([job, other, 999_999], 2)
    const stripOf = (of: Key) => strips.filter((row) => row.job === of).map(({ key }) => key)
    expect([stripOf(job), stripOf(other), strips.length]).toEqual([[two, three], [foreign], 3])
  })
}

const NEVER = START - 1_000_000
const RECORDS = { end: 'records', jobRunsBefore: NEVER, keepLeast: 2, keepMost: 4, sessionsBefore: NEVER } as const

function describeEnds(here: Here): void {
  const runsOf = async (job: Key) =>
    (await here().store.lists.jobRuns({ job, limit: 100 })).map(({ row }) => row.scheduledAt - START)

  /** A job with a run at each of these instants after the start. */
  async function jobWith(instants: readonly number[], over: Partial<JobRunRow> = {}): Promise<Key> {
    const [job = 0, ...keys] = await here().keys(instants.length + 1)
    const runs = instants.map((at, index) => {
      const [scheduledAt, finishedAt] = [START + at, START + at + 5]
      return putRun(aJobRun({ key: keys[index] ?? 0, job, scheduledAt, finishedAt, status: 'success', ...over }), 'x')
    })
    await here().put({ put: 'job', row: aJob({ key: job }) }, ...runs)
    return job
  }

  test('retention keeps the newest runs of each job, and of those that are too old only a few', async () => {
    const many = await jobWith([10, 20, 30, 40, 50, 60])
    const few = await jobWith([10, 20, 30])
    await here().put({ ...RECORDS, max: 100 })
    expect([await runsOf(many), await runsOf(few)]).toEqual([
      [60, 50, 40, 30],
      [30, 20, 10],
    ])
    await here().put({ ...RECORDS, jobRunsBefore: START + 45, max: 100 })
    expect([await runsOf(many), await runsOf(few)]).toEqual([
      [60, 50, 40],
      [30, 20],
    ])
    await here().put({ ...RECORDS, jobRunsBefore: START + 1_000, max: 100 })
    expect([await runsOf(many), await runsOf(few)]).toEqual([
      [60, 50],
      [30, 20],
    ])
  })

  test('a page ends what it may, and the next one goes on', async () => {
    const first = await jobWith([10, 20, 30, 40])
    const second = await jobWith([10, 20, 30])
    const ending = { ...RECORDS, jobRunsBefore: START + 1_000, max: 2 }
    await here().put(ending)
    expect((await runsOf(first)).length + (await runsOf(second)).length).toBe(5)
    for (let page = 0; page < 3; page++) await here().put(ending)
    expect([await runsOf(first), await runsOf(second)]).toEqual([
      [40, 30],
      [30, 20],
    ])
  })

  test('a run that is open stays, and skipped ones go by their slot', async () => {
    const open = await jobWith([10, 20, 30, 40], { status: 'running', finishedAt: null })
    const skipped = await jobWith([10, 20, 30, 40], { status: 'skipped', finishedAt: null, skipReason: 'overlap' })
    await here().put({ ...RECORDS, jobRunsBefore: START + 15, max: 100 })
    expect([await runsOf(open), await runsOf(skipped)]).toEqual([
      [40, 30, 20, 10],
      [40, 30, 20],
    ])
  })

  test('of a deleted job every run goes, and then the job', async () => {
    const key = await jobWith([10, 20, 30])
    const [live = 0] = await here().keys(1)
    const row = aJobRun({ key: live, job: key, trigger: 'manual', status: 'running' })
    const job = aJob({ key, deletedAt: START + 1, live })
    await here().put(putRun(row), { set: 'job', row: job })
    await here().put({ ...RECORDS, max: 2 })
    expect(await runsOf(key)).toHaveLength(2)
    for (let page = 0; page < 2; page++) await here().put({ ...RECORDS, max: 2 })
    expect(await runsOf(key)).toEqual([0])
    expect(await here().store.state.jobByUlid(job.id)).toEqual(job)
    await here().put(
      { set: 'jobRun', row: { ...row, status: 'success', finishedAt: START + 9 }, excerpt: null },
      { set: 'job', row: { ...job, live: null } },
    )
    await here().put({ ...RECORDS, max: 2 })
    expect(await here().store.lists.jobRun(row.id)).toBeUndefined()
    expect(await here().store.state.jobByUlid(job.id)).toBeUndefined()
  })
}
