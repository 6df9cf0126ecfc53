// The row of this server process. It says what became of its last group, for a commit's answer may be lost; it is the
// heartbeat with which the process's leases end; and its session number shuts out what an older connection of the same
// process may still be doing.
import type { Written } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { type Connection, only, statement } from './connection.ts'
import { rawTimeSql, timeSql } from './time.ts'

/** Items given back in one statement, so that none takes long. */
const RELEASED_MAX = 500
/** A process that has been silent for so long is told of no work. */
const SILENT_MS = 60_000
/** Rows of processes that have been silent for a week are of no use to anybody. */
const FORGOTTEN_MS = 7 * 24 * 60 * 60 * 1000

const RESULTS = { d: 'done', s: 'stale', m: 'moved' } as const

/** Takes a key for this process, and its row. */
const REGISTER = statement<[key: number]>(
  'register',
  `WITH taken AS (UPDATE meta SET value = value + 1 WHERE name = 'next_key' RETURNING value - 1 AS key)
   INSERT INTO processes (key, started_at, heartbeat_at, newest_at)
   SELECT key, $1, ${rawTimeSql(2)}, $1 FROM taken RETURNING key`,
)

/** Waits for whatever an older connection has under way, and shuts it out. */
const TAKE_SESSION = statement<[session: number]>(
  'take_session',
  `INSERT INTO processes AS p (key, session, started_at, heartbeat_at, newest_at)
   VALUES ($1, 1, $2, ${rawTimeSql(3)}, $2)
   ON CONFLICT (key) DO UPDATE SET session = p.session + 1 RETURNING session`,
)

const LAST_GROUP = statement<[number: number, results: string, now: number]>(
  'last_group',
  'SELECT group_number, group_results, newest_at FROM processes WHERE key = $1',
)

const BEAT = statement<[hasOthers: boolean]>(
  'beat',
  `INSERT INTO processes AS p (key, started_at, heartbeat_at, newest_at) VALUES ($1, $2, ${rawTimeSql(3)}, $2)
   ON CONFLICT (key) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
   RETURNING EXISTS (SELECT FROM processes other WHERE other.key <> $1 AND other.heartbeat_at > p.heartbeat_at - ${SILENT_MS})`,
)

const LEAVE = statement(
  'leave',
  `WITH gone AS (DELETE FROM processes WHERE key = $1)
   UPDATE meta SET value = greatest(value, $2::int8) WHERE name = 'newest_at'`,
)

const NEWEST = statement<[newest: number]>(
  'newest',
  `SELECT greatest(value, coalesce((SELECT max(newest_at) FROM processes), 0)) FROM meta WHERE name = 'newest_at'`,
)

/** Owners of leases who are gone, or whose heartbeat is older than $1 ms (null: any age): a hop in the index for each. */
export const DEAD_OWNERS = statement<[owner: number]>(
  'dead_owners',
  `WITH RECURSIVE owners AS (
     (SELECT owner FROM items WHERE state = 'leased' ORDER BY owner LIMIT 1)
     UNION ALL
     SELECT (SELECT i.owner FROM items i WHERE i.state = 'leased' AND i.owner > o.owner ORDER BY i.owner LIMIT 1)
     FROM owners o WHERE o.owner IS NOT NULL
   )
   SELECT owner FROM owners WHERE owner IS NOT NULL
     AND NOT EXISTS (SELECT FROM processes p
       WHERE p.key = owner AND ($1::int8 IS NULL OR p.heartbeat_at > ${rawTimeSql(2)} - $1))`,
)

// Set back with a raised epoch, so that a process that was only paused can commit nothing any more. As everywhere the
// item is locked by its run, and one whose run is busy is left for the next time.
const releaseSql = (
  state: 'ready' | 'sleeping',
): string => `UPDATE items i SET state = '${state}', owner = 0, epoch = i.epoch + 1, due = t.now,
    wake_at = ${state === 'sleeping' ? 't.now' : 'NULL'} FROM (SELECT ${timeSql(2, 3)} AS now OFFSET 0) t
  WHERE i.key = ANY (ARRAY(SELECT key FROM found)) AND i.state = 'leased' AND i.owner = ANY ($1::int8[]) RETURNING i.key`

