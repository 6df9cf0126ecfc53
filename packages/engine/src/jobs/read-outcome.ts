// What a call came to: any answer of 200 to 299 is a success and nothing of it is interpreted; everything else is a failure
// with a code. Pure.
import type { GatewayResult, LostReason } from '../drivers/driver.ts'
import type { JobErrorCode } from './door.ts'
import type { RunOutcome } from './end-run.ts'
import { excerptOf } from './excerpt.ts'
import { JOB_LIMITS } from './limits.ts'

const { errorCharactersMax, failureExcerptBytesMax, successExcerptBytesMax } = JOB_LIMITS

type Answer = Extract<GatewayResult, { readonly kind: 'answer' }>
type Lost = Extract<GatewayResult, { readonly kind: 'lost' }>

/** `mask` takes the secrets of the call out of what is kept. */
export function readOutcome(result: GatewayResult, mask: (text: string) => string): RunOutcome {
  if (result.kind === 'lost') return failedWith(lostCode(result), mask(result.message))
  const isSuccess = result.status >= 200 && result.status <= 299
  return {
    status: isSuccess ? 'success' : 'failure',
    httpStatus: result.status,
    error: isSuccess ? null : statusError(result),
    responseBytes: result.bodyBytes ?? Buffer.byteLength(result.body),
    excerpt: excerptOf(mask(result.body), isSuccess ? successExcerptBytesMax : failureExcerptBytesMax),
  }
}

/** A call that brought no answer. */
export function failedWith(code: JobErrorCode, message: string): RunOutcome {
  return {
    status: 'failure',
    httpStatus: null,
    error: { code, message: message.slice(0, errorCharactersMax) },
    responseBytes: null,
    excerpt: null,
  }
}

function statusError({ status, headers }: Answer): RunOutcome['error'] {
  const isRedirect = status >= 300 && status <= 399 && headers.location !== undefined
  if (isRedirect) return { code: 'redirect', message: `The target answered ${status}; the redirect is not followed.` }
  return { code: 'http_status', message: `The target answered ${status}.` }
}

const CODES: Readonly<Record<LostReason, JobErrorCode>> = {
  unreachable: 'response_aborted',
  reset: 'response_aborted',
  timeout: 'timeout',
  too_large: 'response_aborted',
  bad_response: 'response_aborted',
  redirect_refused: 'redirect',
  blocked: 'blocked_by_policy',
}

function lostCode({ reason, fault }: Lost): JobErrorCode {
  return fault ?? CODES[reason]
}

/** The session that a target names in its answer, where it can be one. */
export function sessionIdOf(result: GatewayResult): string | null {
  const id = result.kind === 'answer' ? result.headers['x-session-id'] : undefined
  return id !== undefined && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? id : null
}
