/**
 * Many runs at a time through the API: cancelled by window and expression, and failed ones started again at a rate, with
 * progress and a stop. Which runs really went on, and how fast, is counted in the app.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { at, number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'

const QUIET_MS = 400
const doors = new Doors()
const sdk = oneSdk('v4-plain')

const FLAKY = ['flaky', 'flaky-slow', 'flaky-stopped', 'flaky-one', 'flaky-paused', 'flaky-skipped']

const world = useWorld({ name: 'bulk', sdks: [sdk] }, ({ define, event, nonRetriable }, ledger) => {
  for (const id of ['sleeps', 'in-line', 'windowed', 'erring']) {
    define({
      id,
      triggers: [{ event: event(id) }],
      ...(id === 'in-line' ? { concurrency: 1 } : {}),
      run: async ({ step, event: { data } }) => {
        await step.run('work', async () => {
          ledger.note(String(data.key), `work ${data.who}`)
          await doors.pass(String(data.key))
        })
        if (data.brief !== true) await step.sleep('sleep', '1h')
        await step.run('woke', () => ledger.note(String(data.key), `woke ${data.who}`))
      },
    })
  }
  for (const id of FLAKY) {
    define({
      id,
      triggers: [{ event: event(id) }],
      retries: 0,
      ...(id === 'flaky-one' ? { concurrency: 1 } : {}),
      run: async ({ event: { data } }) => {
        const times = ledger.note(String(data.key), String(data.who))
        await doors.pass(String(data.key))
        if (times === 1) throw nonRetriable(`no luck with ${data.who}`)
        return times
      },
    })
  }
})

describe.concurrent('runs that are cancelled together', () => {
  it('CA-4: with an expression those that match are cancelled, and only those', async () => {
    const { key, runs } = await begin('sleeps', ['a1', 'b1', 'a2', 'b2', 'a3'])
    await until('all asleep', async () => (await api().queue(place('sleeps'))).sleeping === 5)
    const record = await api().cancelMany(place('sleeps'), {
      started_before: new Date(await api().now()).toISOString(),
      if: `event.data.key == '${key}' && event.data.who.startsWith('a')`,
    })
    expect(record).toMatchObject({ cancelled_count: 3, cause: 'API', kind: 'bulk_run', is_stopped: false })
    expect(await statuses(runs)).toEqual(['Cancelled', 'Running', 'Cancelled', 'Running', 'Cancelled'])
    await Promise.all(
      runs.map(async (run, n) => {
        const events = await api().internalEvents('inngest/function.cancelled', run)
        expect(events).toHaveLength(n % 2 === 0 ? 1 : 0)
      }),
    )
  })

  it('the window is on the time at which a run was queued; ended runs stay as they are', async () => {
    const early = await begin('windowed', ['early'])
    const brief = await begin('windowed', ['brief'], { brief: true })
    await api().reached(brief.runs[0] ?? '', 'Completed')
    await moment(30)
    const after = await api().now()
    await moment(30)
    const within = await begin('windowed', ['within 1', 'within 2'])
    await moment(30)
    const before = await api().now()
    await moment(30)
    const late = await begin('windowed', ['late'])
    await api().cancelMany(place('windowed'), {
      started_after: new Date(after).toISOString(),
      started_before: new Date(before).toISOString(),
    })
    expect(await statuses([...early.runs, ...brief.runs, ...within.runs, ...late.runs])).toEqual([
      'Running',
      'Completed',
      'Cancelled',
      'Cancelled',
      'Running',
    ])
    await api().cancelMany(place('windowed'), { started_before: new Date(await api().now()).toISOString() })
    expect(await statuses([...early.runs, ...brief.runs, ...late.runs])).toEqual([
      'Cancelled',
      'Completed',
      'Cancelled',
    ])
  })

  it('runs in a line are cancelled without a call, and the one that is called is not called again', async () => {
    const key = randomUUID()
    doors.shut(key)
    const { runs } = await begin('in-line', ['1', '2', '3'], { key })
    await until('the first call', () => notes(key).length === 1)
    expect(await api().queue(place('in-line'))).toMatchObject({ count: 3, running: 1, blocked: 2 })
    const before = new Date(await api().now()).toISOString()
    await api().cancelMany(place('in-line'), { started_before: before })
    expect(await statuses(runs)).toEqual(['Cancelled', 'Cancelled', 'Cancelled'])
    await api().emptied(place('in-line'))
    doors.open(key)
    const next = await begin('in-line', ['4'], { brief: true })
    await api().reached(next.runs[0] ?? '', 'Completed')
    expect(notes(key)).toEqual(['work 1'])
  })

  it('what is wrong with the request is told at once, line by line', async () => {
    const ask = (body: object) => api().exchange('/v1/cancellations', { method: 'POST', body })
    const empty = await ask({})
    expect(empty.status).toBe(400)
    const reasons = text(at(empty.json, 'error')).split('\n')
    expect(reasons).toEqual(['app_id is required', 'function_id is required', 'started_before is required'])
    const { app: app_id, fn: function_id } = place('erring')
    const now = await api().now()
    const wrong = await ask({
      app_id,
      function_id,
      started_before: new Date(now + 60_000).toISOString(),
      started_after: new Date(now + 120_000).toISOString(),
      if: 'event.data.',
    })
    expect(wrong.status).toBe(400)
    for (const reason of ['must be in the past', 'before started_before', 'invalid expression: ']) {
      expect(at(wrong.json, 'error')).toContain(reason)
    }
    const unknown = await ask({ app_id, function_id: 'none', started_before: new Date(now).toISOString() })
    expect(unknown.status).toBe(404)
    const removed = await api().exchange('/v1/cancellations/01J00000000000000000000000', { method: 'DELETE' })
    expect([removed.status, at(removed.json, 'error')]).toEqual([404, 'Cancellation not found'])
  })
})

describe.concurrent('failed runs that are started again', () => {
  it('a dry run counts; a replay starts each once, with its own event, linked to it', async () => {
    const { key, runs, window } = await fail('flaky', 20)
    const dry = await api().replay(place('flaky'), { ...window, dryRun: true })
    expect(dry.totalCount).toBe(20)
    const query = `event.data.n < 5\nerror.message == "no luck with 3" || event.data.n == 4`
    expect((await api().replay(place('flaky'), { ...window, query, dryRun: true })).totalCount).toBe(2)
    await moment(QUIET_MS)
    expect(notes(key)).toHaveLength(20)
    const { id, totalCount } = await api().replay(place('flaky'), { ...window, name: 'again', perSecond: 100 })
    expect(totalCount).toBe(20)
    const done = await ended('flaky', text(id))
    expect(done).toMatchObject({ name: 'again', totalCount: 20, startedCount: 20 })
    await until('no live run', async () => (await api().replayOf(place('flaky'), text(id))).liveCount === 0)
    expect(notes(key).toSorted()).toEqual([...runs.keys(), ...runs.keys()].map(String).toSorted())
    const listed = await api().listRuns(place('flaky'))
    expect(listed.filter(({ status }) => status === 'COMPLETED')).toHaveLength(20)
    const again = await Promise.all(listed.slice(20).map((run) => api().run(run.id)))
    expect(again.map((run) => run.originalRunId).toSorted()).toEqual(runs.toSorted())
    expect((await api().replayOf(place('flaky'), text(id))).failedCount).toBe(0)
  })

  it('starts no more in a second than it was told, and says how far it is', async () => {
    const { key, window } = await fail('flaky-slow', 10)
    const began = Date.now()
    const { id } = await api().replay(place('flaky-slow'), { ...window, perSecond: 5 })
    const half = await until('some', async () => {
      const seen = await api().replayOf(place('flaky-slow'), text(id))
      return number(seen.startedCount) >= 3 && seen
    })
    expect(half.endedAt).toBe(undefined)
    expect(number(half.startedCount)).toBeLessThan(10)
    await ended('flaky-slow', text(id))
    await until('all', () => notes(key).length === 20)
    const starts = world
      .app(sdk)
      .ledger.entries(key)
      .slice(10)
      .map((entry) => entry.at - began)
    for (const start of starts) {
      const within = starts.filter((other) => other >= start && other < start + 950).length
      expect(within).toBeLessThanOrEqual(7)
    }
    expect(starts.at(-1)).toBeGreaterThanOrEqual(1_600)
  })

  it('a replay that is stopped starts no more; what it started goes on', async () => {
    const { key, window } = await fail('flaky-stopped', 20)
    const { id } = await api().replay(place('flaky-stopped'), { ...window, perSecond: 3 })
    await until('some', () => notes(key).length >= 21)
    const stopped = await api().stopReplay(place('flaky-stopped'), text(id))
    expect(stopped.isStopped).toBe(true)
    const count = number((await api().replayOf(place('flaky-stopped'), text(id))).startedCount)
    await moment(1_200)
    const later = await api().replayOf(place('flaky-stopped'), text(id))
    expect(later).toMatchObject({ isStopped: true, startedCount: count })
    expect(count).toBeLessThan(20)
    expect(notes(key)).toHaveLength(20 + count)
  })

  it('goes through the function’s own limits, behind new work', async () => {
    const { key, window } = await fail('flaky-one', 6)
    doors.shut(key)
    await api().replay(place('flaky-one'), { ...window, perSecond: 1_000 })
    await until('those in line', async () => (await api().queue(place('flaky-one'))).blocked === 5)
    await api().sendOne({ name: world.app(sdk).event('flaky-one'), data: { key, who: 'new' } })
    doors.open(key)
    await until('all', () => notes(key).length === 13)
    // Six that failed, one that was open, and then the new one.
    expect(notes(key).indexOf('new')).toBe(7)
    await api().emptied(place('flaky-one'))
    expect((await api().statuses(place('flaky-one'))).filter((status) => status === 'COMPLETED')).toHaveLength(6)
  })

  it('runs that a pause skipped come back by a replay', async () => {
    const where = place('flaky-skipped')
    const from = new Date((await api().now()) - 1_000).toISOString()
    await api().pause(where)
    const { key, runs } = await begin('flaky-skipped', ['1', '2', '3'])
    expect(await statuses(runs)).toEqual(['Skipped', 'Skipped', 'Skipped'])
    await api().unpause(where)
    const window = { from, until: new Date((await api().now()) + 1_000).toISOString() }
    expect((await api().replay(where, { ...window, dryRun: true })).totalCount).toBe(0)
    const { id } = await api().replay(where, { ...window, status: ['SKIPPED'], perSecond: 100 })
    await ended('flaky-skipped', text(id))
    await until('all', () => notes(key).length === 3)
    expect(notes(key).toSorted()).toEqual(['1', '2', '3'])
  })

  it('what is wrong with the request is told', async () => {
    const ask = async (body: object) => {
      const path = `/v2/apps/${place('flaky').app}/functions/flaky/replays`
      const answer = await api().exchange(path, { method: 'POST', body })
      return [answer.status, at(answer.json, 'errors', 0, 'code')]
    }
    const now = new Date().toISOString()
    expect(await ask({ from: now })).toMatchObject([400, expect.any(String)])
    expect(await ask({ from: now, until: '2020-01-01T00:00:00Z' })).toMatchObject([400, expect.any(String)])
    expect(await ask({ from: '2020-01-01T00:00:00Z', until: now, query: 'event.' })).toMatchObject([
      400,
      expect.any(String),
    ])
    const path = `/v2/apps/${place('flaky').app}/functions/flaky/replays/01J00000000000000000000000`
    expect((await api().exchange(path)).status).toBe(404)
    expect((await api().exchange(path, { method: 'DELETE' })).status).toBe(404)
  })
})

describe('with the clock moved', () => {
  it('none of those that were cancelled wakes, and all others do', async () => {
    const { key, runs } = await begin('erring', ['a1', 'b1', 'a2'])
    await until('all asleep', async () => (await api().queue(place('erring'))).sleeping === 3)
    await api().cancelMany(place('erring'), {
      started_before: new Date(await api().now()).toISOString(),
      if: 'event.data.who.startsWith("a")',
    })
    await api().advance('2h')
    await api().reached(runs[1] ?? '', 'Completed')
    await moment(QUIET_MS)
    expect(notes(key).filter((what) => what.startsWith('woke'))).toEqual(['woke b1'])
  })

  it('a replay waits while the function is paused', async () => {
    const { key, window } = await fail('flaky-paused', 3)
    await api().pause(place('flaky-paused'), { new: 'hold' })
    const { id } = await api().replay(place('flaky-paused'), { ...window, perSecond: 100 })
    await moment(QUIET_MS)
    expect(notes(key)).toHaveLength(3)
    await api().unpause(place('flaky-paused'))
    await api().advance('10s')
    await ended('flaky-paused', text(id))
    await until('all', () => notes(key).length === 6)
  })
})

interface Begun {
  readonly key: string
  readonly runs: readonly string[]
}

async function begin(name: string, whos: readonly string[], more: object = {}): Promise<Begun> {
  const key = randomUUID()
  const events = whos.map((who) => ({ name: world.app(sdk).event(name), data: { key, who, ...more } }))
  const ids = await api().send(events)
  return { key, runs: await Promise.all(ids.map(async (id) => (await api().firstRun(id)).id)) }
}

/** So many runs that have failed, and a window that holds them. */
async function fail(name: string, count: number): Promise<Begun & { window: { from: string; until: string } }> {
  const key = randomUUID()
  const from = new Date((await api().now()) - 1_000).toISOString()
  const events = Array.from({ length: count }, (_, n) => ({
    name: world.app(sdk).event(name),
    data: { key, n, who: String(n) },
  }))
  const ids = await api().send(events)
  const runs = await Promise.all(ids.map(async (id) => (await api().firstRun(id)).id))
  for (const run of runs) await api().reached(run, 'Failed')
  return { key, runs, window: { from, until: new Date((await api().now()) + 1_000).toISOString() } }
}

function ended(fn: string, id: string) {
  return until(`replay ${id} to end`, async () => {
    const seen = await api().replayOf(place(fn), id)
    return typeof seen.endedAt === 'string' && seen
  })
}

function statuses(runs: readonly string[]): Promise<readonly string[]> {
  return Promise.all(runs.map(async (run) => (await api().run(run)).status))
}

function notes(key: string): readonly string[] {
  return world.app(sdk).ledger.of(key)
}

function place(fn: string): Place {
  return { app: world.app(sdk).id, fn }
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
