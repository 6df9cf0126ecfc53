// One call of a job: read what to send, send it once, write what it came to. Nothing here sends twice: when the store does not
// take the result, the result is offered again, never the request.
import type { ItemRow, JobRow, JobRunRow, SessionRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { GatewayRequest, GatewayResult } from '../drivers/driver.ts'
import { EngineError } from '../errors.ts'
import { keepTrying } from '../keep-trying.ts'
import type { Effects, Leased } from '../runs/draft.ts'
import type { StoredRequest } from './door.ts'
import { endRun, type RunOutcome } from './end-run.ts'
import { callDetail, idOf, JobDraft } from './job-draft.ts'
import { JOB_LIMITS } from './limits.ts'
import {
  type CallTold,
  openedHeaders,
  type PreparedRequest,
  prepareRequest,
  secretsNamed,
  UnsendableHeader,
} from './prepare-request.ts'
import { failedWith, readOutcome, sessionIdOf } from './read-outcome.ts'
import { readRequest } from './stored-request.ts'
import { SecretMissing } from './templates.ts'

export interface JobHooks {
  follow(effects: Effects, mark: number | string): unknown
}

/** Works on a leased `jobRun` item to its end. */
export async function callJob(ctx: EngineContext, hooks: JobHooks, { item }: Leased): Promise<void> {
  const found = await keepTrying(ctx, () => foundFor(ctx, item))
  const { outcome, sessionId } = found === undefined ? GONE : await callFor(ctx, found)
  await keepResult(ctx, hooks, { item, outcome, session: await sessionOf(ctx, sessionId) })
}

interface Called {
  readonly outcome: RunOutcome
  /** The session that the answer names. */
  readonly sessionId: string | null
}

const GONE: Called = { outcome: failedWith('internal', 'The job is gone.'), sessionId: null }

interface Found {
  readonly job: JobRow
  readonly run: JobRunRow
}

async function foundFor({ store }: EngineContext, item: ItemRow): Promise<Found | undefined> {
  const [job, run] = await Promise.all([
    store.state.jobByUlid(callDetail(item).job),
    store.state.jobRunByUlid(idOf(item)),
  ])
  return job === undefined || run === undefined ? undefined : { job, run }
}

function callFor(ctx: EngineContext, { job, run }: Found): Promise<Called> {
  const { id: runId, scheduledAt, trigger } = run
  const told = { jobId: job.id, runId, scheduledAt, trigger, wallMs: ctx.clock.wall() }
  return callOnce(ctx, readRequest(job), { told, timeoutMs: job.timeoutMs })
}

/** Sends a request once. @throws whatever the store says, before anything was sent */
export async function callOnce(
  ctx: EngineContext,
  stored: StoredRequest,
  how: { readonly told: CallTold; readonly timeoutMs: number },
): Promise<Called> {
  const prepared = await preparedOr(ctx, stored, how.told)
  if (!('mask' in prepared)) return { outcome: prepared, sessionId: null }
  const { mask, ...request } = prepared
  const result = await fetched(ctx, {
    ...request,
    timeoutMs: how.timeoutMs,
    bodyBytesMax: JOB_LIMITS.answerBytesMax,
    cutsBody: true,
  })
  return { outcome: readOutcome(result, mask), sessionId: sessionIdOf(result) }
}

/** The request with its secrets in place, or why there is none. */
async function preparedOr(
  ctx: EngineContext,
  stored: StoredRequest,
  told: CallTold,
): Promise<PreparedRequest | RunOutcome> {
  try {
    const opened = openedHeaders(ctx.seal, stored)
    const names = secretsNamed(opened)
    const rows = names.length === 0 ? [] : await keepTrying(ctx, () => ctx.store.state.secrets(names))
    const secrets = new Map(rows.map(({ name, sealed }) => [name, ctx.seal.open(sealed)]))
    return prepareRequest({ ...opened, secrets }, told)
  } catch (error) {
    const isTold = error instanceof SecretMissing || error instanceof UnsendableHeader || error instanceof EngineError
    if (isTold) return failedWith('internal', `The request was not sent: ${error.message}`)
    throw error
  }
}

async function fetched(ctx: EngineContext, request: GatewayRequest): Promise<GatewayResult> {
  try {
    return await ctx.gateway.fetch(request)
  } catch (error) {
    // It never rejects; if it does all the same, the request may have gone out and must not go again.
    ctx.log.error({ error: String(error) }, 'a call of a job failed within the server')
    return { kind: 'lost', reason: 'bad_response', message: 'the call failed within the server' }
  }
}

async function sessionOf(ctx: EngineContext, id: string | null): Promise<SessionRow | undefined> {
  return id === null ? undefined : keepTrying(ctx, () => ctx.store.state.sessionByUlid(id))
}

async function keepResult(
  ctx: EngineContext,
  hooks: JobHooks,
  of: { readonly item: ItemRow; readonly outcome: RunOutcome; readonly session: SessionRow | undefined },
): Promise<void> {
  const { item, outcome, session } = of
  const committed = await keepTrying(ctx, () =>
    commit(ctx, {
      needs: { items: [item.key], ...(session === undefined ? {} : { sessions: [session.key] }) },
      fence: { run: null, item: item.key, epoch: item.epoch },
      decide: (draft, facts) => {
        const run = facts.jobRunById(idOf(item))
        if (run === undefined) return draft.push({ end: 'item', key: item.key })
        const work = new JobDraft(draft, facts)
        endRun(work, { run, item }, outcome)
        work.finish()
        const linked = session === undefined ? undefined : facts.session(session.key)
        // The first call that names a session has opened it.
        if (linked !== undefined && linked.jobRun === null)
          draft.push({ set: 'session', row: { ...linked, job: run.job, jobRun: run.key } })
      },
    }),
  )
  ctx.activity.callsOfJobs += 1
  // Stale: the lease was lost meanwhile, and the run has ended as lost.
  if (typeof committed !== 'string') hooks.follow(committed.effects, committed.mark)
}
