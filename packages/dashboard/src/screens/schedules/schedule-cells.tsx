// The cells of a schedule's row: its times in words, the next run, the last one, and the strip of results.

import { Link } from '@tanstack/react-router'
import { AlarmClock } from 'lucide-react'
import { JobLink, RunLink } from '../../frame/index.ts'
import {
  formatDuration,
  formatTime,
  Status,
  Strip,
  type StripCell,
  serverNow,
  statusOf,
  Time,
  Tooltip,
  useZone,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { clockIn, placeOf, type ScheduleRow } from './schedule-row.ts'

export interface CellProps {
  readonly row: ScheduleRow
}

/** When it runs, in words; the expression beside it. */
export function When({ row, words }: CellProps & { readonly words: (cron: string) => string | undefined }) {
  if ('words' in row.when) return <span title={`${row.when.words} · ${row.timeZone}`}>{row.when.words}</span>
  const { cron } = row.when
  const text = words(cron)
  return (
    <span title={`${text ?? cron} · ${cron} · ${row.timeZone}`}>
      {text}
      <span className={text === undefined ? 'mono' : 'mono ml-2 text-muted'}>{cron}</span>
    </span>
  )
}

/** The next run: how long until then, and when on the clock of its own zone. */
export function Next({ row }: CellProps) {
  const { isOn, pause, nextAt, timeZone, lateSince } = row
  if (!isOn) {
    const until = pause?.until ?? undefined
    return (
      <span className="inline-flex items-center gap-1.5 align-middle">
        <Status kind="paused" word={until === undefined ? messages.off : messages.offUntil} />
        {until !== undefined && <Time at={until} />}
      </span>
    )
  }
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 align-middle">
      {lateSince !== undefined && <Late at={lateSince} timeZone={timeZone} />}
      {nextAt === undefined ? (
        <span className="text-muted">{messages.never}</span>
      ) : (
        <>
          {lateSince !== nextAt && <Soon at={nextAt} />}
          <span title={timeZone} className="truncate text-muted tabular-nums">
            {clockIn(timeZone, nextAt)} {placeOf(timeZone)}
          </span>
        </>
      )}
    </span>
  )
}

/** Beyond a day the relative time would be a date, which stands beside it anyway. */
function Soon({ at }: { readonly at: number }) {
  return at - serverNow() < 86_400_000 ? <Time at={at} /> : null
}

function Late({ at, timeZone }: { readonly at: number; readonly timeZone: string }) {
  return (
    <Tooltip content={messages.lateText(`${clockIn(timeZone, at)} ${timeZone}`)}>
      <span className="inline-flex items-center gap-1 rounded-full bg-failed-bg px-2 py-0.5 font-medium text-failed-fg">
        <AlarmClock size={13} aria-hidden />
        {messages.late}
        <Time at={at} />
      </span>
    </Tooltip>
  )
}

/** The last run with its status, leading to it. */
export function Last({ row }: CellProps) {
  const last = row.cells.at(-1)
  if (last === undefined) return <span className="text-muted">{messages.noRun}</span>
  const className = 'quiet-link inline-flex items-center gap-1.5 align-middle'
  const content = (
    <>
      <Status kind={statusOf(last.status)} />
      <span className="text-muted">
        <Time at={last.at} />
      </span>
    </>
  )
  return row.of.kind === 'JOB' ? (
    <JobLink id={row.of.jobId} runId={last.runId} className={className}>
      {content}
    </JobLink>
  ) : (
    <RunLink id={last.runId} className={className}>
      {content}
    </RunLink>
  )
}

/** How the last run went, where there is no room for more. */
export function LastIcon({ row }: CellProps) {
  const last = row.cells.at(-1)
  return last === undefined ? null : <Status kind={statusOf(last.status)} look="icon" />
}

/** The last twenty runs; height is the duration among them. */
export function Results({ row }: CellProps) {
  const zone = useZone()
  const { cells, name } = row
  if (cells.length === 0) return null
  const longest = Math.max(1, ...cells.map((cell) => cell.durationMs ?? 0))
  const now = serverNow()
  const shown = cells.map(
    ({ runId, status, at, durationMs }): StripCell => ({
      id: runId,
      kind: statusOf(status),
      size: (durationMs ?? 0) / longest,
      label: messages.cell(
        messages.statuses[status],
        formatTime(at, now, zone),
        durationMs === undefined ? '' : formatDuration(durationMs),
      ),
    }),
  )
  return (
    <Strip
      label={messages.strip(name)}
      cells={shown}
      link={(cell, children, className) =>
        row.of.kind === 'JOB' ? (
          <JobLink id={row.of.jobId} runId={cell.id} className={className}>
            {children}
          </JobLink>
        ) : (
          <Link to="/runs/$runId" params={{ runId: cell.id }} className={className}>
            {children}
          </Link>
        )
      }
    />
  )
}
