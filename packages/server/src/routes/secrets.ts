// Secrets that jobs name as `{{secrets.NAME}}`. They are written and removed; no answer ever holds a value.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const tag = 'Jobs'
/** Of the system: no name that a user may give begins so. */
const OWN = '!'

const secretParams = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be letters, digits and _, 64 at most, no digit first')
    .meta({ description: 'Letters, digits and `_`.' }),
})

export function secretRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/secrets'),
      rules: v2,
      doc: { id: 'listSecrets', tag, summary: 'List the names of secrets.' },
      answers: { 200: dataV2(z.array(z.object({ name: z.string(), updatedAt: z.string() }))) },
      async handle() {
        const rows = (await ctx.lists.secretNames()).filter(({ name }) => !name.startsWith(OWN))
        const shown = rows.map(({ name, updatedAt }) => ({ name, updatedAt: instant(updatedAt) }))
        return answerV2(shown, storeNow(ctx))
      },
    }),
    route({
      method: 'PUT',
      path: v2Paths('/secrets/:name'),
      rules: v2,
      doc: { id: 'setSecret', tag, summary: 'Store a secret, encrypted, or put another value in its place.' },
      params: secretParams,
      body: z.object({ value: z.string().min(1).max(8_192) }),
      answers: { 204: null },
      async handle({ params, body }) {
        await ctx.engine.jobs.setSecret(params.name, body.value)
        return { status: 204 }
      },
    }),
    route({
      method: 'DELETE',
      path: v2Paths('/secrets/:name'),
      rules: v2,
      doc: { id: 'removeSecret', tag, summary: 'Remove a secret; calls of jobs that name it fail from now on.' },
      params: secretParams,
      answers: { 204: null },
      async handle({ params }) {
        if (!(await ctx.engine.jobs.removeSecret(params.name))) {
          throw new HttpError('secret_not_found', 'No secret of this name is stored')
        }
        return { status: 204 }
      },
    }),
  ]
}
