// What a group locks before it reads, in this order: the registry, event names, keys that may be absent, limits, sessions,
// jobs (`record-locks.ts`), runs, items; each sorted, so that two groups never wait for each other in a circle. What is found after that is only tried. A
// statement's snapshot is taken before it waits, so that what is locked here is read by statements after it.
import { hash } from 'node:crypto'
import type { Key } from '../contract/rows.ts'
import type { Fence, Needs } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { statement, type Value } from './connection.ts'
import { IS_NAMED } from './item-table.ts'
import { type RunCells, runColumns } from './run-table.ts'
import { spotOf, WAITING_RUNS } from './wait-table.ts'

/** Names share so many locks, so that all groups together take no more than the server has room for. */
const BUCKETS = 1_024
/** Limits have more of them: a group takes each alone, and waits for no other's without need. */
const LIMIT_BUCKETS = 4_096
const REGISTRY = 0
const MIGRATION = 1
const PARTS = 2
const FIRST_NAME = 1_024
const FIRST_LIMIT = 4_096

/** Advisory locks are the database's: those of one schema have this first number. */
export function lockSpace(schema: string): number {
  return hash('sha1', `pawl ${schema}`, 'buffer').readInt32BE(0)
}

export const LOCK_MIGRATION = statement('lock_migration', `SELECT pg_advisory_lock($1::int4, ${MIGRATION})`)
export const UNLOCK_MIGRATION = statement('unlock_migration', `SELECT pg_advisory_unlock($1::int4, ${MIGRATION})`)

export const TRY_PARTS = statement<[isMine: boolean]>(
  'try_parts',
  `SELECT pg_try_advisory_xact_lock($1::int4, ${PARTS})`,
)

/** In the order of the arrays. */
export const LOCK_NAMES = statement(
  'lock_names',
  `SELECT count(CASE WHEN u.is_alone THEN pg_advisory_xact_lock($1::int4, u.lock)::text
     ELSE pg_advisory_xact_lock_shared($1::int4, u.lock)::text END)
   FROM unnest($2::int4[], $3::bool[]) AS u (lock, is_alone)`,
)

/** The registry, shared or alone; names on which events are stored, shared; names on which a wait is opened, alone. */
export function nameLocks(space: number, needs: Needs): readonly Value[] {
  const locks = new Map<number, boolean>([[REGISTRY, needs.registry === true]])
  for (const name of needs.storing ?? []) locks.set(bucketOf(name), false)
  for (const name of needs.waitingFor ?? []) locks.set(bucketOf(name), true)
  const sorted = [...locks].sort(([a], [b]) => a - b)
  return [
    space,
    encodeArray(
      'int4',
      sorted.map(([lock]) => lock),
    ),
    encodeArray(
      'bool',
      sorted.map(([, isAlone]) => isAlone),
    ),
  ]
}

/** Every server of a store has to find the same bucket, also those of other versions. */
function bucketOf(name: string): number {
  return FIRST_NAME + (hash('sha1', name, 'buffer').readUInt32BE(0) % BUCKETS)
}

export function limitBucket(name: string): number {
  return FIRST_LIMIT + (hash('sha1', name, 'buffer').readUInt32BE(0) % LIMIT_BUCKETS)
}

/** Limits that the needs name: waited for, in order. */
export const LOCK_LIMITS = statement(
  'lock_limits',
  'SELECT count(pg_advisory_xact_lock($1::int4, u.lock)::text) FROM unnest($2::int4[]) AS u (lock)',
)

/** Limits that items bring: those that are to be had at once. */
export const TRY_LIMITS = statement<[lock: number]>(
  'try_limits',
  'SELECT u.lock FROM unnest($2::int4[]) AS u (lock) WHERE pg_try_advisory_xact_lock($1::int4, u.lock)',
)

export function limitLocks(space: number, names: Iterable<string>): readonly Value[] {
  const locks = new Set<number>()
  for (const name of names) locks.add(limitBucket(name))
  return [
    space,
    encodeArray(
      'int4',
      [...locks].sort((a, b) => a - b),
    ),
  ]
}

// Inserting waits for a transaction that has inserted the same key, whether or not it has deleted it again.
export const LOCK_KEYS = statement(
  'lock_keys',
  'INSERT INTO key_locks (spot) SELECT u.spot FROM unnest($1::bytea[]) AS u (spot) ON CONFLICT DO NOTHING',
)
export const CLEAR_KEYS = statement('clear_keys', 'DELETE FROM key_locks WHERE spot = ANY ($1::bytea[])')

