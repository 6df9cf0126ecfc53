// A step's own HTTP call, made by the server: `step.fetch` and `step.ai.infer`. Like a targeted call of the app, but the
// answer is the step's result, and only a failure of transport (for AI, also a status above 299) is tried again.
import { canonicalText, dataMemo, errorMemo, errorText, type Json, parseJson, writeCanonical } from '@pawl/protocol'
import { type Mark, StorageError } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { GatewayResult } from '../drivers/driver.ts'
import { type GatewayDetail, readDetail } from '../history/step-detail.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { endStep } from '../runs/end-branch.ts'
import type { ExecuteHooks } from './execute-item.ts'
import { tryAgain } from './try-again.ts'

/** Makes the call and commits its result. @returns the lease of the discovery that follows, with its mark. */
export async function executeGateway(
  ctx: EngineContext,
  hooks: ExecuteHooks,
  leased: Leased,
): Promise<{ readonly next: Leased; readonly mark: Mark } | undefined> {
  const { item } = leased
  const { request } = readDetail(item.detail)
  const fn = ctx.registry.fn(item.fn ?? 0)
  if (request === undefined || fn === undefined || !hooks.running()) {
    await hooks.giveBack(item)
    return undefined
  }
  const outcome = readOutcome(request, await ctx.gateway.fetch(request))
  for (let tries = 0; ; tries++) {
    try {
      const committed = await commit(ctx, {
        needs: { runs: [item.run ?? 0], items: [item.key] },
        fence: { run: item.run, item: item.key, epoch: item.epoch },
        decide: (draft) => planOutcome(ctx, draft, { leased, fn, outcome }),
      })
      if (typeof committed === 'string') return undefined
      const next = hooks.follow(committed.effects, committed.mark, item.key)
      return next === undefined ? undefined : { next, mark: committed.mark }
    } catch (error) {
      if (!(error instanceof StorageError) || error.code === 'storage_closed') throw error
      await new Promise<void>((resolve) => ctx.clock.setTimer(Math.min(100 * 2 ** tries, 5_000), resolve))
    }
  }
}

type Outcome =
  | { readonly ok: true; readonly memo: string }
  | { readonly ok: false; readonly error: string; readonly retryAfter: string | null }

function readOutcome(request: GatewayDetail, result: GatewayResult): Outcome {
  const failureName = request.ai ? 'AIGatewayError' : 'GatewayError'
  if (result.kind === 'lost') {
    const name = result.reason === 'blocked' ? 'blocked_by_policy' : failureName
    return { ok: false, error: errorText({ name, message: result.message }), retryAfter: null }
  }
  if (!request.ai) return { ok: true, memo: dataMemo(fetchResult(request, result)) }
  if (result.status <= 299) return { ok: true, memo: dataMemo(jsonOrText(result.body)) }
  const body = jsonOrText(result.body)
  const error = errorText({
    name: failureName,
    message: `The model provider answered ${result.status}.`,
    stack: result.body,
    data: parseJson(body),
  })
  return { ok: false, error, retryAfter: result.headers['retry-after'] ?? null }
}

function fetchResult(request: GatewayDetail, result: Extract<GatewayResult, { kind: 'answer' }>): string {
  const headers: { [name: string]: Json } = { ...result.headers }
  return writeCanonical({ url: request.url, headers, body: result.body, status_code: result.status })
}

function jsonOrText(body: string): string {
  try {
    return canonicalText(body)
  } catch {
    return writeCanonical(body)
  }
}

function planOutcome(
  ctx: EngineContext,
  draft: Draft,
  work: { readonly leased: Leased; readonly fn: FunctionEntry; readonly outcome: Outcome },
): void {
  const { item } = work.leased
  const run = draft.run(item.run ?? 0)
  if (run === undefined || run.state.endedAt !== null) return
  const { outcome, fn } = work
  if (outcome.ok) return endStep(draft, run, { item, memo: outcome.memo, status: 'completed' })
  if (item.attempt + 1 >= fn.attemptsMax)
    return endStep(draft, run, { item, memo: errorMemo(outcome.error), status: 'failed' })
  const detail = readDetail(item.detail)
  tryAgain(ctx, draft, run, {
    item,
    step: item.step,
    name: detail.name ?? '',
    stepKind: detail.kind ?? 'gateway',
    error: outcome.error,
    retryAfter: outcome.retryAfter,
  })
}
