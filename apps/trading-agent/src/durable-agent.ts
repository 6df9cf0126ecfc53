// The agent as a durable function: the same day's work in steps. While it waits for its approval nothing runs and nothing
// polls, so the app and the server may both be gone meanwhile.
import { requestApproval, type Session, type Sessions } from '@pawl/sessions'
import { Inngest } from 'inngest'
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

export const inngest = new Inngest({ id: 'trading-agent' })

const STARTED = 'trading/day.started'
/** Longer than a request may live, so that its own end always comes first. */
const WAIT = '31d'

/** Starts the day. The same task again starts nothing. */
export async function startDurably(task: Task): Promise<void> {
  await inngest.send({ id: task.sessionKey, name: STARTED, data: task })
}

/** The function. */
export function tradingDay(sessions: Sessions, market: Market) {
  return inngest.createFunction(
    {
      id: 'trading-day',
      name: 'Trading day',
      triggers: [{ event: STARTED }],
      // Somebody cancels the session: there is nothing left to do. Its other ends come from here.
      cancelOn: [
        {
          event: 'pawl/session.ended',
          if: "async.data.sessionKey == event.data.sessionKey && async.data.status == 'cancelled'",
        },
      ],
      onFailure: async ({ event, error, step }) => {
        const { sessionKey } = event.data.event.data as Task
        await step.run('fail the session', async () => {
          const { id } = await sessions.open({ key: sessionKey, agent: AGENT })
          await endSession(sessions, id, { error: { message: error.message } })
        })
      },
    },
    async ({ event, step, runId }): Promise<Outcome> => {
      const task = event.data as Task
      const session = await step.run('open the session', () => open(sessions, task, runId))
      const headlines = await step.run('read the news', async () => {
        const read = await readHeadlines(market)
        await sessions.append(session.id, newsItem(read))
        return read
      })
      const { proposal } = await step.run('analyse', async () => {
        const analysis = analyse(headlines)
        await sessions.append(session.id, analysisItem(analysis))
        return analysis
      })
      const finish = async (outcome: Outcome): Promise<Outcome> => {
        await step.run('end the session', () => endSession(sessions, session.id, { outcome }))
        return outcome
      }
      if (proposal === null) return finish({ decision: 'nothing to propose', order: null })
      const answer = await requestApproval(step, 'approve the order', {
        ...question(proposal, task),
        sessions,
        sessionId: session.id,
        key: `${runId}:order`,
        timeout: WAIT,
      })
      if (answer.status !== 'approved') return finish({ decision: answer.status, order: null })
      const order = readOrder(answer.arguments)
      const { id: brokerId } = await step.run('place the order', async () => {
        const placed = await placeOrder(market, order, orderKey(session))
        await sessions.append(session.id, orderItem(order, placed.id))
        return placed
      })
      return finish({ decision: 'approved', order, brokerId })
    },
  )
}

async function open(sessions: Sessions, task: Task, runId: string): Promise<Pick<Session, 'id'>> {
  const { sessionKey, title, jobRunId } = task
  const job = jobRunId === null ? {} : { jobRunId }
  const { id } = await sessions.open({ key: sessionKey, agent: AGENT, title, runId, ...job })
  await sessions.append(id, taskItem(task))
  return { id }
}
