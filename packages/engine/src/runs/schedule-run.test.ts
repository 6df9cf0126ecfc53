import type { Json } from '@pawl/protocol'
import { isUlid, ulidTime } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import { Circuits } from '../circuits.ts'
import { ENGINE_LIMITS } from '../limits.ts'
import { NO_LIMITS } from '../lines/run-limits.ts'
import { draftOver, entry, factsOf, NOW, registryOf, wordsOf } from '../scenarios/rows.ts'
import { runUlid, scheduleRun } from './schedule-run.ts'

function schedule(
  options: { readonly [option: string]: Json } = {},
  part: { data?: Json; ts?: number; seats?: number; mayLease?: boolean; open?: boolean } = {},
) {
  const registry = registryOf({ f: options }, { waitPaths: [{ name: 'known', path: 'data.id' }] })
  const circuits = new Circuits({ ...ENGINE_LIMITS, circuitFailures: 1 })
  if (part.open === true) circuits.failed(1, NOW, '')
  const draft = draftOver(factsOf(), { seats: part.seats ?? 10, circuits, registry })
  const { data = {}, ts = NOW } = part
  const value = { name: 'f', id: 'e', data, ts, user: {} }
  const row = scheduleRun({ registry, circuits, limits: ENGINE_LIMITS }, draft, {
    fn: entry(registry, 'f'),
    keys: { limits: NO_LIMITS, priorityMs: 0, singleton: null },
    event: { key: 50, name: 'f', value, text: JSON.stringify(value), ts },
    runId: 'R',
    mayLease: part.mayLease ?? true,
  })
  const { changes, effects } = draft.finish()
  return { row, changes, effects, words: wordsOf(changes), fn: entry(registry, 'f') }
}

describe('a run that is made', () => {
  it('is born leased where there is a place: running, hot, one item', () => {
    const { row, words, effects } = schedule()
    expect(row).toMatchObject({ status: 'running', startedAt: NOW, rev: 1, version: -1 })
    expect(words).toEqual(['put run', 'put item call - leased'])
    expect(effects.leased).toMatchObject([{ item: { epoch: 1, claims: 1, startedAt: NOW }, rev: 1 }])
    expect(effects.births).toMatchObject([{ row: { id: 'R' } }])
  })

  it.each([
    ['every place is taken', { seats: 0 }],
    ['others of its function are ready', { mayLease: false }],
    ['its app cannot be reached', { open: true }],
  ])('is ready where %s', (_what, part) => {
    const { row, words, effects } = schedule({}, part)
    expect(row).toMatchObject({ status: 'scheduled', startedAt: null })
    expect(words.at(-1)).toBe('put item call - ready')
    expect(effects).toMatchObject({ leased: [], births: [{ row: { id: 'R' } }], ready: true })
  })

  it('sleeps until the time of its event', () => {
    const { words, effects } = schedule({}, { ts: NOW + 60_000 })
    expect(words.at(-1)).toBe('put item call - sleeping')
    expect(effects.due).toBe(NOW + 60_000)
  })

  it.each([
    ['start', { start: '5s' }, { seats: 0 }, NOW + 5_000],
    ['start, from the time of its event', { start: '5s' }, { ts: NOW + 60_000 }, NOW + 65_000],
    ['finish, since it has started', { finish: '5s' }, {}, NOW + 5_000],
  ])('has a time-out to the %s', (_what, timeouts, part, due) => {
    const { changes } = schedule({ timeouts }, part)
    const items = changes.flatMap((change) => ('put' in change && change.put === 'item' ? [change.row] : []))
    expect(items.filter((item) => item.kind === 'timeout').map((item) => item.due)).toEqual([due])
  })

  it.each([
    ['start, when it starts at once', { start: '5s' }, {}],
    ['finish, before it has started', { finish: '5s' }, { seats: 0 }],
  ])('has no time-out to the %s', (_what, timeouts, part) => {
    expect(schedule({ timeouts }, part).words.some((words) => words.includes('timeout'))).toBe(false)
  })

  it('writes a wait for each rule that may cancel it, and the path that is new', () => {
    const cancel = [
      { event: 'known', if: 'event.data.id == async.data.id' },
      { event: 'fresh', if: 'async.data.id == event.data.id', timeout: '1h' },
      { event: 'known', if: 'event.data.none == async.data.none' },
      { event: 'past', timeout: '2020-01-01T00:00:00Z' },
    ]
    const { row, changes } = schedule({ cancel }, { data: { id: 7 } })
    expect(row.waits).toBe(2)
    const waits = changes.flatMap((change) => ('put' in change && change.put === 'wait' ? [change.row] : []))
    expect(waits).toMatchObject([
      { step: '!cancel0', kind: 'cancel', name: 'known', path: 'data.id', value: '7', rest: null },
      { step: '!cancel1', kind: 'cancel', name: 'fresh', path: 'data.id', value: '7', until: NOW + 3_600_000 },
    ])
    const paths = changes.flatMap((change) => ('put' in change && change.put === 'waitPath' ? [change.name] : []))
    expect(paths).toEqual(['fresh'])
  })

  it('is made although a rule cannot take in the event', () => {
    const ids = Array.from({ length: 30_000 }, (_, n) => `number ${n}`)
    const { row, fn } = schedule(
      { cancel: [{ event: 'known', if: 'async.data.id in event.data.ids' }] },
      { data: { ids } },
    )
    expect(row.waits).toBe(0)
    expect(fn.warning).toContain('cancelOn')
  })
})

describe('the ID of a run', () => {
  it('is the same for function and event, another for others, and tells when the event came', () => {
    const id = runUlid(NOW, 'fn', 'event')
    expect(isUlid(id)).toBe(true)
    expect(ulidTime(id)).toBe(NOW)
    expect(runUlid(NOW, 'fn', 'event')).toBe(id)
    expect(new Set([id, runUlid(NOW, 'fn2', 'event'), runUlid(NOW, 'fn', 'event2')]).size).toBe(3)
  })
})
