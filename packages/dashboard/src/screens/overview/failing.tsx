// Which functions fail, the worst first. One click on a row opens the newest failure with its error.

import { Link, useNavigate } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import type { Overview } from '../../api/index.ts'
import { FunctionLink } from '../../frame/index.ts'
import { type Column, DataTable, Num, Panel, Percent, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { Nothing } from './nothing.tsx'

const t = messages.failing

type Row = NonNullable<Overview['failing']>[number]

export function Failing({ rows, range }: { readonly rows: readonly Row[]; readonly range: string }) {
  const navigate = useNavigate()
  const [activeId, setActiveId] = useState<string>()
  const open = (row: Row) => {
    if (row.lastRunId === undefined) return
    void navigate({ to: '/runs/$runId', params: { runId: row.lastRunId }, search: { tab: 'error' } })
  }
  return (
    <Panel
      title={t.title}
      isFlush
      actions={
        rows.length > 0 && (
          <Link to="/runs" search={{ last: range, timeField: 'endedAt', status: ['FAILED'] }} className="link text-xs">
            {t.all}
          </Link>
        )
      }
    >
      {rows.length === 0 ? (
        <Nothing icon={CircleCheck}>{t.none}</Nothing>
      ) : (
        <DataTable
          label={t.title}
          columns={COLUMNS}
          rows={rows}
          rowId={(row) => row.function.slug}
          isPlain
          activeId={activeId}
          onActive={(row) => setActiveId(row.function.slug)}
          onOpen={open}
          opensOnClick
          narrow={(row) => <NarrowRow row={row} />}
        />
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'function',
    header: t.function,
    width: 220,
    isRowHeader: true,
    cell: (row) => <FunctionLink appId={row.app.id} functionId={row.function.id} name={row.function.name} />,
  },
  { id: 'failures', header: t.failures, width: 80, align: 'end', cell: (row) => <Num value={row.failures} /> },
  {
    id: 'rate',
    header: t.rate,
    width: 70,
    align: 'end',
    drop: 2,
    cell: (row) => <Percent share={row.ended === 0 ? null : row.failures / row.ended} />,
  },
  { id: 'error', header: t.lastError, width: 240, isWide: true, cell: (row) => <ErrorLink row={row} /> },
  { id: 'at', header: t.lastFailed, width: 110, align: 'end', drop: 1, cell: (row) => <Time at={row.lastFailedAt} /> },
]

function ErrorLink({ row }: { readonly row: Row }) {
  const text = row.lastError ?? t.noError
  if (row.lastRunId === undefined) return <span className="text-muted">{text}</span>
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: row.lastRunId }}
      search={{ tab: 'error' }}
      className="quiet-link text-failed-fg"
      title={t.open(row.function.name)}
    >
      {text}
    </Link>
  )
}

function NarrowRow({ row }: { readonly row: Row }) {
  return (
    <div className="min-w-0">
      <p className="flex items-baseline justify-between gap-2">
        <span className="truncate font-medium">
          <FunctionLink appId={row.app.id} functionId={row.function.id} name={row.function.name} />
        </span>
        <span className="shrink-0 text-muted">{t.line(row.failures, row.ended)}</span>
      </p>
      <p className="truncate">
        <ErrorLink row={row} />
      </p>
    </div>
  )
}
