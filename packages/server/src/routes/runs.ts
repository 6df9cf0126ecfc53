// Runs on v2: lists, one run, its trace, rerun and cancel.
import { writeCanonical } from '@pawl/protocol'
import type { RunView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { EngineError } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { jsonValue, ulidParameter } from '../http/parameters.ts'
import { flagParameter } from '../http/query.ts'
import type { Answer, Route } from '../http/route.ts'
import { writeCursor } from '../lists/cursor.ts'
import { countRuns, runPlace, searchRuns } from '../lists/search-runs.ts'
import { buildTrace } from '../trace/build-trace.ts'
import { SpanV2 } from '../trace/span.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { RunV2, runV2 } from '../views/run-view.ts'
import { spanV2 } from '../views/span-view.ts'
import { RunReasons, runReasons } from '../views/why-view.ts'
import { type AskedRuns, RunListQuery, RunsQuery, readRunQuery } from './run-query.ts'

const runParams = z.object({ runId: ulidParameter })
const outputQuery = z.object({ includeOutput: flagParameter })
const v2 = { scope: 'signing-key', surface: 'v2' } as const
const RunAlone = RunV2.extend({ why: RunReasons.optional() }).meta({ id: 'RunAlone' })
const RunIdAnswer = dataV2(z.object({ runId: z.string() }))
const BODY_BYTES_MAX = 5 * 1024 * 1024

export function runRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: ['/v2/runs', '/api/v2/runs'],
      rules: v2,
      doc: { id: 'listRuns', tag: 'Runs', summary: 'List runs.' },
      query: RunsQuery,
      answers: { 200: pagedV2(RunV2) },
      handle: async ({ query }) => listRuns(ctx, await readRunQuery(ctx, query)),
    }),
    route({
      method: 'GET',
      path: ['/v2/apps/:appId/functions/:functionId/runs', '/api/v2/apps/:appId/functions/:functionId/runs'],
      rules: v2,
      doc: { id: 'listFunctionRuns', tag: 'Runs', summary: 'List the runs of one function.' },
      params: z.object({ appId: z.string(), functionId: z.string() }),
      query: RunListQuery,
      answers: { 200: pagedV2(RunV2) },
      handle: async ({ params, query }) =>
        listRuns(ctx, await readRunQuery(ctx, { ...query, appId: params.appId, functionId: [params.functionId] })),
    }),
    route({
      method: 'GET',
      path: ['/v2/runs/:runId', '/api/v2/runs/:runId'],
      rules: v2,
      doc: { id: 'getRun', tag: 'Runs', summary: 'Get one run.' },
      params: runParams,
      query: outputQuery.extend({ includeWhy: flagParameter }),
      answers: { 200: dataV2(RunAlone) },
      async handle({ params, query: { includeOutput = false, includeWhy = false } }) {
        const view = await findRun(ctx, params.runId, includeOutput)
        const run = runV2(view, { includeOutput })
        const live = includeWhy && view.row.endedAt === null ? await ctx.engine.why(view.row.id) : undefined
        const why = live === undefined || live.reason === null ? undefined : runReasons(live)
        return answerV2({ ...run, why }, storeNow(ctx))
      },
    }),
    traceRoute(ctx),
    rerunRoute(ctx),
    cancelRoute(ctx),
  ]
}

/** One page of runs. */
export async function listRuns(ctx: ServerContext, asked: AskedRuns): Promise<Answer> {
  const { query, filter, order } = asked
  const { rows, hasMore } = await searchRuns(ctx, query, filter)
  const total = asked.includeTotal ? await countRuns(ctx, { ...query, after: undefined }, filter) : undefined
  const last = rows.at(-1)
  return listV2(
    rows.map((view) => runV2(view, { includeOutput: query.withOutput })),
    storeNow(ctx),
    { cursor: last && writeCursor(order, runPlace(query, last)), hasMore, limit: query.limit, total },
  )
}

/** @throws HttpError `run_not_found`. */
export async function findRun(ctx: ServerContext, runId: string, withOutput: boolean): Promise<RunView> {
  const view = await ctx.lists.run(runId, { withOutput, withEvents: false })
  if (view === undefined) throw new HttpError('run_not_found', 'Run not found')
  return view
}

function traceRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: ['/v2/runs/:runId/trace', '/api/v2/runs/:runId/trace'],
    rules: v2,
    doc: { id: 'getRunTrace', tag: 'Runs', summary: 'Get a run’s steps and attempts as a tree.' },
    params: runParams,
    query: outputQuery,
    answers: { 200: dataV2(z.object({ runId: z.string(), rootSpan: SpanV2 })) },
    async handle({ params, query }) {
      const record = await ctx.lists.record(params.runId)
      if (record === undefined) throw new HttpError('run_not_found', 'Run not found')
      const rootSpan = spanV2(buildTrace(record), { includeOutput: query.includeOutput ?? false })
      return answerV2({ runId: record.run.row.id, rootSpan }, storeNow(ctx))
    },
  })
}

function rerunRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: ['/v2/runs/:runId/rerun', '/api/v2/runs/:runId/rerun'],
    rules: { ...v2, bodyBytesMax: BODY_BYTES_MAX },
    doc: { id: 'rerun', tag: 'Runs', summary: 'Run again with the same events, from a step on if asked.' },
    params: runParams,
    body: z.object({
      fromStep: z
        .object({
          stepId: z.string().min(1).meta({ description: 'The step’s name in the code.' }),
          input: z.array(jsonValue).optional().meta({ description: 'Replaces the step’s arguments.' }),
        })
        .optional(),
    }),
    bodyOptional: true,
    answers: { 200: RunIdAnswer },
    async handle({ params, body }) {
      const { fromStep } = body
      const from = fromStep && {
        step: fromStep.stepId,
        inputText: fromStep.input === undefined ? null : writeCanonical(fromStep.input),
      }
      const { runId } = await withStepErrors(() => ctx.engine.rerun(params.runId, from))
      return answerV2({ runId }, storeNow(ctx))
    },
  })
}

/** The words that clients of v2 know. */
async function withStepErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.code === 'run_not_found') throw new HttpError('run_not_found', 'Run not found', { cause: error })
    if (error.code === 'step_not_found')
      throw new HttpError('step_not_found', 'Step not found in original run', { cause: error })
    if (error.code === 'step_ambiguous') {
      throw new HttpError('step_ambiguous', 'Step name matches multiple steps in original run', { cause: error })
    }
    throw error
  }
}

function cancelRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: ['/v2/runs/:runId/cancel', '/api/v2/runs/:runId/cancel'],
    rules: v2,
    doc: { id: 'cancelRun', tag: 'Runs', summary: 'Cancel a run.' },
    params: runParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: RunIdAnswer },
    async handle({ params }) {
      const runId = params.runId
      const verdict = await withStepErrors(() => ctx.engine.cancel(runId))
      if (verdict === 'already_cancelled') throw new HttpError('run_already_cancelled', 'The run was cancelled before')
      if (verdict === 'already_ended') throw new HttpError('run_already_ended', 'The run has ended')
      return answerV2({ runId }, storeNow(ctx))
    },
  })
}
