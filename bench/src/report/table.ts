// Prints what was recorded as one table of text: absolute figures as `median (least–most)`, then ratios, then the goal.
// A contender without any sample has no column.

import type { Figure, Section } from './figures.ts'
import type { Contender, Recorder } from './recorder.ts'
import type { Spread } from './spread.ts'

/** What a table shows: lines under headings, a column for each contender and for each ratio. */
export interface Table {
  readonly sections: readonly Section[]
  readonly contenders: readonly Contender[]
  readonly ratios: readonly (readonly [above: Contender, below: Contender])[]
}

/** The columns that have something to show. */
type Columns = Pick<Table, 'contenders' | 'ratios'>

const RATIO_DIGITS = 2

/** The table as text. */
export function renderTable(recorder: Recorder, table: Table): string {
  const shown = columnsWithSamples(recorder, table)
  const header = [
    '',
    'unit',
    ...shown.contenders,
    ...shown.ratios.map(([above, below]) => `${above} ÷ ${below}`),
    'goal',
  ]
  const blocks = table.sections.flatMap((section) => {
    const lines = section.figures.flatMap((figure) => lineOf(recorder, figure, shown))
    return lines.length === 0 ? [] : [{ heading: section.heading, lines }]
  })
  const widths = columnWidths([header, ...blocks.flatMap((block) => block.lines)])
  const body = blocks.flatMap(({ heading, lines }) => ['', heading, ...lines.map((line) => pad(line, widths))])
  return [pad(header, widths), ...body].join('\n')
}

function lineOf(recorder: Recorder, figure: Figure, columns: Columns): readonly string[][] {
  const spreads = columns.contenders.map((contender) => figureSpread(recorder, figure, contender))
  if (spreads.every((spread) => spread === undefined)) return []
  const ratios = columns.ratios.map(([above, below]) => recorder.ratio(figure.id, above, below))
  const cells = [
    ...spreads.map((spread) => cell(spread, figure.digits)),
    ...ratios.map((ratio) => cell(ratio, RATIO_DIGITS)),
  ]
  return [[`  ${figure.title}`, figure.unit, ...cells, figure.goal ?? '']]
}

/** Spread of one line for one contender, also where the line is a difference to the ceiling. */
export function figureSpread(recorder: Recorder, figure: Figure, contender: Contender): Spread | undefined {
  if (figure.beyondCeiling === undefined) return recorder.spread(figure.id, contender)
  return contender === 'ceiling' ? undefined : recorder.difference(figure.beyondCeiling, contender, 'ceiling')
}

/** `median (least–most)`, or the value alone when there is only one. */
function cell(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return '·'
  const [median, min, max] = [spread.p50, spread.min, spread.max].map((value) => formatNumber(value, digits))
  return spread.count === 1 ? `${median}` : `${median} (${min}–${max})`
}

/** Fixed digits, thousands apart, so that columns can be read downwards. */
function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function columnsWithSamples(recorder: Recorder, table: Table): Columns {
  const ids = new Set(table.sections.flatMap((section) => section.figures.map((figure) => figure.id)))
  const present = new Set(recorder.samples.filter((sample) => ids.has(sample.figure)).map((sample) => sample.contender))
  return {
    contenders: table.contenders.filter((contender) => present.has(contender)),
    ratios: table.ratios.filter((pair) => pair.every((contender) => present.has(contender))),
  }
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(...rows.map((row) => row.length))
  return Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
}

/** Words to the left, figures to the right. */
function pad(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((text, column) => {
    const width = widths[column] ?? 0
    return column < 2 ? text.padEnd(width) : text.padStart(width)
  })
  return cells.join('  ').trimEnd()
}
