// The table of every list: a real `table` whose rows are drawn only where they are seen, so that a hundred thousand
// scroll like ten. J, K, Enter and X work in it; columns that do not fit go in a stated order; below 600 px a row is two
// lines. The caller keeps selection, active row and order, since they live in the address or outlast the table.

import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { cx } from './class-names.ts'
import { Checkbox } from './field.tsx'
import { messages } from './messages.ts'
import {
  type ColumnChoice,
  type ColumnShape,
  chosenColumns,
  fittingColumns,
  idsBetween,
  widthOf,
} from './table-columns.ts'
import { type Sort, TableHead } from './table-head.tsx'
import { useCommands } from './use-keys.ts'

export interface Column<Row> extends ColumnShape {
  readonly header: string
  readonly cell: (row: Row) => React.ReactNode
  readonly align?: 'start' | 'end'
  /** Name of the order that a click on the header asks for; absent: cannot be sorted. */
  readonly sort?: string
  /** Names the row; read as its header. The first column when none says so. */
  readonly isRowHeader?: boolean
}

export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly onChange: (ids: ReadonlySet<string>) => void
}

export interface DataTableProps<Row> {
  /** Read as the table's caption. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string
  readonly choice?: ColumnChoice
  readonly onChoice?: (choice: ColumnChoice) => void
  /** 32 px rows; else 40. */
  readonly isDense?: boolean
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  readonly selection?: Selection | undefined
  /** The row that J and K move. */
  readonly activeId?: string | undefined
  /** A click, J or K came to a row. */
  readonly onActive?: (row: Row) => void
  /** A click opens in place of moving to the row; for lists without a panel beside them. */
  readonly opensOnClick?: boolean
  /** Enter, a double click, or a click with Ctrl or Cmd. */
  readonly onOpen?: (row: Row, how: { readonly isNewTab: boolean }) => void
  /** The row as two lines, for narrow screens. */
  readonly narrow?: (row: Row) => React.ReactNode
  readonly rowClass?: (row: Row) => string | undefined
  readonly more?: { readonly hasMore: boolean; readonly isLoading: boolean; readonly load: () => void } | undefined
  /** Whether the list is scrolled to its top, told when it changes. */
  readonly onAtTop?: (isAtTop: boolean) => void
  /** Grows with its rows in place of scrolling by itself; for short lists. */
  readonly isPlain?: boolean
  /** Only one table of a page takes J, K, Enter and X. */
  readonly hasKeys?: boolean
  readonly className?: string
}

const ownChoice: ColumnChoice = {}
const HEAD_PX = 32
const SELECT_PX = 36
const NARROW_BELOW = 600

