import { describe, expect, it } from 'vitest'
import type { BulkDetail } from './bulk-item.ts'
import { afterPage, type CancelledPage } from './cancel-page.ts'

const SETTLED = 1_000
const AT = { settledAt: SETTLED, now: 1_500, isNamed: false }
const fresh: BulkDetail = {
  bulk: 7,
  cursor: null,
  done: 10,
  seen: 20,
  skipped: 0,
  failed: 0,
  lastError: null,
  pass: null,
}

function page(part: Partial<CancelledPage>): CancelledPage {
  return { detail: fresh, changed: 0, skipped: 0, seen: 0, last: null, startedAt: 1_400, ...part }
}

const last = { value: 300, key: 5 }
const under = (since: number, changed: number): BulkDetail => ({ ...fresh, pass: { since, changed } })

describe('a pass through the window of a cancellation', () => {
  it('goes on at once behind a full page, and keeps when it began', () => {
    const { detail, due } = afterPage(page({ changed: 3, seen: 100, last }), AT)
    expect(due).toBe(1_500)
    expect(detail).toEqual({
      bulk: 7,
      cursor: { value: 300, key: 5 },
      done: 13,
      seen: 120,
      skipped: 0,
      failed: 0,
      lastError: null,
      pass: { since: 1_400, changed: 3 },
    })
    const second = afterPage(page({ detail, changed: 2, seen: 100, last, startedAt: 1_600 }), AT)
    expect(second.detail.pass).toEqual({ since: 1_400, changed: 5 })
  })

  it.each<[string, Partial<CancelledPage>, number | null]>([
    ['is the last when it began after the window had settled and found nothing', {}, null],
    ['is followed by another when it found something', { changed: 1 }, 1_500],
    ['is followed by another when an earlier page of it did', { detail: under(1_400, 1) }, 1_500],
    ['is followed by another when it began too early', { startedAt: SETTLED }, 1_500],
    ['is followed by another when its first page began too early', { detail: under(SETTLED, 0) }, 1_500],
  ])('%s', (_what, part, due) => {
    const next = afterPage(page(part), AT)
    expect([next.due, next.detail.cursor, next.detail.pass]).toEqual([due, null, null])
  })

  it('is followed by another once the window has settled, not before', () => {
    expect(afterPage(page({ startedAt: 400 }), { settledAt: SETTLED, now: 450, isNamed: false }).due).toBe(SETTLED + 1)
  })
})
