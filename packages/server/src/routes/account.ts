// The one account with its one environment, its keys, and the catalogue of operations.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import type { Route } from '../http/route.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { ACCOUNT_ID, ENVIRONMENT_ID, ENVIRONMENT_NAME } from '../views/environment.ts'
import { instant } from '../views/instant.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
/** The account came with the program. */
const CREATED_AT = instant(0)

const Key = z.object({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  key: z.string(),
  createdAt: z.string(),
})

export function accountRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: ['/v2/account', '/api/v2/account'],
      rules: v2,
      doc: { id: 'getAccount', tag: 'Account', summary: 'The account.' },
      answers: { 200: dataV2(z.record(z.string(), z.string())) },
      handle: () =>
        answerV2(
          { id: ACCOUNT_ID, email: 'pawl@localhost', name: 'Pawl', createdAt: CREATED_AT, updatedAt: CREATED_AT },
          storeNow(ctx),
        ),
    }),
    route({
      method: 'GET',
      path: ['/v2/envs', '/api/v2/envs'],
      rules: v2,
      doc: { id: 'getEnvs', tag: 'Account', summary: 'List environments.' },
      query: z.object({ limit: limitParameter(250), cursor: cursorParameter }),
      answers: { 200: pagedV2(z.record(z.string(), z.string())) },
      handle: ({ query }) =>
        listV2([{ id: ENVIRONMENT_ID, name: ENVIRONMENT_NAME, type: 'TEST', createdAt: CREATED_AT }], storeNow(ctx), {
          cursor: undefined,
          hasMore: false,
          limit: query.limit ?? 20,
        }),
    }),
    keyRoute(ctx, { kind: 'events', keys: ctx.eventKeys, id: 'getEventKeys' }),
    keyRoute(ctx, { kind: 'signing', keys: ctx.signingKeys, id: 'getSigningKeys' }),
    route({
      method: ['GET', 'POST'],
      path: ['/v2/env/webhooks', '/api/v2/env/webhooks'],
      rules: v2,
      doc: { id: 'webhooks', tag: 'Account', summary: 'Webhooks. Not built yet.', state: 'not-built' },
      handle({ headers }) {
        if (headers['x-inngest-env'] === undefined) {
          throw new HttpError('missing_parameter', 'X-Inngest-Env is required', { path: 'X-Inngest-Env' })
        }
        throw new HttpError('not_implemented', 'Webhooks are not built yet')
      },
    }),
  ]
}

interface KeyList {
  readonly kind: 'events' | 'signing'
  readonly keys: readonly string[]
  readonly id: string
}

/** Keys are shown masked: whoever configured them has them. */
function keyRoute(ctx: ServerContext, { kind, keys, id }: KeyList): Route {
  return route({
    method: 'GET',
    path: [`/v2/keys/${kind}`, `/api/v2/keys/${kind}`],
    rules: v2,
    doc: { id, tag: 'Account', summary: `List ${kind === 'events' ? 'event' : 'signing'} keys, masked.` },
    query: z.object({ limit: limitParameter(100), cursor: cursorParameter }),
    answers: { 200: pagedV2(Key) },
    handle({ headers, query }) {
      const environment = headers['x-inngest-env']
      const shown = ctx.mode === 'dev' || (environment !== undefined && environment !== ENVIRONMENT_NAME) ? [] : keys
      const rows = shown.map((key, index) => ({
        id: createHash('sha256').update(key).digest('hex').slice(0, 16),
        name: `configured ${index + 1}`,
        environment: ENVIRONMENT_NAME,
        key: '********',
        createdAt: CREATED_AT,
      }))
      return listV2(rows, storeNow(ctx), { cursor: undefined, hasMore: false, limit: query.limit ?? 20 })
    },
  })
}
