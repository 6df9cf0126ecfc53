// A step's own HTTP call, made by the server: `step.fetch` and `step.ai.infer`. Like a targeted call of the app, but the
// answer is the step's result, and only a failure of transport (for AI, also a status above 299) is tried again.
import {
  canonicalText,
  dataMemo,
  errorMemo,
  errorText,
  type Json,
  LIMITS,
  OUTPUT_TOO_LARGE_ERROR,
  parseJson,
  writeCanonical,
} from '@pawl/protocol'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { GatewayResult } from '../drivers/driver.ts'
import { type GatewayDetail, readDetail } from '../history/step-detail.ts'
import { keepTrying } from '../keep-trying.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { endStep } from '../runs/end-branch.ts'
import type { ExecuteHooks, Onward } from './execute-item.ts'
import { secretMask } from './mask-secrets.ts'
import { tryAgain } from './try-again.ts'

/** Makes the call and commits its result. @returns the lease of the discovery that follows, with its mark. */
export async function executeGateway(
  ctx: EngineContext,
  hooks: ExecuteHooks,
  leased: Leased,
): Promise<Onward | undefined> {
  const { item } = leased
  const { request } = readDetail(item.detail)
  const fn = ctx.registry.fn(item.fn ?? 0)
  if (request === undefined || fn === undefined || !hooks.running()) {
    await hooks.giveBack(item)
    return undefined
  }
  const outcome = readOutcome(request, await ctx.gateway.fetch(request))
  const committed = await keepTrying(ctx, () =>
    commit(ctx, {
      needs: {
        runs: [item.run ?? 0],
        items: [item.key],
        limits: item.limits.map((name) => ({ name, take: 2 })),
      },
      fence: { run: item.run, item: item.key, epoch: item.epoch },
      decide: (draft) => planOutcome(ctx, draft, { leased, fn, outcome }),
    }),
  )
  if (typeof committed === 'string') return undefined
  const next = hooks.follow(committed.effects, committed.mark, item.key)
  return next === undefined ? undefined : { leased: next, mark: committed.mark }
}

type Outcome =
  | { readonly ok: true; readonly memo: string }
  | { readonly ok: false; readonly error: string; readonly retryAfter: string | null; readonly final?: boolean }

function readOutcome(request: GatewayDetail, result: GatewayResult): Outcome {
  const failureName = request.ai ? 'AIGatewayError' : 'GatewayError'
  if (result.kind === 'lost') {
    const name = result.reason === 'blocked' ? 'blocked_by_policy' : failureName
    const error = errorText({ name, message: secretMask(request)(result.message) })
    return { ok: false, error, retryAfter: null }
  }
  if (!request.ai) return output(fetchResult(request, result))
  if (result.status <= 299) return output(jsonOrText(result.body))
  return { ok: false, error: providerError(request, result), retryAfter: result.headers['retry-after'] ?? null }
}

/** An answer above this stands in the error as the begin of its text only; in bytes. */
const ERROR_DATA_BYTES_MAX = 64 * 1024

function providerError(request: GatewayDetail, result: Extract<GatewayResult, { kind: 'answer' }>): string {
  const body = secretMask(request)(result.body)
  const parts = {
    name: 'AIGatewayError',
    message: `The model provider answered ${result.status}.`,
    stack: body.slice(0, LIMITS.answerQuoteBytesMax.value),
  }
  if (Buffer.byteLength(body) > ERROR_DATA_BYTES_MAX) return errorText(parts)
  return errorText({ ...parts, data: parseJson(jsonOrText(body)) })
}

/** Written as JSON a body may be longer than it came. */
function output(dataText: string): Outcome {
  const isTooLarge = Buffer.byteLength(dataText) > LIMITS.stepOutputBytesMax.value
  if (isTooLarge) return { ok: false, error: OUTPUT_TOO_LARGE_ERROR, retryAfter: null, final: true }
  return { ok: true, memo: dataMemo(dataText) }
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
  if (outcome.final === true || item.attempt + 1 >= fn.attemptsMax)
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
