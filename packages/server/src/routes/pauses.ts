// Pause and unpause of a function, or of all functions of an app. What a pause means for new and for live runs is the
// engine's; the answer is the function or app as it stands afterwards.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { functionUuid, type PauseHow, type PauseTarget } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { findApp, findPlace } from '../lists/directory.ts'
import { AppV2 } from '../views/app-view.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { FunctionV2 } from '../views/function-view.ts'
import { shownApp } from './apps.ts'
import { shownFunction } from './functions.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
/** Keys have no names yet: all that is known of the caller is that it came through the API. */
const BY = 'api'

const PauseBody = z.object({
  new: z
    .enum(['skip', 'hold'])
    .optional()
    .meta({ description: '`skip` (default): what triggers it is skipped. `hold`: it waits for the unpause.' }),
  running: z.enum(['hold', 'finish', 'cancel']).optional().meta({
    description:
      'Live runs. `hold` (default): open calls finish, later steps wait. `finish`: go on to their end. `cancel`: are cancelled.',
  }),
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
      handle: ({ params, body }) => changeFunction(ctx, params, (target) => ctx.engine.pause(target, howOf(body))),
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
      handle: ({ params, body }) => changeApp(ctx, params.appId, (target) => ctx.engine.pause(target, howOf(body))),
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

function howOf(asked: z.infer<typeof PauseBody>): PauseHow {
  const { cancelRunning = false } = asked
  if (cancelRunning && asked.running !== undefined && asked.running !== 'cancel') {
    throw new HttpError('invalid_parameter', 'cancelRunning is running: "cancel", and running says otherwise', {
      path: 'running',
    })
  }
  return { new: asked.new ?? 'skip', running: cancelRunning ? 'cancel' : (asked.running ?? 'hold'), by: BY }
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
