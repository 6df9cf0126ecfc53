// Station 6: the Call Request of one item, put together from stored pieces. Nothing is parsed or printed again, so the
// body is canonical and can be signed as it stands.
import { buildCallBody, type CallParts, callHeaders, callUrl, signBody } from '@pawl/protocol'
import type { ItemRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { CallRequest } from '../drivers/driver.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { HotRun } from '../runs/hot-runs.ts'

type CallSettings = Pick<EngineContext, 'signingKeys' | 'clock' | 'limits'>

/** Builds the request. `requestId` is a new ULID for each dispatch. */
export function prepareCall(
  ctx: CallSettings,
  call: { readonly hot: HotRun; readonly item: ItemRow; readonly fn: FunctionEntry; readonly requestId: string },
): CallRequest {
  const { hot, item, fn, requestId } = call
  const stepId = item.step === '' ? 'step' : item.step
  const parts = callParts(call, stepId)
  let body = buildCallBody({ ...parts, useApi: false })
  // The Go SDK does not fetch state: it would run everything again, so its calls carry all of it.
  if (isOver(body, ctx.limits.inlineBytesMax) && fn.app.row.sdkLanguage !== 'go')
    body = buildCallBody({ ...parts, useApi: true })
  const key = ctx.signingKeys[0]
  const headers = callHeaders({
    runId: hot.row.id,
    requestId,
    jobId: String(item.key),
    generationId: item.epoch,
    stepId,
    version: hot.row.version,
    signature: key === undefined ? null : signBody(body, key, Math.floor(ctx.clock.wall() / 1000)),
  })
  return { url: callUrl(fn.config.url, fn.row.slug, stepId), headers, body }
}

/** Bytes are counted only when the number of characters leaves it open. */
function isOver(text: string, bytesMax: number): boolean {
  return text.length > bytesMax || (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax)
}

function callParts(
  call: { readonly hot: HotRun; readonly item: ItemRow; readonly fn: FunctionEntry; readonly requestId: string },
  stepId: string,
): Omit<CallParts, 'useApi'> {
  const { hot, item, fn, requestId } = call
  const { row } = hot
  return {
    ctx: {
      fnId: forgetsInput(hot, fn) ? '' : fn.id,
      runId: row.id,
      env: '',
      stepId,
      attempt: item.attempt,
      maxAttempts: fn.attemptsMax,
      qiId: queueItemId(item),
      requestId,
      generationId: item.epoch,
      jobId: String(item.key),
      disableImmediateExecution: row.forcePlan || row.open > 0 || row.racing > 0,
    },
    eventText: hot.events[0] ?? '{}',
    eventsTexts: hot.events,
    memos: hot.memos,
    stack: hot.stack,
    version: row.version,
  }
}

/**
 * SDK 4 for JavaScript loses the result of a step whose arguments were edited while it reports steps of an open call. A
 * call that does not name the function makes it report them in its answer.
 */
function forgetsInput(hot: HotRun, fn: FunctionEntry): boolean {
  return fn.app.row.sdkLanguage === 'js' && hot.memos.length > hot.results.size
}

/** The token that checkpoints echo: item and epoch, so that SDKs that send no generation are fenced too. */
export function queueItemId(item: Pick<ItemRow, 'key' | 'epoch'>): string {
  return `${item.key}.${item.epoch}`
}

/** Reads the token back; null when it is not one of ours. */
export function readQueueItemId(text: string): { readonly item: number; readonly epoch: number } | null {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text)
  return match === null ? null : { item: Number(match[1]), epoch: Number(match[2]) }
}
