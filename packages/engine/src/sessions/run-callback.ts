// Tells a URL how a request was resolved. The item was written with the resolution, so that the death of a process loses no
// callback; one whose outcome nobody recorded is sent again under the same ID.
import type { ItemRow, RequestRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { GatewayResult } from '../drivers/driver.ts'
import type { MatchHooks } from '../match/run-match-item.ts'
import type { Leased } from '../runs/draft.ts'
import { callbackHeaders } from './callback-signature.ts'
import type { Gate } from './gate.ts'
import { resolutionData } from './session-events.ts'

/** Before the second to the fifth try, in milliseconds. */
const DELAYS_MS = [5_000, 30_000, 120_000, 600_000] as const
/** Nothing in the answer counts but its status. */
const LIMITS = { timeoutMs: 15_000, bodyBytesMax: 16 * 1024, cutsBody: true } as const
/** Receivers that were told to wait come back apart by so much. */
const SPREAD = 0.2

/** The `detail` of a callback's item. */
export interface CallbackDetail {
  readonly request: number
  /** The session's ULID. */
  readonly session: string
}

export async function runCallback(
  ctx: EngineContext,
  hooks: MatchHooks,
  { item, gate }: Leased & { readonly gate: Gate },
): Promise<void> {
  // The engine wrote it.
  const { session } = JSON.parse(item.detail ?? '{"request":0,"session":""}') as CallbackDetail
  const request = await ctx.store.state.requestByUlid(item.step.slice('callback:'.length))
  // Deleted by a reset, or so old that retention has taken it.
  const fault = request === undefined ? null : await gate.pass(() => trySend(ctx, request, { item, session }))
  await settle(ctx, hooks, { item, fault })
  const isLast = item.attempt >= DELAYS_MS.length || fault?.isFinal === true
  if (fault !== null)
    ctx.log.warn(
      { request: request?.id, attempt: item.attempt + 1, reason: fault.reason },
      isLast
        ? 'a callback could not be delivered and is given up'
        : 'a callback could not be delivered; it is tried again',
    )
}

interface Fault {
  readonly reason: string
  /** Trying again would change nothing. */
  readonly isFinal: boolean
}

/** One that has ended the process each time it was sent is sent no more. */
const POISON: Fault = { reason: 'it was begun many times and never came to an end', isFinal: true }

function trySend(
  ctx: EngineContext,
  request: RequestRow,
  { item, session }: { readonly item: ItemRow; readonly session: string },
): Promise<Fault | null> {
  return item.claims > ctx.limits.claimsMax ? Promise.resolve(POISON) : send(ctx, request, session)
}

/** @returns null when it was taken. */
async function send(ctx: EngineContext, request: RequestRow, session: string): Promise<Fault | null> {
  if (request.callbackUrl === null) return null
  const body = resolutionData(request, { id: session })
  const message = { id: request.id, timestampSeconds: Math.floor(ctx.clock.wall() / 1_000), body }
  const result = await ctx.gateway.fetch({
    url: request.callbackUrl,
    method: 'POST',
    headers: callbackHeaders(message, ctx.signingKeys),
    body,
    ...LIMITS,
  })
  return faultOf(result)
}

function faultOf(result: GatewayResult): Fault | null {
  if (result.kind === 'lost') return { reason: result.message, isFinal: result.reason === 'blocked' }
  if (result.status >= 200 && result.status < 300) return null
  // Gone: the receiver wants no more of it.
  return { reason: `HTTP ${result.status}`, isFinal: result.status === 410 }
}

async function settle(
  ctx: EngineContext,
  hooks: MatchHooks,
  { item, fault }: { readonly item: ItemRow; readonly fault: Fault | null },
): Promise<void> {
  const delayMs = fault === null || fault.isFinal ? undefined : DELAYS_MS[item.attempt]
  const spread = 1 + ctx.random() * SPREAD
  const committed = await commit(ctx, {
    needs: {},
    fence: { run: null, item: item.key, epoch: item.epoch },
    decide: (draft) => {
      if (delayMs === undefined) return draft.push({ end: 'item', key: item.key })
      const due = draft.now + Math.round(delayMs * spread)
      const row = { ...item, state: 'sleeping', owner: 0, claims: 0, attempt: item.attempt + 1, due } as const
      draft.push({ set: 'item', row })
    },
  })
  if (typeof committed !== 'string') hooks.follow(committed.effects, committed.mark)
}
