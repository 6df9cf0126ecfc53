// The newest runs of a function: a short list beside its figures, or all of them in a table.

import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { type Fn, type Run, useRuns } from '../../api/index.ts'
import { RunLink } from '../../frame/index.ts'
import {
  type Column,
  DataTable,
  Duration,
  Elapsed,
  Empty,
  ErrorView,
  Id,
  Num,
  Panel,
  SkeletonRows,
  Status,
  statusOfRun,
  Time,
  useIsSlow,
} from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.recent

/** Rows of the short list. */
const SHORT = 8

function useFunctionRuns(fn: Fn) {
  const filter = useMemo(() => ({ function: [fn.slug] }), [fn.slug])
  return useRuns(filter, { isFollowing: true })
}

export function RecentRuns({ fn }: { readonly fn: Fn }) {
  const list = useFunctionRuns(fn)
  const isSlow = useIsSlow(list.isPending)
  return (
    <Panel title={t.title} isFlush actions={list.rows.length > 0 && <AllRuns fn={fn} />}>
      {list.error !== null && (
        <div className="p-2">
          <ErrorView error={list.error} title={t.notRead} onRetry={list.refetch} />
        </div>
      )}
      {isSlow && <SkeletonRows count={4} />}
      {!list.isPending && list.error === null && list.rows.length === 0 && (
        <p className="px-3 py-4 text-muted">{t.none}</p>
      )}
      <ul>
        {list.rows.slice(0, SHORT).map((run) => (
          <li key={run.id} className="flex h-9 items-center gap-3 border-border border-b px-3 text-xs last:border-b-0">
            <span className="min-w-0 flex-1 truncate">
              <RunLink id={run.id} className="quiet-link">
                <Status kind={statusOfRun(run)} />
                <span className="sr-only"> {run.id}</span>
              </RunLink>
            </span>
            <RunDuration run={run} />
            <span className="w-20 text-right text-muted">
              <Time at={run.queuedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function AllRuns({ fn }: { readonly fn: Fn }) {
  return (
    <Link to="/runs" search={{ function: [fn.slug], last: 'all' }} className="link text-xs">
      {t.all}
    </Link>
  )
}

function RunDuration({ run }: { readonly run: Run }) {
  if (run.startedAt !== undefined && run.endedAt === undefined) return <Elapsed since={run.startedAt} />
  return <Duration ms={run.durationMs} />
}

/** All runs, newest first; fills the room it is given. */
export function RunsTable({ fn }: { readonly fn: Fn }) {
  const navigate = useNavigate()
  const list = useFunctionRuns(fn)
  const isSlow = useIsSlow(list.isPending)
  const [activeId, setActiveId] = useState<string>()
  return (
    <Panel title={t.title} isFlush actions={<AllRuns fn={fn} />}>
      {list.error !== null && (
        <div className="p-2">
          <ErrorView
            error={list.error}
            title={t.notRead}
            onRetry={list.refetch}
            shownAt={list.rows.length > 0 ? list.updatedAt : undefined}
          />
        </div>
      )}
      {isSlow && <SkeletonRows count={8} />}
      {!list.isPending && list.error === null && list.rows.length === 0 && <Empty title={t.none}>{t.noneText}</Empty>}
      {list.rows.length > 0 && (
        <div className="flex h-[calc(100vh-18rem)] min-h-72 flex-col">
          <DataTable
            label={t.title}
            columns={RUN_COLUMNS}
            rows={list.rows}
            rowId={(run) => run.id}
            activeId={activeId}
            onActive={(run) => setActiveId(run.id)}
            opensOnClick
            onOpen={(run) => void navigate({ to: '/runs/$runId', params: { runId: run.id } })}
            more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
            narrow={(run) => (
              <div className="flex items-center justify-between gap-2">
                <span className="min-w-0">
                  <Status kind={statusOfRun(run)} />
                  <span className="block truncate text-muted">{triggerText(run)}</span>
                </span>
                <span className="shrink-0 text-right">
                  <Time at={run.queuedAt} />
                  <span className="block">
                    <RunDuration run={run} />
                  </span>
                </span>
              </div>
            )}
          />
        </div>
      )}
    </Panel>
  )
}

const RUN_COLUMNS: readonly Column<Run>[] = [
  {
    id: 'status',
    header: t.columns.status,
    width: 120,
    cell: (run) => <Status kind={statusOfRun(run)} />,
  },
  { id: 'run', header: t.columns.run, width: 130, isRowHeader: true, cell: (run) => <RunId run={run} /> },
  {
    id: 'trigger',
    header: t.columns.trigger,
    width: 180,
    isWide: true,
    drop: 2,
    cell: (run) => <span className="mono">{triggerText(run)}</span>,
  },
  { id: 'queued', header: t.columns.queued, width: 120, align: 'end', cell: (run) => <Time at={run.queuedAt} /> },
  {
    id: 'duration',
    header: t.columns.duration,
    width: 110,
    align: 'end',
    drop: 1,
    cell: (run) => <RunDuration run={run} />,
  },
  {
    id: 'retries',
    header: t.columns.retries,
    width: 80,
    align: 'end',
    drop: 3,
    cell: (run) => <Num value={run.retryCount ?? 0} />,
  },
]

function RunId({ run }: { readonly run: Run }) {
  return <Id id={run.id} link={(children) => <RunLink id={run.id}>{children}</RunLink>} />
}

function triggerText({ trigger, originalRunId, parentRunId }: Run): string {
  if (trigger.cronSchedule !== undefined) return trigger.cronSchedule
  if (originalRunId !== undefined) return t.trigger.rerun
  if (parentRunId !== undefined) return t.trigger.invoked
  return trigger.eventName ?? (trigger.isBatch ? t.trigger.batch : t.trigger.invoked)
}
