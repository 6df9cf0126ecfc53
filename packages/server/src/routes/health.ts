// Whether the process lives, and whether it takes work. Readiness depends on the store and the engine alone.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import type { Route } from '../http/route.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'

const open = { scope: 'public', surface: 'v1', anyHost: true } as const
const Checks = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.object({ store: z.enum(['ok', 'failing']), queue: z.enum(['ok', 'stopped']) }),
})

export function healthRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      rules: open,
      doc: { id: 'health', tag: 'Health', summary: 'The process lives.' },
      answers: { 200: z.object({ status: z.literal(200), message: z.literal('OK') }) },
      handle: () => ({ json: { status: 200, message: 'OK' } }),
    }),
    route({
      method: 'GET',
      path: '/ready',
      rules: open,
      doc: { id: 'ready', tag: 'Health', summary: 'The server takes work.' },
      answers: { 200: Checks, 503: Checks },
      handle() {
        const { accepting, storeOk } = ctx.engine.status()
        const ok = accepting && storeOk
        const checks = { store: storeOk ? 'ok' : 'failing', queue: accepting ? 'ok' : 'stopped' }
        return { status: ok ? 200 : 503, json: { status: ok ? 'ok' : 'unavailable', checks } }
      },
    }),
    route({
      method: 'GET',
      path: ['/v2/health', '/api/v2/health'],
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'healthV2', tag: 'Health', summary: 'The API answers.' },
      answers: { 200: dataV2(z.object({ status: z.literal('ok') })) },
      handle: () => answerV2({ status: 'ok' }, storeNow(ctx)),
    }),
  ]
}
