// Pause and unpause of a function, or of all functions of an app. What a pause means for new and for live runs is the
// engine's; the answer is the function or app as it stands afterwards.
import { parseDuration } from '@pawl/protocol'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { functionUuid, type PauseHow, type PauseTarget } from '../engine.ts'
import type { Caller } from '../http/caller.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { findApp, findPlace } from '../lists/directory.ts'
import { readTime } from '../lists/read-time.ts'
import { AppV2 } from '../views/app-view.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { FunctionV2 } from '../views/function-view.ts'
import { shownApp } from './apps.ts'
import { shownFunction } from './functions.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const PAUSE_MS_MAX = 366 * 86_400_000

const PauseBody = z.object({
  new: z
    .enum(['skip', 'hold'])
    .optional()
    .meta({ description: '`skip` (default): what triggers it is skipped. `hold`: it waits for the unpause.' }),
  running: z.enum(['hold', 'finish', 'cancel']).optional().meta({
    description:
      'Live runs. `hold` (default): open calls finish, later steps wait. `finish`: go on to their end. `cancel`: are cancelled.',
  }),
  until: z
    .string()
    .optional()
    .meta({ format: 'date-time', description: 'The pause ends by itself then; otherwise it lasts until the unpause.' }),
  for: z.string().optional().meta({ description: 'In place of `until`: how long, such as `1h`.' }),
  cancelRunning: z.boolean().optional().meta({ description: '`true` is `"running": "cancel"`.' }),
})

const appParams = z.object({ appId: z.string() })
const functionParams = z.object({ appId: z.string(), functionId: z.string() })

export function pauseRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: v2Paths('/apps/:appId/functions/:functionId/pause'),
      rules: v2,
      doc: { id: 'pauseFunction', tag: 'Functions', summary: 'Pause a function.' },
      params: functionParams,
      body: PauseBody,
      bodyOptional: true,
      answers: { 200: dataV2(FunctionV2) },
      handle({ params, body, caller }) {
        const how = howOf(body, byOf(caller), storeNow(ctx))
        return changeFunction(ctx, params, (target) => ctx.engine.pause(target, how))
      },
    }),
    route({
      method: 'POST',
      path: v2Paths('/apps/:appId/functions/:functionId/unpause'),
      rules: v2,
      doc: { id: 'unpauseFunction', tag: 'Functions', summary: 'End a function’s pause; what it held goes on.' },
      params: functionParams,
      body: z.object({}),
      bodyOptional: true,
      answers: { 200: dataV2(FunctionV2) },
      handle: ({ params }) => changeFunction(ctx, params, (target) => ctx.engine.unpause(target)),
    }),
    route({
      method: 'POST',
      path: v2Paths('/apps/:appId/pause'),
      rules: v2,
      doc: { id: 'pauseApp', tag: 'Apps', summary: 'Pause all functions of an app.' },
      params: appParams,
      body: PauseBody,
      bodyOptional: true,
      answers: { 200: dataV2(AppV2) },
      handle({ params, body, caller }) {
        const how = howOf(body, byOf(caller), storeNow(ctx))
        return changeApp(ctx, params.appId, (target) => ctx.engine.pause(target, how))
      },
    }),
    route({
      method: 'POST',
      path: v2Paths('/apps/:appId/unpause'),
      rules: v2,
      doc: { id: 'unpauseApp', tag: 'Apps', summary: 'End an app’s pause; functions paused themselves stay so.' },
      params: appParams,
      body: z.object({}),
      bodyOptional: true,
      answers: { 200: dataV2(AppV2) },
      handle: ({ params }) => changeApp(ctx, params.appId, (target) => ctx.engine.unpause(target)),
    }),
  ]
}

function howOf(asked: z.infer<typeof PauseBody>, by: string, now: number): PauseHow {
  const { cancelRunning = false } = asked
  if (cancelRunning && asked.running !== undefined && asked.running !== 'cancel') {
    throw new HttpError('invalid_parameter', 'cancelRunning is running: "cancel", and running says otherwise', {
      path: 'running',
    })
  }
  const running = cancelRunning ? 'cancel' : (asked.running ?? 'hold')
  return { new: asked.new ?? 'skip', running, by, until: endOf(asked, now) }
}

/** Keys have no names: what is known of a caller without a session is that it came through the API. */
function byOf({ name }: Caller): string {
  return name.startsWith('session') ? `dashboard (${name})` : 'api'
}

/** When the pause ends by itself, or null. */
function endOf(asked: z.infer<typeof PauseBody>, now: number): number | null {
  if (asked.until !== undefined && asked.for !== undefined) {
    throw new HttpError('invalid_parameter', 'until and for exclude each other', { path: 'for' })
  }
  if (asked.for !== undefined) {
    const ms = parseDuration(asked.for)
    if (ms === null || ms <= 0) {
      throw new HttpError('invalid_parameter', 'for must be a duration, such as 1h', { path: 'for' })
    }
    return checkedEnd('for', now + ms, now)
  }
  const until = readTime('until', asked.until, now)
  return until === undefined ? null : checkedEnd('until', until, now)
}

function checkedEnd(path: string, until: number, now: number): number {
  if (until <= now) throw new HttpError('invalid_parameter', `${path} must end in the future`, { path })
  if (until > now + PAUSE_MS_MAX) {
    throw new HttpError('invalid_parameter', `${path} must end within 366 days`, { path })
  }
  return until
}

type Change = (target: PauseTarget) => Promise<void>

async function changeFunction(
  ctx: ServerContext,
  params: z.infer<typeof functionParams>,
  change: Change,
): Promise<Answer> {
  const { app, fn } = await findPlace(ctx, params)
  await change({ functionId: functionUuid(app.name, fn.slug) })
  return answerV2(shownFunction(ctx, await findPlace(ctx, params)), storeNow(ctx))
}

async function changeApp(ctx: ServerContext, appId: string, change: Change): Promise<Answer> {
  const { name } = await findApp(ctx, appId)
  await change({ appName: name })
  return answerV2(await shownApp(ctx, await findApp(ctx, name)), storeNow(ctx))
}
