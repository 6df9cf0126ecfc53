import { describe, expect, it } from 'vitest'
import { cleared, filterOf, filterParts, queryOf, rangeOf, windowAround, without } from './run-filter.ts'
import { runsSearch } from './search.ts'

const now = Date.parse('2026-11-24T12:00:30Z')

describe('what the API is asked', () => {
  it('is the last day when the address says nothing', () => {
    expect(filterOf({}, now)).toEqual({ from: '2026-11-23T12:00:00.000Z' })
  })

  it('has all filters under the API’s own names, and nothing of the page', () => {
    const search = runsSearch({ last: 'all', status: ['FAILED'], function: 'shop-pay', run: 'x', longerThanMs: '500' })
    expect(filterOf(search, now)).toEqual({ status: ['FAILED'], function: ['shop-pay'], longerThanMs: 500 })
  })

  it('looks only through failed runs for bare words', () => {
    expect(filterOf({ last: 'all', query: 'refused' }, now)).toEqual({
      query: 'error.message.matches("(?i)refused")',
      status: ['FAILED'],
    })
    expect(filterOf({ last: 'all', query: 'x', status: ['CANCELLED'] }, now).status).toEqual(['CANCELLED'])
  })

  it('leaves an id out: it goes to its page', () => {
    const search = { last: 'all', query: '01JA0000000000000000000000' }
    expect(queryOf(search).kind).toBe('id')
    expect(filterOf(search, now)).toEqual({})
  })
})

it('the kin of a run are shown whenever they were queued', () => {
  expect(rangeOf({ parentRunId: '01JA0000000000000000000000' })).toEqual({ last: 'all' })
  expect(rangeOf({ parentRunId: '01JA0000000000000000000000', last: '1h' })).toEqual({ last: '1h' })
})

it('each filter has a part that names it and can be taken away', () => {
  const search = runsSearch({
    status: ['FAILED', 'CANCELLED'],
    function: 'shop-pay',
    isBatch: 'false',
    longerThanMs: '90000',
    order: 'ASC',
    last: '7d',
  })
  const parts = filterParts(search, { functionName: () => 'Pay' })
  expect(parts.map(({ name, text }) => `${name}: ${text}`)).toEqual([
    'Status: Failed, Cancelled',
    'Function: Pay',
    'Batch: No',
    'Took longer than: 1 m 30 s',
  ])
  expect(without(search, 'status').status).toBeUndefined()
  expect(cleared(search)).toEqual({ order: 'ASC', last: '7d' })
})

it('the window around an instant holds it in its middle', () => {
  expect(windowAround(Date.parse('2026-11-24T12:00:00Z'))).toEqual({
    from: '2026-11-24T06:00:00.000Z',
    until: '2026-11-24T18:00:00.000Z',
  })
})
