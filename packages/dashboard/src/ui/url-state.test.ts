import { expect, it } from 'vitest'
import {
  manyTexts,
  manyWords,
  oneNumber,
  oneText,
  oneWord,
  parseSearch,
  searchParams,
  stringifySearch,
  yesOrNo,
} from './url-state.ts'

const validate = searchParams({
  status: manyWords('FAILED', 'RUNNING'),
  function: manyTexts(),
  order: oneWord('ASC', 'DESC'),
  longerThanMs: oneNumber(0),
  isBatch: yesOrNo(),
  query: oneText(),
})

it('filters survive the way into the address and back', () => {
  const search = {
    status: ['FAILED', 'RUNNING'],
    function: ['app-import', 'app-mail'],
    order: 'ASC',
    longerThanMs: 500,
    isBatch: true,
    query: 'event.data.id == "a&b=c" && 1 < 2\nerror.message == "ü"',
  } as const
  expect(validate(parseSearch(stringifySearch(search).slice(1)))).toEqual(search)
})

it('a name that stands once is a list of one where a list is meant', () => {
  expect(validate(parseSearch('status=FAILED'))).toEqual({ status: ['FAILED'] })
})

it('what does not parse is dropped', () => {
  expect(validate(parseSearch('status=BROKEN&order=UP&longerThanMs=-1&isBatch=maybe&query=&other=1'))).toEqual({})
})

it('a value that looks like a number stays the text it is', () => {
  expect(validate({ query: '007' })).toEqual({ query: '007' })
})

it('names of built-in properties are plain names', () => {
  expect(Object.keys(parseSearch('__proto__=1&constructor=2'))).toEqual(['__proto__', 'constructor'])
})

it('absent and empty values leave no trace in the address', () => {
  expect(stringifySearch({ a: undefined, b: '', c: [], d: null })).toBe('')
  expect(stringifySearch({ from: '2026-11-24T14:00:00Z', name: 'app/user.created' })).toBe(
    '?from=2026-11-24T14:00:00Z&name=app/user.created',
  )
})
