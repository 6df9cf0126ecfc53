// Apps on v2: the list, one app, sync on request, and removal.
import type { AppRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { urlField } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import type { Answer, Route } from '../http/route.ts'
import { readCursor, writeCursor } from '../lists/cursor.ts'
import { findApp } from '../lists/directory.ts'
import { AppV2, appV2 } from '../views/app-view.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'

const ORDER = 'apps'
const appParams = z.object({ appId: z.string() })
const v2 = { scope: 'signing-key', surface: 'v2' } as const

const AppsQuery = z.object({
  archived: flagParameter,
  limit: limitParameter(100),
  cursor: cursorParameter,
  includeTotal: flagParameter,
})

const SyncOutcome = z.object({
  id: z.string(),
  status: z.string(),
  appId: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})

export function appRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: ['/v2/apps', '/api/v2/apps'],
      rules: v2,
      doc: { id: 'getApps', tag: 'Apps', summary: 'List apps.' },
      query: AppsQuery,
      answers: { 200: pagedV2(AppV2) },
      handle: ({ query }) => listApps(ctx, query),
    }),
    route({
      method: 'GET',
      path: ['/v2/apps/:appId', '/api/v2/apps/:appId'],
      rules: v2,
      doc: { id: 'getApp', tag: 'Apps', summary: 'Get one app by its name or UUID.' },
      params: appParams,
      answers: { 200: dataV2(AppV2) },
      handle: async ({ params }) => answerV2(await shownApp(ctx, await findApp(ctx, params.appId)), storeNow(ctx)),
    }),
    route({
      method: 'POST',
      path: ['/v2/apps/:appId/syncs', '/api/v2/apps/:appId/syncs'],
      rules: v2,
      doc: { id: 'syncApp', tag: 'Apps', summary: 'Ask the app at a URL to register.' },
      params: appParams,
      body: z.object({ url: urlField }),
      answers: { 200: dataV2(SyncOutcome) },
      handle: ({ body }) => syncApp(ctx, body.url),
    }),
    route({
      method: 'DELETE',
      path: ['/v2/apps/:appId', '/api/v2/apps/:appId'],
      rules: v2,
      doc: { id: 'removeApp', tag: 'Apps', summary: 'Archive an app and its functions.' },
      params: appParams,
      answers: { 204: null },
      async handle({ params }) {
        const app = await findApp(ctx, params.appId)
        if (!(await ctx.engine.removeApp({ name: app.name }))) throw new HttpError('app_not_found', 'App not found')
        return { status: 204, text: '' }
      },
    }),
  ]
}

async function listApps(ctx: ServerContext, asked: z.infer<typeof AppsQuery>): Promise<Answer> {
  const limit = asked.limit ?? 20
  const after = readCursor(ORDER, asked.cursor)
  const all = (await ctx.lists.apps()).filter((app) => (app.archivedAt !== null) === (asked.archived ?? false))
  const rest = all.filter((app) => after === undefined || app.key > after.key)
  const rows = rest.slice(0, limit)
  const last = rows.at(-1)
  return listV2(await Promise.all(rows.map((app) => shownApp(ctx, app))), storeNow(ctx), {
    cursor: last && writeCursor(ORDER, { value: 0, key: last.key }),
    hasMore: rest.length > limit,
    limit,
    total: asked.includeTotal === true ? all.length : undefined,
  })
}

/** An app as v2 shows it. */
export async function shownApp(ctx: ServerContext, app: AppRow): Promise<unknown> {
  const functions = await ctx.lists.functions(app.key)
  const live = ctx.engine.registry().apps.find((view) => view.name === app.name)
  return appV2(app, {
    functionCount: functions.filter((fn) => fn.archivedAt === null).length,
    unreachableSince: live?.unreachableSince ?? null,
  })
}

async function syncApp(ctx: ServerContext, url: string): Promise<Answer> {
  const outcome = await ctx.syncApp(url)
  if (!outcome.ok) {
    throw new HttpError('app_sync_failed', `The app could not be synced: ${outcome.message}`, { hint: outcome.code })
  }
  const { syncId, appName, modified } = outcome
  return answerV2({ id: syncId, status: modified ? 'success' : 'duplicate', appId: appName }, storeNow(ctx))
}
