// What exists in development only: the probe that SDKs look for, reset, the clock that can be moved forward, and limits
// of single functions. In production each of these is 404.
import { parseDuration } from '@pawl/protocol'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { appUuid } from '../engine.ts'
import { hotRoute, route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Answer, Route } from '../http/route.ts'
import { liveApps } from '../lists/directory.ts'
import { definition } from '../views/function-view.ts'
import { instant } from '../views/instant.ts'
import { withoutUserInfo } from '../views/without-user-info.ts'

const dev = { scope: 'dev', surface: 'v1' } as const
/** Also as the server's own limits: 10,000 steps, 32 MiB of state. */
const STEPS_MAX = 10_000
const STATE_BYTES_MAX = 32 * 1024 * 1024
const ADVANCE_MS_MAX = 10 * 366 * 86_400_000

const ClockAnswer = z.object({ data: z.object({ now: z.string(), offsetMs: z.int() }) })

export function developmentRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/dev',
      rules: dev,
      doc: { id: 'devInfo', tag: 'Development', summary: 'What this development server runs (SDKs probe it).' },
      answers: { 200: z.record(z.string(), z.unknown()) },
      handle: () => devInfo(ctx),
    }),
    route({
      method: 'POST',
      path: '/dev/reset',
      rules: dev,
      doc: { id: 'reset', tag: 'Development', summary: 'Wipe events, runs and queue; apps and functions stay.' },
      answers: { 200: z.object({ data: z.object({ ok: z.literal(true) }) }) },
      async handle() {
        await ctx.engine.reset()
        return { json: { data: { ok: true } } }
      },
    }),
    route({
      method: 'GET',
      path: '/dev/clock',
      rules: dev,
      doc: { id: 'getClock', tag: 'Development', summary: 'The server’s time and its offset.' },
      answers: { 200: ClockAnswer },
      handle: () => clockAnswer(ctx.engine.clock()),
    }),
    route({
      method: 'POST',
      path: '/dev/clock',
      rules: dev,
      doc: { id: 'advanceClock', tag: 'Development', summary: 'Move the server’s time forward.' },
      body: z.object({ advance: z.string().meta({ description: 'A duration, such as `2h`.' }) }),
      answers: { 200: ClockAnswer },
      async handle({ body }) {
        const ms = parseDuration(body.advance)
        if (ms === null || ms < 0 || ms > ADVANCE_MS_MAX) {
          throw new HttpError('invalid_parameter', 'advance must be a duration, such as "2h", and not back', {
            path: 'advance',
          })
        }
        return clockAnswer(await ctx.engine.advanceClock(ms))
      },
    }),
    // The older sink of spans, which old SDKs still write to.
    hotRoute({
      method: 'POST',
      path: '/dev/traces',
      rules: { ...dev, gzip: true, anyType: true, bodyBytesMax: 8 * 1024 * 1024 },
      doc: { id: 'devTraces', tag: 'Development', summary: 'Spans of the app; thrown away.', state: 'internal' },
      handle: () => ({ status: 200, text: '' }),
    }),
    ...limitRoutes(ctx, { path: '/fn/step-limit', field: 'stepsMax', max: STEPS_MAX, id: 'StepLimit', what: 'steps' }),
    ...limitRoutes(ctx, {
      path: '/fn/state-size-limit',
      field: 'stateBytesMax',
      max: STATE_BYTES_MAX,
      id: 'StateSizeLimit',
      what: 'bytes of state',
    }),
  ]
}

async function devInfo(ctx: ServerContext): Promise<Answer> {
  const apps = await liveApps(ctx)
  return {
    json: {
      version: ctx.version,
      authed: ctx.signingKeys.length > 0,
      startOpts: ctx.startOptions ?? {},
      functions: apps.flatMap(({ app, functions }) => functions.map((fn) => definition(app, fn))),
      handlers: apps.map(({ app }) => ({ appId: appUuid(app.name), appName: app.name, url: withoutUserInfo(app.url) })),
      isSingleNodeService: true,
      isMissingSigningKey: ctx.signingKeys.length === 0,
      isMissingEventKeys: ctx.eventKeys.length === 0,
      features: {},
    },
  }
}

function clockAnswer(clock: { readonly now: number; readonly offsetMs: number }): Answer {
  return { json: { data: { now: instant(clock.now), offsetMs: clock.offsetMs } } }
}

interface FunctionLimit {
  readonly path: string
  readonly field: 'stepsMax' | 'stateBytesMax'
  readonly max: number
  readonly id: string
  readonly what: string
}

function limitRoutes(ctx: ServerContext, { path, field, max, id, what }: FunctionLimit): readonly Route[] {
  const functionId = z.string().min(1).meta({ description: 'The function’s UUID.' })
  return [
    route({
      method: 'POST',
      path,
      rules: dev,
      doc: { id: `set${id}`, tag: 'Development', summary: `Give a function its own limit of ${what}.` },
      query: z.object({ functionId, limit: z.string() }),
      answers: { 200: null },
      async handle({ query }) {
        const limit = Number(query.limit)
        if (!Number.isSafeInteger(limit) || limit < 1 || limit > max) {
          const message = `Invalid limit: ${query.limit.slice(0, 50)} (1 to ${max})`
          throw new HttpError('invalid_parameter', message, { path: 'limit' })
        }
        await ctx.engine.setFunctionLimit(query.functionId, { [field]: limit })
        return { status: 200, text: '' }
      },
    }),
    route({
      method: 'DELETE',
      path,
      rules: dev,
      doc: { id: `remove${id}`, tag: 'Development', summary: `Take a function’s own limit of ${what} off.` },
      query: z.object({ functionId }),
      answers: { 200: null },
      async handle({ query }) {
        const was = await ctx.engine.setFunctionLimit(query.functionId, { [field]: null })
        if (!was) throw new HttpError('limit_not_set', 'The function has no limit of its own')
        return { status: 200, text: '' }
      },
    }),
  ]
}
