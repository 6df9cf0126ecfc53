// The list read of counters: sums of buckets, over all processes. Hours that were folded are read as hours, for some of
// their minutes may be gone; what came after them is read in minutes.
import type { ListReads, Tally, TallyQuery } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { amongKeys, and, NONE, type Reader, type Where } from './lists-reader.ts'
import { FOLDED_UNTIL, HOUR_MS, MINUTE_MS } from './tally-table.ts'

/** Above this number of rows that are looked up one by one, all functions of the time are gone through. */
const LOOKUPS_MAX = 20_000

export function openTallyQueries(reader: Reader): Pick<ListReads, 'tallies'> {
  return { tallies: (query) => tallies(reader, query) }
}

interface Level {
  readonly name: 'hour' | 'minute'
  readonly stepMs: number
  /** First and end, as expressions with a parameter each. */
  readonly from: string
  readonly until: string
}

const ALL_MINUTES: Level = { name: 'minute', stepMs: MINUTE_MS, from: '?::int8', until: '?::int8' }
const HOURS: Level = { name: 'hour', stepMs: HOUR_MS, from: '?::int8', until: `least(?::int8, ${FOLDED_UNTIL})` }
const LATER_MINUTES: Level = { ...ALL_MINUTES, from: `greatest(?::int8, ${FOLDED_UNTIL})` }

async function tallies(reader: Reader, query: TallyQuery): Promise<readonly Tally[]> {
  const { bucketMs, byFunction } = query
  const levels = bucketMs % HOUR_MS === 0 ? [HOURS, LATER_MINUTES] : [ALL_MINUTES]
  const rows = levels.map((level) => rowsOf(level, query))
  const fn = byFunction ? 't.fn' : '0::int8'
  const sql = `SELECT t.at - t.at % ?::int8, ${fn}, t.name, sum(t.value)::int8
    FROM (${rows.map(({ terms }) => terms.join()).join(' UNION ALL ')}) t GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
  const found = await reader.all<[number, Key, string, number]>(sql, [
    bucketMs,
    ...rows.flatMap(({ values }) => values),
  ])
  return found.map(([at, of, name, value]) => ({ at, fn: of, name, value }))
}

/** The rows of one level, as a query. */
function rowsOf({ name, stepMs, from, until }: Level, query: TallyQuery): Where {
  const names = ofNames(query.names)
  const terms = [`level = '${name}'`, ...names.terms]
  const { fns } = query
  const lookups = ((query.until - query.from) / stepMs) * (fns?.length ?? 0)
  if (fns === undefined || lookups > LOOKUPS_MAX) {
    const own = and(
      { terms: [`at >= ${from}`, `at < ${until}`], values: [query.from, query.until] },
      fns === undefined ? NONE : amongKeys('fn', fns),
    )
    const where = [`level = '${name}'`, ...own.terms, ...names.terms].join(' AND ')
    const sql = `SELECT at, fn, name, value FROM tallies WHERE ${where}`
    return { terms: [sql], values: [...own.values, ...names.values] }
  }
  const sql = `SELECT r.* FROM generate_series(${from}, ${until} - 1, ${stepMs}::int8) AS g (at)
    CROSS JOIN unnest(?::int8[]) AS u (fn) CROSS JOIN LATERAL (
      SELECT at, fn, name, value FROM tallies WHERE at = g.at AND fn = u.fn AND ${terms.join(' AND ')} OFFSET 0) r`
  return { terms: [sql], values: [query.from, query.until, encodeArray('int8', [...new Set(fns)]), ...names.values] }
}

/** Whole names, and beginnings that end in a colon. */
function ofNames(names: readonly string[] | undefined): Where {
  if (names === undefined) return NONE
  const beginnings = names.filter((name) => name.endsWith(':'))
  return {
    terms: ['(name = ANY (?::text[]) OR name ^@ ANY (?::text[]))'],
    values: [encodeArray('text', names), encodeArray('text', beginnings)],
  }
}
