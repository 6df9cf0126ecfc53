import { describe, expect, it } from 'vitest'
import { draftOver, factsOf, itemRow, NOW, runRow, waitRow, wordsOf } from '../scenarios/rows.ts'
import type { Ended } from './draft.ts'

const ENDED: Ended = {
  kind: 'step',
  status: 'completed',
  step: 'a',
  name: 'a',
  stepKind: 'run',
  attempt: 0,
  queuedAt: NOW,
  startedAt: NOW,
  detail: null,
  error: null,
}

function drafted(part: Partial<Parameters<typeof runRow>[0]> = {}) {
  const draft = draftOver(factsOf({ runs: [runRow(part)], memos: ['100 known'] }))
  const run = draft.run(100)
  if (run === undefined) throw new Error('there is no run')
  return { draft, run }
}

describe('a draft of a run', () => {
  it('writes nothing when nothing was drafted, and its row first when anything was', () => {
    const { draft, run } = drafted({ rev: 4 })
    expect(draft.finish()).toMatchObject({ changes: [], effects: { touched: [], due: null, ready: false } })
    run.record(ENDED)
    run.set({ status: 'completed' })
    const { changes } = draft.finish()
    expect(wordsOf(changes)).toEqual(['set run completed', 'put history step completed'])
    expect(changes[0]).toMatchObject({ key: 100, state: { rev: 5, history: 1 } })
  })

  it('hands out positions without gaps, and counts steps and bytes of UTF-8', () => {
    const { run } = drafted({ stack: 3, history: 5, steps: 3, bytes: 10 })
    expect(run.memo('a', '"ä"', null)).toBe(true)
    expect(run.memo('b', 'null', '[1]')).toBe(true)
    run.record(ENDED)
    run.record(ENDED)
    expect(run.state).toMatchObject({ stack: 5, steps: 5, bytes: 10 + 4 + 4, history: 7 })
    expect(run.steps.map((step) => step.position)).toEqual([3, 4])
  })

  it('keeps the first result of a step, stored or drafted', () => {
    const { run } = drafted()
    expect(run.memo('known', '1', null)).toBe(false)
    expect([run.memo('a', '1', null), run.memo('a', '2', null)]).toEqual([true, false])
    expect(run.steps.map((step) => step.memo)).toEqual(['1'])
  })

  it('sees its own items before those of the store', () => {
    const draft = draftOver(factsOf({ runs: [runRow()], items: [itemRow({ step: 'a' }), itemRow({ key: 201 })] }))
    const run = draft.run(100)
    run?.setItem(itemRow({ step: '', key: 200 }), 'a')
    expect(run?.itemOf('a')).toBeUndefined()
    expect(run?.itemOf('')?.key).toBe(200)
    run?.endItem(itemRow({ step: '' }))
    expect(run?.itemOf('')).toBeUndefined()
  })

  it('counts the waits that it opens', () => {
    const { run } = drafted({ waits: 1 })
    run.putWait(waitRow())
    expect(run.state.waits).toBe(2)
  })
})

describe('what follows from a draft', () => {
  it('is the earliest instant, whether something is ready, and what is leased at which revision', () => {
    const { draft, run } = drafted({ rev: 4 })
    run.putItem(itemRow({ key: 1, step: 'a', state: 'sleeping', due: 500 }))
    run.putItem(itemRow({ key: 2, step: 'b', state: 'sleeping', due: 400 }))
    run.putItem(itemRow({ key: 3, step: 'c', state: 'ready' }))
    const leased = itemRow()
    run.setItem(leased)
    draft.lease(leased)
    run.set({})
    draft.lease(itemRow({ key: 9, run: null }))
    const { effects } = draft.finish()
    expect(effects).toMatchObject({ due: 400, ready: true, registryChanged: false })
    expect(effects.leased.map(({ item, rev }) => [item.key, rev])).toEqual([
      [200, 5],
      [9, -1],
    ])
    expect(draft.isLeasing(200)).toBe(true)
    expect(draft.isLeasing(1)).toBe(false)
  })

  it('says that the registry has changed', () => {
    const { draft } = drafted()
    draft.push({ put: 'waitPath', name: 'x', path: '' })
    expect(draft.finish().effects).toMatchObject({ registryChanged: false, waitPaths: [{ name: 'x', path: '' }] })
  })

  it('remembers keys within the operation that wrote them', () => {
    const { draft } = drafted()
    draft.push({ put: 'idempotency', row: { fn: 2, key: 'k', run: 100, expiresAt: NOW } })
    expect([draft.remembered(2, 'k'), draft.remembered(3, 'k')]).toEqual([100, undefined])
  })
})
