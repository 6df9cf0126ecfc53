// `POST /v2/apps/{app}/test`: what the app's address answers now, phase by phase, and how what it serves differs from what
// is registered. It changes nothing.
import { type Json, type RegisterRequest, readFunction, writeCanonical } from '@pawl/protocol'
import type { FunctionRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { urlField } from '../http/parameters.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { findApp } from '../lists/directory.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { configOf } from '../views/function-view.ts'
import { withoutUserInfo } from '../views/without-user-info.ts'
import { knownUrl } from './apps.ts'

const slugs = z.array(z.string()).meta({ description: 'Slugs.' })

const AppTest = z
  .object({
    url: z.string(),
    ok: z.boolean(),
    phases: z
      .array(
        z.object({
          name: z.enum(['resolve', 'connect', 'tls', 'answer']),
          ok: z.boolean(),
          ms: z.number(),
          detail: z.string().optional(),
        }),
      )
      .meta({ description: 'In order; the last one is the one that failed, if any did.' }),
    cause: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
    sdk: z
      .object({ language: z.string().optional(), version: z.string().optional(), framework: z.string().optional() })
      .optional(),
    drift: z
      .object({ added: slugs, changed: slugs, removed: slugs })
      .optional()
      .meta({ description: 'What the app serves against what is registered; absent when it cannot be asked.' }),
  })
  .meta({ id: 'AppTest' })

export function appTestRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: v2Paths('/apps/:appId/test'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'testApp', tag: 'Apps', summary: 'Ask an app’s address what it serves; nothing is registered.' },
      params: z.object({ appId: z.string() }),
      body: z.object({
        url: urlField.optional().meta({ description: 'The one that the app is known by, if absent.' }),
      }),
      bodyOptional: true,
      answers: { 200: dataV2(AppTest) },
      async handle({ params, body }) {
        const { testApp } = ctx
        if (testApp === undefined) throw new HttpError('not_implemented', 'This server does not reach apps')
        // An app that has never registered can be tested too, by its URL: it is then that one wants to know what is wrong.
        const app = await findApp(ctx, params.appId).catch((error: unknown) => unlessGiven(body.url, error))
        const url = body.url ?? (await knownUrl(ctx, params.appId))
        const [{ ok, phases, cause, says }, functions] = await Promise.all([
          testApp({ url, name: app?.name ?? params.appId }),
          app === undefined ? [] : ctx.lists.functions(app.key),
        ])
        const data = {
          url: withoutUserInfo(url),
          ok,
          phases,
          cause: cause ?? undefined,
          sdk: says === null ? undefined : sdkOf(says),
          drift: says === null ? undefined : driftOf(says, functions),
        }
        return answerV2(data, storeNow(ctx))
      },
    }),
  ]
}

function unlessGiven(url: string | undefined, error: unknown): undefined {
  if (url === undefined || !(error instanceof HttpError) || error.code !== 'app_not_found') throw error
}

function sdkOf({ sdkLanguage, sdkVersion, framework }: RegisterRequest): unknown {
  return {
    language: sdkLanguage === '' ? undefined : sdkLanguage,
    version: sdkVersion === '' ? undefined : sdkVersion,
    framework: framework ?? undefined,
  }
}

/** Whether it can be used is for a sync to say; here it only is the same or not. */
const ANYTHING = { checkExpression: () => null, checkCron: () => null }

/** What a sync would add, change and remove. */
export function driftOf(
  says: Pick<RegisterRequest, 'appName' | 'functions'>,
  rows: readonly FunctionRow[],
): { readonly added: readonly string[]; readonly changed: readonly string[]; readonly removed: readonly string[] } {
  const served = new Map(
    says.functions.map((raw) => {
      const { config } = readFunction(raw, says.appName, ANYTHING)
      return [config.slug, sameness(config)]
    }),
  )
  const registered = new Map(
    rows.filter((row) => row.archivedAt === null).map((row) => [row.slug, sameness(configOf(row))]),
  )
  return {
    added: [...served.keys()].filter((slug) => !registered.has(slug)),
    changed: [...served]
      .filter(([slug, text]) => registered.has(slug) && registered.get(slug) !== text)
      .map(([slug]) => slug),
    removed: [...registered.keys()].filter((slug) => !served.has(slug)),
  }
}

/** Without the address: an app that is tested under another one serves the same functions. */
function sameness({ url: _, ...config }: ReturnType<typeof configOf>): string {
  return writeCanonical(config as unknown as Json)
}
