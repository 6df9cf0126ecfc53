// What an SDK fetches of a run whose state is too large to be sent along, and v0's cancel. The texts are stored canonical
// and go out as they are.
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { EngineError } from '../engine.ts'
import { hotRoute, route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import type { Answer, Route } from '../http/route.ts'
import { cancelQuietly } from './runs-v1.ts'

const runParams = z.object({ runId: ulidParameter })
const v0 = { scope: 'signing-key', surface: 'v1' } as const
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

export function stateRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v0/runs/:runId/batch',
      rules: v0,
      doc: { id: 'getRunBatch', tag: 'SDK', summary: 'A live run’s events.' },
      params: runParams,
      answers: { 200: z.array(z.unknown()) },
      handle: ({ params }) =>
        stateOf(params.runId, async (runId) => `[${(await ctx.engine.runEvents(runId)).join(',')}]`),
    }),
    route({
      method: 'GET',
      path: '/v0/runs/:runId/actions',
      rules: v0,
      doc: { id: 'getRunActions', tag: 'SDK', summary: 'Results of a live run’s steps by hashed step ID.' },
      params: runParams,
      answers: { 200: z.record(z.string(), z.unknown()) },
      handle: ({ params }) => stateOf(params.runId, (runId) => ctx.engine.runSteps(runId)),
    }),
    route({
      method: 'DELETE',
      path: '/v0/runs/:runId',
      rules: v0,
      doc: { id: 'cancelRunV0', tag: 'SDK', summary: 'Cancel a run.' },
      params: runParams,
      answers: { 204: null },
      async handle({ params }) {
        await cancelQuietly(ctx, params.runId)
        return { status: 204, text: '' }
      },
    }),
    hotRoute({
      method: 'POST',
      path: '/v0/telemetry',
      rules: { ...v0, anyType: true },
      doc: { id: 'telemetry', tag: 'SDK', summary: 'Nothing is kept.', state: 'internal' },
      handle: () => ({ status: 200, text: '' }),
    }),
    hotRoute({
      method: 'POST',
      path: '/v1/traces/userland',
      rules: { ...v0, gzip: true, anyType: true, bodyBytesMax: 8 * 1024 * 1024 },
      doc: { id: 'userlandTraces', tag: 'SDK', summary: 'Spans of the app (OTLP). Accepted, not kept yet.' },
      answers: { 200: null },
      handle: (request) => {
        const json = request.headers['content-type'] !== undefined
        return json
          ? { text: '{}', headers: JSON_HEADERS }
          : { text: '', headers: { 'content-type': 'application/x-protobuf' } }
      },
    }),
  ]
}

async function stateOf(runId: string, read: (runId: string) => Promise<string>): Promise<Answer> {
  try {
    return { text: await read(runId), headers: JSON_HEADERS }
  } catch (error) {
    if (error instanceof EngineError && error.code === 'run_ended') {
      throw new HttpError('run_ended', `runtime state is no longer available for runID: ${runId}`, { cause: error })
    }
    throw error
  }
}
