// The agent as plain HTTP: one function that works through the day and waits for its approval with long polls. It survives a
// restart of the server, not one of its own process: then its session stays open, and nobody works on it any more.
import { type Session, type Sessions, SessionsError } from '@pawl/sessions'
import { analyse } from './analyse.ts'
import { type Market, placeOrder, readHeadlines } from './market.ts'
import { readOrder } from './order.ts'
import {
  AGENT,
  analysisItem,
  endSession,
  newsItem,
  type Outcome,
  orderItem,
  orderKey,
  question,
  type Task,
  taskItem,
} from './session-words.ts'

export class PlainAgent {
  readonly #sessions: Sessions
  readonly #market: Market

  constructor(sessions: Sessions, market: Market) {
    this.#sessions = sessions
    this.#market = market
  }

  /** Opens the session, begins to work, and does not wait for the end. The same task again only finds its session. */
  async begin(task: Task): Promise<Session> {
    const { sessionKey, title, jobRunId } = task
    const job = jobRunId === null ? {} : { jobRunId }
    const session = await this.#sessions.open({ key: sessionKey, agent: AGENT, title, ...job })
    if (session.status === 'running' && session.itemCount === 0) void this.#work(task, session)
    return session
  }

  async #work(task: Task, session: Session): Promise<void> {
    try {
      const outcome = await this.#trade(task, session)
      await endSession(this.#sessions, session.id, { outcome })
      process.stdout.write(`${task.title}: ${outcome.decision}\n`)
    } catch (error) {
      process.stdout.write(`${task.title} failed: ${messageOf(error)}\n`)
      // Whoever has ended the session has been told; anybody else reads it there.
      if (error instanceof SessionsError && error.code === 'session_ended') return
      await endSession(this.#sessions, session.id, { error: { message: messageOf(error) } }).catch((lost: unknown) =>
        process.stdout.write(`The session could not be told: ${messageOf(lost)}\n`),
      )
    }
  }

  async #trade(task: Task, { id }: Session): Promise<Outcome> {
    await this.#sessions.append(id, taskItem(task))
    const headlines = await readHeadlines(this.#market)
    await this.#sessions.append(id, newsItem(headlines))
    const analysis = analyse(headlines)
    await this.#sessions.append(id, analysisItem(analysis))
    if (analysis.proposal === null) return { decision: 'nothing to propose', order: null }
    const asked = await this.#sessions.request(id, { key: 'order', ...question(analysis.proposal, task) })
    const answer = await this.#sessions.waitForRequest(asked.id)
    if (answer.status !== 'approved') return { decision: answer.status as Outcome['decision'], order: null }
    const order = readOrder(answer.arguments)
    const { id: brokerId } = await placeOrder(this.#market, order, orderKey({ id }))
    await this.#sessions.append(id, orderItem(order, brokerId))
    return { decision: 'approved', order, brokerId }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
