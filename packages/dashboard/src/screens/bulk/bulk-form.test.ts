import { describe, expect, test } from 'vitest'
import { askOf, caretLines, dryKeyOf, faultsOf, formOf, isTyped, rateOf, withKind } from './bulk-form.ts'
import { bulkSearch } from './search.ts'

const NOW = Date.parse('2026-11-24T12:00:30.500Z')

describe('the form for a bulk operation', () => {
  test('begins with reruns of what failed in the last day', () => {
    const form = formOf(bulkSearch({ new: 'true' }))
    expect(form).toMatchObject({ kind: 'RERUN', statuses: ['FAILED'], range: { last: '24h' }, functions: [] })
  })

  test('takes over what the address says, and only statuses that the kind can touch', () => {
    const search = bulkSearch({
      kind: 'RERUN',
      status: ['RUNNING', 'CANCELLED'],
      function: 'shop-a',
      from: '2026-11-24T01:00:00Z',
    })
    expect(formOf(search)).toMatchObject({
      statuses: ['CANCELLED'],
      functions: ['shop-a'],
      range: { from: '2026-11-24T01:00:00Z', until: undefined },
    })
  })

  test('knows from live statuses that something is to be cancelled', () => {
    expect(formOf(bulkSearch({ status: 'QUEUED' }))).toMatchObject({
      kind: 'CANCEL',
      statuses: ['QUEUED'],
      range: { last: 'all' },
    })
  })

  test('asks for a window whose end is the moment of the dry run', () => {
    expect(askOf(formOf(bulkSearch({ last: '1h', query: ' event.name == "a" ', perMinute: '60' })), NOW)).toEqual({
      kind: 'RERUN',
      status: ['FAILED'],
      from: '2026-11-24T11:00:00.000Z',
      until: '2026-11-24T12:00:30.500Z',
      query: 'event.name == "a"',
      perMinute: 60,
    })
  })

  test('keeps a range that was chosen when the kind changes, and else takes the kind’s own', () => {
    const form = formOf(bulkSearch({}))
    expect(withKind(form, 'CANCEL')).toMatchObject({ statuses: ['QUEUED', 'RUNNING'], range: { last: 'all' } })
    expect(withKind({ ...form, range: { last: '1h' } }, 'CANCEL').range).toEqual({ last: '1h' })
  })

  test('says what is wrong before the server has to', () => {
    const form = formOf(bulkSearch({}))
    expect(faultsOf(form)).toEqual({})
    expect(Object.keys(faultsOf({ ...form, statuses: [], perMinute: '0' }))).toEqual(['statuses', 'perMinute'])
    expect([rateOf('60\u202f000'), rateOf('60001'), rateOf('1.5'), rateOf('')]).toEqual([
      60_000,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('need not count again when only the name or the rate changes', () => {
    const form = formOf(bulkSearch({}))
    expect(dryKeyOf({ ...form, name: 'outage', perMinute: '5' })).toBe(dryKeyOf(form))
    expect(dryKeyOf({ ...form, query: 'x' })).not.toBe(dryKeyOf(form))
  })

  test('marks the column of a faulty expression, in the line that the server names', () => {
    expect(caretLines('event.data.a == 1\n\nerror.name = "x"', 'line 2: unexpected =', 12)).toBe(
      'error.name = "x"\n           ^',
    )
    expect(caretLines('evnt', 'unknown name', 1)).toBe('evnt\n^')
  })

  test('takes a typed count with or without separators', () => {
    expect([isTyped('1 284', 1284), isTyped('1,284', 1284), isTyped('1283', 1284)]).toEqual([true, true, false])
  })
})
