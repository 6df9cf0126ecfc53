// Which functions are shown and in what order. All of them are in the page, so that it is done here. Pure.

import type { FnRow } from '../../api/types.ts'

export type FunctionSort = 'name' | 'app' | 'state' | 'runs' | 'failureRate' | 'p95' | 'backlog'

export interface ShownAsk {
  readonly words?: string | undefined
  readonly appId?: string | undefined
  readonly state?: readonly FnRow['state'][] | undefined
  readonly sort?: FunctionSort | undefined
  readonly order?: 'ASC' | 'DESC' | undefined
}

/** Rows that have every word, sorted; rows without a value come last either way. */
export function shownFunctions(rows: readonly FnRow[], ask: ShownAsk): readonly FnRow[] {
  const words = (ask.words ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const { appId, state, sort = 'name', order = 'ASC' } = ask
  return rows
    .filter((row) => appId === undefined || row.app.id === appId)
    .filter((row) => state === undefined || state.includes(row.state))
    .filter((row) => {
      const text = textOf(row)
      return words.every((word) => text.includes(word))
    })
    .toSorted((a, b) => compare(VALUES[sort](a), VALUES[sort](b), order) || a.name.localeCompare(b.name))
}

function textOf({ name, slug, app, triggers = [] }: FnRow): string {
  return [name, slug, app.id, ...triggers.map(({ value }) => value)].join('\n').toLowerCase()
}

const VALUES: Readonly<Record<FunctionSort, (row: FnRow) => string | number | undefined>> = {
  name: (row) => row.name.toLowerCase(),
  app: (row) => row.app.id.toLowerCase(),
  state: (row) => row.state,
  runs: (row) => row.stats.started,
  failureRate: failureRateOf,
  p95: (row) => row.stats.p95Ms,
  backlog: (row) => inLine(row),
}

/** Failed of those that ended; undefined when none did. */
export function failureRateOf({ stats: { ended, failed } }: Pick<FnRow, 'stats'>): number | undefined {
  return ended === 0 ? undefined : failed / ended
}

/** Steps that could run, or wait for a limit or a pause. Those that sleep are not late. */
export function inLine({ backlog: { ready, blocked } }: Pick<FnRow, 'backlog'>): number {
  return ready + blocked
}

function compare(a: string | number | undefined, b: string | number | undefined, order: 'ASC' | 'DESC'): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  const sign = order === 'ASC' ? 1 : -1
  return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)))
}
