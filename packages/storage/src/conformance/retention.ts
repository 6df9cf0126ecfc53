// What retention may delete: never what a live run still needs.
import { describe, expect, test } from 'vitest'
import type { EventRow, Key, RunRow } from '../contract/rows.ts'
import type { ExpiredSearch } from '../contract/store.ts'
import type { Here } from './index.ts'
import { anEvent, aRun, hash, START } from './rows.ts'

const OLD = START - 1_000
const ENDED = { status: 'completed', endedAt: OLD } as const

async function event(here: Here, over: Partial<EventRow> = {}): Promise<Key> {
  const [key = 0] = await here().keys(1)
  const row = anEvent({ key, receivedAt: OLD, ...over })
  await here().put({ put: 'event', row, body: row.ofRun === null ? '{}' : null })
  return key
}

async function run(here: Here, over: Partial<RunRow> = {}): Promise<Key> {
  const [key = 0] = await here().keys(1)
  await here().put({ put: 'run', row: aRun({ key, ...over }) })
  return key
}

async function expired(here: Here, over: Partial<ExpiredSearch> = {}) {
  const search = { eventsBefore: START, runsBefore: START, max: 100, ...over }
  return here().read({ expired: search }, (facts) => facts.expired())
}

export function describeRetention(here: Here): void {
  describe('retention', () => {
    test('old events and runs that ended long ago are found, the oldest first', async () => {
      const late = await event(here, { receivedAt: OLD + 1 })
      const early = await event(here)
      await event(here, { receivedAt: START })
      const lateRun = await run(here, { ...ENDED, endedAt: OLD + 1 })
      const earlyRun = await run(here, ENDED)
      await run(here, { ...ENDED, endedAt: START })
      await run(here)
      expect(await expired(here)).toEqual({ events: [early, late], runs: [earlyRun, lateRun] })
      expect(await expired(here, { max: 1 })).toEqual({ events: [early], runs: [earlyRun] })
      expect(await expired(here, { eventsBefore: OLD, runsBefore: OLD })).toEqual({ events: [], runs: [] })
    })

    test('the event of a live run is kept', async () => {
      const needed = await event(here)
      const free = await event(here)
      await run(here, { event: needed })
      await run(here, { event: free, ...ENDED, endedAt: START })
      expect((await expired(here)).events).toEqual([free])
    })

    test('every event of a live run that began with several is kept', async () => {
      const [first = 0, second = 0, third = 0] = [await event(here), await event(here), await event(here)]
      const free = await event(here)
      const live = await run(here, { event: first, batch: 'B1' })
      const ended = await run(here, { event: free, batch: 'B2', ...ENDED, endedAt: START })
      await here().put(
        { put: 'runEvents', run: live, events: [first, second, third] },
        { put: 'runEvents', run: ended, events: [free, third] },
      )
      expect((await expired(here)).events).toEqual([free])
    })

    test('what a live run was told of is kept, also where it or the other began with several events', async () => {
      const [first = 0, second = 0, other = 0] = [await event(here), await event(here), await event(here)]
      const told = await run(here, { event: first, batch: 'B1', ...ENDED })
      const telling = await event(here, { name: 'inngest/function.finished', ofRun: told })
      const live = await run(here, { event: other, batch: 'B2' })
      await here().put(
        { put: 'runEvents', run: told, events: [first, second] },
        { put: 'runEvents', run: live, events: [other, telling] },
      )
      expect(await expired(here)).toEqual({ events: [], runs: [] })
    })

    test('a live run that was started by the end of another keeps that one, and its event', async () => {
      const first = await event(here)
      const told = await run(here, { event: first, ...ENDED })
      const telling = await event(here, { name: 'inngest/function.finished', ofRun: told })
      await run(here, { event: telling })
      expect(await expired(here)).toEqual({ events: [], runs: [] })
    })

    test('a run is kept while a run that repeats it or that it invoked lives', async () => {
      const repeated = await run(here, ENDED)
      const invoking = await run(here, ENDED)
      const free = await run(here, ENDED)
      await run(here, { original: repeated })
      await run(here, { parentRun: invoking, parentStep: hash('a') })
      await run(here, { original: free, parentRun: free, ...ENDED, endedAt: START })
      expect((await expired(here)).runs).toEqual([free])
    })

    test('what is kept does not hide what comes after it', async () => {
      const kept: Key[] = []
      for (let index = 0; index < 5; index++) kept.push(await event(here))
      for (const key of kept) await run(here, { event: key })
      const free = await event(here)
      for (let search = 0; search < 3; search++) expect((await expired(here, { max: 2 })).events).toEqual([free])
      await here().put({ end: 'event', key: free })
      expect((await expired(here, { max: 2 })).events).toEqual([])
      await here().put({ put: 'skip', row: { event: 1, fn: 1, reason: 'r', detail: null } })
      expect((await expired(here, { max: 2 })).events).toEqual([])
    })

    test('an event is found once the run that needed it has ended', async () => {
      const needed = await event(here)
      const live = await run(here, { event: needed })
      expect((await expired(here)).events).toEqual([])
      const row = aRun({ key: live, event: needed })
      const { status, rev, retries, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version } =
        row
      const state = { status, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version }
      const ended = { ...state, rev: rev + 1, forcePlan: false, finishEvent: null, retries, ...ENDED, endedAt: START }
      await here().put({ set: 'run', key: live, state: ended })
      expect((await expired(here)).events).toEqual([needed])
    })
  })
}
