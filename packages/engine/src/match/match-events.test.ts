import type { Json } from '@pawl/protocol'
import type { Change, Facts, WaitRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import type { Incoming } from '../incoming.ts'
import type { RegistryCache } from '../registry-cache.ts'
import { FIRST, type MatchCursor } from '../runs/finish-run.ts'
import {
  draftOver,
  eventRow,
  factsOf,
  itemRow,
  type Known,
  NOW,
  planContext,
  registryOf,
  runRow,
  waitRow,
  wordsOf,
} from '../scenarios/rows.ts'
import { matchEvent, matchNeeds, prepareEvent, startPage } from './match-events.ts'

/** Keys grow: this event came after everything that stands in the facts. */
const EVENT = 9_000

function incoming(name: string, data: Json = {}, senderId: string | null = null): Incoming {
  const { key: _key, receivedAt: _receivedAt, isRepeat: _isRepeat, ...row } = eventRow({ name })
  const value = { name, data, id: row.id, ts: NOW, user: {} }
  return { row, senderId, text: JSON.stringify(value), value }
}

function match(
  registry: RegistryCache,
  event: Incoming,
  options: { known?: Known; cursor?: MatchCursor; left?: number; page?: number } = {},
): { cursor: MatchCursor | null; words: readonly string[]; changes: readonly Change[]; left: number } {
  const { known = {}, cursor = FIRST, left = 500, page = 500 } = options
  const prepared = prepareEvent(registry, event, { now: NOW, cursor, page })
  const draft = draftOver(factsOf(known), { seats: 0 })
  const counter = startPage(left)
  const next = matchEvent(planContext(registry), draft, factsOf(known), {
    prepared,
    key: EVENT,
    receivedAt: NOW,
    page: counter,
  })
  const { changes } = draft.finish()
  return { cursor: next, words: wordsOf(changes), changes, left: counter.left }
}

const fnsOf = (changes: readonly Change[]): readonly number[] =>
  changes.flatMap((change) => ('put' in change && change.put === 'run' ? [change.row.fn] : []))

describe('the functions that an event starts', () => {
  const five = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [id, { triggers: [{ event: 'x' }] }]))

  it('are taken page by page, each exactly once', () => {
    const registry = registryOf(five)
    const started: number[] = []
    let cursor: MatchCursor | null = FIRST
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const page = match(registry, incoming('x'), { cursor, left: 2 })
      started.push(...fnsOf(page.changes))
      cursor = page.cursor
    }
    expect(started).toEqual([2, 3, 4, 5, 6])
  })

  it('leave out repeats, and say so', () => {
    const known = { idempotency: { '2 event:k': 99 } }
    const { words, left } = match(registryOf({ a: { triggers: [{ event: 'x' }] } }), incoming('x', {}, 'k'), { known })
    expect(words).toEqual(['put skip'])
    expect(left).toBe(500)
  })

  it('remember the key for a day', () => {
    const { changes } = match(registryOf({ a: { triggers: [{ event: 'x' }] } }), incoming('x', {}, 'k'))
    expect(changes.find((change) => 'put' in change && change.put === 'idempotency')).toMatchObject({
      row: { fn: 2, key: 'event:k', expiresAt: NOW + 86_400_000 },
    })
  })
})

describe('what an event asks the store', () => {
  it('is its name, its keys, and the waits under its values', () => {
    const registry = registryOf(
      { a: { triggers: [{ event: 'x' }] }, b: { triggers: [{ event: 'x', expression: 'false' }] } },
      {
        waitPaths: [
          { name: 'x', path: '' },
          { name: 'x', path: 'data.id' },
          { name: 'x', path: 'data.none' },
        ],
      },
    )
    const prepared = prepareEvent(registry, incoming('x', { id: 7 }, 'k'), {
      now: NOW,
      cursor: { fn: 0, wait: 30 },
      page: 10,
    })
    expect(matchNeeds([prepared, prepared])).toMatchObject({
      storing: ['x'],
      idempotency: [
        { fn: 2, key: 'event:k' },
        { fn: 2, key: 'event:k' },
      ],
      backlog: [2],
      waits: Array(2).fill({
        name: 'x',
        keys: [
          { path: '', value: '' },
          { path: 'data.id', value: '7' },
        ],
        after: 30,
        max: 11,
      }),
    })
  })

  it('is nothing of waits when nobody ever waited for its name', () => {
    expect(prepareEvent(registryOf({}), incoming('x'), { now: NOW, cursor: FIRST, page: 10 }).search).toBeNull()
  })
})

