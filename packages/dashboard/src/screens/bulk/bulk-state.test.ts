import { describe, expect, test } from 'vitest'
import type { Bulk } from '../../api/index.ts'
import { formOf } from './bulk-form.ts'
import { progressOf, searchLike, titleOf, totalText } from './bulk-state.ts'

const bulk: Bulk = {
  id: '01',
  kind: 'RERUN',
  state: 'running',
  createdAt: '2026-11-24T12:00:00Z',
  function: ['shop-import', 'shop-export', 'shop-mail'],
  status: ['FAILED', 'CANCELLED'],
  from: '2026-11-24T10:00:00Z',
  until: '2026-11-24T11:00:00Z',
  perMinute: 30,
  totalCount: 100,
  doneCount: 30,
  skippedCount: 8,
  failedCount: 2,
}

describe('a bulk operation', () => {
  test('without a name is called by what it does', () => {
    expect(titleOf(bulk)).toBe('Rerun failed or cancelled runs of shop-import and 2 more')
    expect(titleOf({ ...bulk, name: 'Outage of Tuesday' })).toBe('Outage of Tuesday')
  })

  test('tells how far it is and how long the rest takes at its rate', () => {
    expect(progressOf(bulk)).toMatchObject({
      seen: 40,
      left: 60,
      isOpen: true,
      done: 0.3,
      failed: 0.02,
      leftMs: 120_000,
    })
    expect(progressOf({ ...bulk, state: 'paused' }).leftMs).toBeUndefined()
  })

  test('is whole when it is done, with nothing to do too, and never more than whole', () => {
    const none = { ...bulk, state: 'done', totalCount: 0, doneCount: 0, skippedCount: 0, failedCount: 0 } as const
    expect(progressOf(none)).toMatchObject({ done: 1, left: 0, isOpen: false })
    const { done, skipped, failed } = progressOf({ ...bulk, totalCount: 10 })
    expect(done + skipped + failed).toBeCloseTo(1)
  })

  test('that was counted up to a bound claims to know neither the rest nor its end', () => {
    const cut = { ...bulk, isTotalCut: true, doneCount: 200 } as const
    expect(progressOf(cut)).toMatchObject({ seen: 210, isOpen: true })
    expect(progressOf(cut).left).toBeUndefined()
    expect(progressOf(cut).leftMs).toBeUndefined()
    expect(totalText(cut)).toBe('100+')
    expect(totalText(bulk)).toBe('100')
  })

  test('opens the form for one like it', () => {
    expect(formOf(searchLike(bulk))).toMatchObject({
      kind: 'RERUN',
      functions: bulk.function,
      statuses: ['FAILED', 'CANCELLED'],
      range: { from: bulk.from, until: bulk.until },
      perMinute: '30',
    })
  })
})
