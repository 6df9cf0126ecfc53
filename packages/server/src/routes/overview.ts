// `GET /v2/overview`: is it healthy? Figures of a range beside the one before, which functions fail, which runs wait
// longest, what runs next and what should have. A dozen reads, whatever the size of the store.
import type { FailureView, Key, ListCursor, RunView, Tally } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { TALLIES } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { type Directory, type FunctionPlace, publicId, readDirectory } from '../lists/directory.ts'
import { readSchedules, type ScheduleFacts } from '../lists/schedules.ts'
import { runPlace } from '../lists/search-runs.ts'
import { type Buckets, HOUR_MS } from '../metrics/buckets.ts'
import { FIGURE_NAMES, overviewBuckets, overviewFigures, RANGES, type Range } from '../metrics/overview-figures.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { errorHead } from '../views/error-head.ts'
import { instant } from '../views/instant.ts'
import { FunctionOfRun, RunV2, runRowV2 } from '../views/run-view.ts'
import { EndedV2, SeriesV2 } from './metrics.ts'

const ROWS_MAX = 10
/** Queued runs that are looked at for the longest waiting ones, and read at a time: those that are due later do not count. */
const QUEUED_MAX = 500
const QUEUED_PAGE = 100
const MISSED = `${TALLIES.refused}missed_tick`

const App = z.object({ id: z.string() })
const Figure = z.object({
  value: z.number().nullable(),
  before: z.number().nullable().meta({ description: 'The same over the range before.' }),
  spark: SeriesV2,
})
const Ticks = z.array(z.object({ function: FunctionOfRun, app: App, expression: z.string(), at: z.string() }))

const OverviewV2 = z
  .object({
    range: z.enum(Object.keys(RANGES)),
    bucketMs: z.int(),
    at: z.array(z.int()),
    figures: z.object({
      started: Figure,
      failureRate: Figure,
      queueDelayP50: Figure,
      queueDelayP95: Figure,
      running: Figure,
    }),
    ended: EndedV2,
    failing: z
      .array(
        z.object({
          function: FunctionOfRun,
          app: App,
          failures: z.int(),
          ended: z.int(),
          lastError: z.string().optional(),
          lastRunId: z.string().optional(),
          lastFailedAt: z.string().optional(),
        }),
      )
      .optional(),
    waitingLongest: z.array(RunV2).optional(),
    nextUp: Ticks.optional(),
    missed: Ticks.optional(),
    firstUse: z.object({ appConnected: z.boolean(), eventSent: z.boolean(), runSeen: z.boolean() }),
  })
  .meta({ id: 'Overview' })

export function overviewRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/overview'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'getOverview', tag: 'Metrics', summary: 'Say how healthy it is.' },
      query: z.object({ range: z.enum(Object.keys(RANGES) as Range[]).optional() }),
      answers: { 200: dataV2(OverviewV2) },
      handle: async ({ query: { range = '24h' } }) => answerV2(await overview(ctx, range), storeNow(ctx)),
    }),
  ]
}

async function overview(ctx: ServerContext, range: Range): Promise<unknown> {
  const now = storeNow(ctx)
  const { lists } = ctx
  const buckets = overviewBuckets(range, now)
  const { bucketMs } = buckets.range
  const [directory, tallies, byFunction, queues, schedules, firstUse] = await Promise.all([
    readDirectory(ctx),
    lists.tallies({
      from: buckets.before.from,
      until: buckets.range.until,
      bucketMs,
      names: FIGURE_NAMES,
      byFunction: false,
    }),
    functionTallies(ctx, buckets.range),
    lists.queues(),
    readSchedules(ctx, now),
    firstUseOf(ctx),
  ])
  const running = queues.reduce((sum, { counts }) => sum + counts.leased, 0)
  const { figures, ended } = overviewFigures(tallies, buckets, { now, running })
  return {
    range,
    bucketMs,
    at: buckets.range.at,
    figures,
    ended,
    failing: some(await failingFunctions(ctx, directory, byFunction)),
    waitingLongest: some(await waitingLongest(ctx, now - (figures.queueDelayP95.value ?? 0))),
    nextUp: some(nextUp(schedules)),
    missed: some(missedTicks(directory, schedules, byFunction)),
    firstUse,
  }
}

/** How runs of each function ended, and which ticks it missed; in buckets of an hour at least, for they are only summed. */
function functionTallies(ctx: ServerContext, { from, until, bucketMs }: Buckets): Promise<readonly Tally[]> {
  const names = [`${TALLIES.ended}completed`, `${TALLIES.ended}failed`, MISSED]
  const length = Math.max(bucketMs, HOUR_MS)
  const first = Math.floor(from / length) * length
  // A range of minutes is read in its own buckets: an hour would bring what lies before it.
  const window = from === first ? { from: first, bucketMs: length } : { from, bucketMs }
  const end = window.from + Math.ceil((until - window.from) / window.bucketMs) * window.bucketMs
  return ctx.lists.tallies({ ...window, until: end, names, byFunction: true })
}

