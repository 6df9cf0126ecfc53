// Steps that an app reports while its call goes on. Hot: one POST a step with the newest SDK, so the bytes go to the
// protocol's own reader and an empty 200 comes back, after the commit.
import { isUlid, readCheckpoint } from '@pawl/protocol'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { bodyBytes, hotRoute } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Answer, Route } from '../http/route.ts'

/** A few steps of the greatest output. */
const BODY_BYTES_MAX = 8 * 1024 * 1024
const KEPT: Answer = { status: 200, text: '' }

const Reported = z
  .object({
    run_id: z.string(),
    fn_id: z.string(),
    qi_id: z.string(),
    request_id: z.string().optional(),
    generation_id: z.int().optional(),
    steps: z.array(z.record(z.string(), z.unknown())),
    ts: z.int().optional(),
  })
  .meta({ id: 'Checkpoint' })

export function checkpointRoutes(ctx: ServerContext): readonly Route[] {
  return [
    hotRoute({
      method: 'POST',
      path: ['/v1/checkpoint/:runId/async', '/v1/http/runs/:runId/async'],
      rules: { scope: 'signing-key', surface: 'v1', bodyBytesMax: BODY_BYTES_MAX },
      doc: { id: 'checkpoint', tag: 'SDK', summary: 'Keep steps of a call that is still open.' },
      documented: { params: z.object({ runId: z.string() }), body: Reported },
      answers: { 200: null },
      handle: (request) => keep(ctx, request),
    }),
  ]
}

async function keep(ctx: ServerContext, request: FastifyRequest): Promise<Answer> {
  const { runId } = request.params as { readonly runId: string }
  if (!isUlid(runId)) throw new HttpError('invalid_parameter', 'runId must be a ULID', { path: 'runId' })
  const checkpoint = readCheckpoint(bodyBytes(request))
  if (checkpoint.runId !== runId) {
    throw new HttpError('checkpoint_invalid', 'run_id is not the run in the address', { path: 'run_id' })
  }
  await ctx.engine.checkpoint(checkpoint)
  return KEPT
}
