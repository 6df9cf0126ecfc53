// The figures of a job: calls, how they went, the last one, the next one.

import type { Job } from '../../api/index.ts'
import { formatExactTime, formatPercent, Num, Status, Time } from '../../ui/index.ts'
import { clockIn } from '../schedules/schedule-row.ts'
import { JobRunStatus } from './job-status.tsx'
import { messages } from './messages.ts'

const t = messages.figures

export function JobFigures({ job }: { readonly job: Job }) {
  const { stats, nextRunAt, timeZone, enabled, liveRunId } = job
  const { totalRuns, successfulRuns, failedRuns, skippedRuns, lastRunAt, lastRunStatus } = stats
  const shareOf = (count: number) => (totalRuns === 0 ? undefined : messages.rate(formatPercent(count / totalRuns)))
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-px overflow-hidden rounded-lg border border-border bg-raised">
      <Figure label={t.total}>
        <Num value={totalRuns} />
      </Figure>
      <Figure label={t.successful} note={shareOf(successfulRuns)}>
        <Num value={successfulRuns} />
      </Figure>
      <Figure label={t.failed} note={failedRuns === 0 ? undefined : shareOf(failedRuns)} isBad={failedRuns > 0}>
        <Num value={failedRuns} />
      </Figure>
      <Figure label={t.skipped} hint={messages.skippedHint}>
        <Num value={skippedRuns} />
      </Figure>
      <Figure
        label={t.last}
        note={
          liveRunId === undefined ? (
            lastRunStatus && <JobRunStatus status={lastRunStatus} />
          ) : (
            <Status kind="running" word={messages.running} />
          )
        }
      >
        {lastRunAt === undefined ? <span className="text-muted">{messages.never}</span> : <Time at={lastRunAt} />}
      </Figure>
      <Figure
        label={t.next}
        note={
          nextRunAt !== undefined && (
            <span title={formatExactTime(Date.parse(nextRunAt), 'utc')}>
              {clockIn(timeZone, Date.parse(nextRunAt))} {timeZone}
            </span>
          )
        }
      >
        {nextRunAt === undefined || !enabled ? <Status kind="paused" word={messages.off} /> : <Time at={nextRunAt} />}
      </Figure>
    </dl>
  )
}

interface FigureProps {
  readonly label: string
  readonly note?: React.ReactNode
  readonly hint?: string
  readonly isBad?: boolean
  readonly children: React.ReactNode
}

function Figure({ label, note, hint, isBad, children }: FigureProps) {
  return (
    <div className="px-3 py-2 shadow-[0_0_0_1px_var(--border)]" title={hint}>
      <dt className="text-muted text-xs">{label}</dt>
      <dd className={isBad ? 'font-semibold text-base text-failed-fg' : 'font-semibold text-base'}>{children}</dd>
      {note && <dd className="text-muted text-xs">{note}</dd>}
    </div>
  )
}
