import type { ItemRow, RunRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { draftOver, factsOf, itemRow, OWNER, runRow, waitRow, wordsOf } from '../scenarios/rows.ts'
import { endMember, endSleep, resumeStep } from './end-branch.ts'

const SLEEP = itemRow({
  key: 201,
  step: 'a',
  kind: 'sleep',
  state: 'sleeping',
  owner: 0,
  claims: 0,
  detail: '{"kind":"sleep","name":"nap"}',
})

function world(run: Partial<RunRow>, items: readonly ItemRow[], seats = 10) {
  const draft = draftOver(factsOf({ runs: [runRow(run)], items, waits: [waitRow()] }), { seats })
  const drafted = draft.run(100)
  if (drafted === undefined) throw new Error('there is no run')
  return { draft, run: drafted, words: () => wordsOf(draft.finish().changes) }
}

describe('a member that ends', () => {
  it('is not the last: its item ends', () => {
    const { draft, run, words } = world({ open: 2 }, [SLEEP])
    endSleep(draft, run, SLEEP)
    expect(words()).toEqual(['set run running', 'put step a null', 'put history step completed', 'end item'])
    expect(run.state).toMatchObject({ open: 1, stack: 1 })
  })

  it('is the last: its own item becomes the discovery, leased with a new epoch', () => {
    const { draft, run, words } = world({ open: 1 }, [SLEEP])
    endSleep(draft, run, SLEEP)
    expect(words().at(-1)).toBe('set item call - leased')
    expect(draft.finish().effects.leased).toMatchObject([
      { item: { key: 201, step: '', epoch: 2, owner: OWNER, attempt: 0, claims: 0, detail: null }, rev: 2 },
    ])
  })

  it('is the last, and no place is free: the discovery is ready', () => {
    const { draft, run, words } = world({ open: 1 }, [SLEEP], 0)
    endSleep(draft, run, SLEEP)
    expect(words().at(-1)).toBe('set item call - ready')
    expect(draft.finish().effects).toMatchObject({ leased: [], ready: true })
  })

  it.each([
    ['version 1', { version: 1 }, {}],
    ['version 0', { version: 0 }, {}],
    ['an app that tells no version', { version: -1 }, {}],
    ['a race', { version: 2, racing: 2 }, { race: true }],
  ])('of %s discovers at once', (_what, run, item) => {
    const member = { ...SLEEP, ...item }
    const each = world({ open: 2, ...run }, [member])
    endMember(each.draft, each.run, member)
    expect(each.words().at(-1)).toBe('set item call - leased')
  })

  it('while a discovery is out marks it, so that it looks again', () => {
    const { draft, run, words } = world({ open: 1, version: 1 }, [SLEEP, itemRow()])
    endMember(draft, run, SLEEP)
    expect(words()).toEqual(['set run running', 'end item', 'set item call - leased'])
    expect(run.itemOf('')?.again).toBe(true)
    expect(draft.finish().effects.leased).toEqual([])
  })

  it.each(['ready', 'sleeping'] as const)('while a discovery is %s leaves it as it is', (state) => {
    const { draft, run, words } = world({ open: 1, version: 1 }, [SLEEP, itemRow({ state })])
    endMember(draft, run, SLEEP)
    expect(words()).toEqual(['set run running', 'end item'])
  })

  it('together with another is discovered once, without a mark: the call comes after both', () => {
    const other = { ...SLEEP, key: 202, step: 'b' }
    const { draft, run } = world({ open: 2, version: 1 }, [SLEEP, other])
    endSleep(draft, run, SLEEP)
    endSleep(draft, run, other)
    expect(draft.finish().effects.leased).toHaveLength(1)
    expect(run.itemOf('')).toMatchObject({ key: 201, again: false })
    expect(run.state).toMatchObject({ open: 0, stack: 2 })
  })
})

describe('a wait that is resolved', () => {
  const item = itemRow({
    key: 201,
    step: 'a',
    kind: 'wait',
    state: 'sleeping',
    detail: '{"kind":"wait","name":"w","input":"[1]"}',
  })
  const resume = { wait: waitRow(), memo: '{"name":"x"}', status: 'completed', detail: { foundEvent: 'E' } } as const

  it('leaves its memo and its history, and the run goes on', () => {
    const { draft, run, words } = world({ open: 1 }, [item])
    resumeStep(draft, run, resume)
    expect(words()).toEqual([
      'set run running',
      'end wait',
      'put step a {"name":"x"}',
      'put history step completed',
      'set item call - leased',
    ])
    const history = draft.finish().changes.find((change) => 'put' in change && change.put === 'history')
    expect(history).toMatchObject({ row: { name: 'w', stepKind: 'wait' } })
  })

  it('after its item is gone does nothing more', () => {
    const { draft, run, words } = world({ open: 0 }, [])
    resumeStep(draft, run, resume)
    expect(words()).toEqual(['end wait'])
  })

  it('of a step that has a result keeps that one, and the branch still ends', () => {
    const draft = draftOver(factsOf({ runs: [runRow({ open: 1 })], items: [item], memos: ['100 a'] }))
    const run = draft.run(100)
    if (run !== undefined) resumeStep(draft, run, resume)
    expect(wordsOf(draft.finish().changes)).toEqual(['set run running', 'end wait', 'set item call - leased'])
  })
})

describe('a request of the server', () => {
  it('never reaches the history', () => {
    const detail = JSON.stringify({
      kind: 'ai',
      name: 'ai',
      request: { url: 'u', headers: { authorization: 'secret' } },
    })
    const item = itemRow({ key: 201, step: 'a', kind: 'gateway', detail })
    const { draft, run } = world({ open: 1 }, [item])
    resumeStep(draft, run, { wait: waitRow(), memo: '1', status: 'completed', detail: {} })
    expect(JSON.stringify(draft.finish().changes)).not.toContain('secret')
  })
})