describe('the waits that an event resumes', () => {
  const registry = registryOf(
    {},
    {
      waitPaths: [
        { name: 'x', path: '' },
        { name: 'x', path: 'data.id' },
      ],
    },
  )
  const many = (count: number, part: Partial<WaitRow> = {}): Known => {
    const numbers = Array.from({ length: count }, (_, n) => n)
    return {
      runs: numbers.map((n) => runRow({ key: 1_000 + n, open: 1 })),
      items: numbers.map((n) =>
        itemRow({ key: 2_000 + n, run: 1_000 + n, step: 'a', kind: 'wait', state: 'sleeping' }),
      ),
      waits: numbers.map((n) => waitRow({ key: 3_000 + n, run: 1_000 + n, item: 2_000 + n, ...part })),
    }
  }

  it('are taken page by page, each exactly once', () => {
    let cursor: MatchCursor | null = FIRST
    const resumed: number[] = []
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const page = match(registry, incoming('x'), { known: many(5), cursor, left: 2, page: 2 })
      resumed.push(...page.changes.flatMap((change) => ('end' in change && change.end === 'wait' ? [change.key] : [])))
      cursor = page.cursor
    }
    expect(resumed).toEqual([3_000, 3_001, 3_002, 3_003, 3_004])
  })

  it('are looked up once for all events of a name that are decided on together', () => {
    const known = many(3, { path: 'data.id', value: '7' })
    let asked = 0
    const facts: Facts = {
      ...factsOf(known),
      waits: (name) => {
        asked += 1
        return factsOf(known).waits(name)
      },
    }
    const draft = draftOver(facts, { seats: 0 })
    const page = startPage(500)
    for (const id of [5, 6, 7]) {
      const prepared = prepareEvent(registry, incoming('x', { id }), { now: NOW, cursor: FIRST, page: 500 })
      matchEvent(planContext(registry), draft, facts, { prepared, key: EVENT, receivedAt: NOW, page })
    }
    expect([asked, page.left]).toEqual([1, 497])
  })

  it('go on after a page on which none held', () => {
    const { cursor, left } = match(registry, incoming('x'), { known: many(5, { rest: 'async.data.n > 5' }), page: 2 })
    // Nothing more is done in this operation, so that later events find it done.
    expect([cursor, left]).toEqual([{ fn: 0, wait: 3_002 }, 0])
  })

  it.each<[string, Partial<WaitRow>, boolean]>([
    ['under its value', { path: 'data.id', value: '7' }, true],
    ['under another value', { path: 'data.id', value: '8' }, false],
    ['until this very instant', { until: NOW }, true],
    ['that has expired', { until: NOW - 1 }, false],
    ['whose rest holds', { rest: 'async.data.id > 6' }, true],
    ['whose rest does not', { rest: 'async.data.id > 7' }, false],
    ['whose rest errs', { rest: 'async.data.id - "x" == 1' }, false],
  ])('are those %s: %o', (_what, wait, resumes) => {
    const { left } = match(registry, incoming('x', { id: 7 }), { known: many(1, wait) })
    expect(left).toBe(resumes ? 499 : 500)
  })

  it('are told for an event of an earlier operation: those that saw it when they were opened have looked back', () => {
    const how = { now: NOW, cursor: { fn: 0, wait: 0 }, page: 10 }
    const searches = [
      prepareEvent(registry, incoming('x'), how),
      prepareEvent(registry, incoming('x'), { ...how, stored: 5 }),
    ]
    expect(searches.map(({ search }) => search?.stored)).toEqual([undefined, 5])
  })

  it('are none of the run that the event started, and none of one that has ended', () => {
    for (const part of [{ event: EVENT }, { endedAt: NOW, status: 'completed' as const }]) {
      const known = { ...many(1), runs: [runRow({ key: 1_000, open: 1, ...part })] }
      expect(match(registry, incoming('x'), { known }).words).toEqual([])
    }
  })

  it('that cancel end their run once, however many rules hold', () => {
    const cancel = { kind: 'cancel', item: null } as const
    const known: Known = {
      runs: [runRow({ waits: 2 })],
      waits: [waitRow({ key: 1, step: '!cancel0', ...cancel }), waitRow({ key: 2, step: '!cancel1', ...cancel })],
    }
    const { words, left } = match(registry, incoming('x'), { known })
    expect(words.filter((text) => text.startsWith('set run'))).toEqual(['set run cancelled'])
    expect(words).toContain('put event inngest/function.cancelled')
    expect(words).toContain('end items')
    expect(words).toContain('end waits')
    expect(left).toBe(499)
  })
})
