import { expect, it } from 'vitest'
import { applyCompletion, completeQuery, eventPaths, RUN_PATHS } from './complete-query.ts'

const paths = [...eventPaths([{ paths: ['data.tenantId', 'data.amount'] }, { paths: ['data.amount'] }]), ...RUN_PATHS]

it('field names of recent events stand once each behind `event.`', () => {
  expect(eventPaths([{ paths: ['data.a'] }, { paths: ['data.a', 'data.b'] }, {}])).toEqual([
    'event.name',
    'event.data',
    'event.id',
    'event.ts',
    'event.data.a',
    'event.data.b',
  ])
})

it('the name at the cursor is completed, whatever stands around it', () => {
  const text = 'event.data.am > 3 && true'
  expect(completeQuery(text, 13, paths)).toEqual({ from: 0, to: 13, options: ['event.data.amount'] })
  expect(applyCompletion(text, completeQuery(text, 13, paths), 'event.data.amount')).toEqual({
    text: 'event.data.amount > 3 && true',
    cursor: 17,
  })
})

it('a field is found by its own name alone', () => {
  expect(completeQuery('tenant', 6, paths).options).toEqual(['event.data.tenantId'])
})

it('nothing is offered inside of a string or for a whole name', () => {
  expect(completeQuery('event.name == "err', 18, paths).options).toEqual([])
  expect(completeQuery("x == 'it\\'s err", 15, paths).options).toEqual([])
  expect(completeQuery('error.message', 13, paths).options).toEqual([])
})

it('an empty field offers what there is to begin with', () => {
  expect(completeQuery('', 0, paths).options.slice(0, 2)).toEqual(['event.name', 'event.data'])
})
