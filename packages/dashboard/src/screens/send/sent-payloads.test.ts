import { expect, it } from 'vitest'
import { inOrder, type SentPayload, withoutSent, withSent, withStarTurned } from './sent-payloads.ts'

const sent = (name: string, at: number): SentPayload => ({ name, dataText: '{}', at })

it('a payload that is sent again moves up and keeps its star', () => {
  const list = withStarTurned(withSent(withSent([], sent('a', 1)), sent('b', 2)), sent('a', 1))
  const again = withSent(list, sent('a', 3))
  expect(again).toEqual([{ ...sent('a', 3), isStarred: true }, sent('b', 2)])
})

it('the oldest goes when there are more than twenty, starred ones stay', () => {
  let list = withStarTurned(withSent([], sent('first', 0)), sent('first', 0))
  for (let at = 1; at <= 30; at++) list = withSent(list, sent(`e${at}`, at))
  expect(list).toHaveLength(21)
  expect(list.some(({ name }) => name === 'first')).toBe(true)
  expect(inOrder(list)[0]?.name).toBe('first')
  expect(inOrder(list)[1]?.name).toBe('e30')
})

it('what is too large is not remembered', () => {
  expect(withSent([], { name: 'a', dataText: 'x'.repeat(40_000), at: 1 })).toEqual([])
})

it('a payload can be forgotten', () => {
  expect(withoutSent([sent('a', 1), sent('b', 2)], sent('a', 1))).toEqual([sent('b', 2)])
})
