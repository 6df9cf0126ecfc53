// The line between filters and rows: how many there are (capped, exactly on demand), or how far a search is.

import { Square } from 'lucide-react'
import { useState } from 'react'
import { type RunFilter, useRunCount } from '../../api/index.ts'
import { Button, formatExact, Skeleton, Time, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { SearchHandle } from './use-search.ts'

const t = messages.count
/** Counted at once. */
export const COUNT_AT_ONCE = 10_000
/** Counted on demand; more is said as "at least". */
const COUNT_MAX = 1_000_000

export interface RunCountProps {
  readonly filter: RunFilter
  /** The number, where the whole list is loaded: newer than any count that was read. */
  readonly known: number | undefined
}

export function RunCount({ filter, known }: RunCountProps) {
  // "Exactly" was asked for these filters, and does not stay for others.
  const [exactFor, setExactFor] = useState<string>()
  const key = JSON.stringify(filter)
  const isExact = exactFor === key
  const isKnown = known !== undefined
  const quick = useRunCount(filter, COUNT_AT_ONCE, isKnown)
  const exact = useRunCount(filter, COUNT_MAX, !isExact || isKnown)
  const isSlow = useIsSlow(quick.isPending)
  const read = isExact && exact.data !== undefined && !exact.isPlaceholderData ? exact.data : quick.data
  const answer = isKnown ? { count: known } : read
  const failed = isExact ? exact : quick
  if (!isKnown && failed.error !== null && !failed.isFetching) {
    return (
      <span className="inline-flex items-center gap-2 text-failed-fg">
        {t.failed}
        <Button size="sm" onClick={() => void failed.refetch()}>
          {t.retry}
        </Button>
      </span>
    )
  }
  if (answer === undefined) return isSlow ? <Skeleton className="h-3 w-24" /> : null
  const count = `${formatExact(answer.count)}${answer.isCut ? '+' : ''}`
  return (
    <span className="inline-flex items-center gap-2 tabular-nums">
      {t.runs(count, answer.count === 1)}
      {answer.isCut && answer.count < COUNT_MAX && (
        <Button size="sm" look="quiet" isBusy={isExact && exact.isFetching} onClick={() => setExactFor(key)}>
          {t.exact}
        </Button>
      )}
    </span>
  )
}

const s = messages.search
const phases = { searching: s.searching, stopped: s.stopped, done: s.done, failed: '' } as const

export interface SearchProgressProps {
  readonly search: SearchHandle
  readonly found: number
}

/** How far a search is, with what stops it and what lets it go on. */
export function SearchProgress({ search, found }: SearchProgressProps) {
  const { phase, scanned, at, cursor } = search
  const isSearching = phase === 'searching'
  if (phase === 'failed') return <span />
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 tabular-nums">
      <span>
        {phase === 'done' && cursor !== undefined ? s.pausedAt : phases[phase]}{' '}
        {s.progress(formatExact(found), formatExact(scanned))}
        {at !== undefined && (isSearching || cursor !== undefined) && (
          <>
            , {s.backTo} <Time at={at} />
          </>
        )}
      </span>
      {isSearching && (
        <Button size="sm" icon={Square} onClick={search.stop}>
          {s.stop}
        </Button>
      )}
      {phase === 'stopped' && (
        <Button size="sm" onClick={search.restart}>
          {s.again}
        </Button>
      )}
      {phase === 'done' && cursor !== undefined && (
        <Button size="sm" onClick={search.goOn}>
          {s.goOn}
        </Button>
      )}
    </span>
  )
}
