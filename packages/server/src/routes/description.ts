// The API's description of itself.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import type { Route } from '../http/route.ts'
import { openApi, operations } from '../openapi.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'

/** @param described  Every other route. */
export function descriptionRoutes(ctx: ServerContext, described: readonly Route[]): readonly Route[] {
  let document: string | undefined
  const operationList: Route = route({
    method: 'GET',
    path: ['/v2/operations', '/api/v2/operations'],
    rules: { scope: 'signing-key', surface: 'v2' },
    doc: { id: 'getOperations', tag: 'Description', summary: 'List the operations of v2.' },
    answers: { 200: dataV2(z.object({ operations: z.array(z.record(z.string(), z.unknown())) })) },
    handle: () => ({
      json: { data: { operations: operations(described) }, metadata: { fetchedAt: instant(storeNow(ctx)) } },
      headers: { 'cache-control': 'public, max-age=300, stale-while-revalidate=3600' },
    }),
  })
  return [
    operationList,
    route({
      method: 'GET',
      path: '/openapi.json',
      rules: { scope: 'signing-key', surface: 'v1' },
      doc: { id: 'openApi', tag: 'Description', summary: 'This description.', state: 'internal' },
      handle() {
        document ??= JSON.stringify(openApi([...described, operationList], ctx.version))
        return { text: document, headers: { 'content-type': 'application/json; charset=utf-8' } }
      },
    }),
  ]
}
