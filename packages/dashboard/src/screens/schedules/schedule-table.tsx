// The list as a table. Columns that say least go first where room is short; narrow, a row keeps its name, its switch and when
// it runs next.

import { useState } from 'react'
import { type Column, DataTable, type Sort } from '../../ui/index.ts'
import { useCronWords } from './cron-words.ts'
import { messages } from './messages.ts'
import { RunNow, ScheduleLink, ScheduleSwitch } from './schedule-actions.tsx'
import { Last, LastIcon, Next, Results, When } from './schedule-cells.tsx'
import type { ScheduleRow } from './schedule-row.ts'

const t = messages.columns

export interface ScheduleTableProps {
  readonly rows: readonly ScheduleRow[]
  readonly sort: Sort
  readonly onSort: (sort: Sort) => void
  readonly onOpen: (row: ScheduleRow, how: { readonly isNewTab: boolean }) => void
}

export function ScheduleTable({ rows, sort, onSort, onOpen }: ScheduleTableProps) {
  const words = useCronWords()
  const [activeId, setActiveId] = useState<string>()
  const columns: readonly Column<ScheduleRow>[] = [
    {
      id: 'name',
      header: t.name,
      width: 150,
      isWide: true,
      isRowHeader: true,
      sort: 'name',
      cell: (row) => (
        <>
          <ScheduleLink row={row} />
          <bdi className="ml-2 text-muted">{row.place}</bdi>
        </>
      ),
    },
    { id: 'kind', header: t.kind, width: 72, drop: 4, cell: (row) => messages.kinds[row.of.kind] },
    {
      id: 'schedule',
      header: t.schedule,
      width: 180,
      isWide: true,
      drop: 2,
      cell: (row) => <When row={row} words={words} />,
    },
    { id: 'next', header: t.next, width: 206, sort: 'next', cell: (row) => <Next row={row} /> },
    { id: 'last', header: t.last, width: 156, drop: 1, sort: 'last', cell: (row) => <Last row={row} /> },
    { id: 'strip', header: t.strip, width: 176, drop: 3, cell: (row) => <Results row={row} /> },
    { id: 'isOn', header: t.isOn, width: 48, cell: (row) => <ScheduleSwitch row={row} /> },
    { id: 'actions', header: t.actions, width: 64, align: 'end', cell: (row) => <RunNow row={row} /> },
  ]
  return (
    <DataTable
      label={messages.list}
      columns={columns}
      rows={rows}
      rowId={(row) => row.id}
      isDense={false}
      sort={sort}
      onSort={onSort}
      activeId={activeId}
      onActive={(row) => setActiveId(row.id)}
      onOpen={onOpen}
      narrow={(row) => (
        <div className="flex items-center gap-2">
          <div className="min-w-0 flex-1">
            <div className="truncate text-sm">
              <ScheduleLink row={row} />
            </div>
            <div className="flex items-center gap-1.5 truncate">
              <LastIcon row={row} />
              <Next row={row} />
            </div>
          </div>
          <RunNow row={row} />
          <ScheduleSwitch row={row} />
        </div>
      )}
    />
  )
}
