// Tables and sentences for a terminal. What comes from the server is data: control characters in it never reach the
// terminal.

/** One line of text: control characters become spaces, a long one is cut. */
export function line(value: unknown, charactersMax = 200): string {
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim()
  return plain.length <= charactersMax ? plain : `${plain.slice(0, charactersMax - 1)}…`
}

/** Columns under their headings, two spaces apart. `none`: what stands there when there are no rows. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return `${none}\n`
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** `2026-11-24 09:00:00Z`, or a dash. */
export function time(value: unknown): string {
  const text = line(value, 40)
  return text === '' ? '-' : text.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
}
