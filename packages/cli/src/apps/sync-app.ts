// Asks one app for its functions (PUT on its serve URL). The answer may hold them (in band), or the app has registered
// itself meanwhile (out of band). In band is asked for first: it needs no way back from the app to this server, and an
// app that points elsewhere is not made to register there.
import { type AppError, type Engine, EngineError } from '@pawl/engine'
import { HEADERS, readInBandAnswer, signBody } from '@pawl/protocol'
import type { CommandName } from '../options.ts'
import type { AppAnswer, RequestApp } from './app-request.ts'
import { appSetting } from './app-setting.ts'
import { findServeUrl } from './discover-apps.ts'
import type { Hearing, Registrations } from './registrations.ts'
import { shownUrl } from './shown-url.ts'
import { type FaultContext, fault, noFunctions, syncFault } from './sync-fault.ts'

/** An SDK has to load the app's code for its first answer; what takes longer is not going to answer. */
const SYNC_MS = 10_000

export type SyncOutcome =
  | {
      readonly kind: 'synced'
      readonly how: 'in_band' | 'out_of_band'
      readonly name: string
      readonly modified: boolean
      readonly warnings: readonly string[]
      readonly syncId: string
      readonly appId: string
    }
  | { readonly kind: 'failed'; readonly error: AppError }

export interface SyncDependencies {
  readonly request: RequestApp
  readonly engine: Pick<Engine, 'sync'>
  /** What apps register with this server by themselves. */
  readonly registrations: Pick<Registrations, 'listen'>
  /** Origin of this server, as an app on this machine would write it. */
  readonly serverUrl: string
  /** In production apps expect a server of the kind `cloud`. */
  readonly command: CommandName
  /** The first signs. */
  readonly signingKeys: readonly string[]
  readonly version: string
  readonly nowSeconds: () => number
}

/** Syncs the app at a serve URL. Never rejects for a reason that lies with the app. */
export async function syncApp(url: string, deps: SyncDependencies): Promise<SyncOutcome> {
  const { command, signingKeys } = deps
  const setting = appSetting(command, deps.serverUrl)
  const context: FaultContext = { url, command, setting, hasSigningKey: signingKeys.length > 0 }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    return failed(
      fault(
        'unsupported_protocol',
        `${shownUrl(url)} is no http or https URL. Give the full URL of the app, such as http://localhost:3000/api/inngest.`,
      ),
    )
  const heard = deps.registrations.listen()
  try {
    return await ask(context, deps, heard)
  } finally {
    heard.end()
  }
}

async function ask(context: FaultContext, deps: SyncDependencies, heard: Hearing): Promise<SyncOutcome> {
  const { url } = context
  const answer = await deps.request(syncRequest(url, deps))
  const error = await withServeUrl(syncFault(answer, context), context, deps.request)
  if (error !== null || answer.kind === 'lost')
    return failed(error ?? fault('unreachable', `The app at ${shownUrl(url)} cannot be reached.`))
  return answer.headers[HEADERS.syncKind] === 'in_band'
    ? takeInBand(answer, context, deps.engine)
    : confirmOutOfBand(context, heard)
}

/** A wrong path is the commonest slip: where the app is on this machine, look for the right one and name it. */
async function withServeUrl(
  error: AppError | null,
  { url }: FaultContext,
  request: RequestApp,
): Promise<AppError | null> {
  const { hostname, origin, pathname } = new URL(url)
  if (error?.code !== 'url_not_found' || !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return error
  const found = await findServeUrl(origin, request)
  if (found === null) return error
  return fault(
    'url_not_found',
    `No functions are served at ${pathname} of ${origin}, but at ${found}: give that as --sdk-url.`,
  )
}

/** The request that asks an app to answer its functions in band. */
export function syncRequest(
  url: string,
  {
    command,
    signingKeys,
    version,
    nowSeconds,
  }: Pick<SyncDependencies, 'command' | 'signingKeys' | 'version' | 'nowSeconds'>,
) {
  // One key: its text is canonical as it stands, so that these very bytes can be signed.
  const body = JSON.stringify({ url })
  const [key] = signingKeys
  return {
    method: 'PUT' as const,
    url,
    body,
    timeoutMs: SYNC_MS,
    headers: {
      [HEADERS.contentType]: 'application/json',
      [HEADERS.userAgent]: `pawl/${version}`,
      [HEADERS.serverKind]: command === 'dev' ? 'dev' : 'cloud',
      [HEADERS.syncKind]: 'in_band',
      ...(key === undefined ? {} : { [HEADERS.signature]: signBody(body, key, nowSeconds()) }),
    },
  }
}

async function takeInBand(
  answer: Extract<AppAnswer, { kind: 'answer' }>,
  { url }: FaultContext,
  engine: SyncDependencies['engine'],
): Promise<SyncOutcome> {
  try {
    const request = readInBandAnswer(answer.body)
    const { modified, warnings, syncId, appId } = await engine.sync(request)
    if (request.functions.length === 0) return failed(noFunctions(url))
    return { kind: 'synced', how: 'in_band', name: request.appName, modified, warnings, syncId, appId }
  } catch (cause) {
    if (cause instanceof EngineError && cause.code !== 'invalid_config') throw cause
    const says = cause instanceof EngineError ? faultsOf(cause) : cause instanceof Error ? cause.message : String(cause)
    return failed(fault('invalid_function', `The functions of the app at ${shownUrl(url)} cannot be used: ${says}`))
  }
}

/** A sync is refused whole; its owner wants to see every fault at once, up to a handful. */
const FAULTS_SHOWN = 5

function faultsOf({ message, details }: EngineError): string {
  const faults: readonly unknown[] = Array.isArray(details.faults) ? details.faults : []
  const lines = faults.map((each) => {
    const fields: Readonly<Record<string, unknown>> = { ...(typeof each === 'object' ? each : {}) }
    return `${fields.function}: ${fields.message} (${fields.path})`
  })
  const more = lines.length > FAULTS_SHOWN ? `; and ${lines.length - FAULTS_SHOWN} more` : ''
  return lines.length === 0 ? message : `${lines.slice(0, FAULTS_SHOWN).join('; ')}${more}`
}

/** The app says that it has registered; whether it did so here is what this server has heard during the call. */
function confirmOutOfBand({ url, setting }: FaultContext, heard: Hearing): SyncOutcome {
  const registration = heard.of(url)
  if (registration === undefined) {
    return failed(
      fault(
        'registered_elsewhere',
        `The app at ${shownUrl(url)} registered, but not here under this URL. Start it with ${setting}; if it registers under another URL, give that one.`,
      ),
    )
  }
  const { name, functions, modified, warnings, syncId, appId } = registration
  if (functions === 0) return failed(noFunctions(url))
  return { kind: 'synced', how: 'out_of_band', name, modified, warnings, syncId, appId }
}

function failed(error: AppError): SyncOutcome {
  return { kind: 'failed', error }
}
