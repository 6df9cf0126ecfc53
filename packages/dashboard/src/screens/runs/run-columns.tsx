// The columns of a list of runs, and the row of narrow screens. Columns that matter least go first when room is short.

import { Repeat2 } from 'lucide-react'
import type { Run } from '../../api/index.ts'
import { AppLink, FunctionLink, RunLink } from '../../frame/index.ts'
import { type Column, Duration, Elapsed, Num, Status, statusOfRun, Time, Tooltip } from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.columns

export const runColumns: readonly Column<Run>[] = [
  { id: 'status', header: t.status, width: 140, cell: (run) => <RunStatus run={run} /> },
  {
    id: 'function',
    header: t.function,
    width: 160,
    isWide: true,
    isRowHeader: true,
    cell: (run) => (
      <span className="font-medium">
        <FunctionLink appId={run.app.id} functionId={run.function.id} name={run.function.name} />
      </span>
    ),
  },
  { id: 'trigger', header: t.trigger, width: 150, isWide: true, drop: 3, cell: (run) => <Trigger run={run} /> },
  { id: 'app', header: t.app, width: 84, drop: 7, cell: (run) => <AppLink appId={run.app.id} /> },
  {
    id: 'queuedAt',
    header: t.queuedAt,
    width: 98,
    sort: 'queuedAt',
    drop: 1,
    cell: (run) => <Time at={run.queuedAt} />,
  },
  {
    id: 'startedAt',
    header: t.startedAt,
    width: 98,
    sort: 'startedAt',
    drop: 6,
    cell: (run) => <Time at={run.startedAt} />,
  },
  {
    id: 'endedAt',
    header: t.endedAt,
    width: 98,
    sort: 'endedAt',
    drop: 9,
    isOffAtFirst: true,
    cell: (run) => <Time at={run.endedAt} />,
  },
  { id: 'duration', header: t.duration, width: 84, align: 'end', drop: 2, cell: (run) => <RunDuration run={run} /> },
  {
    id: 'retries',
    header: t.retries,
    width: 64,
    align: 'end',
    drop: 8,
    cell: (run) => (
      <span className={run.retryCount ? '' : 'text-muted'}>
        <Num value={run.retryCount ?? 0} />
      </span>
    ),
  },
  { id: 'id', header: t.id, width: 116, drop: 5, cell: (run) => <RunLink id={run.id} /> },
]

/** Status, and in a word what a run that does not move waits for. */
export function RunStatus({ run }: { readonly run: Run }) {
  const { waiting } = run
  const word = waiting === undefined ? '' : messages.waiting[waiting.code]
  const status = (
    <span className="flex max-w-full items-center gap-1.5">
      <Status kind={statusOfRun(run)} />
      {word !== '' && <span className="truncate text-muted text-2xs">{word}</span>}
    </span>
  )
  if (waiting === undefined || (waiting.name === undefined && waiting.at === undefined)) return status
  return (
    <Tooltip
      content={
        <>
          {waiting.name !== undefined && <bdi className="mono block">{waiting.name}</bdi>}
          {waiting.at !== undefined && <Time at={waiting.at} />}
        </>
      }
    >
      {status}
    </Tooltip>
  )
}

/** What began a run. */
export function Trigger({ run }: { readonly run: Run }) {
  const { trigger, originalRunId, parentRunId } = run
  const { eventName, cronSchedule, isBatch, eventIds = [] } = trigger
  const rerun = originalRunId !== undefined && (
    <Tooltip content={messages.trigger.rerun}>
      <span role="img" aria-label={messages.trigger.rerun} className="mr-1 inline-flex align-[-2px] text-muted">
        <Repeat2 size={13} aria-hidden />
      </span>
    </Tooltip>
  )
  if (cronSchedule !== undefined) {
    return (
      <>
        {rerun}
        <span className="mono">{cronSchedule}</span>
      </>
    )
  }
  const isInvoke = parentRunId !== undefined || eventName === 'inngest/function.invoked'
  return (
    <>
      {rerun}
      {isInvoke ? (
        <span>{messages.trigger.invoke}</span>
      ) : eventName === undefined ? (
        <span className="text-muted">{messages.trigger.gone}</span>
      ) : (
        <bdi title={eventName}>{eventName}</bdi>
      )}
      {isBatch && <span className="ml-1.5 text-muted">{messages.trigger.batch(eventIds.length)}</span>}
    </>
  )
}

function RunDuration({ run }: { readonly run: Run }) {
  if (run.durationMs !== undefined) return <Duration ms={run.durationMs} />
  return run.startedAt === undefined ? <Duration ms={undefined} /> : <Elapsed since={run.startedAt} />
}

/** A run in two lines. */
export function NarrowRun({ run }: { readonly run: Run }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <div className="flex items-baseline justify-between gap-2">
        <span className="min-w-0 truncate font-medium">
          <FunctionLink appId={run.app.id} functionId={run.function.id} name={run.function.name} />
        </span>
        <span className="shrink-0 text-muted">
          <Time at={run.queuedAt} />
        </span>
      </div>
      <div className="flex items-center gap-3">
        <RunStatus run={run} />
        <span className="min-w-0 flex-1 truncate text-muted">
          <Trigger run={run} />
        </span>
        <RunDuration run={run} />
      </div>
    </div>
  )
}
