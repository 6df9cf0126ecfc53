// `POST /v1/signals` resumes the run that waits for a signal. Signals are not kept: sent before the wait, they are lost.
import { writeCanonical } from '@pawl/protocol'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { jsonValue } from '../http/parameters.ts'
import type { Route } from '../http/route.ts'
import { answerV1 } from '../views/envelope.ts'
import { dataV1 } from '../views/envelope-schemas.ts'

/** A signal's data becomes a step's output. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

export function signalRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/signals',
      rules: { scope: 'signing-key', surface: 'v1', bodyBytesMax: BODY_BYTES_MAX },
      doc: { id: 'sendSignal', tag: 'Runs', summary: 'Resume the run that waits for a signal.' },
      body: z.object({ signal: z.string().min(1).max(1_024), data: jsonValue.optional() }),
      answers: { 200: dataV1(z.object({ run_id: z.string() })) },
      async handle({ body }) {
        const resumed = await ctx.engine.signal(body.signal, writeCanonical(body.data ?? null))
        if (resumed === null) throw new HttpError('signal_not_found', 'No signal found')
        return answerV1({ run_id: resumed.runId }, storeNow(ctx))
      },
    }),
  ]
}