async function failingFunctions(
  ctx: ServerContext,
  directory: Directory,
  tallies: readonly Tally[],
): Promise<readonly unknown[]> {
  const failing = [...Map.groupBy(tallies, ({ fn }) => fn)]
    .map(([fn, own]) => ({ fn, failures: sumOf(own, 'failed'), ended: sumOf(own, 'failed') + sumOf(own, 'completed') }))
    .filter(({ fn, failures }) => failures > 0 && directory.functions.has(fn))
    .sort((a, b) => b.failures - a.failures)
    .slice(0, ROWS_MAX)
  const last = failing.length === 0 ? [] : await ctx.lists.lastFailures(failing.map(({ fn }) => fn))
  const failures = new Map(last.map((failure) => [failure.fn, failure]))
  return failing.flatMap(({ fn, ...counts }) => {
    const place = directory.functions.get(fn)
    return place === undefined ? [] : [{ ...namesOf(place), ...counts, ...lastOf(failures.get(fn)) }]
  })
}

function sumOf(tallies: readonly Tally[], status: string): number {
  return tallies.reduce((sum, { name, value }) => (name === `${TALLIES.ended}${status}` ? sum + value : sum), 0)
}

function lastOf(failure: FailureView | undefined): Readonly<Record<string, string>> {
  if (failure === undefined) return {}
  const { name, message } = errorHead(failure.error)
  const lastError = message === '' ? name : `${name}: ${message}`
  return { lastError, lastRunId: failure.runId, lastFailedAt: instant(failure.endedAt) }
}

/** Queued before an instant: longer than almost all others wait. Runs that are meant to start later do not wait. */
async function waitingLongest(ctx: ServerContext, before: number): Promise<readonly unknown[]> {
  const found: RunView[] = []
  let after: ListCursor | undefined
  for (let seen = 0; seen < QUEUED_MAX && found.length < ROWS_MAX; seen += QUEUED_PAGE) {
    const queued = await ctx.lists.runs({
      statuses: ['scheduled'],
      field: 'queuedAt',
      order: 'asc',
      until: before - 1,
      after,
      limit: QUEUED_PAGE,
      withOutput: false,
      withEvents: false,
      withOpen: true,
    })
    found.push(...queued.filter((view) => ctx.engine.waitingBrief(view)?.code !== 'scheduled'))
    const last = queued.at(-1)
    if (last === undefined || queued.length < QUEUED_PAGE) break
    after = runPlace({ field: 'queuedAt' }, last)
  }
  return found.slice(0, ROWS_MAX).map((view) => runRowV2(ctx, view))
}

function nextUp(schedules: readonly ScheduleFacts[]): readonly unknown[] {
  return schedules
    .filter(({ pause }) => pause === undefined)
    .flatMap(({ place, expression, nextRunAt }) => (nextRunAt === null ? [] : [tick(place, expression, nextRunAt)]))
    .slice(0, ROWS_MAX)
}

/** Those that are late now, and ticks that passed while no server was there. */
function missedTicks(
  directory: Directory,
  schedules: readonly ScheduleFacts[],
  tallies: readonly Tally[],
): readonly unknown[] {
  const late = schedules.flatMap(({ place, expression, lateSince, pause }) =>
    lateSince === null || pause !== undefined ? [] : [tick(place, expression, lateSince)],
  )
  const passed = new Map<Key, number>()
  for (const { name, fn, at } of tallies) if (name === MISSED) passed.set(fn, Math.max(at, passed.get(fn) ?? 0))
  const missed = [...passed].flatMap(([fn, at]) => {
    const place = directory.functions.get(fn)
    const expression = schedules.find((one) => one.place.fn.key === fn)?.expression
    return place === undefined || expression === undefined ? [] : [tick(place, expression, at)]
  })
  return [...late, ...missed].slice(0, ROWS_MAX)
}

function tick(place: FunctionPlace, expression: string, at: number): unknown {
  return { ...namesOf(place), expression, at: instant(at) }
}

function namesOf({ app, fn }: FunctionPlace) {
  return { function: { id: publicId(app.name, fn.slug), name: fn.name, slug: fn.slug }, app: { id: app.name } }
}

async function firstUseOf({ lists }: ServerContext): Promise<Readonly<Record<string, boolean>>> {
  const first = { limit: 1, withText: false, includeInternal: false }
  const [apps, events, runs] = await Promise.all([
    lists.apps(),
    lists.events(first),
    lists.runs({ field: 'queuedAt', order: 'desc', limit: 1, withOutput: false, withEvents: false }),
  ])
  return {
    appConnected: apps.some(({ syncedAt }) => syncedAt !== null),
    eventSent: events.length > 0,
    runSeen: runs.length > 0,
  }
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}
