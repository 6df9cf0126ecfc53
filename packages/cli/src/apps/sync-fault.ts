// Reads out of an app's refusal why it cannot be synced, and says what its owner can do. Pure: an answer in, an error out.
// The code is shown by the API; the message is for the person who has just started both programs.
import type { AppError } from '@pawl/engine'
import { HEADERS } from '@pawl/protocol'
import type { AppErrorCode } from '../errors.ts'
import type { CommandName } from '../options.ts'
import type { AppAnswer } from './app-request.ts'
import { shownUrl } from './shown-url.ts'

/** What a message has to know beside the answer. */
export interface FaultContext {
  readonly url: string
  readonly command: CommandName
  /** What the app must be started with to work with this server. */
  readonly setting: string
  readonly hasSigningKey: boolean
}

type Answered = Extract<AppAnswer, { kind: 'answer' }>

/** Why the answer to a sync is not the functions of an app; null when it is a success. */
export function syncFault(answer: AppAnswer, asked: FaultContext): AppError | null {
  // What follows only writes messages; they are logged, stored and shown by the API.
  const context = { ...asked, url: shownUrl(asked.url) }
  if (answer.kind === 'lost') return lostFault(answer, context)
  const fromSdk = isFromSdk(answer)
  if (answer.status >= 200 && answer.status < 300) return fromSdk ? null : notAnApp(answer, context)
  const said = whatItSaid(answer)
  switch (answer.status) {
    case 400:
      return badRequest(said, context)
    case 401:
      return unauthorized(context)
    case 403:
      return fault(
        'forbidden',
        `${context.url} answered 403. Something in front of the app refuses the request; let this machine through.`,
      )
    case 404:
    case 405:
    case 410:
      return notAnApp(answer, context)
    default:
      return failure(answer, said.text, context)
  }
}

function failure(answer: Answered, says: string, { url, setting }: FaultContext): AppError {
  // JS 4 names its SDK only to those it trusts; without INNGEST_DEV and without a key it trusts nobody and answers 500.
  if (answer.headers[HEADERS.sdkHandled] !== undefined && answer.headers[HEADERS.sdk] === undefined) {
    return fault(
      'missing_signing_key',
      `The app at ${url} runs in cloud mode, which is the SDK's default, and has no signing key. Start it with ${setting}.`,
    )
  }
  const quoted = says === '' ? '' : `: ${says}`
  // Out of band, the app fails when it cannot reach the server it was told.
  const hint =
    answer.headers[HEADERS.syncKind] === 'out_of_band'
      ? `It registers with the server that it was told; for this one, start it with ${setting}.`
      : "The app's own log says more."
  return fault('internal_server_error', `The app at ${url} answered ${answer.status}${quoted}. ${hint}`)
}

/** Whether an SDK made the answer. JS leaves the first header out of a 401. */
export function isFromSdk(answer: Answered): boolean {
  return answer.headers[HEADERS.sdk] !== undefined || answer.headers[HEADERS.sdkHandled] !== undefined
}

function lostFault(answer: Extract<AppAnswer, { kind: 'lost' }>, { url }: FaultContext): AppError {
  switch (answer.reason) {
    case 'refused':
    case 'unreachable':
    case 'timeout':
      return fault(
        'unreachable',
        `The app at ${url} cannot be reached: ${answer.message}. Start it, or correct the URL; it is tried again by itself.`,
      )
    case 'redirect':
    case 'blocked':
    case 'too_large':
      return fault('unreachable', `The app at ${url} cannot be used: ${answer.message}.`)
  }
}

function notAnApp(answer: Answered, { url }: FaultContext): AppError {
  const { origin, pathname } = new URL(url)
  return fault(
    'url_not_found',
    `${origin} answers (${answer.status}), but serves no functions under ${pathname}. Give the path at which the SDK's serve() is mounted, often /api/inngest.`,
  )
}

function unauthorized({ url, command, setting, hasSigningKey }: FaultContext): AppError {
  if (command === 'start') {
    return fault(
      'unauthorized',
      `The app at ${url} refuses what this server has signed (401): its signing key is another one. Start it with ${setting}.`,
    )
  }
  const also = hasSigningKey ? ', or give both the same signing key' : ''
  return fault(
    'unauthorized',
    `The app at ${url} runs in cloud mode and refuses unsigned requests (401). Start it with ${setting}${also}.`,
  )
}

/** The app was started for the other kind of server. */
function otherKind(context: FaultContext): AppError {
  if (context.command === 'dev') return unauthorized({ ...context, hasSigningKey: false })
  const { url, setting } = context
  return fault(
    'unauthorized',
    `The app at ${url} runs in development mode and refuses a production server. Start it without INNGEST_DEV and with ${setting}.`,
  )
}

/** SDKs answer 400 for several reasons; some say which with a code, the others only in words. */
function badRequest(said: { readonly code: string; readonly text: string }, context: FaultContext): AppError {
  const { url, setting } = context
  const words = `${said.code} ${said.text}`.toLowerCase().replaceAll('_', ' ')
  const quoted = said.text === '' ? '' : ` It says: ${said.text}`
  if (words.includes('server kind') || words.includes('mode mismatch')) return otherKind(context)
  if (words.includes('signing key')) {
    const code = /missing|no signing key|not set|required/.test(words) ? 'missing_signing_key' : 'invalid_signing_key'
    return fault(
      code,
      `The app at ${url} runs in cloud mode and has no usable signing key. Start it with ${setting}.${quoted}`,
    )
  }
  if (/no functions|functions? (were|was) (not )?provided|zero functions/.test(words)) return noFunctions(url)
  return fault(
    'invalid_function',
    `The app at ${url} answered 400.${quoted || ' It does not say why; its own log may.'}`,
  )
}

/** An app that is there and serves nothing. */
export function noFunctions(url: string): AppError {
  return fault(
    'no_functions',
    `The app at ${shownUrl(url)} serves no functions. Pass them to serve({ client, functions: [...] }).`,
  )
}

export function fault(code: AppErrorCode, message: string): AppError {
  return { code, message }
}

/** `message`, `error` and `code` of a JSON answer, short; '' where there is none. HTML error pages help nobody. */
function whatItSaid(answer: Answered): { readonly code: string; readonly text: string } {
  try {
    const parsed: unknown = JSON.parse(answer.body.subarray(0, 64 * 1024).toString('utf8'))
    if (typeof parsed !== 'object' || parsed === null) return { code: '', text: '' }
    const fields: Readonly<Record<string, unknown>> = { ...parsed }
    return { code: textOf(fields.code), text: textOf(fields.message) || textOf(fields.error) }
  } catch {
    return { code: '', text: '' }
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 500) : ''
}
