// The runs of a job, the newest first, by status and by what started them.

import { type Job, type JobRun, type JobStatus, useJobRuns } from '../../api/index.ts'
import { SessionLink } from '../../frame/index.ts'
import {
  Button,
  type Column,
  DataTable,
  Duration,
  Elapsed,
  Empty,
  ErrorView,
  FilterBar,
  MultiSelect,
  RefreshBar,
  Segmented,
  SkeletonRows,
  Time,
  useIsSlow,
} from '../../ui/index.ts'
import { JobRunStatus, outcomeText } from './job-status.tsx'
import { messages } from './messages.ts'
import type { JobSearch, SetSearch } from './screen.tsx'

const t = messages.columns
const STATUSES: readonly JobStatus[] = ['success', 'failure', 'skipped', 'running', 'queued']

export interface JobRunsProps {
  readonly job: Job
  readonly search: JobSearch
  readonly onSearch: SetSearch
}

export function JobRuns({ job, search, onSearch }: JobRunsProps) {
  const { status, trigger } = search
  const list = useJobRuns(job.id, { status, trigger })
  const { rows, error, isPending, isRefreshing } = list
  const isSlow = useIsSlow(isPending)
  return (
    <section aria-label={messages.runs} className="flex min-h-96 flex-1 flex-col border-border border-t">
      <div className="flex shrink-0 items-center gap-3 border-border border-b px-4 py-2">
        <h2 className="font-semibold">{messages.runs}</h2>
        <FilterBar label={messages.runs}>
          <MultiSelect
            label={messages.status}
            value={status ?? []}
            options={STATUSES.map((value) => ({
              value,
              label: messages.statuses[value],
              icon: <JobRunStatus status={value} look="icon" />,
            }))}
            onChange={(next) => onSearch({ status: next.length === 0 ? undefined : next })}
          />
          <Segmented
            label={messages.trigger}
            value={trigger ?? 'all'}
            options={[
              { value: 'all', label: messages.all },
              { value: 'schedule', label: messages.triggers.schedule },
              { value: 'manual', label: messages.triggers.manual },
            ]}
            onChange={(next) => onSearch({ trigger: next === 'all' ? undefined : next })}
          />
        </FilterBar>
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <RefreshBar isActive={isRefreshing} />
        {error !== null && (
          <div className="p-3">
            <ErrorView
              error={error}
              title={messages.runsFailed}
              onRetry={list.refetch}
              shownAt={rows.length > 0 ? list.updatedAt : undefined}
            />
          </div>
        )}
        {isPending && error === null && isSlow && <SkeletonRows count={5} />}
        {rows.length > 0 && (
          <DataTable
            label={messages.runs}
            columns={columns}
            rows={rows}
            rowId={(run) => run.id}
            activeId={search.run}
            onActive={(run) => onSearch({ run: run.id })}
            onOpen={(run) => onSearch({ run: run.id })}
            more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
            narrow={(run) => (
              <>
                <div className="flex items-center gap-2">
                  <span className="flex-1">
                    <JobRunStatus status={run.status} /> <span className="mono ml-1">{run.httpStatus}</span>
                  </span>
                  <Time at={run.scheduledAt} />
                </div>
                <div className="truncate text-muted">{outcomeText(run) || <Took run={run} />}</div>
              </>
            )}
          />
        )}
        {rows.length === 0 && !isPending && !isRefreshing && error === null && (
          <NoRuns
            isFiltered={status !== undefined || trigger !== undefined}
            onClear={() => onSearch({ status: undefined, trigger: undefined })}
          />
        )}
      </div>
    </section>
  )
}

function NoRuns({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  return isFiltered ? (
    <Empty title={messages.noneMatch} action={<Button onClick={onClear}>{messages.clear}</Button>} />
  ) : (
    <Empty title={messages.noRuns}>{messages.noRunsText}</Empty>
  )
}

function Took({ run: { durationMs, startedAt, finishedAt } }: { readonly run: JobRun }) {
  if (durationMs !== undefined) return <Duration ms={durationMs} />
  return startedAt !== undefined && finishedAt === undefined ? <Elapsed since={startedAt} /> : null
}

const columns: readonly Column<JobRun>[] = [
  { id: 'status', header: t.status, width: 110, cell: ({ status }) => <JobRunStatus status={status} /> },
  {
    id: 'at',
    header: t.at,
    width: 120,
    isRowHeader: true,
    cell: ({ scheduledAt }) => <Time at={scheduledAt} />,
  },
  { id: 'trigger', header: t.trigger, width: 92, drop: 3, cell: ({ trigger }) => messages.triggers[trigger] },
  { id: 'took', header: t.took, width: 84, align: 'end', drop: 1, cell: (run) => <Took run={run} /> },
  {
    id: 'http',
    header: t.http,
    width: 64,
    align: 'end',
    cell: ({ httpStatus }) => <span className="mono">{httpStatus}</span>,
  },
  {
    id: 'error',
    header: t.error,
    width: 160,
    isWide: true,
    drop: 2,
    cell: (run) => (
      <span className={run.error === undefined ? 'text-muted' : 'text-failed-fg'} title={outcomeText(run)}>
        {run.error !== undefined && `${messages.errors[run.error.code]}: `}
        {outcomeText(run)}
      </span>
    ),
  },
  {
    id: 'sessions',
    header: t.sessions,
    width: 116,
    drop: 4,
    cell: ({ sessionIds = [] }) => sessionIds.slice(0, 1).map((id) => <SessionLink key={id} id={id} />),
  },
]
