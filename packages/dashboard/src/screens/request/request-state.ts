// How the state of a request is shown, and how long it is open still. Pure.

import type { Request, RequestStatus } from '../../api/index.ts'
import { formatDuration, type StatusKind } from '../../ui/index.ts'

const KINDS: Record<RequestStatus, StatusKind> = {
  pending: 'waiting',
  approved: 'completed',
  denied: 'failed',
  answered: 'completed',
  expired: 'skipped',
  cancelled: 'cancelled',
}

export function kindOfRequest(status: RequestStatus): StatusKind {
  return KINDS[status]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface Left {
  /** Empty: the time is up, and the server has not said so yet. */
  readonly text: string
  readonly isShort: boolean
  readonly isUrgent: boolean
}

/** The time until a deadline: seconds are told only in the last hour, where they matter. */
export function leftOf({ expiresAt }: Pick<Request, 'expiresAt'>, now: number): Left {
  const ms = Date.parse(expiresAt) - now
  if (ms <= 0) return { text: '', isShort: true, isUrgent: true }
  const unit = ms < HOUR ? 1000 : MINUTE
  return { text: formatDuration(Math.floor(ms / unit) * unit), isShort: ms < HOUR, isUrgent: ms < 10 * MINUTE }
}

/** Arguments in one line, for lists: `amount: 40 · symbol: "ACME"`. */
export function previewOf(value: unknown, most = 160): string {
  if (value === undefined) return ''
  const text =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
          .map(([name, part]) => `${name}: ${JSON.stringify(part)}`)
          .join(' · ')
      : JSON.stringify(value)
  return text.length > most ? `${text.slice(0, most)}…` : text
}
