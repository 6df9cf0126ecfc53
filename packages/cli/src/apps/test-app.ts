// Asks the address of an app what it serves now, for a person who wants to know what is wrong: the way there phase by
// phase, then the same request as a sync, of which nothing is registered. An app that registers by itself instead of
// answering in band is heard and answered, and its registration goes no further.
import { existsSync } from 'node:fs'
import { HEADERS, type RegisterRequest, readInBandAnswer } from '@pawl/protocol'
import type { AppProbe } from '@pawl/server'
import type { AppAnswer } from './app-request.ts'
import { appSetting } from './app-setting.ts'
import { type Cause, type Phase, reachApp, type WayOptions } from './reach-app.ts'
import type { Registrations } from './registrations.ts'
import { shownUrl } from './shown-url.ts'
import { type SyncDependencies, syncRequest } from './sync-app.ts'
import { noFunctions, syncFault } from './sync-fault.ts'

/** A person waits for it. */
const PHASE_MS = 5_000

export interface TestDependencies extends Omit<SyncDependencies, 'registrations'> {
  readonly registrations: Pick<Registrations, 'divert'>
  readonly inContainer: boolean
  readonly resolve?: WayOptions['resolve']
}

/** Tests the app at a URL. Never rejects for a reason that lies with the app. */
export async function testApp(
  { url, name }: { readonly url: string; readonly name: string },
  deps: TestDependencies,
): Promise<AppProbe> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    const message = `${shownUrl(url)} is no http or https URL.`
    return failed([], { code: 'unsupported_protocol', message, hint: 'Give the full URL at which the app serves.' })
  }
  const { inContainer, resolve } = deps
  const way = await reachApp(new URL(url), {
    timeoutMs: PHASE_MS,
    inContainer,
    ...(resolve === undefined ? {} : { resolve }),
  })
  return way.cause === null ? ask({ url, name }, way.phases, deps) : failed(way.phases, way.cause)
}

async function ask(
  app: { readonly url: string; readonly name: string },
  before: readonly Phase[],
  deps: TestDependencies,
): Promise<AppProbe> {
  const diverted = deps.registrations.divert(app)
  const began = performance.now()
  const answer = await deps.request({ ...syncRequest(app.url, deps), timeoutMs: PHASE_MS }).finally(diverted.end)
  const ms = Math.round((performance.now() - began) * 10) / 10
  const isInBand = answer.kind === 'answer' && answer.headers[HEADERS.syncKind] === 'in_band'
  // The app has made one of them for this request; what else came in the meantime was meant.
  const [own, ...others] = isInBand ? [undefined, ...diverted.taken] : diverted.taken
  for (const other of others) if (other !== undefined) await registerLater(other, deps)
  const reading = read(app.url, answer, { own, isInBand, deps })
  const phase: Phase = { name: 'answer', ok: reading.cause === null, ms, detail: detailOf(answer) }
  return { ok: reading.cause === null, phases: [...before, phase], ...reading }
}

/** Answered already; an app whose registration cannot be used hears of it at its next one. */
async function registerLater(request: RegisterRequest, { engine }: TestDependencies): Promise<void> {
  await engine.sync(request).catch(() => undefined)
}

interface Heard {
  readonly own: RegisterRequest | undefined
  readonly isInBand: boolean
  readonly deps: TestDependencies
}

function read(url: string, answer: AppAnswer, { own, isInBand, deps }: Heard): Pick<AppProbe, 'cause' | 'says'> {
  const { command, signingKeys, serverUrl } = deps
  const setting = appSetting(command, serverUrl)
  const fault = syncFault(answer, { url, command, setting, hasSigningKey: signingKeys.length > 0 })
  if (fault !== null || answer.kind === 'lost') return { cause: causeOf(fault), says: own ?? null }
  try {
    const says = isInBand ? readInBandAnswer(answer.body) : own
    if (says === undefined) {
      const message = `The app at ${shownUrl(url)} registers with another server.`
      return { cause: { code: 'registered_elsewhere', message, hint: `Start it with ${setting}.` }, says: null }
    }
    return { cause: says.functions.length === 0 ? causeOf(noFunctions(url)) : null, says }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { cause: { code: 'invalid_function', message: `What the app answers cannot be read: ${words}` }, says: null }
  }
}

/** The first sentence says what is wrong, the others what to do. */
function causeOf(fault: { readonly code: string; readonly message: string } | null): Cause {
  if (fault === null) return { code: 'unreachable', message: 'The app cannot be reached.' }
  const end = fault.message.search(/[.!] (?=[A-Z])/)
  if (end === -1) return fault
  return { code: fault.code, message: fault.message.slice(0, end + 1), hint: fault.message.slice(end + 2) }
}

function detailOf(answer: AppAnswer): string {
  if (answer.kind === 'lost') return answer.message
  const sdk = answer.headers[HEADERS.sdk]
  return sdk === undefined ? `status ${answer.status}` : `status ${answer.status}, ${sdk}`
}

function failed(phases: readonly Phase[], cause: Cause): AppProbe {
  return { ok: false, phases, cause, says: null }
}

/** Left by container engines, in this order: Docker, Podman, Kubernetes. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io']

/** Whether this process runs in a container, as far as it can be told. */
export function runsInContainer(): boolean {
  return CONTAINER_MARKS.some((path) => existsSync(path))
}
