// What is known about the signatures between this server and an app: the server's keys, and what the app said at its last
// sync or test. Pure.

import type { AppSync, AppTest, ServerInfo } from '../../api/index.ts'
import type { StatusKind } from '../../ui/status-kinds.ts'
import { messages } from './messages.ts'

export interface Signature {
  readonly kind: StatusKind
  readonly text: string
}

export interface SignatureFacts {
  readonly info: Pick<ServerInfo, 'mode' | 'signingKeys'>
  /** The newest first. */
  readonly syncs?: readonly Pick<AppSync, 'status' | 'error'>[] | undefined
  /** Newer than any sync. */
  readonly test?: Pick<AppTest, 'ok' | 'cause'> | undefined
}

const MISMATCH = new Set(['unauthorized', 'invalid_signing_key'])

/** The state of the signatures. */
export function signatureOf({ info, syncs, test }: SignatureFacts): Signature {
  const t = messages.signature
  const code = test === undefined ? syncs?.[0]?.error?.code : test.cause?.code
  if (code !== undefined && MISMATCH.has(code)) return { kind: 'failed', text: t.mismatch }
  if (code === 'missing_signing_key') return { kind: 'failed', text: t.missing }
  const count = t.keys(info.signingKeys)
  if (info.mode === 'dev') return { kind: 'skipped', text: info.signingKeys === 0 ? t.dev : t.devKeys(count) }
  const isAccepted = test?.ok === true || syncs?.some(({ status }) => status !== 'error') === true
  return isAccepted ? { kind: 'completed', text: t.ok(count) } : { kind: 'waiting', text: t.unknown(count) }
}
