import { expect, it } from 'vitest'
import { filterOf, filterParts, without } from './event-filter.ts'
import { eventsSearch } from './search.ts'

const now = Date.parse('2026-11-24T12:00:30Z')

it('without anything the last day is asked for, without internal events', () => {
  expect(filterOf({}, now)).toEqual({ from: '2026-11-23T12:00:00.000Z' })
  expect(filterOf({ last: 'all', includeInternal: false, startedNothing: false }, now)).toEqual({})
})

it('an expression is sent as it is, words look at the name', () => {
  expect(filterOf({ last: 'all', query: 'event.data.a == 1' }, now)).toEqual({ query: 'event.data.a == 1' })
  expect(filterOf({ last: 'all', query: 'paid' }, now)).toEqual({ query: 'event.name.matches("(?i)paid")' })
})

it('each filter has a chip and can be taken away', () => {
  const search = eventsSearch({
    name: ['a', 'b'],
    startedNothing: 'true',
    includeInternal: 'true',
    query: 'x',
    event: 'y',
  })
  expect(filterParts(search).map(({ id, text }) => `${id}=${text}`)).toEqual([
    'name=a, b',
    'startedNothing=Yes',
    'includeInternal=Shown',
    'query=x',
  ])
  expect(without(search, ['name', 'query'])).toEqual({ startedNothing: true, includeInternal: true, event: 'y' })
})
