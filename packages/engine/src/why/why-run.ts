// Why a run does not move, or that it does: read in one look at where it stands.
import type { EngineContext } from '../context.ts'
import type { WhyRun } from '../engine.ts'
import { branchReasons } from './branch-reason.ts'

/** @returns undefined when the run is not known. */
export async function whyRun(ctx: EngineContext, runId: string): Promise<WhyRun | undefined> {
  const standing = await ctx.store.lists.standing(runId)
  if (standing === undefined) return undefined
  const { status, endedAt } = standing.run
  const all = endedAt === null ? branchReasons(ctx, standing, ctx.time.now()) : []
  return { runId, status, reason: all[0] ?? null, all }
}
