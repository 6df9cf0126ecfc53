// What the dashboard's frame shows of the server: its mode, version, database and keys by number, and how it is. Asked
// without a credential where one is needed it answers 401, which is how the page learns that it has to ask for one.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { publicUrl } from '../http/caller.ts'
import { hotRoute } from '../http/define-route.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'

const DAY_MS = 86_400_000

const ServerInfo = z
  .object({
    mode: z.enum(['dev', 'start']),
    version: z.string(),
    now: z.string(),
    clockOffsetMs: z.int().optional().meta({ description: 'How far development’s clock is ahead.' }),
    startedAt: z.string(),
    database: z.enum(['memory', 'sqlite', 'postgres']),
    eventKeys: z.int().meta({ description: 'How many there are.' }),
    signingKeys: z.int().meta({ description: 'How many there are.' }),
    eventUrl: z.string().meta({ description: 'Where events are sent; in production with a stand-in for the key.' }),
    callsOpen: z.int(),
    callsMax: z.int(),
    storeOk: z.boolean(),
    retentionDays: z.number(),
  })
  .meta({ id: 'ServerInfo' })

export function infoRoutes(ctx: ServerContext): readonly Route[] {
  return [
    hotRoute({
      method: 'GET',
      path: v2Paths('/info'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'getInfo', tag: 'Health', summary: 'What this server is and how it is.' },
      answers: { 200: dataV2(ServerInfo) },
      handle: (request) => answerV2(infoOf(ctx, publicUrl(request)), storeNow(ctx)),
    }),
  ]
}

function infoOf(ctx: ServerContext, url: string): z.infer<typeof ServerInfo> {
  const { now, offsetMs } = ctx.engine.clock()
  const { calls, callsMax, storeOk } = ctx.engine.status()
  return {
    mode: ctx.mode,
    version: ctx.version,
    now: instant(now),
    ...(offsetMs === 0 ? {} : { clockOffsetMs: offsetMs }),
    startedAt: instant(ctx.startedAt),
    database: ctx.database,
    eventKeys: ctx.eventKeys.length,
    signingKeys: ctx.signingKeys.length,
    eventUrl: `${url}/e/${ctx.mode === 'dev' ? 'dev' : 'YOUR_EVENT_KEY'}`,
    callsOpen: calls,
    callsMax,
    storeOk,
    retentionDays: ctx.retentionMs / DAY_MS,
  }
}
