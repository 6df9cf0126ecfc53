// What is sent for one call of a job: its stored request with the secrets in their places, the headers that tell which call
// it is, and a signature where the job has a secret for it. Pure, but for opening what is sealed.
import { signWebhook } from '../drivers/webhook-signature.ts'
import type { Seal } from '../seal/seal.ts'
import type { StoredRequest } from './door.ts'
import { isHeaderValue } from './headers.ts'
import { maskOf } from './mask.ts'
import { filled, filledUrl, inJson, secretNamesIn } from './templates.ts'

/** Which call it is, as the receiver is told. */
export interface CallTold {
  readonly jobId: string
  readonly runId: string
  readonly scheduledAt: number
  readonly trigger: 'schedule' | 'manual' | 'test'
  /** The machine's wall clock, for the signature. */
  readonly wallMs: number
}

export interface PreparedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Takes the secrets of this call out of a text. */
  readonly mask: (text: string) => string
}

/** A request with everything opened that it needs. */
export interface OpenRequest extends StoredRequest {
  readonly secrets: ReadonlyMap<string, string>
}

/** With its own secrets opened, those that it only names not yet. @throws EngineError `instance_key_missing`, `instance_key_wrong` */
export function openedHeaders(seal: Seal, stored: StoredRequest): StoredRequest {
  return {
    ...stored,
    headers: stored.headers.map((header) => (header.isSecret ? { ...header, value: seal.open(header.value) } : header)),
    signingSecret: stored.signingSecret === null ? null : seal.open(stored.signingSecret),
  }
}

/** Names of the secrets in a request whose headers are open. */
export function secretsNamed(request: Pick<StoredRequest, 'url' | 'headers' | 'body'>): readonly string[] {
  return secretNamesIn([request.url, ...request.headers.map(({ value }) => value), request.body?.text ?? ''])
}

const USER_AGENT = 'pawl-jobs/1'

/** @throws SecretMissing, UnsendableHeader */
export function prepareRequest(request: OpenRequest, told: CallTold): PreparedRequest {
  const { secrets } = request
  const body =
    request.body === null ? null : filled(request.body.text, secrets, request.body.isJson ? inJson : undefined)
  const headers = new Map<string, string>([
    ['user-agent', USER_AGENT],
    ['idempotency-key', told.runId],
  ])
  if (request.body !== null)
    headers.set('content-type', request.body.isJson ? 'application/json' : 'text/plain; charset=utf-8')
  for (const { name, value } of request.headers) {
    const text = filled(value, secrets)
    if (!isHeaderValue(text)) throw new UnsendableHeader(name)
    headers.set(name.toLowerCase(), text)
  }
  for (const [name, value] of toldHeaders(told)) headers.set(name, value)
  const { signingSecret } = request
  if (signingSecret !== null)
    for (const [name, value] of Object.entries(signature(signingSecret, told, body ?? ''))) headers.set(name, value)
  return {
    url: filledUrl(request.url, secrets),
    method: request.method,
    headers: Object.fromEntries(headers),
    body,
    mask: maskOf(secretValues(request)),
  }
}

function toldHeaders({ jobId, runId, scheduledAt, trigger }: CallTold): readonly (readonly [string, string])[] {
  return [
    ['x-job-id', jobId],
    ['x-job-run-id', runId],
    ['x-job-scheduled-at', new Date(scheduledAt).toISOString()],
    ['x-job-trigger', trigger],
  ]
}

function signature(secret: string, { runId, wallMs }: CallTold, body: string): Readonly<Record<string, string>> {
  return signWebhook({ secret, id: runId, timestampSeconds: Math.floor(wallMs / 1_000), body })
}

function secretValues({ headers, secrets, signingSecret }: OpenRequest): readonly string[] {
  const ofHeaders = headers.filter(({ isSecret }) => isSecret).map(({ value }) => value)
  return [...ofHeaders, ...secrets.values(), ...(signingSecret === null ? [] : [signingSecret])]
}

/** With its secrets in place a header holds what cannot be sent. */
export class UnsendableHeader extends Error {
  constructor(name: string) {
    super(`the header ${name} holds characters that cannot be sent`)
  }
}