/** A table of rows. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, choice = ownChoice, isDense = true, selection, isPlain, className, more } = props
  const ref = useRef<HTMLDivElement>(null)
  const width = useWidth(ref)
  const isNarrow = props.narrow !== undefined && width < NARROW_BELOW
  const room = width - (selection ? SELECT_PX : 0)
  const shown = useMemo(() => fittingColumns(chosenColumns(columns, choice), choice, room), [columns, choice, room])
  const rowPx = isNarrow ? 52 : isDense ? 32 : 40
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => ref.current,
    estimateSize: () => rowPx,
    overscan: 10,
    enabled: !isPlain,
    scrollMargin: isNarrow ? 0 : HEAD_PX,
    scrollPaddingStart: isNarrow ? 0 : HEAD_PX,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heights are asked for again when they change.
  useEffect(() => virtual.measure(), [rowPx, virtual])
  const items = isPlain ? rows.map((_, index) => index) : virtual.getVirtualItems().map((item) => item.index)
  const first = items[0] ?? 0
  const last = items.at(-1) ?? -1
  useLoadMore(more, last >= rows.length - 15)
  useAtTop(ref, props.onAtTop)
  const ids = useMemo(() => rows.map(rowId), [rows, rowId])
  // The row that the address names is brought into sight once, when the list comes.
  const isPlaced = useRef(false)
  useEffect(() => {
    if (isPlaced.current || isPlain || rows.length === 0) return
    isPlaced.current = true
    const at = props.activeId === undefined ? -1 : ids.indexOf(props.activeId)
    if (at > 5) virtual.scrollToIndex(at, { align: 'center' })
  })
  useTableKeys(props, ids, (index) => virtual.scrollToIndex(index))
  const anchor = useRef<string | undefined>(undefined)
  const select = (id: string, isRange: boolean) => {
    if (selection === undefined) return
    const next = new Set(selection.ids)
    const range = isRange && anchor.current !== undefined ? idsBetween(ids, anchor.current, id) : [id]
    if (isRange) for (const each of range) next.add(each)
    else if (!next.delete(id)) next.add(id)
    anchor.current = id
    selection.onChange(next)
  }
  const columnCount = (isNarrow ? 1 : shown.length) + (selection ? 1 : 0)
  return (
    <div
      ref={ref}
      className={cx('relative min-w-0', !isPlain && 'min-h-0 flex-1 overflow-y-auto overflow-x-hidden', className)}
    >
      <table
        aria-label={label}
        aria-rowcount={rows.length + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-xs"
      >
        {isNarrow ? (
          <colgroup>
            {selection && <col style={{ width: 36 }} />}
            <col />
          </colgroup>
        ) : (
          <colgroup>
            {selection && <col style={{ width: SELECT_PX }} />}
            {shown.map((column) => (
              <col key={column.id} style={column.isWide ? undefined : { width: widthOf(column, choice) }} />
            ))}
          </colgroup>
        )}
        <TableHead {...props} choice={choice} shown={shown} isNarrow={isNarrow} ids={ids} />
        <tbody>
          {first > 0 && <Spacer px={first * rowPx} columns={columnCount} />}
          {items.map((index) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <TableRow
                key={rowId(row)}
                {...props}
                row={row}
                index={index}
                shown={shown}
                isNarrow={isNarrow}
                rowPx={rowPx}
                onSelect={select}
              />
            )
          })}
          {last < rows.length - 1 && <Spacer px={(rows.length - 1 - last) * rowPx} columns={columnCount} />}
        </tbody>
      </table>
      {more?.hasMore && (
        <div className="flex justify-center py-3">
          <Button isBusy={more.isLoading} onClick={more.load}>
            {more.isLoading ? messages.loadingMore : messages.loadMore}
          </Button>
        </div>
      )}
    </div>
  )
}

function Spacer({ px, columns }: { readonly px: number; readonly columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: px, padding: 0 }} />
    </tr>
  )
}

interface RowProps<Row> extends DataTableProps<Row> {
  readonly row: Row
  readonly index: number
  readonly shown: readonly Column<Row>[]
  readonly isNarrow: boolean
  readonly rowPx: number
  readonly onSelect: (id: string, isRange: boolean) => void
}

function TableRow<Row>(props: RowProps<Row>) {
  const { row, index, shown, isNarrow, rowPx, rowId, selection, activeId, onActive, onOpen, onSelect } = props
  const id = rowId(row)
  const isActive = activeId === id
  const isSelected = selection?.ids.has(id) ?? false
  const isClickable = onActive !== undefined || onOpen !== undefined
  const headerId = (shown.find((column) => column.isRowHeader) ?? shown[0])?.id
  return (
    <tr
      data-row={id}
      aria-rowindex={index + 2}
      aria-selected={selection ? isSelected : undefined}
      tabIndex={isClickable ? (isActive ? 0 : -1) : undefined}
      onClick={(event) => {
        if (isInteractive(event.target)) return
        if (event.ctrlKey || event.metaKey) onOpen?.(row, { isNewTab: true })
        else if (event.shiftKey && selection) onSelect(id, true)
        else if (onActive && !(props.opensOnClick && onOpen)) onActive(row)
        else onOpen?.(row, { isNewTab: false })
      }}
      onDoubleClick={(event) => {
        if (!isInteractive(event.target)) onOpen?.(row, { isNewTab: false })
      }}
      style={{ height: rowPx }}
      className={cx(
        'outline-offset-[-2px]',
        isClickable && 'cursor-pointer hover:bg-hover',
        isSelected && 'bg-selected',
        isActive && 'bg-selected shadow-[inset_2px_0_0_var(--accent)]',
        props.rowClass?.(row),
      )}
    >
      {selection && (
        <td className={cx(CELL, 'w-9 pr-0!')}>
          <Checkbox
            aria-label={messages.selectRow}
            checked={isSelected}
            onChange={() => {}}
            onClick={(event) => {
              event.stopPropagation()
              onSelect(id, event.shiftKey)
            }}
          />
        </td>
      )}
      <Cells row={row} shown={shown} narrow={isNarrow ? props.narrow : undefined} headerId={headerId} />
    </tr>
  )
}

interface CellsProps<Row> {
  readonly row: Row
  readonly shown: readonly Column<Row>[]
  /** The row as two lines; absent where there is room for columns. */
  readonly narrow: ((row: Row) => React.ReactNode) | undefined
  readonly headerId: string | undefined
}

