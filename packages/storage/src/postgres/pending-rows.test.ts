// One write for each row, whatever the order of the changes.
import { describe, expect, test } from 'vitest'
import { aFunction, aHistoryRow, anApp, anEvent, anItem, aRun, aStep, aWait, nextState } from '../conformance/rows.ts'
import type { Change } from '../contract/changes.ts'
import { PendingRows } from './pending-rows.ts'
import { summed } from './tally-table.ts'

function pending(...operations: readonly (readonly Change[])[]): PendingRows {
  const rows = new PendingRows(1_000)
  for (const [index, changes] of operations.entries()) rows.add(changes, index + 1)
  return rows
}

const rowsOf = <Row>(set: { values(): readonly { readonly row: Row }[] }): Row[] => set.values().map(({ row }) => row)

describe('the rows of a group', () => {
  const run = aRun({ key: 1 })
  const item = anItem({ key: 2, run: 1 })
  const second = nextState({ ...run, rev: 2 }, { stack: 2 })

  test('a run that is put and then set is put as it was set', () => {
    const { rows } = pending([
      { put: 'run', row: run },
      { set: 'run', key: 1, state: nextState(run, { stack: 1 }) },
    ])
    expect(rowsOf(rows.putRuns)).toEqual([{ ...run, rev: 2, stack: 1 }])
    expect(rowsOf(rows.setRuns)).toEqual([])
  })

  test('a run that is set twice is set once, onto the revision of the first', () => {
    const first: Change = { set: 'run', key: 1, state: nextState(run) }
    const { rows } = pending([first, { set: 'run', key: 1, state: second }])
    expect(rowsOf(rows.setRuns)).toEqual([{ key: 1, from: 1, state: second }])
    expect(() => pending([first, first])).toThrow('another revision')
  })

  test('an item is put as it was set last, and not at all when it ends', () => {
    const set: Change = { set: 'item', row: { ...item, epoch: 5 } }
    expect(rowsOf(pending([{ put: 'item', row: item }, set]).rows.items.puts)).toEqual([{ ...item, epoch: 5 }])
    const ended = pending([{ put: 'item', row: item }, set, { end: 'item', key: 2 }]).rows.items
    expect([ended.puts, ended.sets, ended.ends].map((rows) => rows.values().length)).toEqual([0, 0, 0])
  })

  test('an item that is set and then ends is ended', () => {
    const { items } = pending([
      { set: 'item', row: item },
      { end: 'item', key: 2 },
    ]).rows
    expect([rowsOf(items.sets), rowsOf(items.ends)]).toEqual([[], [2]])
    expect(() =>
      pending([
        { end: 'item', key: 2 },
        { set: 'item', row: item },
      ]),
    ).toThrow('no item 2')
  })

  test('the end of all items of a run takes those that were put, and leaves those that are put after it', () => {
    const later = anItem({ key: 3, run: 1 })
    const { items } = pending([
      { put: 'item', row: item },
      { end: 'items', run: 1 },
      { put: 'item', row: later },
    ]).rows
    expect([rowsOf(items.puts), rowsOf(items.endsOf)]).toEqual([[later], [1]])
    expect(() =>
      pending([
        { end: 'items', run: 1 },
        { set: 'item', row: item },
      ]),
    ).toThrow('no item 2')
  })

  test('waits go the same way', () => {
    const wait = aWait({ key: 4, run: 1, kind: 'signal', name: 'go' })
    const { waits } = pending([
      { put: 'wait', row: wait },
      { set: 'wait', row: { ...wait, name: '' } },
    ]).rows
    expect(rowsOf(waits.puts)).toEqual([{ ...wait, name: '' }])
    expect(
      rowsOf(
        pending([
          { put: 'wait', row: wait },
          { end: 'waits', run: 1 },
        ]).rows.waits.puts,
      ),
    ).toEqual([])
  })

  test('a memo is put once; an input-only one gives way', () => {
    const input = aStep({ run: 1, position: -1, input: '[1]' })
    const { steps } = pending([
      { put: 'step', row: input },
      { put: 'step', row: aStep({ run: 1 }) },
    ]).rows
    expect(rowsOf(steps)).toEqual([aStep({ run: 1 })])
    const twice: Change = { put: 'step', row: aStep({ run: 1 }) }
    expect(() => pending([twice, twice])).toThrow('has a memo')
    expect(() => pending([{ put: 'step', row: aStep({ run: 1, step: 'no hash' }) }])).toThrow('is no hash')
  })

  test('an idempotency key may be put again only when it has expired by then', () => {
    const key = (run: number, expiresAt: number): Change => ({
      put: 'idempotency',
      row: { fn: 1, key: 'k', run, expiresAt },
    })
    expect(rowsOf(pending([key(1, 1_000), key(2, 2_000)]).rows.idempotency)).toMatchObject([{ run: 2 }])
    expect(() => pending([key(1, 1_001), key(2, 2_000)])).toThrow('idempotency key')
  })

  test('the end of a run or an event takes what the group has put of it', () => {
    const changes: Change[] = [
      { put: 'run', row: run },
      { put: 'step', row: aStep({ run: 1 }) },
      { put: 'history', row: aHistoryRow({ run: 1 }), error: '{}' },
      { put: 'output', run: 1, text: '1', isError: false },
      { put: 'event', row: anEvent({ key: 8 }), body: '{}' },
      { put: 'skip', row: { event: 8, fn: 1, reason: 'r', detail: null } },
    ]
    const { rows, rare, isRare } = pending([...changes, { end: 'run', key: 1 }, { end: 'event', key: 8 }])
    const sets = [
      rows.putRuns,
      rows.steps,
      rows.history,
      rows.errors,
      rows.outputs,
      rows.events,
      rows.bodies,
      rows.skips,
    ]
    expect(sets.map((set) => set.values().length)).toEqual(sets.map(() => 0))
    expect([[...rare.endRuns], [...rare.endEvents], isRare]).toEqual([[1], [8], true])
  })

  test('a reset takes everything before it, but for apps and functions', () => {
    const kept: Change[] = [
      { put: 'app', row: anApp({ key: 1 }) },
      { set: 'function', row: aFunction({ key: 2, app: 1 }) },
    ]
    const { rows, rare, registryRaises } = pending([
      ...kept,
      { put: 'waitPath', name: 'a', path: '' },
      { set: 'clockOffset', ms: 5 },
      { put: 'run', row: run },
      { end: 'everything' },
      { put: 'item', row: item },
    ])
    expect([rowsOf(rows.putRuns), rowsOf(rows.items.puts)]).toEqual([[], [item]])
    expect(rare).toMatchObject({ isWiped: true, changes: kept })
    expect(registryRaises).toBe(1)
  })

  test('two operations that may be refused each by itself cannot share a row', () => {
    const set: Change = { set: 'item', row: item }
    for (const other of [set, { end: 'item', key: 2 }, { end: 'items', run: 1 }] as const) {
      expect(() => pending([set], [other])).toThrow('the same row')
    }
    expect(rowsOf(pending([set], [{ set: 'item', row: { ...item, key: 9 } }]).rows.items.sets)).toHaveLength(2)
  })

  test('counters are summed for each operation, and over all where none is refused by itself', () => {
    const add = (fn: number, name: string, by: number): Change => ({ add: 'tally', fn, name, by })
    const { rows } = pending([add(1, 'queued', 1), add(1, 'queued', 2), add(2, 'queued', 3)], [add(1, 'queued', 4)])
    expect(rows.tallies.values()).toEqual([
      { at: 1, row: { fn: 1, name: 'queued', by: 3 } },
      { at: 1, row: { fn: 2, name: 'queued', by: 3 } },
      { at: 2, row: { fn: 1, name: 'queued', by: 4 } },
    ])
    expect(summed(rows.tallies.values()).map(({ row }) => row)).toEqual([
      { fn: 1, name: 'queued', by: 7 },
      { fn: 2, name: 'queued', by: 3 },
    ])
  })

  test('an effect that is put twice is one, and none once its event or its run is gone', () => {
    const effect: Change = { put: 'effect', row: { event: 5, run: 1, how: 'resumed' } }
    expect(rowsOf(pending([effect, effect]).rows.effects)).toHaveLength(1)
    expect(rowsOf(pending([effect, { end: 'event', key: 5 }]).rows.effects)).toEqual([])
    expect(rowsOf(pending([effect, { end: 'run', key: 1 }]).rows.effects)).toEqual([])
  })

  test('an event from outside is idle unless a run comes with it', () => {
    const put = (key: number, name: string): Change => ({ put: 'event', row: anEvent({ key, name }), body: '{}' })
    const { events } = pending([
      ...[put(5, 'a'), put(6, 'a'), put(7, 'a'), put(8, 'inngest/function.invoked')],
      { put: 'run', row: aRun({ key: 1, event: 5 }) },
      { put: 'runEvents', run: 1, events: [5, 6] },
    ]).rows
    expect(rowsOf(events).map(({ row, idle }) => [row.key, idle])).toEqual([
      [5, false],
      [6, false],
      [7, true],
      [8, false],
    ])
  })

  test('what is folded has statements of its own, and is forgotten by a reset', () => {
    const fold = {
      fold: 'tallies',
      before: 4,
      deleteMinutesBefore: 3,
      deleteHoursBefore: 2,
      deleteRecordsBefore: 1,
    } as const
    expect([pending([fold]).isRare, pending([fold]).rare.folds]).toEqual([true, [fold]])
    expect(pending([fold, { end: 'everything' }]).rare.folds).toEqual([])
  })
})
