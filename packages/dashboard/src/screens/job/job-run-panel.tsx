// One run of a job: what was sent, what came back, what went wrong, and the sessions it began.

import { X } from 'lucide-react'
import { ApiError, type JobRun, useJobRun } from '../../api/index.ts'
import { Elapsed, Facts, IconButton, Id, Loaded, Notice, Skeleton, Time, useCommands } from '../../ui/index.ts'
import { AnswerView } from './answer-view.tsx'
import { JobRunStatus, outcomeText } from './job-status.tsx'
import { messages } from './messages.ts'

const t = messages.run

export interface JobRunPanelProps {
  readonly runId: string
  readonly onClose: () => void
}

export function JobRunPanel({ runId, onClose }: JobRunPanelProps) {
  const run = useJobRun(runId)
  const isAbsent = run.error instanceof ApiError && (run.error.status === 404 || run.error.status === 400)
  useCommands([{ label: t.close, keys: 'escape', isKeyOnly: true, run: onClose }])
  return (
    <section aria-label={t.title} className="flex h-full min-h-0 flex-col">
      <header className="flex min-h-10 shrink-0 items-center gap-2 border-border border-b px-3">
        <h2 className="font-semibold">{t.title}</h2>
        <Id id={runId} />
        <span className="flex-1" />
        <IconButton label={t.close} icon={X} keys="escape" onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-3">
        {isAbsent && run.data === undefined ? (
          <p className="text-muted">{t.absent}</p>
        ) : (
          <Loaded query={run} errorTitle={t.notRead} skeleton={<Skeleton className="h-40 w-full" />}>
            {(data) => <RunView run={data} />}
          </Loaded>
        )}
      </div>
    </section>
  )
}

function RunView({ run }: { readonly run: JobRun }) {
  const { scheduledAt, startedAt, finishedAt, trigger, status, skipped } = run
  const isOpen = finishedAt === undefined && skipped === undefined
  return (
    <div className="flex flex-col gap-4">
      <Facts
        isInline
        facts={[
          { label: messages.trigger, value: messages.triggers[trigger] },
          { label: t.slot, value: <Time at={scheduledAt} /> },
          startedAt !== undefined && { label: t.started, value: <Time at={startedAt} look="clock" /> },
          isOpen && { label: messages.status, value: <JobRunStatus status={status} look="badge" /> },
          isOpen && startedAt !== undefined && { label: t.took, value: <Elapsed since={startedAt} /> },
        ]}
      />
      {skipped !== undefined && (
        <Notice>
          <JobRunStatus status={status} /> {outcomeText(run)}
        </Notice>
      )}
      {finishedAt !== undefined && skipped === undefined && <AnswerView answer={run} />}
      {isOpen && (
        <p className="mono break-all text-xs">
          {run.request.method} {run.request.url}
        </p>
      )}
    </div>
  )
}
