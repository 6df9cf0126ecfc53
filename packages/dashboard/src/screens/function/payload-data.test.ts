import { expect, it } from 'vitest'
import { dataOf } from './payload-data.ts'

const whole = (text: string) => ({ text, until: text.length, totalBytes: text.length })

it('an event’s data is taken out of its payload', () => {
  expect(dataOf(whole('{"data":{"id":7},"name":"a/b"}'))).toBe('{\n  "id": 7\n}')
})

it('a payload that is cut, broken or without data has none', () => {
  expect(dataOf({ text: '{"data":{}}', until: 11, totalBytes: 90 })).toBeUndefined()
  expect(dataOf(whole('{"data":'))).toBeUndefined()
  expect(dataOf(whole('[]'))).toBeUndefined()
  expect(dataOf(undefined)).toBeUndefined()
})
