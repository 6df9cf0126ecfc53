/**
 * Polling with a deadline: the only way in which these tests wait for something to happen.
 * A probe that never comes true ends in an error that says what was waited for and what was seen last.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a probe may take by default, in milliseconds. */
export const DEADLINE_MS = 20_000

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 150

/** Thrown by a probe when waiting longer cannot help. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless'
}

/** What a deadline may be told about. */
export interface Patience {
  /** Milliseconds until the wait is given up; `DEADLINE_MS` by default. */
  readonly withinMs?: number
  /** What to show when it is given up, for instance what the server wrote. */
  readonly onGivingUp?: () => unknown
}

/**
 * Calls `probe` until it gives something other than `undefined` or `false`, and returns that.
 *
 * @throws Error that names `what` and the last error of the probe, when the deadline has passed.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience = {},
): Promise<T> {
  const deadline = performance.now() + (patience.withinMs ?? DEADLINE_MS)
  let pause = FIRST_PAUSE_MS
  let last: unknown
  for (;;) {
    try {
      const seen = await probe()
      if (seen !== undefined && seen !== false) return seen
      last = undefined
    } catch (error) {
      if (error instanceof Hopeless) throw error
      last = error
    }
    if (performance.now() > deadline) break
    await sleep(pause)
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)
  }
  const shown = patience.onGivingUp?.()
  throw new Error(`Gave up waiting for ${what}${shown === undefined ? '' : `; seen: ${inspect(shown)}`}`, {
    cause: last,
  })
}

/** Waits a moment of real time, for the few tests in which nothing may happen. */
export async function moment(ms: number): Promise<void> {
  await sleep(ms)
}

function inspect(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1)
}
