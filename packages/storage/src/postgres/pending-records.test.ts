// One write for each row of jobs and sessions, whatever the order of the changes.
import { expect, test } from 'vitest'
import { aJob, aJobRun, aRequest, aSession, aSessionItem } from '../conformance/record-rows.ts'
import type { Change } from '../contract/changes.ts'
import { PendingRows } from './pending-rows.ts'

function pending(...changes: readonly Change[]) {
  const rows = new PendingRows(1_000)
  rows.add(changes, 1)
  return rows
}

const rowsOf = <Row>(set: { values(): readonly { readonly row: Row }[] }): Row[] => set.values().map(({ row }) => row)

test('what is put and then set is put as it was set last', () => {
  const { records } = pending(
    { put: 'job', row: aJob({ key: 1 }) },
    { set: 'job', row: aJob({ key: 1, name: 'second' }) },
    { set: 'job', row: aJob({ key: 1, name: 'third' }) },
    { put: 'request', row: aRequest({ key: 2, session: 3 }) },
    { set: 'request', row: aRequest({ key: 2, session: 3, status: 'denied' }) },
    { set: 'session', row: aSession({ key: 3, items: 1 }) },
    { set: 'session', row: aSession({ key: 3, items: 2 }) },
  ).rows
  expect(rowsOf(records.jobs.puts).map(({ name }) => name)).toEqual(['third'])
  expect(rowsOf(records.requests.puts).map(({ status }) => status)).toEqual(['denied'])
  expect(rowsOf(records.sessions.sets).map(({ items }) => items)).toEqual([2])
  expect([records.jobs.sets.size, records.requests.sets.size, records.sessions.puts.size]).toEqual([0, 0, 0])
})

test('the last excerpt of a run stays', () => {
  const row = aJobRun({ key: 1, job: 2 })
  const { records } = pending(
    { put: 'jobRun', row, excerpt: 'first' },
    { set: 'jobRun', row, excerpt: 'second' },
    { set: 'jobRun', row, excerpt: null },
  ).rows
  expect(rowsOf(records.excerpts)).toEqual([{ run: 1, text: 'second' }])
})

test('a number of an item is put once', () => {
  const item: Change = { put: 'sessionItem', row: aSessionItem({ session: 1 }) }
  expect(() => pending(item, item)).toThrow('put twice')
})

test('a reset leaves jobs without a live run and secrets of what was written before it', () => {
  const { rows, rare } = pending(
    { put: 'job', row: aJob({ key: 1, live: 9 }) },
    { set: 'job', row: aJob({ key: 2, live: 9 }) },
    { put: 'jobRun', row: aJobRun({ key: 9, job: 1 }), excerpt: 'x' },
    { put: 'secret', row: { name: 'A', sealed: 'v1', updatedAt: 0 } },
    { end: 'secret', name: 'B' },
    { put: 'session', row: aSession({ key: 3 }) },
    { end: 'everything' },
  )
  const { records } = rows
  expect([rowsOf(records.jobs.puts), rowsOf(records.jobs.sets)]).toEqual([[aJob({ key: 1 })], [aJob({ key: 2 })]])
  expect([records.jobRuns.puts.size, records.excerpts.size, records.sessions.puts.size]).toEqual([0, 0, 0])
  expect(rare.changes).toHaveLength(2)
})
