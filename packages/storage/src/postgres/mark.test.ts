import { describe, expect, test } from 'vitest'
import { readMark, toMark } from './mark.ts'

const snapshotOf = (snapshot: string, xid: number | null) => readMark(toMark({ now: 7, snapshot, xid })).snapshot

describe('marks', () => {
  test.each([
    // Nothing else is open: the own transaction is the next number.
    ['10:10:', 10, '11:11:'],
    // Others are open, before and after it.
    ['8:10:8', 10, '8:11:8'],
    ['8:12:8,10', 10, '8:12:8'],
    ['10:12:10', 10, '12:12:'],
    // Numbers between the snapshot and the own one were taken by others, who are not seen.
    ['10:10:', 13, '10:14:10,11,12'],
    ['8:10:8', 12, '8:13:8,10,11'],
    ['10:10:', null, '10:10:'],
  ])('the snapshot %s with the own transaction %s is %s', (snapshot, xid, expected) => {
    expect(snapshotOf(snapshot, xid)).toBe(expected)
  })

  test('a mark keeps its time', () => {
    expect(readMark(toMark({ now: 1_767_225_600_000, snapshot: '3:3:', xid: null })).at).toBe(1_767_225_600_000)
  })
})
