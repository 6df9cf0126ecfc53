// The agent's judgement: a rule over words in place of a model, so that the same headlines always give the same proposal.
import { type Order, QUANTITY_MAX } from './order.ts'

export type Headline = { readonly symbol: string; readonly title: string }

export type Analysis = {
  /** Good words minus bad ones, by symbol. */
  readonly scores: { readonly [symbol: string]: number }
  /** null when nothing stands out. */
  readonly proposal: Order | null
}

const GOOD = ['record', 'beats', 'raises', 'rises', 'wins', 'growth']
const BAD = ['misses', 'falls', 'recall', 'lawsuit', 'cuts', 'loss']
/** A symbol with less is left alone. */
const SCORE_MIN = 2
const SHARES_PER_POINT = 5

/** Weighs headlines, and proposes to buy the symbol that stands out most; of equals the first by name. */
export function analyse(headlines: readonly Headline[]): Analysis {
  const scores: Record<string, number> = {}
  for (const { symbol, title } of headlines) scores[symbol] = (scores[symbol] ?? 0) + scoreOf(title)
  const [best] = Object.entries(scores).toSorted(([a, of], [b, other]) => other - of || (a < b ? -1 : 1))
  if (best === undefined || best[1] < SCORE_MIN) return { scores, proposal: null }
  const [symbol, score] = best
  return { scores, proposal: { symbol, side: 'buy', quantity: Math.min(score * SHARES_PER_POINT, QUANTITY_MAX) } }
}

function scoreOf(title: string): number {
  const words = title.toLowerCase().match(/[a-z]+/g) ?? []
  const count = (of: readonly string[]): number => words.filter((word) => of.includes(word)).length
  return count(GOOD) - count(BAD)
}
