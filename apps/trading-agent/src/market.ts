// The world outside: the news site and the broker. Either may be down; then this throws, and what became of it is for the
// caller to say. An order carries a key, so that the broker takes it once however often it comes.
import type { Headline } from './analyse.ts'
import type { Order } from './order.ts'

export interface Market {
  readonly newsUrl: string
  readonly brokerUrl: string
}

const WITHIN_MS = 10_000

/** Reads today's headlines. @throws Error when the site is down or says something else */
export async function readHeadlines({ newsUrl }: Market): Promise<readonly Headline[]> {
  const answer = await fetch(`${newsUrl}/headlines`, { signal: AbortSignal.timeout(WITHIN_MS) })
  if (!answer.ok) throw new Error(`The news site answered ${answer.status}.`)
  const { headlines } = (await answer.json()) as { readonly headlines?: unknown }
  if (!Array.isArray(headlines) || !headlines.every(isHeadline)) throw new Error('The news site sent no headlines.')
  return headlines.map(({ symbol, title }) => ({ symbol, title }))
}

function isHeadline(value: unknown): value is Headline {
  if (typeof value !== 'object' || value === null) return false
  return 'symbol' in value && typeof value.symbol === 'string' && 'title' in value && typeof value.title === 'string'
}

/** Places an order and gives the broker's own number of it. `key`: the same order again is taken once. */
export async function placeOrder({ brokerUrl }: Market, order: Order, key: string): Promise<{ readonly id: string }> {
  const answer = await fetch(`${brokerUrl}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(WITHIN_MS),
  })
  if (!answer.ok) throw new Error(`The broker answered ${answer.status}.`)
  const { id } = (await answer.json()) as { readonly id?: unknown }
  if (typeof id !== 'string') throw new Error('The broker took the order, but gave no number.')
  return { id }
}
