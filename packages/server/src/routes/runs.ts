// Runs on v2: lists, counts, one run, its trace; rerun, resume and cancel.
import { writeCanonical } from '@pawl/protocol'
import type { Key, RunView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { EngineError } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { jsonObject, jsonValue, ulidParameter } from '../http/parameters.ts'
import { flagParameter, limitParameter } from '../http/query.ts'
import { RawJson } from '../http/raw-json.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { writeCursor } from '../lists/cursor.ts'
import { countRuns, runPlace, searchRuns } from '../lists/search-runs.ts'
import { buildTrace } from '../trace/build-trace.ts'
import { runTimes } from '../trace/run-times.ts'
import { SpanV2 } from '../trace/span.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { RunV2, runV2, type WaitingOf } from '../views/run-view.ts'
import { spanV2 } from '../views/span-view.ts'
import { RunReasons, runReasons } from '../views/why-view.ts'
import { invokeData } from './invoke.ts'
import { type AskedRuns, RunFilterQuery, RunListQuery, RunsQuery, readRunQuery } from './run-query.ts'

const runParams = z.object({ runId: ulidParameter })
const outputQuery = z.object({ includeOutput: flagParameter })
const v2 = { scope: 'signing-key', surface: 'v2' } as const
const COUNT_MAX = 1_000_000
const REL_MAX = 100

const RunAlone = RunV2.extend({
  why: RunReasons.optional(),
  functionVersion: z.int().optional(),
  sdk: z.string().optional().meta({ description: 'Of the app as it is now, such as `js 4.24.0`.' }),
  reruns: z.array(z.string()).optional().meta({ description: 'IDs, the newest first.' }),
  children: z
    .array(z.object({ runId: z.string(), stepId: z.string() }))
    .optional()
    .meta({
      description: 'Runs that its steps (hashed IDs) invoked.',
    }),
  workingMs: z.int().optional().meta({ description: 'Time in which a call or a step was at work.' }),
  waitingMs: z.int().optional().meta({ description: 'The rest of its time.' }),
}).meta({ id: 'RunAlone' })
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
    countRoute(ctx),
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
        const more = includeWhy ? await aroundRun(ctx, view) : {}
        return answerV2({ ...runV2(view, { includeOutput }), ...more }, storeNow(ctx))
      },
    }),
    traceRoute(ctx),
    rerunRoute(ctx),
    resumeRoute(ctx),
    cancelRoute(ctx),
  ]
}

function countRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/runs/count'),
    rules: v2,
    doc: { id: 'countRuns', tag: 'Runs', summary: 'Count the runs that filters leave.' },
    query: RunFilterQuery.extend({ atMost: limitParameter(COUNT_MAX, 10_000) }),
    answers: { 200: dataV2(z.object({ count: z.int(), isCut: z.literal(true).optional() })) },
    async handle({ query: { atMost = 10_000, ...asked } }) {
      const { query, filter } = await readRunQuery(ctx, asked)
      // One more, to tell "exactly so many" from "there are more".
      const count = await countRuns(ctx, { query, filter }, atMost + 1)
      const data = count > atMost ? { count: atMost, isCut: true } : { count }
      return answerV2(data, storeNow(ctx))
    },
  })
}

/** What the page of a run shows beside its row. */
async function aroundRun(ctx: ServerContext, view: RunView): Promise<Readonly<Record<string, unknown>>> {
  const { row } = view
  const [why, record, reruns, children, apps] = await Promise.all([
    row.endedAt === null ? ctx.engine.why(row.id) : undefined,
    ctx.lists.record(row.id, { withTexts: false }),
    relatives(ctx, { original: row.key }),
    relatives(ctx, { parent: row.key }),
    ctx.lists.apps(),
  ])
  const app = apps.find(({ key }) => key === row.app)
  return {
    why: why === undefined || why.reason === null ? undefined : runReasons(why),
    functionVersion: row.fnVersion,
    sdk: app === undefined || app.sdkLanguage === '' ? undefined : `${app.sdkLanguage} ${app.sdkVersion}`.trim(),
    reruns: some(reruns.map((rerun) => rerun.row.id)),
    children: some(children.map((child) => ({ runId: child.row.id, stepId: child.row.parentStep ?? '' })).reverse()),
    ...(record === undefined ? { workingMs: 0, waitingMs: 0 } : runTimes(record, storeNow(ctx))),
  }
}

/** Newest first. */
function relatives(
  ctx: ServerContext,
  of: { readonly original?: Key; readonly parent?: Key },
): Promise<readonly RunView[]> {
  return ctx.lists.runs({
    ...of,
    field: 'queuedAt',
    order: 'desc',
    limit: REL_MAX,
    withOutput: false,
    withEvents: false,
  })
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}

/** One page of runs. */
export async function listRuns(ctx: ServerContext, asked: AskedRuns): Promise<Answer> {
  const { filter, order } = asked
  const query = { ...asked.query, withOpen: true }
  const { rows, hasMore } = await searchRuns(ctx, query, filter)
  const whole = { query: { ...query, after: undefined }, filter }
  const total = asked.includeTotal ? await countRuns(ctx, whole) : undefined
  const last = rows.at(-1)
  const waitingOf: WaitingOf = (view) => ctx.engine.waitingBrief(view)
  return listV2(
    rows.map((view) => runV2(view, { includeOutput: query.withOutput, waitingOf })),
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
      const includeOutput = query.includeOutput ?? false
      const record = await ctx.lists.record(params.runId, { withTexts: includeOutput })
      if (record === undefined) throw new HttpError('run_not_found', 'Run not found')
      const span = spanV2(buildTrace(record), { includeOutput })
      // Without stored texts in it the tree of a run of 10,000 steps is printed several times as fast.
      const rootSpan = includeOutput ? span : new RawJson(JSON.stringify(span))
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
      data: jsonObject.optional().meta({
        description: 'The run gets a new event of the same name with this data, which no other function sees.',
      }),
    }),
    bodyOptional: true,
    answers: { 200: RunIdAnswer },
    async handle({ params, body }) {
      const { fromStep, data } = body
      const from = fromStep && {
        step: fromStep.stepId,
        inputText: fromStep.input === undefined ? null : writeCanonical(fromStep.input),
      }
      const dataText = data === undefined ? undefined : invokeData(data)
      const { runId } = await withStepErrors(() => ctx.engine.rerun(params.runId, { from, dataText }))
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
    if (error.code === 'run_ended') throw new HttpError('run_already_ended', 'The run has ended', { cause: error })
    throw error
  }
}

function resumeRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/runs/:runId/resume'),
    rules: { ...v2, bodyBytesMax: BODY_BYTES_MAX },
    doc: {
      id: 'resumeRun',
      tag: 'Runs',
      summary: 'End the open wait or sleep of a step, as if what it waits for had come.',
    },
    params: runParams,
    body: z.object({
      stepId: z
        .string()
        .regex(/^[0-9a-f]{40}$/, 'must be a hashed step ID: 40 hex digits')
        .meta({ description: 'Hashed step ID, as in the trace.' }),
      data: jsonValue.optional().meta({ description: 'What the step returns; for a wait, the data of its event.' }),
    }),
    answers: { 200: RunIdAnswer },
    async handle({ params, body }) {
      const dataText = writeCanonical(body.data ?? null)
      await withStepErrors(() => ctx.engine.resume(params.runId, body.stepId, dataText))
      return answerV2({ runId: params.runId }, storeNow(ctx))
    },
  })
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