export const RELEASE_RUNS = statement<[key: number]>(
  'release_runs',
  `WITH found AS MATERIALIZED (
     SELECT i.key FROM items i JOIN runs r ON r.key = i.run
     WHERE i.state = 'leased' AND i.owner = ANY ($1::int8[]) LIMIT ${RELEASED_MAX} FOR NO KEY UPDATE OF r SKIP LOCKED)
   ${releaseSql('ready')}`,
)
// What needs no place for a call is found through the time index, also by a server whose places are all taken.
export const RELEASE_ALONE = statement<[key: number]>(
  'release_alone',
  `WITH found AS MATERIALIZED (
     SELECT i.key FROM items i WHERE i.run IS NULL AND i.state = 'leased' AND i.owner = ANY ($1::int8[])
     LIMIT ${RELEASED_MAX} FOR NO KEY UPDATE SKIP LOCKED)
   ${releaseSql('sleeping')}`,
)
const FORGET = statement(
  'forget',
  `DELETE FROM processes p WHERE p.heartbeat_at < ${rawTimeSql(1)} - ${FORGOTTEN_MS}
   AND NOT EXISTS (SELECT FROM items i WHERE i.state = 'leased' AND i.owner = p.key)`,
)

/** The newest instant that any process has written. */
export async function newestInstant(connection: Connection): Promise<number> {
  const [newest] = only(await connection.ask(NEWEST))
  return newest
}

/** Makes the row of a new process. @returns its key. */
export async function register(connection: Connection, now: number, wall: number | null): Promise<Key> {
  const [key] = only(await connection.ask(REGISTER, [now, wall]))
  return key
}

/** From now on only what carries this number is written for the process. */
export async function takeSession(
  connection: Connection,
  process: Key,
  { now, wall }: { readonly now: number; readonly wall: number | null },
): Promise<number> {
  const [session] = only(await connection.ask(TAKE_SESSION, [process, now, wall]))
  return session
}

export interface LastGroup {
  readonly number: number
  readonly results: Written['results']
  readonly now: number
}

export async function lastGroup(connection: Connection, process: Key): Promise<LastGroup | null> {
  const [row] = await connection.ask(LAST_GROUP, [process])
  return row === undefined ? null : { number: row[0], results: readResults(row[1]), now: row[2] }
}

const LETTERS = { done: 'd', stale: 's', moved: 'm' } as const

/** One letter for each operation, as they are stored. */
export function resultLetters(results: Written['results']): string {
  return results.map((result) => LETTERS[result]).join('')
}

export function readResults(letters: string): Written['results'] {
  return Array.from(letters, (letter) => RESULTS[letter as keyof typeof RESULTS])
}

export interface Pulse {
  readonly process: Key
  readonly now: number
  readonly wall: number | null
  /** Milliseconds after the last heartbeat at which leases end; null: only those of processes that are gone. */
  readonly leaseMs: number | null
}

export interface Beaten {
  /** Items that were given back. */
  readonly released: number
  /** Whether other processes live. */
  readonly hasOthers: boolean
}

/** Renews the heartbeat, and gives back what processes hold that have none. */
export async function beatAndRelease(connection: Connection, pulse: Pulse): Promise<Beaten> {
  const { process, now, wall, leaseMs } = pulse
  const [hasOthers] = only(await connection.ask(BEAT, [process, now, wall]))
  const dead = (await connection.ask(DEAD_OWNERS, [leaseMs, wall])).map(([owner]) => owner)
  return { hasOthers, released: dead.length === 0 ? 0 : await release(connection, dead, { now, wall }) }
}

async function release(
  connection: Connection,
  dead: readonly Key[],
  { now, wall }: Pick<Pulse, 'now' | 'wall'>,
): Promise<number> {
  const values = [encodeArray('int8', dead), now, wall]
  let released = 0
  for (const query of [RELEASE_RUNS, RELEASE_ALONE]) {
    let page = 0
    do {
      page = (await connection.ask(query, values)).length
      released += page
    } while (page === RELEASED_MAX)
  }
  await connection.ask(FORGET, [wall])
  return released
}

/** A process that stops in order leaves its time and no row: what it still holds is free at once. */
export async function leave(connection: Connection, process: Key, now: number): Promise<void> {
  await connection.ask(LEAVE, [process, now])
}
