// Which columns of a table are shown: the user's choice, less what does not fit. Pure. Columns that matter least go
// first, in the order that the table states by `drop`; a column without `drop` never goes.

export interface ColumnShape {
  readonly id: string
  /** Width to begin with, px. */
  readonly width: number
  /** Takes what room is left; such columns share it. */
  readonly isWide?: boolean
  /** The higher, the earlier it goes when room is short; absent: never. */
  readonly drop?: number
  /** Not shown until chosen. */
  readonly isOffAtFirst?: boolean
}

export interface ColumnChoice {
  /** Ids in the user's choice; undefined: the table's own. */
  readonly shown?: readonly string[] | undefined
  /** Widths that the user set, px. */
  readonly widths?: Readonly<Record<string, number>>
}

/** Least width a column can be given. */
export const COLUMN_MIN = 48

/** The columns that the user wants, in the table's order. */
export function chosenColumns<C extends ColumnShape>(columns: readonly C[], choice: ColumnChoice): readonly C[] {
  const { shown } = choice
  if (shown === undefined) return columns.filter((column) => !column.isOffAtFirst)
  return columns.filter((column) => column.drop === undefined || shown.includes(column.id))
}

/** Those of them that fit into `room` px. */
export function fittingColumns<C extends ColumnShape>(
  columns: readonly C[],
  choice: ColumnChoice,
  room: number,
): readonly C[] {
  let left = columns
  while (sumOfWidths(left, choice) > room) {
    const worst = left.reduce<C | undefined>(
      (found, column) => (column.drop !== undefined && column.drop > (found?.drop ?? -1) ? column : found),
      undefined,
    )
    if (worst === undefined) return left
    left = left.filter((column) => column !== worst)
  }
  return left
}

function sumOfWidths(columns: readonly ColumnShape[], choice: ColumnChoice): number {
  return columns.reduce((sum, column) => sum + widthOf(column, choice), 0)
}

/** Width of a column, the user's or its own. */
export function widthOf(column: ColumnShape, choice: ColumnChoice): number {
  return Math.max(COLUMN_MIN, choice.widths?.[column.id] ?? column.width)
}

/** The ids from one row to another, both included, in the order shown; for Shift and a click. */
export function idsBetween(ids: readonly string[], from: string, to: string): readonly string[] {
  const a = ids.indexOf(from)
  const b = ids.indexOf(to)
  if (a < 0 || b < 0) return b < 0 ? [] : [to]
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1)
}
