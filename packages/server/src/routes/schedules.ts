// `GET /v2/schedules`: everything that runs by the clock, with the next run, the last ones, and whether one is late.
import type { StripRun } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { publicId } from '../lists/directory.ts'
import { readSchedules, type ScheduleFacts } from '../lists/schedules.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { instant, optionalInstant } from '../views/instant.ts'
import { Pause } from '../views/pause-view.ts'
import { STATUS_V2 } from '../views/run-view.ts'

const STRIP_MAX = 20

const StripCell = z.object({
  runId: z.string(),
  status: z.enum(Object.values(STATUS_V2)),
  queuedAt: z.string(),
  durationMs: z.string().optional(),
})

const Schedule = z
  .object({
    id: z.string(),
    kind: z.literal('CRON'),
    name: z.string(),
    function: z.object({ id: z.string(), slug: z.string() }),
    app: z.object({ id: z.string() }),
    expression: z.string(),
    timezone: z.string().meta({ description: 'IANA name.' }),
    nextRunAt: z.string().optional(),
    isPaused: z.boolean(),
    pause: Pause.optional(),
    lateSince: z.string().optional().meta({ description: 'It should have run at this instant and has not.' }),
    strip: z
      .array(StripCell)
      .optional()
      .meta({ description: `Its runs, the newest first; ${STRIP_MAX} at most.` }),
  })
  .meta({ id: 'Schedule' })

export function scheduleRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/schedules'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'listSchedules', tag: 'Functions', summary: 'List what runs by the clock, by the next run.' },
      answers: { 200: dataV2(z.array(Schedule)) },
      async handle() {
        const now = storeNow(ctx)
        const schedules = await readSchedules(ctx, now)
        const fns = [...new Set(schedules.map(({ place }) => place.fn.key))]
        const runs = fns.length === 0 ? [] : await ctx.lists.strips(fns, STRIP_MAX)
        const strips = Map.groupBy(runs, ({ fn, cron }) => `${fn} ${cron}`)
        const shown = schedules.map((facts) =>
          scheduleV2(facts, strips.get(`${facts.place.fn.key} ${facts.expression}`) ?? []),
        )
        return answerV2(shown, now)
      },
    }),
  ]
}

function scheduleV2(facts: ScheduleFacts, strip: readonly StripRun[]): unknown {
  const { place, expression, timezone, pause, nextRunAt, lateSince } = facts
  const { app, fn } = place
  return {
    id: `${fn.slug} ${expression}`,
    kind: 'CRON',
    name: fn.name,
    function: { id: publicId(app.name, fn.slug), slug: fn.slug },
    app: { id: app.name },
    expression,
    timezone,
    nextRunAt: optionalInstant(nextRunAt),
    isPaused: pause !== undefined,
    pause,
    lateSince: optionalInstant(lateSince),
    strip: strip.length === 0 ? undefined : strip.map(cellOf),
  }
}

function cellOf({ id, status, queuedAt, startedAt, endedAt }: StripRun): unknown {
  const durationMs = endedAt === null ? undefined : String(endedAt - (startedAt ?? queuedAt))
  return { runId: id, status: STATUS_V2[status], queuedAt: instant(queuedAt), durationMs }
}
