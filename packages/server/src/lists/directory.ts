// Finds apps and functions by what people write in an address: an app by its name or UUID, a function by its ID within
// the app, its slug or its UUID.
import type { AppRow, FunctionRow, Key } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { appUuid, functionUuid } from '../engine.ts'
import { HttpError } from '../http/http-errors.ts'

/** @throws HttpError `app_not_found`. */
export async function findApp(ctx: ServerContext, nameOrId: string): Promise<AppRow> {
  const apps = await ctx.lists.apps()
  const found = apps.find((app) => app.name === nameOrId) ?? apps.find((app) => appUuid(app.name) === nameOrId)
  if (found === undefined) throw new HttpError('app_not_found', 'App not found')
  return found
}

/** @throws HttpError `function_not_found`. */
export function findFunction(app: AppRow, functions: readonly FunctionRow[], id: string): FunctionRow {
  const found =
    functions.find((fn) => publicId(app.name, fn.slug) === id) ??
    functions.find((fn) => fn.slug === id || functionUuid(app.name, fn.slug) === id)
  if (found === undefined) throw new HttpError('function_not_found', 'Function not found')
  return found
}

/** Where a function stands. */
export interface FunctionPlace {
  readonly app: AppRow
  readonly fn: FunctionRow
  /** All functions of the app. */
  readonly siblings: readonly FunctionRow[]
}

/**
 * A function by the two parts of its address.
 *
 * @throws HttpError `app_not_found`, `function_not_found`.
 */
export async function findPlace(
  ctx: ServerContext,
  { appId, functionId }: { readonly appId: string; readonly functionId: string },
): Promise<FunctionPlace> {
  const app = await findApp(ctx, appId)
  const siblings = await ctx.lists.functions(app.key)
  return { app, siblings, fn: findFunction(app, siblings, functionId) }
}

/** All apps and functions, archived ones too. */
export interface Directory {
  readonly apps: readonly AppRow[]
  /** By the function's key, in the order of keys within an app. */
  readonly functions: ReadonlyMap<Key, FunctionPlace>
}

/** One read for the apps and one for the functions of each: the same whatever a list holds. */
export async function readDirectory(ctx: Pick<ServerContext, 'lists'>): Promise<Directory> {
  const apps = await ctx.lists.apps()
  const siblings = await Promise.all(apps.map((app) => ctx.lists.functions(app.key)))
  const places = apps.flatMap((app, index) => {
    const own = siblings[index] ?? []
    return own.map((fn): [Key, FunctionPlace] => [fn.key, { app, fn, siblings: own }])
  })
  return { apps, functions: new Map(places) }
}

/**
 * Functions by their slugs or UUIDs, whatever their app.
 *
 * @throws HttpError `function_not_found` with the parameter's name.
 */
export function functionsByName(
  directory: Directory,
  names: readonly string[],
  path: string,
): readonly FunctionPlace[] {
  const places = [...directory.functions.values()]
  return names.map((name) => {
    const found =
      places.find(({ fn }) => fn.slug === name) ??
      places.find(({ app, fn }) => functionUuid(app.name, fn.slug) === name)
    if (found === undefined) throw new HttpError('function_not_found', 'Function not found', { path })
    return found
  })
}

/** The apps of functions, by the functions' keys; archived ones too. */
export async function appsByFunction(ctx: ServerContext): Promise<ReadonlyMap<Key, AppRow>> {
  const { functions } = await readDirectory(ctx)
  return new Map([...functions].map(([key, { app }]) => [key, app]))
}

/** A function's ID within its app: its slug without the app's name. */
export function publicId(appName: string, slug: string): string {
  return slug.startsWith(`${appName}-`) ? slug.slice(appName.length + 1) : slug
}

/** All apps that are not archived, each with its functions that are not. */
export async function liveApps(
  ctx: ServerContext,
): Promise<{ readonly app: AppRow; readonly functions: readonly FunctionRow[] }[]> {
  const apps = (await ctx.lists.apps()).filter((app) => app.archivedAt === null)
  return Promise.all(
    apps.map(async (app) => {
      const functions = await ctx.lists.functions(app.key)
      return { app, functions: functions.filter((fn) => fn.archivedAt === null) }
    }),
  )
}