const CELL = 'border-border border-b px-2 first:pl-3 last:pr-3'

/** What stands in a row. Drawn again only when the row or the columns change: scrolling draws the new rows alone. */
const Cells = memo(function Cells<Row>({ row, shown, narrow, headerId }: CellsProps<Row>) {
  if (narrow !== undefined) return <td className={cx(CELL, 'py-1.5')}>{narrow(row)}</td>
  return shown.map((column) => {
    const className = cx(
      CELL,
      'overflow-hidden text-ellipsis whitespace-nowrap font-normal',
      column.align === 'end' ? 'text-right tabular-nums' : 'text-left',
    )
    return column.id === headerId ? (
      <th key={column.id} scope="row" className={className}>
        {column.cell(row)}
      </th>
    ) : (
      <td key={column.id} className={className}>
        {column.cell(row)}
      </td>
    )
  })
}) as <Row>(props: CellsProps<Row>) => React.ReactNode

function isInteractive(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, label, select') !== null
}

function useWidth(ref: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(() => (typeof window === 'undefined' ? 1200 : window.innerWidth))
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width))
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return width
}

/** Reads on by itself when the end comes near; the button stays as the other way. */
function useLoadMore(more: DataTableProps<unknown>['more'], isNearEnd: boolean) {
  const isDue = more?.hasMore && !more.isLoading && isNearEnd
  const load = useRef(more?.load)
  load.current = more?.load
  useEffect(() => {
    if (isDue) load.current?.()
  }, [isDue])
}

function useAtTop(ref: React.RefObject<HTMLElement | null>, onAtTop: ((isAtTop: boolean) => void) | undefined) {
  const tell = useRef(onAtTop)
  tell.current = onAtTop
  const isAsked = onAtTop !== undefined
  useEffect(() => {
    const element = ref.current
    if (element === null || !isAsked) return
    let wasAtTop = true
    const onScroll = () => {
      const isAtTop = element.scrollTop < 8
      if (isAtTop !== wasAtTop) tell.current?.(isAtTop)
      wasAtTop = isAtTop
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [ref, isAsked])
}

function useTableKeys<Row>(props: DataTableProps<Row>, ids: readonly string[], scrollTo: (index: number) => void) {
  const { rows, rowId, activeId, onActive, onOpen, selection, hasKeys = true } = props
  const at = activeId === undefined ? -1 : ids.indexOf(activeId)
  const active = rows[at]
  const isOn = hasKeys && rows.length > 0
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    scrollTo(rows.indexOf(row))
    onActive?.(row)
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`[data-row="${CSS.escape(rowId(row))}"]`)?.focus({ preventScroll: true })
    })
  }
  const toggle = (isRange: boolean) => {
    if (selection === undefined || active === undefined) return
    const next = new Set(selection.ids)
    const id = rowId(active)
    if (isRange) {
      const start = [...selection.ids].at(-1) ?? id
      for (const each of idsBetween(ids, start, id)) next.add(each)
    } else if (!next.delete(id)) next.add(id)
    selection.onChange(next)
  }
  const group = messages.tableKeys
  useCommands([
    {
      label: messages.nextRow,
      keys: 'j',
      group,
      isKeyOnly: true,
      isOn: isOn && onActive !== undefined,
      run: () => go(at + 1),
    },
    {
      label: messages.previousRow,
      keys: 'k',
      group,
      isKeyOnly: true,
      isOn: isOn && onActive !== undefined,
      run: () => go(at < 0 ? 0 : at - 1),
    },
    {
      label: messages.openRow,
      keys: 'enter',
      group,
      isKeyOnly: true,
      isOn: isOn && onOpen !== undefined && active !== undefined,
      run: () => active !== undefined && !isOnControl() && onOpen?.(active, { isNewTab: false }),
    },
    {
      label: messages.toggleRow,
      keys: 'x',
      group,
      isKeyOnly: true,
      isOn: isOn && selection !== undefined,
      run: () => toggle(false),
    },
    {
      label: messages.toggleRange,
      keys: 'shift+x',
      group,
      isKeyOnly: true,
      isOn: isOn && selection !== undefined,
      run: () => toggle(true),
    },
  ])
}

/** Enter belongs to the control that has the focus. */
function isOnControl(): boolean {
  return document.activeElement?.matches('a, button, input, select, textarea, summary') ?? false
}
