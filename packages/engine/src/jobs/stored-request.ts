// A job's request as it is stored: one canonical JSON text in which secret values are sealed. It is opened only to be sent,
// and shown only without them.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { JobRow } from '@pawl/storage'
import type { Seal } from '../seal/seal.ts'
import { invalid } from './check-job.ts'
import type { GivenRequest, StoredRequest } from './door.ts'

/** The request of a stored job. The engine wrote it. */
export function readRequest(row: Pick<JobRow, 'request'>): StoredRequest {
  return JSON.parse(row.request) as StoredRequest
}

export function requestText(request: StoredRequest): string {
  return writeCanonical(request as unknown as Json)
}

/** Seals what is secret; a secret header without a value stays open as null, for `withKept`. */
export interface SealedRequest extends Omit<StoredRequest, 'headers' | 'signingSecret'> {
  readonly headers: readonly { readonly name: string; readonly isSecret: boolean; readonly value: string | null }[]
}

/** @throws EngineError `instance_key_missing` */
export function sealedRequest(seal: Seal, { method, url, headers, body }: GivenRequest): SealedRequest {
  return {
    method,
    url,
    headers: headers.map(({ name, value, isSecret }) => ({
      name,
      isSecret,
      value: value !== null && isSecret ? seal.seal(value) : value,
    })),
    body: body === null ? null : { text: body.text, isJson: body.isJson },
  }
}

/** Fills secret headers that were given without a value with those that are stored. @throws EngineError `job_invalid` */
export function withKept(request: SealedRequest, stored: StoredRequest | null): Omit<StoredRequest, 'signingSecret'> {
  const headers = request.headers.map(({ name, isSecret, value }, index) => {
    if (value !== null) return { name, isSecret, value }
    const kept = stored?.headers.find((header) => header.isSecret && sameName(header.name, name))
    if (kept === undefined) throw invalid(`request.headers[${index}].value`, 'is missing, and none is stored')
    return { name, isSecret, value: kept.value }
  })
  return { ...request, headers }
}

/** As it may be shown: values of secrets are empty. */
export function shownRequest(stored: StoredRequest): StoredRequest {
  return {
    ...stored,
    headers: stored.headers.map((header) => (header.isSecret ? { ...header, value: '' } : header)),
    signingSecret: stored.signingSecret === null ? null : '',
  }
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
