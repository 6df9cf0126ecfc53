// Why the list is empty, and the way out: no run at all, none in the time range (and where the nearest is), or none that
// matches (and which filter takes away the most).

import { useQueries, useQuery } from '@tanstack/react-query'
import { Activity, Send } from 'lucide-react'
import { getData, queryKeys, type Run, type RunCount, type RunFilter, readRuns, useInfo } from '../../api/index.ts'
import { openSend } from '../../frame/index.ts'
import { Button, Empty, formatExact, Skeleton, serverNow, Time, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import {
  cleared,
  type FilterPart,
  filterOf,
  filterParts,
  type RunsSearch,
  windowAround,
  without,
} from './run-filter.ts'

const t = messages.empty
/** Enough to tell which filter takes away more. */
const COUNT_MAX = 1000

export interface NoRunsProps {
  readonly search: RunsSearch
  readonly filter: RunFilter
  readonly replace: (search: RunsSearch) => void
  /** Runs that a search looked through. */
  readonly scanned?: number | undefined
}

export function NoRuns(props: NoRunsProps) {
  const { search, filter, scanned, replace } = props
  const parts = filterParts(search)
  const newest = useQuery({
    queryKey: ['newest-run'],
    queryFn: async ({ signal }) => (await readRuns({}, 1, signal)).rows[0] ?? null,
    staleTime: 5000,
  })
  const isSlow = useIsSlow(newest.isPending)
  if (newest.isPending) return isSlow ? <Skeleton className="mx-auto mt-16 h-4 w-60" /> : null
  if (newest.data === null) return <FirstUse />
  if (scanned !== undefined) {
    return (
      <Empty title={t.filtered} icon={Activity} action={<Clear search={search} replace={replace} />}>
        {t.searched(formatExact(scanned))}
        <Relax {...props} parts={parts.filter(({ id }) => id !== 'query')} />
      </Empty>
    )
  }
  if (parts.length === 0) return <NoneInRange {...props} />
  return (
    <Empty title={t.filtered} icon={Activity} action={<Clear search={search} replace={replace} />}>
      <Relax {...props} parts={parts} />
      <Nearest search={search} filter={filter} replace={replace} />
    </Empty>
  )
}

function Clear({ search, replace }: Pick<NoRunsProps, 'search' | 'replace'>) {
  return <Button onClick={() => replace(cleared(search))}>{t.clear}</Button>
}

function FirstUse() {
  const info = useInfo()
  const url = info.data?.eventUrl ?? `${location.origin}/e/dev`
  const code = `curl -X POST ${url} \\\n  -H 'Content-Type: application/json' \\\n  --data '{"name":"demo/hello","data":{"name":"Ada"}}'`
  return (
    <Empty
      title={t.first}
      icon={Activity}
      code={code}
      action={
        <Button
          look="primary"
          icon={Send}
          keys="e"
          onClick={() => openSend({ name: 'demo/hello', dataText: '{\n  "name": "Ada"\n}' })}
        >
          {t.send}
        </Button>
      }
    >
      {t.firstText}
    </Empty>
  )
}

function NoneInRange(props: NoRunsProps) {
  const { search, replace } = props
  return (
    <Empty
      title={t.range}
      icon={Activity}
      action={<Button onClick={() => replace({ ...withoutRange(search), last: 'all' })}>{t.allTime}</Button>}
    >
      <Nearest {...props} />
    </Empty>
  )
}

function withoutRange({ last: _last, from: _from, until: _until, ...rest }: RunsSearch): RunsSearch {
  return rest
}

/** The nearest run outside of the range, with a way to it. */
function Nearest({ search, filter, replace }: Pick<NoRunsProps, 'search' | 'filter' | 'replace'>) {
  const { data } = useQuery({
    queryKey: ['nearest-run', filter],
    queryFn: ({ signal }) => nearestRun(filter, signal),
    enabled: filter.query === undefined && (filter.from !== undefined || filter.until !== undefined),
  })
  if (data === undefined || data === null) return null
  const at = data.run[filter.timeField ?? 'queuedAt'] ?? data.run.queuedAt
  return (
    <p className="mt-1">
      {data.side === 'before' ? t.rangeBefore : t.rangeAfter} <Time at={at} />.{' '}
      <button
        type="button"
        className="link min-h-6"
        onClick={() => replace({ ...withoutRange(search), ...windowAround(Date.parse(at)) })}
      >
        {t.showNearest}
      </button>
    </p>
  )
}

async function nearestRun(filter: RunFilter, signal: AbortSignal) {
  const { from, until, ...rest } = filter
  const one = async (window: RunFilter): Promise<Run | undefined> =>
    (await readRuns({ ...rest, ...window }, 1, signal)).rows[0]
  const before = from === undefined ? undefined : await one({ until: from, order: 'DESC' })
  if (before !== undefined) return { side: 'before' as const, run: before }
  const after = until === undefined ? undefined : await one({ from: until, order: 'ASC' })
  return after === undefined ? null : { side: 'after' as const, run: after }
}

/** How many runs would be there without each filter, the one that takes away the most first. */
function Relax({ search, parts, replace }: NoRunsProps & { readonly parts: readonly FilterPart[] }) {
  const now = serverNow()
  const counts = useQueries({
    queries: parts.map((part) => {
      const filter = filterOf(without(search, part.id), Math.floor(now / 60_000) * 60_000)
      return {
        queryKey: queryKeys.runCount(filter, COUNT_MAX),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          getData<RunCount>('/v2/runs/count', { ...filter, atMost: COUNT_MAX }, signal),
        staleTime: 10_000,
        // An expression is looked for row by row: too dear for a hint.
        enabled: filter.query === undefined,
      }
    }),
  })
  const rows = parts
    .map((part, index) => ({ part, count: counts[index]?.data }))
    .filter(({ count }) => count !== undefined && count.count > 0)
    .sort((a, b) => (b.count?.count ?? 0) - (a.count?.count ?? 0))
  if (rows.length === 0) return null
  return (
    <div className="mt-2">
      <p>{t.relax}</p>
      <ul className="mt-1 flex flex-col items-center gap-0.5">
        {rows.map(({ part, count }) => (
          <li key={part.id} className="flex flex-wrap items-center justify-center gap-x-2">
            <span>
              {t.without(part.name)}:{' '}
              {t.matches(`${formatExact(count?.count ?? 0)}${count?.isCut ? '+' : ''}`, count?.count === 1)}
            </span>
            <button type="button" className="link min-h-6" onClick={() => replace(without(search, part.id))}>
              {t.remove(part.name)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
