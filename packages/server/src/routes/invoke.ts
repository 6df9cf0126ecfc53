// `POST /invoke/{slug}`: starts one function through an invoke event, for scripts and people.
import { parseJson, readEvent } from '@pawl/protocol'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { route } from '../http/define-route.ts'
import { jsonObject } from '../http/parameters.ts'
import type { Route } from '../http/route.ts'

const BODY_BYTES_MAX = 3 * 1024 * 1024
const INVOKED_EVENT = 'inngest/function.invoked'

export function invokeRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/invoke/:slug',
      rules: { scope: 'start-signing-key', surface: 'v1', bodyBytesMax: BODY_BYTES_MAX },
      doc: { id: 'invokeBySlug', tag: 'Functions', summary: 'Start a run of one function by its slug.' },
      params: z.object({ slug: z.string() }),
      body: jsonObject,
      bodyOptional: true,
      answers: { 200: z.object({ id: z.string(), status: z.literal(200) }) },
      async handle({ params, body }) {
        const { dataText } = readEvent(body, INVOKED_EVENT)
        const { eventId } = await ctx.engine.invoke({ slug: params.slug, dataText, idempotencyKey: null })
        return { json: { id: eventId, status: 200 } }
      },
    }),
  ]
}

/** Canonical text of an invoke's `data`; other than an object it is refused. */
export function invokeData(data: unknown): string {
  return readEvent(data === undefined ? parseJson('{}') : { data: data as never }, INVOKED_EVENT).dataText
}
