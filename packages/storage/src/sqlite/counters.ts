// The few numbers that must survive everything: the next key, the registry's version, the clock's offset and newest
// instant; and the row of this server process, which says what became of its last group.
import type { DatabaseSync } from 'node:sqlite'
import type { Written } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import { query } from './statement.ts'

type Counter = 'next_key' | 'registry' | 'clock_offset_ms' | 'newest_at'
type Results = Written['results']

const LETTERS = { done: 'd', stale: 's', moved: 'm' } as const
const RESULTS = { d: 'done', s: 'stale', m: 'moved' } as const

export type Counters = ReturnType<typeof openCounters>

export function openCounters(db: DatabaseSync) {
  const get = query<[number]>(db, 'SELECT value FROM meta WHERE name = ?')
  const set = db.prepare('UPDATE meta SET value = ? WHERE name = ?')
  const add = db.prepare('UPDATE meta SET value = value + ? WHERE name = ?')
  const newest = query<[number | null]>(db, 'SELECT max(heartbeat_at) FROM processes')
  const endProcesses = db.prepare('DELETE FROM processes')
  const putProcess = db.prepare('INSERT INTO processes (key, started_at, heartbeat_at) VALUES (?, ?, ?)')
  const setProcess = db.prepare(
    'UPDATE processes SET heartbeat_at = ?, group_number = ?, group_results = ? WHERE key = ?',
  )
  const group = query<[number, number, string]>(
    db,
    'SELECT heartbeat_at, group_number, group_results FROM processes WHERE key = ?',
  )

  return {
    get(name: Counter): number {
      return get.get(name)?.[0] ?? 0
    },
    set(name: Counter, value: number): void {
      set.run(value, name)
    },
    add(name: Counter, value: number): void {
      add.run(value, name)
    },
    /** The newest instant that was written: by a process that stopped, or by one that died. */
    newestAt(): number {
      return Math.max(get.get('newest_at')?.[0] ?? 0, newest.get()?.[0] ?? 0)
    },
    /** A process that stopped in order has left no row. */
    hasProcess(): boolean {
      return newest.get()?.[0] != null
    },
    putProcess(key: Key, now: number): void {
      endProcesses.run()
      putProcess.run(key, now, now)
    },
    endProcesses(): void {
      endProcesses.run()
    },
    /** With each group, so that the newest instant is known without a statement of its own. */
    putGroup(process: Key, groupNumber: number, { now, results }: { readonly now: number; readonly results: Results }) {
      setProcess.run(now, groupNumber, resultsText(results), process)
    },
    group(process: Key): { readonly number: number; readonly now: number; readonly results: Results } | undefined {
      const cells = group.get(process)
      return cells === undefined ? undefined : { now: cells[0], number: cells[1], results: readResults(cells[2]) }
    },
  }
}

/** The number of results when all are done, else a letter for each. */
function resultsText(results: Results): string {
  if (results.every((result) => result === 'done')) return String(results.length)
  return results.map((result) => LETTERS[result]).join('')
}

function readResults(text: string): Results {
  if (/^\d*$/.test(text)) return new Array<'done'>(Number(text)).fill('done')
  return Array.from(text, (letter) => RESULTS[letter as keyof typeof RESULTS])
}
