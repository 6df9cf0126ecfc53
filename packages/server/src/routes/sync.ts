// Registration: an app tells the server its functions. Read by the protocol's own reader, since SDKs differ in the names
// of their keys; the answer must be a JSON object with these members, or they take it for a failure.
import { readRegisterRequest } from '@pawl/protocol'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { EngineError } from '../engine.ts'
import { bodyBytes, hotRoute, route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Answer, Route } from '../http/route.ts'

/** 1,000 functions with their expressions, and room to say that there are too many. */
const BODY_BYTES_MAX = 8 * 1024 * 1024

const Registered = z
  .object({
    ok: z.literal(true),
    modified: z.boolean(),
    sync_id: z.string(),
    app_id: z.string(),
    warnings: z.array(z.string()).optional(),
  })
  .meta({ id: 'Registered' })

export function syncRoutes(ctx: ServerContext): readonly Route[] {
  return [
    hotRoute({
      method: ['POST', 'PUT'],
      path: '/fn/register',
      rules: { scope: 'signing-key', surface: 'v1', bodyBytesMax: BODY_BYTES_MAX },
      doc: { id: 'register', tag: 'Apps', summary: 'Register an app’s functions (what SDKs send).' },
      documented: { body: z.record(z.string(), z.unknown()) },
      answers: { 200: Registered },
      handle: (request) => register(ctx, request),
    }),
    route({
      method: 'DELETE',
      path: '/fn/remove',
      rules: { scope: 'dev', surface: 'v1' },
      doc: { id: 'removeAppByUrl', tag: 'Apps', summary: 'Archive the app at a URL (dev).' },
      query: z.object({ url: z.string().min(1) }),
      answers: { 200: null },
      async handle({ query }) {
        if (!(await ctx.engine.removeApp({ url: query.url }))) {
          throw new HttpError('app_not_found', `App not found: ${query.url.slice(0, 200)}`)
        }
        return { status: 200, text: '' }
      },
    }),
  ]
}

async function register(ctx: ServerContext, request: FastifyRequest): Promise<Answer> {
  const expected = request.headers['x-inngest-expected-server-kind']
  if (typeof expected === 'string' && expected !== '' && expected !== ctx.kind) {
    const message = `The app expects a server of kind ${JSON.stringify(expected.slice(0, 20))}; this one is "${ctx.kind}"`
    throw new HttpError('server_kind_mismatch', message)
  }
  const asked = readRegisterRequest(bodyBytes(request))
  const synced = await sync(ctx, asked)
  const { modified, syncId, appId, warnings } = synced
  return {
    json: {
      ok: true,
      modified,
      sync_id: syncId,
      app_id: appId,
      warnings: warnings.length === 0 ? undefined : warnings,
    },
  }
}

/** What is wrong with which function goes to the app's developer, in the answer and in the log. */
async function sync(ctx: ServerContext, asked: ReturnType<typeof readRegisterRequest>) {
  try {
    return await ctx.engine.sync(asked)
  } catch (error) {
    if (error instanceof EngineError && error.code === 'invalid_config') {
      ctx.log.warn({ app: asked.appName, faults: error.details.faults }, 'The sync of an app was refused')
    }
    throw error
  }
}
