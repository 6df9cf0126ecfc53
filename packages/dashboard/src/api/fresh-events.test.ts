import { expect, test } from 'vitest'
import { countFresh } from './fresh-events.ts'
import type { EventRow } from './types.ts'

/** Far from the browser's clock: only the server's counts. */
const READ = Date.UTC(2031, 0, 1)
const told = (id: string, afterMs: number, name = 'a') => ({
  id,
  eventId: id,
  name,
  ts: '',
  receivedAt: new Date(READ + afterMs).toISOString(),
})
const list = { fetchedAt: READ, rows: [told('shown', 0) satisfies EventRow] }

test('events that came in since the list was read are counted once each, by the server’s clock', () => {
  const events = [told('before', -1), told('shown', 0), told('same', 0), told('later', 5), told('later', 5)]
  expect(countFresh(events, {}, list)).toBe(2)
})

test('those of other names, internal ones, and those of a list that is not there yet are not', () => {
  const events = [told('x', 1, 'b'), { ...told('y', 1), isInternal: true as const }]
  expect(countFresh(events, { name: ['a'] }, list)).toBe(0)
  expect(countFresh(events, { includeInternal: true }, list)).toBe(2)
  expect(countFresh(events, {}, { rows: [], fetchedAt: Number.NaN })).toBe(0)
})
