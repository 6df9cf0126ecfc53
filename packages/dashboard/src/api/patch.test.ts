import { describe, expect, it } from 'vitest'
import type { Rows } from './client.ts'
import { insertRuns, missingRuns, patchEventRuns, patchRuns } from './patch.ts'
import { matchesFilter } from './run-match.ts'
import type { EventRow, Run } from './types.ts'

function run(id: string, second: number, extra: Partial<Run> = {}): Run {
  return {
    id,
    function: { id: 'import', name: 'Import', slug: 'app-import' },
    app: { id: 'app' },
    status: 'RUNNING',
    queuedAt: new Date(Date.UTC(2026, 10, 24, 14, 0, second)).toISOString(),
    trigger: { eventName: 'file/uploaded', eventIds: [`event-${id}`] },
    ...extra,
  }
}

function page<T>(rows: readonly T[], cursor?: string): Rows<T> {
  return { rows, cursor, totalCount: undefined, fetchedAt: '2026-11-24T14:00:00Z' }
}

const ids = (pages: readonly Rows<Run>[]) => pages.map((each) => each.rows.map((row) => row.id))

describe('a changed run', () => {
  const pages = [page([run('c', 30), run('b', 20)], 'next'), page([run('a', 10)])]

  it('replaces its row and moves nothing', () => {
    const patched = patchRuns(pages, new Map([['b', run('b', 20, { status: 'FAILED' })]]))
    expect(ids(patched)).toEqual([['c', 'b'], ['a']])
    expect(patched[0]?.rows[1]?.status).toBe('FAILED')
    expect(patched[1]).toBe(pages[1])
  })

  it('leaves lists alone that do not hold it', () => {
    expect(patchRuns(pages, new Map([['x', run('x', 5)]]))).toBe(pages)
  })
})

describe('a run that the list does not hold', () => {
  const open = [page([run('c', 30), run('b', 20)], 'next')]

  it('is missing when it belongs into the loaded part', () => {
    const changed = [run('d', 40), run('b', 20), run('older', 5)]
    expect(missingRuns(open, changed, {}).map((each) => each.id)).toEqual(['d'])
  })

  it('is missing at the end of a list that is loaded whole', () => {
    expect(missingRuns([page([run('c', 30)])], [run('older', 5)], {}).map((each) => each.id)).toEqual(['older'])
  })

  it('is not claimed when only the server can judge the filter', () => {
    expect(missingRuns(open, [run('d', 40)], { query: 'event.data.id == 1' })).toEqual([])
  })

  it('goes to its place by time and id, and later pages keep their length', () => {
    const pages = [page([run('c', 30), run('b', 20)], 'next'), page([run('a', 10)])]
    const grown = insertRuns(pages, [run('d', 40), run('ab', 15)], {})
    expect(ids(grown)).toEqual([['d', 'c', 'b', 'ab'], ['a']])
    expect(grown[0]?.cursor).toBe('next')
  })
})

it.each([
  [{ status: ['FAILED'] as const }, false],
  [{ status: ['RUNNING', 'FAILED'] as const }, true],
  [{ function: ['app-import'] }, true],
  [{ function: ['app-mail'] }, false],
  [{ appId: 'other' }, false],
  [{ eventName: ['file/uploaded'] }, true],
  [{ hasRetries: true }, false],
  [{ isBatch: false }, true],
  [{ longerThanMs: 1 }, false],
  [{ from: '2026-11-24T14:00:10Z' }, false],
  [{ until: '2026-11-24T14:00:05Z' }, true],
  [{ timeField: 'endedAt' as const }, false],
])('the filter %j judges a running run as %s', (filter, expected) => {
  expect(matchesFilter(run('a', 5), filter)).toBe(expected)
})

it('an event shows the runs that it started as they change', () => {
  const row: EventRow = {
    id: 'e1',
    eventId: 'event-a',
    name: 'file/uploaded',
    ts: '2026-11-24T14:00:00Z',
    receivedAt: '2026-11-24T14:00:00Z',
    runs: [{ id: 'a', functionId: 'import', functionName: 'Import', status: 'QUEUED' }],
  }
  const patched = patchEventRuns([page([row])], [run('a', 1, { status: 'COMPLETED' }), run('z', 1)])
  expect(patched[0]?.rows[0]?.runs?.map((each) => each.status)).toEqual(['COMPLETED'])
})
