// Rows as CSV (RFC 4180) for spreadsheets. A cell that a spreadsheet would take for a formula gets an apostrophe in
// front: what stands in an event's name or an error's message is somebody else's text.

/** What spreadsheets begin a formula with, also behind blanks; a tab or a line's end in front is skipped by some. */
const FORMULA = /^[\s]*[=+\-@\t\r]/
const QUOTED = /[",\r\n]/

/** One line with its end. A missing value is an empty cell. */
export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return QUOTED.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
