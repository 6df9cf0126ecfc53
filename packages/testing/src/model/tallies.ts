// Counters: added to in the minute of their commit, folded into hours, summed for whoever reads.
import type { Change, Key, Tally, TallyQuery } from '@pawl/storage'
import type { Tables, TallyRow } from './tables.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

interface Adding {
  readonly tables: Tables
  readonly process: Key
  readonly now: number
}

export function addTally(
  { tables, process, now }: Adding,
  { fn, name, by }: Extract<Change, { readonly add: 'tally' }>,
): void {
  put(tables, { level: 'minute', at: now - (now % MINUTE_MS), fn, name, process, value: by })
}

/** Adds to the counter's row. */
function put({ tallies }: Tables, row: TallyRow): void {
  const id = `${row.level} ${row.at} ${row.fn} ${row.process} ${row.name}`
  tallies.set(id, { ...row, value: row.value + (tallies.get(id)?.value ?? 0) })
}

export function fold(tables: Tables, change: Extract<Change, { readonly fold: 'tallies' }>): void {
  const { tallies, syncs, bulks } = tables
  const from = foldedUntil(tables)
  const until = hourOf(change.before)
  const isOver = ({ level, at }: TallyRow) => level === 'minute' && at >= from && at < until
  for (const row of tallies.filter(isOver)) {
    put(tables, { ...row, level: 'hour', at: hourOf(row.at), process: 0 })
  }
  // Whole hours, and only what was folded.
  const minutesBefore = Math.min(hourOf(change.deleteMinutesBefore), foldedUntil(tables))
  tallies.deleteWhere(({ level, at }) => at < (level === 'hour' ? change.deleteHoursBefore : minutesBefore))
  syncs.deleteWhere(({ at }) => at < change.deleteRecordsBefore)
  bulks.deleteWhere(({ endedAt }) => endedAt !== null && endedAt < change.deleteRecordsBefore)
}

function hourOf(at: number): number {
  return at - (at % HOUR_MS)
}

/** The end of the newest hour that was folded. */
function foldedUntil({ tallies }: Tables): number {
  const hours = tallies.filter(({ level }) => level === 'hour')
  return hours.reduce((until, { at }) => Math.max(until, at + HOUR_MS), 0)
}

export function sumTallies(tables: Tables, query: TallyQuery): readonly Tally[] {
  const { from, until, bucketMs, fns, names, byFunction } = query
  const border = bucketMs % HOUR_MS === 0 ? foldedUntil(tables) : 0
  const isNamed = (name: string) =>
    names === undefined || names.some((wanted) => wanted === name || (wanted.endsWith(':') && name.startsWith(wanted)))
  const isMeant = ({ level, at, fn, name }: TallyRow) =>
    at >= from &&
    at < until &&
    (level === 'hour') === at < border &&
    (fns === undefined || fns.includes(fn)) &&
    isNamed(name)
  const sums = new Map<string, Tally>()
  for (const row of tables.tallies.filter(isMeant)) {
    const at = row.at - (row.at % bucketMs)
    const fn = byFunction ? row.fn : 0
    const id = `${at} ${fn} ${row.name}`
    sums.set(id, { at, fn, name: row.name, value: row.value + (sums.get(id)?.value ?? 0) })
  }
  return [...sums.values()].sort((a, b) => a.at - b.at || a.fn - b.fn || (a.name < b.name ? -1 : 1))
}
