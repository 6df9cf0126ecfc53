// Counters: one row for each minute, function and process, so that servers never wait for each other's row, with the sums of
// all names as one JSON text. What a group counts is added to the sums of this process's minute, which are kept in memory,
// and the whole row is written again: 20 names cost one write, and a month of hours is read in thousands of rows, not in
// hundreds of thousands.
import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../contract/changes.ts'
import type { Key } from '../contract/rows.ts'
import { query } from './statement.ts'

type Fold = Extract<Change, { readonly fold: unknown }>

/** Sums by name; without a prototype, since names are anything. */
export type Sums = Record<string, number>

const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** How the levels stand in the table. */
export const MINUTES = 'minute'
export const HOURS = 'hour'
/** Stands for all functions together, in rows that were folded. */
export const ALL_FUNCTIONS = -1

export type TallyTable = ReturnType<typeof openTallyTable>

export function openTallyTable(db: DatabaseSync) {
  const put = db.prepare(`INSERT INTO tally_sums (level, at, fn, process, sums) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (level, at, fn, process) DO UPDATE SET sums = excluded.sums`)
  const byKey = query<[string]>(db, ONE)
  const newestHour = query<[number]>(db, NEWEST_HOUR)
  const minutes = query<[number, number, string]>(db, FOLDABLE)
  const endings = { tallies: db.prepare(END_TALLIES), syncs: db.prepare(END_SYNCS), bulks: db.prepare(END_BULKS) }
  /** What the group that is written counts, by function. */
  let counted = new Map<Key, Sums>()
  /** The rows of this process's minute, as they were written last. */
  const current = { at: 0, rows: new Map<Key, Sums>(), isCommitted: true }

  return {
    /** A new group is written: what the one before counted holds only if it was committed. */
    beginGroup(): void {
      if (!current.isCommitted) current.rows.clear()
      current.isCommitted = true
      if (counted.size > 0) counted = new Map()
    },
    committed(): void {
      current.isCommitted = true
    },
    /** The rows are gone. */
    forget(): void {
      current.rows.clear()
    },
    add(fn: Key, name: string, by: number): void {
      let sums = counted.get(fn)
      if (sums === undefined) {
        sums = noSums()
        counted.set(fn, sums)
      }
      sums[name] = (sums[name] ?? 0) + by
    },
    /** Writes what the group has counted, into the minute of its time. */
    write(now: number, process: Key): void {
      if (counted.size === 0) return
      const at = now - (now % MINUTE_MS)
      if (at !== current.at) {
        current.rows.clear()
        current.at = at
      }
      current.isCommitted = false
      for (const [fn, sums] of counted) {
        const known = current.rows.get(fn) ?? readSums(byKey.get(MINUTES, at, fn, process)?.[0])
        addSums(known, sums)
        current.rows.set(fn, known)
        put.run(MINUTES, at, fn, process, JSON.stringify(known))
      }
      counted = new Map()
    },
    /** Hours that are summed already are left alone: nothing is added to an hour that is five minutes past. */
    fold({ before, deleteMinutesBefore, deleteHoursBefore, deleteRecordsBefore }: Fold): void {
      const newest = newestHour.get()?.[0]
      const until = hourOf(before)
      foldHours(newest === undefined ? 0 : newest + HOUR_MS, until)
      endings.tallies.run(MINUTES, Math.min(hourOf(deleteMinutesBefore), until))
      endings.tallies.run(HOURS, deleteHoursBefore)
      endings.syncs.run(deleteRecordsBefore)
      endings.bulks.run(deleteRecordsBefore)
    },
  }

  /** Sums minutes into hours, and functions into rows for all of them, by the minute and by the hour. */
  function foldHours(from: number, until: number): void {
    const ofMinutes = new Map<number, Sums>()
    const ofHours = new Map<number, Map<Key, Sums>>()
    for (const [at, fn, text] of minutes.iterate(from, until)) {
      const sums = readSums(text)
      const hour = placed(ofHours, hourOf(at), () => new Map<Key, Sums>())
      addSums(placed(hour, fn, noSums), sums)
      addSums(placed(hour, ALL_FUNCTIONS, noSums), sums)
      addSums(placed(ofMinutes, at, noSums), sums)
    }
    for (const [at, sums] of ofMinutes) put.run(MINUTES, at, ALL_FUNCTIONS, 0, JSON.stringify(sums))
    for (const [at, hour] of ofHours) for (const [fn, sums] of hour) put.run(HOURS, at, fn, 0, JSON.stringify(sums))
  }
}

export const ONE = 'SELECT sums FROM tally_sums WHERE level = ? AND at = ? AND fn = ? AND process = ?'
export const NEWEST_HOUR = `SELECT at FROM tally_sums WHERE level = '${HOURS}' ORDER BY at DESC LIMIT 1`
export const FOLDABLE = `SELECT at, fn, sums FROM tally_sums
  WHERE level = '${MINUTES}' AND at >= ? AND at < ? AND fn <> ${ALL_FUNCTIONS}`
export const END_TALLIES = 'DELETE FROM tally_sums WHERE level = ? AND at < ?'
/** Few rows: they are read whole. */
const END_SYNCS = 'DELETE FROM syncs WHERE at < ?'
const END_BULKS = 'DELETE FROM bulks WHERE ended_at < ?'

export function noSums(): Sums {
  return Object.create(null) as Sums
}

export function addSums(sums: Sums, more: Sums): void {
  for (const name in more) sums[name] = (sums[name] ?? 0) + (more[name] ?? 0)
}

/** What stands under a key, made where there is nothing yet. */
export function placed<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function readSums(text: string | undefined): Sums {
  const sums = noSums()
  if (text !== undefined) addSums(sums, JSON.parse(text) as Sums)
  return sums
}

function hourOf(at: number): number {
  return at - (at % HOUR_MS)
}
