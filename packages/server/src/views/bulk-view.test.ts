import type { BulkRow } from '@pawl/storage'
import { expect, test } from 'vitest'
import type { storedBulk } from '../engine.ts'
import { bulkV2, NO_PROGRESS } from './bulk-view.ts'

type Stored = Omit<ReturnType<typeof storedBulk>, 'cause' | 'isFirstEvent' | 'isOpen'>

const request: Stored = {
  kind: 'cancel',
  functionIds: null,
  runIds: null,
  from: 0,
  until: 1,
  statuses: ['running'],
  conditions: [],
  name: null,
  perMinute: null,
  dryRun: false,
  totalCount: 100_000,
}

function shown(of: Stored): unknown {
  const row: BulkRow = {
    key: 1,
    id: '01J00000000000000000000001',
    kind: 'cancel',
    fn: null,
    request: JSON.stringify(of),
    progress: JSON.stringify(NO_PROGRESS),
    createdAt: 0,
    endedAt: null,
  }
  return bulkV2({ row }, () => undefined)
}

test('a total that was counted up to a bound is said to be one', () => {
  expect(shown({ ...request, isTotalCut: true })).toMatchObject({ totalCount: 100_000, isTotalCut: true })
  expect(shown(request)).toMatchObject({ totalCount: 100_000, isTotalCut: undefined })
})
