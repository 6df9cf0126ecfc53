import type { ItemRow, RunRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { Circuits } from '../circuits.ts'
import { ENGINE_LIMITS } from '../limits.ts'
import {
  draftOver,
  factsOf,
  itemRow,
  type Known,
  NOW,
  OWNER,
  planContext,
  registryOf,
  runRow,
  waitRow,
  wordsOf,
} from '../scenarios/rows.ts'
import { claimItems } from './claim-items.ts'

const READY = { state: 'ready', owner: 0, claims: 0, epoch: 3, startedAt: null } as const

function claim(
  item: Partial<ItemRow>,
  options: {
    run?: Partial<RunRow>
    known?: Known
    seats?: number
    timeouts?: { start?: string; finish?: string }
    isOpen?: boolean
  } = {},
) {
  const row = itemRow(item)
  const facts = factsOf({ runs: [runRow(options.run)], items: [row], ready: [row], ...options.known })
  const circuits = new Circuits({ ...ENGINE_LIMITS, circuitFailures: 1 })
  const registry = registryOf({ f: options.timeouts === undefined ? {} : { timeouts: options.timeouts } })
  const draft = draftOver(facts, { seats: options.seats ?? 5, circuits, registry })
  if (options.isOpen === true) circuits.failed(1, NOW, '')
  const found = claimItems(planContext(registry, { circuits }), draft, facts)
  const { changes, effects } = draft.finish()
  return { found, changes, effects, words: wordsOf(changes) }
}

describe('a call that is claimed', () => {
  it('is leased with a new epoch, and nothing else is written', () => {
    const { words, effects, found } = claim(READY)
    expect([found, words]).toEqual([1, ['set item call - leased']])
    expect(effects.leased).toMatchObject([{ item: { epoch: 4, claims: 1, owner: OWNER, startedAt: NOW }, rev: 1 }])
  })

  it('starts its run', () => {
    const { words, effects } = claim(READY, {
      run: { status: 'scheduled', startedAt: null },
      timeouts: { finish: '5s' },
    })
    expect(words).toEqual(['set run running', 'set item call - leased', 'put item timeout !finish sleeping'])
    expect(effects).toMatchObject({ due: NOW + 5_000, leased: [{ rev: 2 }] })
  })

  it.each([
    ['no place is free', { seats: 0 }],
    ['its app cannot be reached', { isOpen: true }],
  ])('stays where it is when %s, and a sleeper becomes ready', (_what, options) => {
    expect(claim(READY, options).words).toEqual([])
    expect(claim({ ...READY, state: 'sleeping' }, options).words).toEqual(['set item call - ready'])
  })

  it('for the tenth time without an outcome goes out, for the eleventh fails its run', () => {
    expect(claim({ ...READY, claims: 9 }).words).toEqual(['set item call - leased'])
    const { words, changes } = claim({ ...READY, claims: 10 })
    expect(words[0]).toBe('set run failed')
    expect(JSON.stringify(changes)).toContain('poisoned')
  })
})

describe('what is due', () => {
  it('a sleep leaves null, and the run goes on', () => {
    const { words } = claim({ step: 'a', kind: 'sleep', state: 'sleeping' }, { run: { open: 1 } })
    expect(words).toEqual([
      'set run running',
      'put step a null',
      'put history step completed',
      'set item call - leased',
    ])
  })

  it('a wait leaves null and no wait', () => {
    const item = { key: 201, step: 'a', kind: 'wait', state: 'sleeping' } as const
    const { words } = claim(item, { run: { open: 1 }, known: { waits: [waitRow()] } })
    expect(words).toEqual([
      'set run running',
      'end wait',
      'put step a null',
      'put history step timed_out',
      'set item call - leased',
    ])
  })

  it('an invoke leaves an error', () => {
    const { words } = claim(
      { step: 'a', kind: 'wait', state: 'sleeping', detail: '{"kind":"invoke"}' },
      { run: { open: 1 } },
    )
    expect(words[1]).toContain('InngestInvokeTimeoutError')
    expect(words[2]).toBe('put history step failed')
  })

  it('an item of no run is leased without a place', () => {
    for (const kind of ['match', 'cron'] as const)
      expect(claim({ ...READY, kind, run: null }, { seats: 0 }).effects.leased).toMatchObject([
        { item: { epoch: 4 }, rev: -1 },
      ])
  })

  it('an item of a run that is gone or has ended is taken away, so that it is not found for ever', () => {
    const item = { step: 'a', kind: 'sleep', state: 'sleeping' } as const
    expect(claim(item, { known: { runs: [] } }).words).toEqual(['end item'])
    expect(claim(item, { run: { status: 'completed', endedAt: NOW } }).words).toEqual(['end item'])
  })

  it('two that meet are decided on together: what the first ended, the second leaves alone', () => {
    const timeout = itemRow({ key: 201, step: '!finish', kind: 'timeout', state: 'sleeping' })
    const sleeping = itemRow({ key: 202, step: 'a', kind: 'sleep', state: 'sleeping' })
    const known = { items: [timeout, sleeping], ready: [timeout, sleeping] }
    const { words } = claim({}, { run: { open: 1 }, known, timeouts: { finish: '100ms' } })
    expect(words[0]).toBe('set run cancelled')
    expect(words).not.toContain('put step a null')
  })
})

describe('a time-out that is due', () => {
  const item = (step: string) => ({ key: 201, step, kind: 'timeout', state: 'sleeping' }) as const
  const notStarted = { run: { status: 'scheduled', startedAt: null } as const }
  const waiting = itemRow({ ...READY, due: NOW - 5_000 })

  it.each<[string, string, object, readonly string[]]>([
    ['to the start cancels', '!start', { ...notStarted, timeouts: { start: '5s' } }, ['set run cancelled']],
    ['to the start of a run that has started is over', '!start', { timeouts: { start: '5s' } }, ['end item']],
    [
      'to the start that is longer now comes later',
      '!start',
      { ...notStarted, timeouts: { start: '9s' } },
      ['set item timeout !start sleeping'],
    ],
    ['to the finish cancels', '!finish', { timeouts: { finish: '500ms' } }, ['set run cancelled']],
    [
      'to the finish that is longer now comes later',
      '!finish',
      { timeouts: { finish: '9s' } },
      ['set item timeout !finish sleeping'],
    ],
    ['that was taken off is over', '!finish', {}, ['end item']],
  ])('%s', (_what, step, options, words) => {
    const row = itemRow(item(step))
    const known = { items: [row, waiting], ready: [row] }
    expect(claim(item(step), { ...options, known }).words.slice(0, 1)).toEqual(words)
  })
})
