// The columns of the list of functions, and a function in two lines for narrow screens.

import { Link } from '@tanstack/react-router'
import { CalendarClock, CircleDot, Trash2, Zap } from 'lucide-react'
import type { FnRow } from '../../api/index.ts'
import { AppLink, FunctionLink } from '../../frame/index.ts'
import {
  type Column,
  cx,
  Duration,
  formatNumber,
  formatPercent,
  Num,
  Percent,
  Sparkline,
  Status,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { failureRateOf, inLine } from './shown-functions.ts'

const t = messages.columns

/** Share of failed runs from which the number stands out. */
const ALARMING = 0.01

export const functionColumns: readonly Column<FnRow>[] = [
  {
    id: 'name',
    header: t.name,
    width: 170,
    isWide: true,
    sort: 'name',
    isRowHeader: true,
    cell: (row) => (
      <span className="font-medium">
        <FunctionLink appId={row.app.id} functionId={row.id} name={row.name} />
      </span>
    ),
  },
  { id: 'app', header: t.app, width: 110, sort: 'app', drop: 6, cell: (row) => <AppLink appId={row.app.id} /> },
  { id: 'triggers', header: t.triggers, width: 170, drop: 5, cell: (row) => <Triggers row={row} /> },
  {
    id: 'state',
    header: t.state,
    width: 92,
    sort: 'state',
    drop: 1,
    cell: (row) => <FunctionState state={row.state} />,
  },
  {
    id: 'runs',
    header: t.runs,
    width: 88,
    sort: 'runs',
    align: 'end',
    drop: 3,
    cell: (row) => (
      <Link to="/runs" search={{ function: [row.slug], last: '24h' }} className="quiet-link">
        <Num value={row.stats.started} />
      </Link>
    ),
  },
  {
    id: 'failureRate',
    header: t.failureRate,
    width: 96,
    sort: 'failureRate',
    align: 'end',
    drop: 2,
    cell: (row) => <FailureRate row={row} />,
  },
  {
    id: 'p95',
    header: t.p95,
    width: 104,
    sort: 'p95',
    align: 'end',
    drop: 7,
    cell: (row) => <Duration ms={row.stats.p95Ms} />,
  },
  {
    id: 'backlog',
    header: t.backlog,
    width: 80,
    sort: 'backlog',
    align: 'end',
    drop: 4,
    cell: (row) => (
      <span title={messages.backlog(row.backlog)}>
        <Num value={inLine(row)} />
      </span>
    ),
  },
  {
    id: 'spark',
    header: t.spark,
    width: 120,
    drop: 8,
    cell: (row) => (
      <Sparkline values={row.stats.spark} label={messages.spark(row.name, row.stats.started)} width={96} height={18} />
    ),
  },
]

/** Active, paused or removed; only what is not usual has a colour. */
export function FunctionState({ state }: { readonly state: FnRow['state'] }) {
  if (state === 'paused') return <Status kind="paused" />
  const Icon = state === 'removed' ? Trash2 : CircleDot
  return (
    <span className="inline-flex items-center gap-1.5 align-middle text-muted">
      <Icon size={13} aria-hidden />
      {messages.states[state]}
    </span>
  )
}

function FailureRate({ row }: { readonly row: FnRow }) {
  const rate = failureRateOf(row)
  return (
    <span className={cx(rate !== undefined && rate >= ALARMING && 'font-medium text-failed-fg')}>
      <Percent share={rate} />
    </span>
  )
}

function Triggers({ row: { triggers = [] } }: { readonly row: FnRow }) {
  const [first, ...rest] = triggers
  if (first === undefined) return <span className="text-muted">{messages.noTrigger}</span>
  const Icon = first.type === 'CRON' ? CalendarClock : Zap
  return (
    <span className="flex min-w-0 items-center gap-1.5" title={triggers.map(({ value }) => value).join('\n')}>
      <Icon size={13} aria-hidden className="shrink-0 text-muted" />
      <span className="mono truncate">{first.value}</span>
      {rest.length > 0 && <span className="shrink-0 text-muted">{messages.moreTriggers(rest.length)}</span>}
    </span>
  )
}

export function NarrowFunction({ row }: { readonly row: FnRow }) {
  const rate = failureRateOf(row)
  return (
    <div className="min-w-0">
      <p className="flex items-baseline justify-between gap-2">
        <span className="truncate font-medium">
          <FunctionLink appId={row.app.id} functionId={row.id} name={row.name} />
        </span>
        <span className="shrink-0">
          <FunctionState state={row.state} />
        </span>
      </p>
      <div className="flex items-baseline justify-between gap-2 text-muted">
        <Triggers row={row} />
        <span className="shrink-0">
          {messages.narrow(formatNumber(row.stats.started), rate === undefined ? undefined : formatPercent(rate))}
        </span>
      </div>
    </div>
  )
}
