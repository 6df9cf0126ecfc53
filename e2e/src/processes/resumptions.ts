/**
 * How long runs stood still that lost their server in the middle of a call: until the next call came, or until the run had
 * ended without one, for what the call has reported may have been kept.
 */
import type { ProductionApp } from './production-app.ts'
import type { Sendings } from './sendings.ts'

/** The runs that stood still for longer than that. */
export async function lateResumptions(
  apps: readonly ProductionApp[],
  sendings: Sendings,
  limitMs: number,
): Promise<readonly string[]> {
  const ends = new Map((await sendings.results()).flatMap(({ runs }) => runs.map((run) => [run.id, run.endedAt])))
  return apps.flatMap((app) =>
    app.cuts.flatMap(({ runId, at }) => {
      const nextCall = app.callsOf(runId).find((call) => call.at > at)?.at ?? Number.POSITIVE_INFINITY
      const endedAt = Date.parse(ends.get(runId) ?? '')
      const resumedAt = Math.min(nextCall, Number.isNaN(endedAt) ? Number.POSITIVE_INFINITY : endedAt)
      const stoodMs = Math.round(resumedAt - at)
      return stoodMs > limitMs ? [`run ${runId} stood still for ${stoodMs} ms after its server was gone`] : []
    }),
  )
}
