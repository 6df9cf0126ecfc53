// Runs on v1: one run with its output, cancel, queue items, metadata.
import type { ItemRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { EngineError } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import type { Route } from '../http/route.ts'
import { answerV1 } from '../views/envelope.ts'
import { dataV1 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'
import { RunV1, runV1 } from '../views/run-view.ts'
import { findRun } from './runs.ts'

const runParams = z.object({ runId: ulidParameter })
const v1 = { scope: 'signing-key', surface: 'v1' } as const

const Job = z.object({ JobID: z.string(), at: z.string(), position: z.int(), kind: z.string(), attempt: z.int() })

export function runV1Routes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/runs/:runId',
      rules: v1,
      doc: { id: 'getRunV1', tag: 'Runs', summary: 'Get one run with its output.' },
      params: runParams,
      answers: { 200: dataV1(RunV1) },
      handle: async ({ params }) => answerV1(runV1(await findRun(ctx, params.runId, true)), storeNow(ctx)),
    }),
    route({
      method: 'DELETE',
      path: '/v1/runs/:runId',
      rules: v1,
      doc: { id: 'cancelRunV1', tag: 'Runs', summary: 'Cancel a run; also one that has ended answers 200.' },
      params: runParams,
      answers: { 200: null },
      async handle({ params }) {
        await cancelQuietly(ctx, params.runId)
        return { status: 200, text: '' }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/runs/:runId/jobs',
      rules: v1,
      doc: { id: 'listRunJobs', tag: 'Runs', summary: 'List a run’s queue items.' },
      params: runParams,
      answers: { 200: dataV1(z.array(Job)) },
      async handle({ params }) {
        const { row } = await findRun(ctx, params.runId, false)
        // A slot is held, not worked off.
        const jobs = (await ctx.lists.runItems(row.id)).filter((item) => item.kind !== 'slot')
        return answerV1(
          jobs.map((item, position) => job(item, { position, started: row.startedAt !== null })),
          storeNow(ctx),
        )
      },
    }),
    metadataRoute(),
  ]
}

/** Cancels a run; one that has ended stays as it is. @throws EngineError `run_not_found`. */
export async function cancelQuietly(ctx: ServerContext, runId: string): Promise<void> {
  try {
    await ctx.engine.cancel(runId)
  } catch (error) {
    if (error instanceof EngineError && error.code === 'run_not_found') {
      throw new HttpError('run_not_found', 'Run not found', { cause: error })
    }
    throw error
  }
}

/** Kinds of queue items in the words that clients know. */
function job(item: ItemRow, { position, started }: { readonly position: number; readonly started: boolean }): unknown {
  const kinds: Readonly<Record<ItemRow['kind'], string>> = {
    call: item.step === '' && !started ? 'start' : 'edge',
    gateway: 'edge',
    sleep: 'sleep',
    wait: 'pause',
    timeout: 'timeout',
    match: 'match',
    cron: 'cron',
    line: 'line',
    debounce: 'debounce',
    batch: 'batch',
    slot: 'slot',
    bulk: 'bulk',
    // Of no run: they are here for the list to be whole.
    job: 'job',
    jobRun: 'job_run',
    request: 'request',
    callback: 'callback',
  }
  return { JobID: String(item.key), at: instant(item.due), position, kind: kinds[item.kind], attempt: item.attempt }
}

const TargetBody = z.object({
  target: z
    .object({
      run_id: z.string().optional(),
      step_id: z.string().optional(),
      step_index: z.number().optional(),
      step_attempt: z.number().optional(),
      span_id: z.string().optional(),
    })
    .optional(),
  metadata: z.array(
    z.object({ kind: z.string(), op: z.enum(['merge', 'set', 'delete', 'add']), values: z.unknown().optional() }),
  ),
})

/** Checked and thrown away: SDKs show an error to user code for anything but a 2xx. */
function metadataRoute(): Route {
  return route({
    method: 'POST',
    path: '/v1/runs/:runId/metadata',
    rules: v1,
    doc: { id: 'addMetadata', tag: 'Runs', summary: 'Add metadata to a run or step. Accepted, not kept yet.' },
    params: runParams,
    body: TargetBody,
    answers: { 200: null },
    handle({ body }) {
      const { step_id, ...rest } = { ...body.target, run_id: undefined }
      if (step_id === undefined && Object.values(rest).some((value) => value !== undefined)) {
        throw new HttpError('invalid_parameter', 'Invalid metadata target', { path: 'target' })
      }
      return { status: 200, text: '' }
    },
  })
}
