// The columns of the list of events, and its row for narrow screens.

import { Link } from '@tanstack/react-router'
import type { EventRow } from '../../api/index.ts'
import { EventLink } from '../../frame/index.ts'
import {
  Bytes,
  type Column,
  cx,
  STATUS_KINDS,
  Status,
  StatusIcon,
  statusClass,
  statusOf,
  Time,
} from '../../ui/index.ts'
import { messages as kit } from '../../ui/messages.ts'
import { messages } from './messages.ts'

const t = messages.columns
/** More are told by their number. */
const DOTS_MAX = 6

export const eventColumns: readonly Column<EventRow>[] = [
  { id: 'receivedAt', header: t.receivedAt, width: 130, cell: (event) => <Time at={event.receivedAt} /> },
  { id: 'name', header: t.name, width: 240, isWide: true, isRowHeader: true, cell: (event) => <Name event={event} /> },
  { id: 'runs', header: t.runs, width: 260, isWide: true, drop: 1, cell: (event) => <Runs event={event} /> },
  { id: 'size', header: t.size, width: 88, align: 'end', drop: 2, cell: (event) => <Bytes value={event.sizeBytes} /> },
  { id: 'id', header: t.id, width: 130, drop: 3, cell: (event) => <EventLink id={event.id} /> },
]

function Name({ event }: { readonly event: EventRow }) {
  return (
    <span className="font-medium">
      <Link to="/events/$eventId" params={{ eventId: event.id }} className="quiet-link">
        <bdi>{event.name}</bdi>
      </Link>
      {event.isInternal && <Mark>{messages.internal}</Mark>}
      {event.isRepeat && <Mark>{messages.repeat}</Mark>}
    </span>
  )
}

function Mark({ children }: { readonly children: React.ReactNode }) {
  return <span className="ml-2 rounded-full bg-hover px-1.5 font-normal text-2xs text-muted">{children}</span>
}

/** The functions that the event started, each with the status of its run. */
function Runs({ event: { runs = [] } }: { readonly event: EventRow }) {
  if (runs.length === 0) return <span className="text-muted">{messages.nothing}</span>
  if (runs.length > 3) return <Dots runs={runs} />
  return (
    <span className="flex max-w-full items-center gap-3">
      {runs.map((run) => (
        <Link
          key={run.id}
          to="/runs/$runId"
          params={{ runId: run.id }}
          className="quiet-link inline-flex min-w-0 items-center gap-1.5"
        >
          <Status kind={statusOf(run.status)} look="icon" />
          <bdi className="truncate">{run.functionName}</bdi>
        </Link>
      ))}
    </span>
  )
}

function Dots({ runs }: { readonly runs: NonNullable<EventRow['runs']> }) {
  const sorted = runs.toSorted(
    (a, b) => STATUS_KINDS.indexOf(statusOf(a.status)) - STATUS_KINDS.indexOf(statusOf(b.status)),
  )
  return (
    <span className="flex items-center gap-1">
      {sorted.slice(0, DOTS_MAX).map((run) => {
        const kind = statusOf(run.status)
        const label = messages.runLabel(run.functionName, kit.status[kind])
        return (
          <Link
            key={run.id}
            to="/runs/$runId"
            params={{ runId: run.id }}
            aria-label={label}
            title={label}
            className={cx(
              'inline-flex size-6 items-center justify-center rounded-md hover:bg-hover',
              statusClass.text[kind],
            )}
          >
            <StatusIcon kind={kind} />
          </Link>
        )
      })}
      {runs.length > DOTS_MAX && <span className="text-muted">{messages.more(runs.length - DOTS_MAX)}</span>}
    </span>
  )
}

/** An event in two lines. */
export function NarrowEvent({ event }: { readonly event: EventRow }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <div className="flex items-baseline justify-between gap-2">
        <span className="min-w-0 truncate">
          <Name event={event} />
        </span>
        <span className="shrink-0 text-muted">
          <Time at={event.receivedAt} />
        </span>
      </div>
      <div className="flex items-center justify-between gap-2">
        <span className="min-w-0 truncate">
          <Runs event={event} />
        </span>
        <Bytes value={event.sizeBytes} />
      </div>
    </div>
  )
}
