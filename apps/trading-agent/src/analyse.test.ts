import { expect, it } from 'vitest'
import { analyse } from './analyse.ts'
import { QUANTITY_MAX, readOrder } from './order.ts'

it('proposes the symbol whose headlines have the most good words', () => {
  const { scores, proposal } = analyse([
    { symbol: 'PAWL', title: 'Record growth: Pawl beats every forecast' },
    { symbol: 'COGS', title: 'Cogs wins a contract, but faces a lawsuit' },
  ])
  expect(scores).toEqual({ PAWL: 3, COGS: 0 })
  expect(proposal).toEqual({ symbol: 'PAWL', side: 'buy', quantity: 15 })
})

it('proposes nothing on a day without news that stand out', () => {
  expect(analyse([]).proposal).toBeNull()
  expect(analyse([{ symbol: 'PAWL', title: 'Pawl rises a little' }]).proposal).toBeNull()
  expect(analyse([{ symbol: 'PAWL', title: 'Pawl misses, falls, cuts' }]).proposal).toBeNull()
})

it('never proposes more than an order may hold, and of equals always the same', () => {
  const title = 'record '.repeat(50)
  const both = analyse([
    { symbol: 'COGS', title },
    { symbol: 'BOLT', title },
  ])
  expect(both.proposal).toEqual({ symbol: 'BOLT', side: 'buy', quantity: QUANTITY_MAX })
})

it.each([
  ['nothing', undefined],
  ['a list', [1]],
  ['another side', { symbol: 'PAWL', side: 'sell', quantity: 1 }],
  ['a name in place of a symbol', { symbol: 'Pawl Inc.', side: 'buy', quantity: 1 }],
  ['too much', { symbol: 'PAWL', side: 'buy', quantity: QUANTITY_MAX + 1 }],
  ['half a share', { symbol: 'PAWL', side: 'buy', quantity: 0.5 }],
  ['no share', { symbol: 'PAWL', side: 'buy', quantity: 0 }],
])('buys nothing when what was approved is %s', (_what, value) => {
  expect(() => readOrder(value)).toThrow(Error)
})
