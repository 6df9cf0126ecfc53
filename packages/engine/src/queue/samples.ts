// How many items are queued, once a minute: of several processes the one that writes the minute's key first. Nothing is
// written while nothing is queued, and nothing is even read while this process has changed nothing since it saw that.
import type { Change, Key, QueueCounts } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { SAMPLES } from '../tally-names.ts'
import { JOBS_FN } from './seats.ts'

export const SAMPLE_MS = 60_000
/** The minute's key is remembered for so long: nobody comes later than that. Milliseconds. */
const REMEMBERED_MS = 5 * SAMPLE_MS

type Queues = readonly { readonly fn: Key; readonly counts: QueueCounts }[]

/** @returns after how many milliseconds the next sample is due. */
export async function sampleQueues(ctx: EngineContext): Promise<number> {
  const now = ctx.time.now()
  const minute = Math.floor(now / SAMPLE_MS)
  const nextMs = (minute + 1) * SAMPLE_MS - now + ctx.random() * (SAMPLE_MS / 2)
  if (!ctx.activity.isUnseen) return nextMs
  ctx.activity.isUnseen = false
  if (ctx.store.isShared && (await isSampled(ctx, minute))) {
    ctx.activity.isUnseen = true
    return nextMs
  }
  const queues = (await ctx.store.lists.queues()).filter(({ fn }) => fn !== JOBS_FN)
  if (queues.length === 0) return nextMs
  await writeSample(ctx, minute, queues)
  ctx.activity.isUnseen = true
  return nextMs
}

async function isSampled(ctx: EngineContext, minute: number): Promise<boolean> {
  const from = minute * SAMPLE_MS
  const query = { from, until: from + SAMPLE_MS, bucketMs: SAMPLE_MS, names: ['now:'], byFunction: false }
  return (await ctx.store.lists.tallies(query)).length > 0
}

async function writeSample(ctx: EngineContext, minute: number, queues: Queues): Promise<void> {
  const key = `sample:${minute}`
  await commit(ctx, {
    needs: { idempotency: [{ fn: 0, key }] },
    decide: (draft, facts) => {
      // Told too late, it would stand in another minute, which has one of its own.
      if (facts.idempotency(0, key) !== undefined || Math.floor(draft.now / SAMPLE_MS) !== minute) return
      draft.push({ put: 'idempotency', row: { fn: 0, key, run: 0, expiresAt: draft.now + REMEMBERED_MS } })
      for (const change of samplesOf(queues)) draft.push(change)
    },
  })
}

function samplesOf(queues: Queues): readonly Change[] {
  return queues.flatMap(({ fn, counts }) =>
    Object.entries(SAMPLES).flatMap(([state, name]): readonly Change[] => {
      const by = counts[state as keyof QueueCounts]
      return by === 0 ? [] : [{ add: 'tally', fn, name, by }]
    }),
  )
}
