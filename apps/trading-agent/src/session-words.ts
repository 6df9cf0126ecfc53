// What both forms of the agent write into a session: the entries of its log, the question, the result. Entries have keys, so
// that a step which is tried again adds nothing twice.
import type { Answer, Json, NewItem, NewRequest, Session, Sessions } from '@pawl/sessions'
import { SessionsError } from '@pawl/sessions'
import type { Analysis, Headline } from './analyse.ts'
import { ORDER_SCHEMA, type Order } from './order.ts'

export const AGENT = 'trading-bot'

/** One day's work, as both forms are started with it. */
export type Task = {
  /** The session's key: the same task again finds the same session. */
  readonly sessionKey: string
  readonly title: string
  /** RFC 3339; nobody has approved by then: nothing is bought. */
  readonly expiresAt: string
  /** Of the call that started it; null when somebody called by hand. */
  readonly jobRunId: string | null
}

/** What became of the day. */
export type Outcome = {
  readonly decision: Answer['status'] | 'nothing to propose'
  readonly order: Order | null
  readonly brokerId?: string
}

export function taskItem({ title }: Task): NewItem {
  return {
    key: 'task',
    type: 'message',
    role: 'user',
    content: `${title}: read the news and propose at most one order.`,
  }
}

export function newsItem(headlines: readonly Headline[]): NewItem {
  return { key: 'news', type: 'tool_result', role: 'tool', content: { tool: 'read_headlines', headlines } }
}

export function analysisItem({ scores, proposal }: Analysis): NewItem {
  const says = proposal === null ? 'Nothing stands out today.' : `${inWords(proposal)} looks right.`
  return { key: 'analysis', type: 'message', role: 'assistant', content: { says, scores, proposal } }
}

export function orderItem(order: Order, brokerId: string): NewItem {
  return { key: 'order', type: 'tool_result', role: 'tool', content: { tool: 'place_order', order, brokerId } }
}

/** The question about an order, but for its key. */
export function question(order: Order, { expiresAt }: Task): Omit<NewRequest, 'key'> {
  return { kind: 'approval', prompt: `${inWords(order)}?`, arguments: order, schema: ORDER_SCHEMA, expiresAt }
}

/** The broker takes an order of one session once. */
export function orderKey({ id }: Pick<Session, 'id'>): string {
  return `${id}:order`
}

/** Ends a session, unless somebody has ended it meanwhile. */
export async function endSession(
  sessions: Sessions,
  id: string,
  how: { readonly outcome: Outcome } | { readonly error: Json },
): Promise<void> {
  try {
    await ('outcome' in how ? sessions.complete(id, how.outcome) : sessions.fail(id, how.error))
  } catch (error) {
    if (!(error instanceof SessionsError) || error.code !== 'session_ended') throw error
  }
}

function inWords({ quantity, symbol }: Order): string {
  return `Buy ${quantity} ${symbol}`
}
