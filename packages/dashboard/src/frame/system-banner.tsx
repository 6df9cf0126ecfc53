// Tells of what is wrong with the system as a whole, and of nothing else: database away, server away, clocks apart. Each
// can be dismissed for an hour.

import { X } from 'lucide-react'
import { ApiError, useInfo } from '../api/index.ts'
import { formatDuration, IconButton, Notice, preference, useNowEvery, usePreference } from '../ui/index.ts'
import { messages } from './messages.ts'

const HOUR_MS = 3_600_000
const SKEW_MS = 5000

function parseDismissed(stored: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined
  return Object.fromEntries(Object.entries(stored).filter(([, until]) => typeof until === 'number'))
}

const dismissedPreference = preference<Readonly<Record<string, number>>>('dismissed', {}, parseDismissed)

export function SystemBanner() {
  const { data, error, dataUpdatedAt } = useInfo()
  const [dismissed, setDismissed] = usePreference(dismissedPreference)
  const now = useNowEvery(60_000)
  const skew = data === undefined ? 0 : Date.parse(data.now) - (data.clockOffsetMs ?? 0) - dataUpdatedAt
  const isAway = error instanceof ApiError && error.status === 0
  const all = [
    isAway && { id: 'unreachable', tone: 'bad' as const, text: messages.banner.unreachable },
    data?.storeOk === false && { id: 'store', tone: 'bad' as const, text: messages.banner.store },
    Math.abs(skew) > SKEW_MS && {
      id: 'skew',
      tone: 'warn' as const,
      text: messages.banner.skew(formatDuration(Math.abs(skew))),
    },
  ]
  const shown = all.filter((each) => each !== false).filter((each) => (dismissed[each.id] ?? 0) < now)
  if (shown.length === 0) return null
  return (
    <section
      aria-label={messages.banner.label}
      className="flex flex-col gap-1 border-border border-b px-3 py-1.5 min-[900px]:px-4"
    >
      {shown.map(({ id, tone, text }) => (
        <Notice
          key={id}
          tone={tone}
          action={
            <IconButton
              size="sm"
              label={messages.banner.dismiss}
              icon={X}
              onClick={() => setDismissed({ ...dismissed, [id]: Date.now() + HOUR_MS })}
            />
          }
        >
          {text}
        </Notice>
      ))}
    </section>
  )
}
