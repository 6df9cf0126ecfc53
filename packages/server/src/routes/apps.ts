// Apps on v2: the list, one app, its syncs, sync on request, and removal.
import type { AppRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { urlField } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { readCursor, writeCursor } from '../lists/cursor.ts'
import { findApp, readDirectory } from '../lists/directory.ts'
import { AppV2, appV2 } from '../views/app-view.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { SyncV2, syncV2 } from '../views/sync-view.ts'

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
      body: z.object({
        url: urlField.optional().meta({ description: 'The one that the app is known by, if absent.' }),
      }),
      bodyOptional: true,
      answers: { 200: dataV2(SyncOutcome) },
      handle: async ({ params, body }) => syncApp(ctx, body.url ?? (await knownUrl(ctx, params.appId))),
    }),
    route({
      method: 'GET',
      path: v2Paths('/apps/:appId/syncs'),
      rules: v2,
      doc: { id: 'listSyncs', tag: 'Apps', summary: 'List an app’s syncs, the newest first.' },
      params: appParams,
      query: z.object({ limit: limitParameter(100, 50) }),
      answers: { 200: dataV2(z.array(SyncV2)) },
      async handle({ params, query: { limit = 50 } }) {
        const app = await findApp(ctx, params.appId)
        const rows = await ctx.lists.syncs(app.key, limit)
        return answerV2(rows.map(syncV2), storeNow(ctx))
      },
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
  const { apps, functions } = await readDirectory(ctx)
  const all = apps.filter((app) => (app.archivedAt !== null) === (asked.archived ?? false))
  const live = [...functions.values()].filter(({ fn }) => fn.archivedAt === null)
  const counts = new Map([...Map.groupBy(live, ({ app }) => app.key)].map(([key, own]) => [key, own.length]))
  const rest = all.filter((app) => after === undefined || app.key > after.key)
  const rows = rest.slice(0, limit)
  const last = rows.at(-1)
  const show = appShower(ctx)
  return listV2(
    rows.map((app) => show(app, counts.get(app.key) ?? 0)),
    storeNow(ctx),
    {
      cursor: last && writeCursor(ORDER, { value: 0, key: last.key }),
      hasMore: rest.length > limit,
      limit,
      total: asked.includeTotal === true ? all.length : undefined,
    },
  )
}

/** Shows apps; since when they cannot be reached is asked for once. */
function appShower(ctx: ServerContext): (app: AppRow, functionCount: number) => unknown {
  const views = new Map(ctx.engine.registry().apps.map((view) => [view.name, view]))
  return (app, functionCount) =>
    appV2(app, { functionCount, unreachableSince: views.get(app.name)?.unreachableSince ?? null })
}

/** An app as v2 shows it. */
export async function shownApp(ctx: ServerContext, app: AppRow): Promise<unknown> {
  const functions = await ctx.lists.functions(app.key)
  return appShower(ctx)(app, functions.filter((fn) => fn.archivedAt === null).length)
}

/** @throws HttpError `missing_parameter` for an app that is called over a connection of its own. */
export async function knownUrl(ctx: ServerContext, appId: string): Promise<string> {
  const { url } = await findApp(ctx, appId)
  if (!/^https?:/.test(url))
    throw new HttpError('missing_parameter', 'url is required: the app has none', { path: 'url' })
  return url
}

async function syncApp(ctx: ServerContext, url: string): Promise<Answer> {
  const outcome = await ctx.syncApp(url)
  if (!outcome.ok) {
    throw new HttpError('app_sync_failed', `The app could not be synced: ${outcome.message}`, { hint: outcome.code })
  }
  const { syncId, appName, modified } = outcome
  return answerV2({ id: syncId, status: modified ? 'success' : 'duplicate', appId: appName }, storeNow(ctx))
}
