// Runs: their rows, what they bring along, and their outputs.
import { describe, expect, test } from 'vitest'
import type { RunRow } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { aFunction, aHistoryRow, anApp, anEvent, anItem, aRun, aStep, aWait, hash, nextState, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

const NOTHING_NULL = {
  cron: '* * * * *',
  original: 11,
  parentRun: 12,
  parentStep: hash('b'),
  correlation: 'x.y',
  quiet: true,
  rank: START - 5,
  flow: '{"concurrency":["a"]}',
  singleton: 's',
  batch: '01BATCH',
  skipped: 'paused',
  bulk: 14,
  startedAt: START + 1,
  endedAt: START + 2,
  stack: 1,
  history: 2,
  steps: 3,
  bytes: 4,
  open: 5,
  racing: 6,
  waits: 7,
  version: 2,
  forcePlan: true,
  finishEvent: 13,
  retries: 14,
} satisfies Partial<RunRow>

export function describeRuns(here: Here): void {
  describe('runs', () => {
    test('a run is read as it was written', async () => {
      const [key = 0, bare = 0] = await here().keys(2)
      const full = aRun({ key, status: 'cancelled', ...NOTHING_NULL })
      await here().put({ put: 'run', row: full }, { put: 'run', row: aRun({ key: bare }) })
      expect(await here().store.state.runByUlid(full.id)).toEqual(full)
      expect(await here().read({ runs: [key, bare] }, (facts) => facts.run(bare))).toEqual(aRun({ key: bare }))
      expect(await here().store.state.runByUlid('none')).toBeUndefined()
      expect(await here().read({ runs: [999_999] }, (facts) => facts.run(999_999))).toBeUndefined()
    })

    test('setting a run replaces what changes and keeps the rest', async () => {
      const [key = 0] = await here().keys(1)
      const row = aRun({ key, cron: '* * * * *' })
      await here().put({ put: 'run', row })
      const state = nextState(row, {
        status: 'running',
        startedAt: START,
        stack: 2,
        forcePlan: true,
        finishEvent: 9,
        retries: 3,
      })
      await here().put({ set: 'run', key, state })
      expect(await here().store.state.runByUlid(row.id)).toEqual({ ...row, ...state })
    })

    test('a run brings its discovery item, its parent, and the wait, item and memo of the parent step', async () => {
      const [parent = 0, child = 0, discovery = 0, item = 0, wait = 0, own = 0] = await here().keys(6)
      const step = hash('b')
      await here().put(
        { put: 'run', row: aRun({ key: parent }) },
        { put: 'item', row: anItem({ key: discovery, run: parent }) },
        { put: 'item', row: anItem({ key: item, run: parent, step, kind: 'wait', state: 'sleeping' }) },
        { put: 'wait', row: aWait({ key: wait, run: parent, step, item, kind: 'invoke', name: 'r.s' }) },
        { put: 'run', row: aRun({ key: child, parentRun: parent, parentStep: step }) },
        { put: 'item', row: anItem({ key: own, run: child }) },
      )
      const found = await here().read({ runs: [child] }, (facts) => ({
        own: facts.itemOf(child, '')?.key,
        parent: facts.run(parent)?.key,
        discovery: facts.itemOf(parent, '')?.key,
        item: facts.itemOf(parent, step)?.key,
        wait: facts.waitOf(parent, step)?.key,
        memo: facts.hasMemo(parent, step),
      }))
      expect(found).toEqual({ own, parent, discovery, item, wait, memo: false })
    })

    test('what a parent step has not is known to be absent', async () => {
      const [parent = 0, child = 0] = await here().keys(2)
      const step = hash('b')
      await here().put(
        { put: 'run', row: aRun({ key: parent }) },
        { put: 'step', row: aStep({ run: parent, step }) },
        { put: 'run', row: aRun({ key: child, parentRun: parent, parentStep: step }) },
      )
      const found = await here().read({ runs: [child] }, (facts) => [
        facts.itemOf(child, ''),
        facts.itemOf(parent, ''),
        facts.itemOf(parent, step),
        facts.waitOf(parent, step),
        facts.hasMemo(parent, step),
      ])
      expect(found).toEqual([undefined, undefined, undefined, undefined, true])
    })

    test('a run is loaded with its events and its memos in the order of their hashes', async () => {
      const [event = 0, key = 0] = await here().keys(2)
      const row = aRun({ key, event })
      const eventRow = anEvent({ key: event })
      const steps = ['c', 'a', 'b'].map((digit, position) => aStep({ run: key, step: hash(digit), position }))
      await here().put(
        { put: 'event', row: eventRow, body: '{"n":1}' },
        { put: 'run', row },
        ...steps.map((step) => ({ put: 'step' as const, row: step })),
      )
      const [loaded, ...rest] = await here().store.state.load([key, 999_999])
      expect(rest).toEqual([])
      expect(loaded?.row).toEqual(row)
      expect(loaded?.events).toEqual([{ row: eventRow, text: '{"n":1}', ofRun: null }])
      expect(loaded?.steps).toEqual([steps[1], steps[2], steps[0]])
    })

    test('a run that began with several events is loaded with all of them, in order', async () => {
      const [first = 0, second = 0, third = 0, key = 0] = await here().keys(4)
      const rows = [first, second, third].map((event) => anEvent({ key: event }))
      await here().put(
        ...rows.map((row) => ({ put: 'event' as const, row, body: `{"n":${row.key}}` })),
        { put: 'run', row: aRun({ key, event: third, batch: '01BATCH' }) },
        { put: 'runEvents', run: key, events: [third, first, second] },
      )
      const [loaded] = await here().store.state.load([key])
      expect(loaded?.events.map(({ row, text }) => [row.key, text])).toEqual(
        [third, first, second].map((event) => [event, `{"n":${event}}`]),
      )
      await here().put({ end: 'event', key: first })
      expect((await here().store.state.load([key]))[0]?.events.map(({ row }) => row.key)).toEqual([third, second])
    })

    test('what tells of the end of such a run brings the texts of all its events', async () => {
      const [first = 0, second = 0, run = 0, told = 0] = await here().keys(4)
      await here().put(
        ...[first, second].map((event) => ({
          put: 'event' as const,
          row: anEvent({ key: event }),
          body: `{"n":${event}}`,
        })),
        { put: 'run', row: aRun({ key: run, event: first, batch: 'B', status: 'completed', endedAt: START }) },
        { put: 'runEvents', run, events: [first, second] },
        { put: 'event', row: anEvent({ key: told, name: 'inngest/function.finished', ofRun: run }), body: null },
      )
      const [stored] = await here().store.state.events([told])
      expect(stored?.ofRun?.events).toEqual([`{"n":${first}}`, `{"n":${second}}`])
    })

    test('an output is kept with whether it is an error', async () => {
      const [event = 0, key = 0] = await here().keys(2)
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'function', row: aFunction({ key: 1, app: 1 }) },
        { put: 'event', row: anEvent({ key: event }), body: '{}' },
        { put: 'run', row: aRun({ key, event }) },
        { put: 'output', run: key, text: '{"message":"no"}', isError: true },
      )
      const view = await here().store.lists.run(aRun({ key }).id, { withOutput: true, withEvents: false })
      expect([view?.output, view?.outputIsError]).toEqual(['{"message":"no"}', true])
    })

    test('of one group, a later operation sees a run as an earlier one left it', async () => {
      const [key = 0] = await here().keys(1)
      const row = aRun({ key })
      await here().put({ put: 'run', row })
      const step = writing({ runs: [key] }, (facts) => {
        const now = facts.run(key)
        if (now === undefined) throw new Error('no run')
        return {
          changes: [{ set: 'run' as const, key, state: nextState(now, { steps: now.steps + 1 }) }],
          result: now.rev,
        }
      })
      expect((await here().group(step, step, step)).map(done)).toEqual([1, 2, 3])
      expect(await here().read({ runs: [key] }, (facts) => facts.run(key)?.steps)).toBe(3)
    })

    test('of one group, a later operation sees a run that an earlier one made', async () => {
      const [key = 0] = await here().keys(1)
      const make = writing({ runs: [key] }, () => ({
        changes: [{ put: 'run' as const, row: aRun({ key }) }],
        result: undefined as string | undefined,
      }))
      const look = reading({ runs: [key] }, (facts) => facts.run(key)?.id)
      expect((await here().group(make, look)).map(done)).toEqual([undefined, aRun({ key }).id])
    })

    test('ending a run takes its memos, history, output and list of events, and leaves the others', async () => {
      const [event = 0, key = 0, other = 0] = await here().keys(3)
      const rowsOf = (run: number) => [
        { put: 'run' as const, row: aRun({ key: run, event, endedAt: START, status: 'completed' }) },
        { put: 'step' as const, row: aStep({ run }) },
        { put: 'history' as const, row: aHistoryRow({ run }), error: '{"message":"no"}' },
        { put: 'output' as const, run, text: '1', isError: false },
        { put: 'runEvents' as const, run, events: [event, event] },
      ]
      await here().put(...rowsOf(key), ...rowsOf(other))
      await here().put({ end: 'run', key })
      expect(await here().store.state.load([key])).toEqual([])
      expect((await here().store.state.load([other]))[0]?.steps).toHaveLength(1)
      // What is gone may be written again under the same numbers.
      await here().put(...rowsOf(key))
      expect((await here().store.state.load([key]))[0]?.steps).toHaveLength(1)
    })
  })
}