/** What the group's needs name that may be there or not: two groups that look for it must see each other. */
export function keyLocks(needs: Needs): readonly string[] {
  const { eventIds, idempotency, signals, named, windows, singletons, sessionNames } = needs
  const spots = new Set<string>()
  for (const id of eventIds ?? []) spots.add(hash('sha1', `event ${id}`))
  for (const { fn, key } of idempotency ?? []) spots.add(hash('sha1', `idempotency ${fn} ${key}`))
  for (const name of signals ?? []) spots.add(hash('sha1', `signal ${name}`))
  for (const name of named ?? []) spots.add(hash('sha1', `named ${name}`))
  for (const { name } of windows ?? []) spots.add(hash('sha1', `window ${name}`))
  for (const name of singletons ?? []) spots.add(hash('sha1', `singleton ${name}`))
  for (const name of sessionNames ?? []) spots.add(hash('sha1', `session ${name}`))
  return [...spots].sort()
}

/**
 * Runs that are named, alone ($1) or with their parents ($2), and those of named items ($3), of signals ($4), of waits
 * that are searched ($5 to $9) and of singletons ($10), these with their parents. Each row is the newest, for it was
 * locked before it was returned.
 */
export const LOCK_RUNS = statement<RunCells>(
  'lock_runs',
  `WITH whole AS MATERIALIZED (
     SELECT unnest($2::int8[]) AS key
     UNION SELECT run FROM items WHERE key = ANY ($3::int8[]) AND run IS NOT NULL
     UNION SELECT run FROM waits WHERE kind = 'signal' AND name <> '' AND spot = ANY ($4::bytea[])
     UNION ${WAITING_RUNS.replace(/\$(\d)/g, (_, number) => `$${Number(number) + 4}`)}
     UNION SELECT key FROM runs WHERE singleton = ANY ($10::text[]) AND ended_at IS NULL
   )
   SELECT ${runColumns()} FROM runs WHERE key = ANY (ARRAY(
     SELECT key FROM whole
     UNION SELECT r.parent_run FROM whole JOIN runs r ON r.key = whole.key WHERE r.parent_run IS NOT NULL
     UNION SELECT unnest($1::int8[])
   )) ORDER BY key FOR NO KEY UPDATE`,
)

/** Parents of runs that a claim holds: who finds one locked leaves the child alone. */
export const LOCK_PARENTS = statement<RunCells>(
  'lock_parents',
  `SELECT ${runColumns()} FROM runs WHERE key = ANY ($1::int8[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED`,
)

/** Items by key ($1), crons of a function ($2), items by name ($3). Those that have a run are locked by it already. */
export const LOCK_ITEMS = statement<[key: number]>(
  'lock_items',
  `SELECT key FROM items WHERE key = ANY (ARRAY(
     SELECT unnest($1::int8[]) UNION SELECT key FROM items WHERE kind = 'cron' AND fn = ANY ($2::int8[])
     UNION SELECT key FROM items WHERE ${IS_NAMED} AND step = ANY ($3::text[])
   )) ORDER BY key FOR NO KEY UPDATE`,
)

/** Items by name: those that are not locked by somebody else. */
export const TRY_NAMED = statement<[key: number]>(
  'try_named',
  `SELECT key FROM items WHERE ${IS_NAMED} AND step = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED`,
)

export const RUNS_EXIST = statement<[key: number]>('runs_exist', 'SELECT key FROM runs WHERE key = ANY ($1::int8[])')

/** What the lock statements are given. */
export interface LockSets {
  /** Runs by themselves: of fences and of steps. */
  readonly runs: readonly Key[]
  /** Runs with their parents. */
  readonly families: readonly Key[]
  readonly items: readonly Key[]
  readonly crons: readonly Key[]
  /** Items by name: also the timers of limits. */
  readonly named: readonly string[]
  readonly signals: readonly string[]
  readonly singletons: readonly string[]
  readonly hasSearch: boolean
}

export function lockSets(needs: Needs, fences: readonly (Fence | null)[]): LockSets {
  const runs = new Set<Key>()
  const items = new Set<Key>(needs.items)
  for (const fence of fences) {
    if (fence === null) continue
    if (fence.run !== null) runs.add(fence.run)
    else items.add(fence.item)
  }
  for (const { run } of needs.steps ?? []) runs.add(run)
  return {
    runs: [...runs],
    families: [...new Set([...(needs.runs ?? []), ...(needs.itemsOf ?? [])])],
    items: [...items],
    crons: needs.crons ?? [],
    named: [...new Set([...(needs.named ?? []), ...(needs.limits ?? []).map(({ name }) => name)])],
    signals: (needs.signals ?? []).map((name) => spotOf(name)),
    singletons: needs.singletons ?? [],
    hasSearch: (needs.waits ?? []).length > 0,
  }
}

/** Whether any run may have to be locked. */
export function locksRuns({ runs, families, items, signals, singletons, hasSearch }: LockSets): boolean {
  return hasSearch || runs.length + families.length + items.length + signals.length + singletons.length > 0
}
