// How single values are shown: times, durations, numbers, shares, bytes. Short on the page, exact on hover.

import { serverNow, useNowEvery, useZone } from './clock.ts'
import {
  formatBytes,
  formatClock,
  formatDate,
  formatDuration,
  formatExact,
  formatExactTime,
  formatNumber,
  formatPercent,
  formatTime,
  timeStaysFor,
} from './format.ts'
import { messages } from './messages.ts'
import { Tooltip } from './tooltip.tsx'

export interface TimeProps {
  /** RFC 3339 text, or epoch milliseconds; absent: a dash. */
  readonly at: string | number | undefined | null
  /** `relative` (default) turns to a date after 24 h; `clock` is the time of day; `date` day and time. */
  readonly look?: 'relative' | 'clock' | 'date'
}

/** An instant. Hover gives both zones to the millisecond. */
export function Time({ at, look = 'relative' }: TimeProps) {
  const instant = typeof at === 'string' ? Date.parse(at) : at
  if (instant === undefined || instant === null || Number.isNaN(instant)) {
    return <span className="text-muted">{messages.noDate}</span>
  }
  return <KnownTime at={instant} look={look} />
}

function KnownTime({ at, look }: { readonly at: number; readonly look: 'relative' | 'clock' | 'date' }) {
  const zone = useZone()
  const every = timeStaysFor(at, serverNow())
  useNowEvery(every)
  const now = serverNow()
  const text =
    look === 'relative'
      ? formatTime(at, now, zone)
      : look === 'clock'
        ? formatClock(at, zone)
        : formatDate(at, zone, now)
  return (
    <Tooltip
      content={
        <span className="block tabular-nums">
          {formatExactTime(at, 'local')}
          <br />
          {formatExactTime(at, 'utc')}
        </span>
      }
    >
      <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap tabular-nums">
        {text}
      </time>
    </Tooltip>
  )
}

/** Milliseconds as `340 ms`, `2.1 s`, `4 m 12 s`; absent: a dash. Takes the API's texts too. */
export function Duration({ ms }: { readonly ms: number | string | undefined | null }) {
  if (ms === undefined || ms === null) return <span className="text-muted">{messages.noDate}</span>
  const value = Number(ms)
  return (
    <span
      className="mono whitespace-nowrap tabular-nums"
      title={value >= 1000 ? `${formatExact(value)} ms` : undefined}
    >
      {formatDuration(value)}
    </span>
  )
}

/** How long something has been going on, growing while it is seen. */
export function Elapsed({ since }: { readonly since: string | number }) {
  const from = typeof since === 'string' ? Date.parse(since) : since
  useNowEvery(1000)
  return <Duration ms={Math.max(0, Math.floor((serverNow() - from) / 1000) * 1000)} />
}

/** A number; from a million on in short form, exact on hover. `isApproximate` puts ≈ before it. */
export function Num({
  value,
  isApproximate,
  isAtLeast,
}: {
  readonly value: number | undefined | null
  readonly isApproximate?: boolean
  readonly isAtLeast?: boolean
}) {
  if (value === undefined || value === null) return <span className="text-muted">{messages.noDate}</span>
  const text = formatNumber(value)
  return (
    <span className="whitespace-nowrap tabular-nums" title={Math.abs(value) >= 1e6 ? formatExact(value) : undefined}>
      {isApproximate && '≈ '}
      {text}
      {isAtLeast && '+'}
    </span>
  )
}

/** A share from 0 to 1. */
export function Percent({ share }: { readonly share: number | undefined | null }) {
  if (share === undefined || share === null) return <span className="text-muted">{messages.noDate}</span>
  return <span className="whitespace-nowrap tabular-nums">{formatPercent(share)}</span>
}

/** A size in binary units, exact on hover. */
export function Bytes({ value }: { readonly value: number | undefined | null }) {
  if (value === undefined || value === null) return <span className="text-muted">{messages.noDate}</span>
  return (
    <span className="whitespace-nowrap tabular-nums" title={value >= 1024 ? `${formatExact(value)} B` : undefined}>
      {formatBytes(value)}
    </span>
  )
}
