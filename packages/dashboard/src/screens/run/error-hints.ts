// Causes that can be read off an error, each with its remedy: one sentence for either. Pure. Only what is sure enough is
// said; an error that is not known gets no hint.

import { messages } from './messages.ts'

export interface KnownError {
  readonly name?: string | undefined
  readonly message?: string | undefined
  readonly code?: string | undefined
  /** HTTP status that the app answered. */
  readonly status?: number | undefined
  /** Start of an answer that was no JSON. */
  readonly body?: string | undefined
  /** How long the attempt took, milliseconds. */
  readonly tookMs?: number | undefined
  /** Address of the app. */
  readonly url?: string | undefined
}

export interface Hint {
  readonly cause: string
  readonly remedy: string
}

/** Limits that hosts have, seconds. */
const HOST_LIMITS_S = [10, 15, 25, 26, 30, 60, 90, 100, 120, 300, 600, 800, 900]

interface Rule {
  readonly hint: keyof typeof messages.hints
  readonly holds: (error: KnownError, text: string) => boolean
}

const RULES: readonly Rule[] = [
  {
    hint: 'localAddress',
    holds: (error, text) =>
      /ECONNREFUSED|connection refused/i.test(text) &&
      /localhost|127\.0\.0\.1|\[::1\]|::1\b/.test(`${text} ${error.url ?? ''}`),
  },
  { hint: 'refused', holds: (_, text) => /ECONNREFUSED|connection refused/i.test(text) },
  { hint: 'unknownHost', holds: (_, text) => /ENOTFOUND|EAI_AGAIN|getaddrinfo/i.test(text) },
  {
    hint: 'signature',
    holds: (error, text) =>
      error.status === 401 ||
      error.status === 403 ||
      /signature (?:mismatch|verification|is invalid|expired)|invalid signature|signing key/i.test(text),
  },
  {
    hint: 'notTheEndpoint',
    holds: (error, text) =>
      (error.status === 404 || /\b404\b/.test(error.message ?? '')) &&
      /<html|<!doctype/i.test(`${error.body ?? ''} ${text}`),
  },
  {
    hint: 'functionGone',
    holds: (_, text) =>
      /(?:could not find|no such|unknown|not find) function|function not found|function_not_found/i.test(text),
  },
  {
    hint: 'tooLarge',
    holds: (error, text) =>
      error.status === 413 ||
      /entity too large|payload too large|PayloadTooLarge|output_too_large|body.{0,20}too large/i.test(text),
  },
  { hint: 'nested', holds: (_, text) => /nested step|step.{0,20}inside (?:of )?another step/i.test(text) },
  {
    hint: 'stepOrder',
    holds: (_, text) =>
      /duplicate step id|step id.{0,30}(?:twice|used more than once)|non-?determinis|AUTOMATIC_PARALLEL_INDEXING/i.test(
        text,
      ),
  },
  {
    hint: 'tls',
    holds: (_, text) =>
      /self.signed certificate|certificate has expired|unable to verify the first certificate|ERR_TLS|wrong version number/i.test(
        text,
      ),
  },
  { hint: 'hostLimit', holds: (error, text) => isTimeOut(error, text) && isRoundNumber(error.tookMs) },
  { hint: 'timeOut', holds: (error, text) => isTimeOut(error, text) },
  { hint: 'reset', holds: (_, text) => /ECONNRESET|socket hang up|EPIPE|other side closed|terminated/i.test(text) },
  { hint: 'noOverload', holds: (_, text) => /no such overload/i.test(text) },
  { hint: 'noSuchKey', holds: (_, text) => /no such key/i.test(text) },
  { hint: 'clock', holds: (_, text) => /clock (?:skew|drift)|timestamp.{0,20}(?:future|too old)/i.test(text) },
]

/** The cause and remedy of an error, where they are known. */
export function hintOf(error: KnownError): Hint | undefined {
  const text = [error.code, error.name, error.message, error.body].filter(Boolean).join(' ')
  const rule = RULES.find((each) => each.holds(error, text))
  return rule === undefined ? undefined : messages.hints[rule.hint]
}

function isTimeOut(error: KnownError, text: string): boolean {
  return (
    error.status === 504 || error.status === 524 || error.status === 408 || /time(?:d)?[ -]?out|ETIMEDOUT/i.test(text)
  )
}

/** Within a second behind a limit that hosts have. */
function isRoundNumber(ms: number | undefined): boolean {
  if (ms === undefined) return false
  return HOST_LIMITS_S.some((seconds) => ms >= seconds * 1000 - 50 && ms <= seconds * 1000 + 1000)
}

export interface ErrorFacts extends KnownError {
  readonly stack?: string | undefined
  readonly cause?: ErrorFacts | undefined
}

/** What an error stored as JSON says, or `{"error": …}` around one; undefined when the text is none. */
export function readError(text: string): ErrorFacts | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (isRecord(value) && isRecord(value['error']) && value['message'] === undefined) value = value['error']
  return factsOf(value, 0)
}

/** Causes within causes that are read. */
const CAUSES_MAX = 6

function factsOf(value: unknown, depth: number): ErrorFacts | undefined {
  if (typeof value === 'string') return { message: value }
  if (!isRecord(value)) return undefined
  const status = value['status'] ?? value['statusCode']
  const cause = depth < CAUSES_MAX ? factsOf(value['cause'], depth + 1) : undefined
  return {
    name: textOf(value['name']),
    message: textOf(value['message']),
    code: textOf(value['code']),
    stack: textOf(value['stack']),
    body: textOf(value['body']) ?? textOf(value['response']),
    status: typeof status === 'number' ? status : undefined,
    ...(cause === undefined ? {} : { cause }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
