// What is in hand (an answer, a lease) is worth more than an error: it is offered to the store again until it is taken.
// Fences make that safe. Only a store that was closed ends it.
import { StorageError } from '@pawl/storage'
import type { EngineContext } from './context.ts'

const FIRST_MS = 100
const LONGEST_MS = 5_000

/** @throws whatever is no refusal of the store, and `storage_closed`. */
export async function keepTrying<R>(ctx: Pick<EngineContext, 'clock' | 'log'>, attempt: () => Promise<R>): Promise<R> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof StorageError) || error.code === 'storage_closed') throw error
      ctx.log.warn({ error: error.message }, 'the store did not take what follows from a call; trying again')
      await new Promise<void>((resolve) => ctx.clock.setTimer(Math.min(FIRST_MS * 2 ** tries, LONGEST_MS), resolve))
    }
  }
}
