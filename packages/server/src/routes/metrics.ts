// `GET /v2/metrics`: the series of all charts over one time axis, from one read of the counters.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { STORE_TALLIES } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { type FunctionPlace, findApp, functionsByName, readDirectory } from '../lists/directory.ts'
import { readTime } from '../lists/read-time.ts'
import { bucketsOf, HOUR_MS, MINUTE_MS } from '../metrics/buckets.ts'
import { CHART_NAMES, Counted, chartsOf, topSeries } from '../metrics/series.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { configOf } from '../views/function-view.ts'
import { instant } from '../views/instant.ts'
import { keylessLimits } from './function-details.ts'

const RANGE_USUAL_MS = 24 * HOUR_MS
const RANGE_MAX_MS = 400 * 24 * HOUR_MS

/** A value for each bucket; null where there is nothing to tell. */
export const SeriesV2 = z.array(z.number().nullable())
const Percentiles = z.object({ p50: SeriesV2, p95: SeriesV2, p99: SeriesV2 }).meta({ description: 'Milliseconds.' })

/** How runs ended, in each bucket. */
export const EndedV2 = z.object({ completed: SeriesV2, failed: SeriesV2, cancelled: SeriesV2, skipped: SeriesV2 })

const MetricsV2 = z
  .object({
    from: z.string(),
    until: z.string(),
    bucketMs: z.int(),
    at: z.array(z.int()).meta({ description: 'Start of each bucket, epoch milliseconds. The last one may be open.' }),
    ended: EndedV2,
    failureRate: SeriesV2.meta({ description: 'Failed of those that completed or failed, 0 to 1.' }),
    throughput: z.object({ queued: SeriesV2, started: SeriesV2, ended: SeriesV2 }),
    queueDelay: Percentiles,
    duration: Percentiles,
    durationClasses: z.array(z.object({ untilMs: z.number(), count: z.int() })),
    running: z.object({ steps: SeriesV2, limit: z.int().nullable() }),
    backlog: z.object({ ready: SeriesV2, sleeping: SeriesV2, blocked: SeriesV2 }),
    requests: z.object({ ok: SeriesV2, error: SeriesV2, transport: SeriesV2 }),
    latency: Percentiles,
    refused: z.record(z.string(), SeriesV2).meta({ description: 'Events that started nothing, by reason.' }),
    events: z.record(z.string(), SeriesV2).optional().meta({ description: 'By name: the most frequent, and `*`.' }),
  })
  .meta({ id: 'Metrics' })

const MetricsQuery = z.object({
  from: z.string().optional().meta({ format: 'date-time', description: 'A day ago by default.' }),
  until: z.string().optional().meta({ format: 'date-time' }),
  function: z.array(z.string()).max(100).optional().meta({ description: 'Slugs or UUIDs.' }),
  appId: z.string().optional(),
})

export function metricsRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/metrics'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'getMetrics', tag: 'Metrics', summary: 'Get what was counted over time, in at most 200 buckets.' },
      query: MetricsQuery,
      answers: { 200: dataV2(MetricsV2) },
      async handle({ query }) {
        const now = storeNow(ctx)
        const { from, until } = readRange(query, now)
        const chosen = await chosenFunctions(ctx, query)
        const buckets = bucketsOf(from, until, now)
        const tallies = await ctx.lists.tallies({
          from: buckets.from,
          until: buckets.until,
          bucketMs: buckets.bucketMs,
          fns: chosen?.map(({ fn }) => fn.key),
          names: CHART_NAMES,
          byFunction: false,
        })
        const counted = new Counted(tallies, buckets, now)
        const { runningSteps, ...charts } = chartsOf(counted)
        const data = {
          from: instant(buckets.from),
          until: instant(buckets.until),
          bucketMs: buckets.bucketMs,
          at: buckets.at,
          ...charts,
          running: { steps: runningSteps, limit: limitOf(chosen) },
          events: chosen === undefined ? topSeries(counted.parts(STORE_TALLIES.event)) : undefined,
        }
        return answerV2(data, now)
      },
    }),
  ]
}

function readRange(
  asked: z.infer<typeof MetricsQuery>,
  now: number,
): { readonly from: number; readonly until: number } {
  const until = readTime('until', asked.until, now) ?? now
  const from = readTime('from', asked.from, now) ?? until - RANGE_USUAL_MS
  if (from >= until) throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
  if (until - from > RANGE_MAX_MS) {
    throw new HttpError('invalid_parameter', 'from must be within 400 days of until', { path: 'from' })
  }
  // A window that reaches far into the future has nothing to tell there.
  return { from: Math.min(from, now), until: Math.max(Math.min(until, now + HOUR_MS), Math.min(from, now) + MINUTE_MS) }
}

/** undefined: all, and what belongs to no function. */
async function chosenFunctions(
  ctx: ServerContext,
  { appId, function: names }: z.infer<typeof MetricsQuery>,
): Promise<readonly FunctionPlace[] | undefined> {
  if (appId === undefined && names === undefined) return undefined
  const directory = await readDirectory(ctx)
  const app = appId === undefined ? undefined : await findApp(ctx, appId)
  const places = names === undefined ? [...directory.functions.values()] : functionsByName(directory, names, 'function')
  return places.filter((place) => app === undefined || place.app.key === app.key)
}

/** The steps that one function may run at once; of several nobody can tell. */
function limitOf(chosen: readonly FunctionPlace[] | undefined): number | null {
  const [only] = chosen ?? []
  if (only === undefined || chosen?.length !== 1) return null
  const limits = keylessLimits(only.fn.key, configOf(only.fn)).filter(({ rule }) => rule !== 'throttle')
  return limits.length === 0 ? null : Math.min(...limits.map(({ limit }) => limit))
}
