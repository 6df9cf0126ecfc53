// Limits: who holds their slots, who stands in their lines, what their rates remember, and the events that a rate limit
// admitted. A slot is an item's column and a place in line too, so that neither can be given twice or leak.
import type { DatabaseSync } from 'node:sqlite'
import type { AdmissionRow, Key, RateRow } from '../contract/rows.ts'
import { insert, LIMIT, query } from './statement.ts'

export type LimitTable = ReturnType<typeof openLimitTable>

export function openLimitTable(db: DatabaseSync) {
  const held = query<[number]>(db, HELD)
  const tat = query<[number]>(db, 'SELECT tat FROM rates WHERE name = ?')
  const putRate = insert(db, 'rates', 'name, tat', 'ON CONFLICT (name) DO UPDATE SET tat = excluded.tat')
  const putAdmission = insert(db, 'admissions', 'key, name, at, expires_at')
  const window = query<[number]>(db, WINDOW)
  const nextLine = query<[string]>(db, NEXT_LINE)
  const endings = [END_RATES, END_ADMISSIONS].map((sql) => db.prepare(sql))

  return {
    /** Slots held of the limit. */
    held(name: string): number {
      return held.get(name, name, name)?.[0] ?? 0
    },
    tat(name: string): number | null {
      return tat.get(name)?.[0] ?? null
    },
    putRate({ name, tat }: RateRow): void {
      putRate.run(name, tat)
    },
    putAdmission({ key, name, at, expiresAt }: AdmissionRow): void {
      putAdmission.run(key, name, at, expiresAt)
    },
    /** Admissions after the instant. */
    window(name: string, after: number): number {
      return window.get(name, after)?.[0] ?? 0
    },
    /** Lines in which items of the function stand, in the order of names. */
    linesOf(fn: Key, after: string, max: number): string[] {
      const lines: string[] = []
      // From line to line: what stands in one is not looked at.
      for (let line: string | undefined = after; lines.length < max; lines.push(line)) {
        line = nextLine.get(fn, line)?.[0]
        if (line === undefined) break
      }
      return lines
    },
    /** `max` of each, the oldest first. */
    endExpired(before: number, max: number): void {
      for (const statement of endings) statement.run(before, max)
    },
  }
}

export const HELD = `SELECT (SELECT count(*) FROM items WHERE holds = 1 AND limit1 = ?)
  + (SELECT count(*) FROM items WHERE holds = 1 AND limit2 = ?)
  + (SELECT count(*) FROM items WHERE holds = 1 AND limit3 = ?)`
export const WINDOW = 'SELECT count(*) FROM admissions WHERE name = ? AND at > ?'
export const NEXT_LINE = 'SELECT line FROM items WHERE line IS NOT NULL AND fn = ? AND line > ? ORDER BY line LIMIT 1'
/** The instant is in milliseconds, as everywhere; what a rate remembers in microseconds. */
export const END_RATES = `DELETE FROM rates WHERE name IN (SELECT name FROM rates WHERE tat < ? * 1000 ORDER BY tat ${LIMIT})`
export const END_ADMISSIONS = `DELETE FROM admissions WHERE key IN
  (SELECT key FROM admissions WHERE expires_at < ? ORDER BY expires_at ${LIMIT})`
