// Asking a person from inside a durable function. The wait stands before the question is asked, so that an answer given at
// once is not missed; and nothing polls: the run rests in the store until the answer's event comes.
import type { Sessions } from './client.ts'
import type { Json, NewRequest, Resolution } from './types.ts'

/** The part of the SDK's `step` that is used; 3.x and 4.x both have it. */
export interface Steps {
  run(id: string, handler: () => Promise<unknown>): Promise<unknown>
  waitForEvent(
    id: string,
    options: { readonly event: string; readonly timeout: string; readonly if: string },
  ): Promise<unknown>
}

export interface Ask extends Omit<NewRequest, 'key' | 'kind'> {
  readonly sessions: Sessions
  readonly sessionId: string
  /** Unique among all requests: begin it with the run's ID. */
  readonly key: string
  readonly kind?: NewRequest['kind']
  /** How long the run waits, such as `24h` or `7d`. Let it be no shorter than the request lives. */
  readonly timeout: string
}

/** `timedOut`: the run stopped waiting before anybody had answered. */
export type Answer =
  | Resolution
  | { readonly status: 'timed_out'; readonly arguments?: Json; readonly response?: Json; readonly reason?: string }

/**
 * Asks, and waits for the answer. Takes up two steps of the run: `<id>` (the wait) and `<id>: ask`.
 *
 * ```ts
 * const answer = await requestApproval(step, 'approve trade', {
 *   sessions, sessionId, key: `${runId}:trade`, prompt: 'Buy 10 shares?', arguments: { shares: 10 }, timeout: '24h',
 * })
 * if (answer.status === 'approved') await step.run('trade', () => broker.buy(answer.arguments))
 * ```
 */
export async function requestApproval(step: Steps, id: string, ask: Ask): Promise<Answer> {
  const { sessions, sessionId, timeout, kind = 'approval', ...request } = ask
  const [event] = await Promise.all([
    step.waitForEvent(id, {
      event: 'pawl/session.request.resolved',
      timeout,
      if: `async.data.requestKey == ${JSON.stringify(ask.key)} && async.data.sessionId == ${JSON.stringify(sessionId)}`,
    }),
    step.run(`${id}: ask`, async () => {
      const { id: requestId } = await sessions.request(sessionId, { ...request, kind })
      return { requestId }
    }),
  ])
  return event === null ? { status: 'timed_out' } : (event as { readonly data: Resolution }).data
}
