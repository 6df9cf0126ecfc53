// The head of a table: names, order, widths, and the box that selects all loaded rows. It stays at the top while the rows
// scroll below it.

import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import type { Column, DataTableProps } from './data-table.tsx'
import { Checkbox } from './field.tsx'
import { Menu } from './menu.tsx'
import { messages } from './messages.ts'
import { preference, usePreference } from './preference.ts'
import { COLUMN_MIN, type ColumnChoice, type ColumnShape, chosenColumns, widthOf } from './table-columns.ts'

export interface Sort {
  readonly by: string
  readonly isDescending: boolean
}

interface HeadProps<Row> extends DataTableProps<Row> {
  readonly choice: ColumnChoice
  readonly shown: readonly Column<Row>[]
  readonly isNarrow: boolean
  readonly ids: readonly string[]
}

export function TableHead<Row>(props: HeadProps<Row>) {
  const { shown, isNarrow, selection, ids, isPlain } = props
  const cell = cx('border-border border-b bg-raised', !isPlain && 'sticky top-0 z-10')
  const selected = selection === undefined ? 0 : ids.filter((id) => selection.ids.has(id)).length
  return (
    <thead className={isNarrow ? 'sr-only' : ''}>
      <tr aria-rowindex={1}>
        {selection && (
          <th scope="col" className={cx(cell, 'pl-3 text-left')}>
            <Checkbox
              aria-label={messages.selectAll}
              checked={ids.length > 0 && selected === ids.length}
              isPartly={selected > 0 && selected < ids.length}
              onChange={() => {
                const next = new Set(selection.ids)
                for (const id of ids) {
                  if (selected === ids.length) next.delete(id)
                  else next.add(id)
                }
                selection.onChange(next)
              }}
            />
          </th>
        )}
        {shown.map((column) => (
          <HeadCell key={column.id} column={column} className={cell} {...props} />
        ))}
      </tr>
    </thead>
  )
}

function HeadCell<Row>(props: HeadProps<Row> & { readonly column: Column<Row>; readonly className: string }) {
  const { column, sort, onSort, choice, onChoice, className } = props
  const { sort: order } = column
  const isSorted = order !== undefined && sort?.by === order
  const Arrow = sort?.isDescending ? ArrowDown : ArrowUp
  const isEnd = column.align === 'end'
  return (
    <th
      scope="col"
      aria-sort={order === undefined ? undefined : isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
      className={cx(
        className,
        'relative h-8 px-2 font-medium text-muted first:pl-3 last:pr-3',
        isEnd ? 'text-right' : 'text-left',
      )}
    >
      {order === undefined || onSort === undefined ? (
        <span className="block truncate">{column.header}</span>
      ) : (
        <button
          type="button"
          title={messages.sortBy(column.header)}
          onClick={() => onSort({ by: order, isDescending: isSorted ? !sort.isDescending : true })}
          className={cx(
            'inline-flex h-6 max-w-full items-center gap-1 rounded-sm hover:text-text',
            isSorted && 'text-text',
          )}
        >
          <span className="truncate">{column.header}</span>
          {isSorted && <Arrow size={12} aria-hidden className="shrink-0" />}
        </button>
      )}
      {onChoice !== undefined && !column.isWide && (
        <Resizer
          label={column.header}
          width={widthOf(column, choice)}
          onResize={(width) => onChoice({ ...choice, widths: { ...choice.widths, [column.id]: width } })}
        />
      )}
    </th>
  )
}

interface ResizerProps {
  readonly label: string
  readonly width: number
  readonly onResize: (width: number) => void
}

function Resizer({ label, width, onResize }: ResizerProps) {
  const start = useRef({ x: 0, width: 0 })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no `hr`.
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`${messages.resize}: ${label}`}
      aria-valuenow={width}
      aria-valuemin={COLUMN_MIN}
      aria-valuemax={800}
      tabIndex={0}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? -16 : event.key === 'ArrowRight' ? 16 : 0
        if (step === 0) return
        event.preventDefault()
        onResize(Math.max(COLUMN_MIN, width + step))
      }}
      onPointerDown={(event) => {
        event.preventDefault()
        start.current = { x: event.clientX, width }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
        onResize(Math.max(COLUMN_MIN, start.current.width + event.clientX - start.current.x))
      }}
      className="group absolute inset-y-0 -right-1 z-10 w-2 cursor-col-resize touch-none"
    >
      <span className="absolute inset-y-2 left-1/2 w-px bg-transparent group-hover:bg-border-strong" />
    </span>
  )
}

function parseChoice(stored: unknown): ColumnChoice | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined
  const shown = 'shown' in stored && Array.isArray(stored.shown) ? stored.shown.map(String) : undefined
  const widths = 'widths' in stored && typeof stored.widths === 'object' ? stored.widths : null
  const known = Object.entries(widths ?? {}).filter(([, width]) => typeof width === 'number' && width >= COLUMN_MIN)
  return { shown, widths: Object.fromEntries(known) }
}

const noChoice: ColumnChoice = {}

/** The remembered choice of columns and widths of the table called `name`. */
export function useColumnChoice(name: string): readonly [ColumnChoice, (choice: ColumnChoice) => void] {
  const remembered = useMemo(() => preference<ColumnChoice>(`columns:${name}`, noChoice, parseChoice), [name])
  return usePreference(remembered)
}

export interface ColumnMenuProps {
  readonly columns: readonly (ColumnShape & { readonly header: string })[]
  readonly choice: ColumnChoice
  readonly onChoice: (choice: ColumnChoice) => void
}

/** The button that chooses columns. */
export function ColumnMenu({ columns, choice, onChoice }: ColumnMenuProps) {
  const shown = chosenColumns(columns, choice).map((column) => column.id)
  return (
    <Menu
      trigger={<IconButton label={messages.columns} icon={Columns3} />}
      items={[
        ...columns
          .filter((column) => column.drop !== undefined)
          .map((column) => ({
            label: column.header,
            isChecked: shown.includes(column.id),
            staysOpen: true,
            onSelect: () =>
              onChoice({
                ...choice,
                shown: shown.includes(column.id) ? shown.filter((id) => id !== column.id) : [...shown, column.id],
              }),
          })),
        'separator' as const,
        { label: messages.resetColumns, onSelect: () => onChoice({}) },
      ]}
    />
  )
}
