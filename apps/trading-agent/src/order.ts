// What the agent may propose to buy: the shape of an order, its JSON Schema for the person who approves it and may change
// it, and the reader that checks what came back. The broker gets nothing that this reader has not passed.
import type { Json } from '@pawl/sessions'

export type Order = {
  readonly symbol: string
  readonly side: 'buy'
  /** Shares. */
  readonly quantity: number
}

/** However good the news are. */
export const QUANTITY_MAX = 100

/** Of the arguments that a person may change before approving them. */
export const ORDER_SCHEMA = {
  type: 'object',
  properties: {
    symbol: { type: 'string', pattern: '^[A-Z]{1,5}$' },
    side: { type: 'string', enum: ['buy'] },
    quantity: { type: 'integer', minimum: 1, maximum: QUANTITY_MAX },
  },
  required: ['symbol', 'side', 'quantity'],
  additionalProperties: false,
} as const

/** Reads an order as it was approved. @throws Error that says what is wrong with it */
export function readOrder(value: Json | undefined): Order {
  const { symbol, side, quantity } = fieldsOf(value)
  if (typeof symbol !== 'string' || !/^[A-Z]{1,5}$/.test(symbol)) throw new Error('The order has no usable symbol.')
  if (side !== 'buy') throw new Error('The agent only buys.')
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX)
    throw new Error(`The quantity must be a whole number from 1 to ${QUANTITY_MAX}.`)
  return { symbol, side, quantity }
}

function fieldsOf(value: Json | undefined): { readonly [name: string]: Json } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as { readonly [name: string]: Json }) : {}
}
