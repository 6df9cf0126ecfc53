// Parts of the tables that grow most: a new one is opened every week, and one of a time that retention keeps nothing of is
// dropped, which costs the same however much is in it. What runs and events that are kept have there is moved into the
// newest part before, a page at a time. Any server may do this; a lock lets one at a time.
import type { Key } from '../contract/rows.ts'
import type { ExpiredSearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { BEGIN, COMMIT, Connection, type ConnectionOptions, ROLLBACK, type Statement, statement } from './connection.ts'
import { TRY_PARTS } from './locks.ts'

const TABLES = ['history', 'history_errors', 'run_outputs', 'event_bodies'] as const
const WEEK_MS = 7 * 24 * 60 * 60 * 1000
/** Servers' clocks differ a little: so long after a part was closed nothing is written with a time from before. */
const SLACK_MS = 60 * 60 * 1000
const PAGE = 500
/** Pages in a turn, so that a turn stays short. */
const PAGES_MAX = 20
/** Who waits to drop a table lets nobody pass: it gives up soon, and tries again in the next turn. */
const SETTINGS = { lock_timeout: '200' }

const PARTS = statement<[number: number, openedAt: number]>(
  'parts',
  'SELECT number, opened_at FROM parts ORDER BY number',
)
const START = statement('start_parts', 'UPDATE parts SET opened_at = $1 WHERE opened_at = 0')

/** Runs and events that are still there and are as old as the part, from after a place on. */
const KEPT = {
  runs: statement<[at: number, key: number]>(
    'kept_runs',
    `SELECT queued_at, key FROM runs WHERE queued_at < $1 AND (queued_at, key) > ($2, $3) ORDER BY queued_at, key LIMIT ${PAGE}`,
  ),
  events: statement<[at: number, key: number]>(
    'kept_events',
    `SELECT received_at, key FROM events
     WHERE received_at < $1 AND (received_at, key) > ($2, $3) ORDER BY received_at, key LIMIT ${PAGE}`,
  ),
} as const
const NEWEST = "(SELECT value FROM meta WHERE name = 'part')"
const MOVES = {
  runs: [move('history', 'run'), move('history_errors', 'run'), move('run_outputs', 'run')],
  events: [move('event_bodies', 'event'), move('events', 'key')],
} as const

function move(table: string, column: string): Statement {
  const sql = `UPDATE ${table} SET part = ${NEWEST} WHERE part = $1 AND ${column} = ANY ($2::int8[])`
  return statement(`move_${table}`, sql)
}

/** What is gone through for the part that is dropped next. */
interface Sweep {
  readonly part: number
  readonly kinds: ('runs' | 'events')[]
  at: number
  key: Key
}

export interface PartsOptions {
  readonly place: ConnectionOptions
  /** Advisory locks of this store begin with it. */
  readonly space: number
  /** How long a part is written. */
  readonly partMs?: number | undefined
}

export interface Turn {
  readonly now: number
  /** What retention has last searched for and found nothing of; null when it has found something, or has not searched. */
  readonly swept: ExpiredSearch | null
}

interface Part {
  readonly number: number
  readonly openedAt: number
}

export class Parts {
  readonly #options: PartsOptions
  #sweep: Sweep | null = null
  #isBusy = false

  constructor(options: PartsOptions) {
    this.#options = options
  }

  /** Opens a part, or goes on dropping one, where it is time. What fails is done in a later turn. */
  async tend(reader: Connection, turn: Turn): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      const parts = await readParts(reader)
      const mustOpen = this.#mustOpen(parts, turn)
      if (mustOpen || oldest(parts, turn) !== null) await this.#work(mustOpen, turn)
    } finally {
      this.#isBusy = false
    }
  }

  #mustOpen(parts: readonly Part[], { now }: Turn): boolean {
    const newest = parts.at(-1)
    return newest !== undefined && now - newest.openedAt >= (this.#options.partMs ?? WEEK_MS)
  }

  async #work(mustOpen: boolean, turn: Turn): Promise<void> {
    const { place } = this.#options
    const connection = await Connection.open({ ...place, settings: { ...place.settings, ...SETTINGS } })
    try {
      if (mustOpen) await this.#alone(connection, (parts) => this.#open(connection, parts, turn))
      for (let page = 0; page < PAGES_MAX; page++) {
        const goesOn = await this.#alone(connection, (parts) => this.#drop(connection, oldest(parts, turn)))
        if (!goesOn) return
      }
    } finally {
      await connection.end()
    }
  }

  /** In a transaction of its own, when no other server is at it. */
  async #alone(connection: Connection, run: (parts: readonly Part[]) => Promise<boolean>): Promise<boolean> {
    await connection.ask(BEGIN)
    try {
      const [isMine] = (await connection.ask(TRY_PARTS, [this.#options.space]))[0] ?? [false]
      const goesOn = isMine && (await run(await readParts(connection)))
      await connection.ask(COMMIT)
      return goesOn
    } catch (error) {
      await connection.ask(ROLLBACK).catch(() => {})
      throw error
    }
  }

  async #open(connection: Connection, parts: readonly Part[], turn: Turn): Promise<boolean> {
    const newest = parts.at(-1)
    if (newest === undefined || !this.#mustOpen(parts, turn)) return false
    if (newest.openedAt === 0) {
      await connection.ask(START, [turn.now])
      return false
    }
    const number = newest.number + 1
    // Made beside and then attached: this waits for nobody who reads or writes the table.
    const tables = TABLES.map(
      (table) => `CREATE TABLE ${table}_${number} (LIKE ${table} INCLUDING ALL);
        ALTER TABLE ${table} ATTACH PARTITION ${table}_${number} FOR VALUES IN (${number});`,
    )
    await connection.run(`${tables.join('')} INSERT INTO parts VALUES (${number}, ${turn.now});
      UPDATE meta SET value = ${number} WHERE name = 'part'`)
    return false
  }

  /** One page of what is moved out of the part, or its end. @returns whether there is more to do. */
  async #drop(
    connection: Connection,
    part: { readonly number: number; readonly until: number } | null,
  ): Promise<boolean> {
    if (part === null) return false
    if (this.#sweep?.part !== part.number) this.#sweep = newSweep(part.number)
    const sweep = this.#sweep
    const [kind] = sweep.kinds
    if (kind === undefined) {
      const names = TABLES.map((table) => `${table}_${part.number}`).join(', ')
      await connection.run(`DROP TABLE ${names}; DELETE FROM parts WHERE number = ${part.number}`)
      return true
    }
    const rows = await connection.ask(KEPT[kind], [part.until, sweep.at, sweep.key])
    const keys = encodeArray(
      'int8',
      rows.map(([, key]) => key),
    )
    for (const query of rows.length === 0 ? [] : MOVES[kind]) await connection.ask(query, [part.number, keys])
    const last = rows.at(-1)
    if (last === undefined) Object.assign(sweep, { ...newSweep(part.number), kinds: sweep.kinds.slice(1) })
    else Object.assign(sweep, { at: last[0], key: last[1] })
    return true
  }
}

function newSweep(part: number): Sweep {
  return { part, kinds: ['runs', 'events'], at: Number.MIN_SAFE_INTEGER, key: 0 }
}

async function readParts(connection: Connection): Promise<readonly Part[]> {
  return (await connection.ask(PARTS)).map(([number, openedAt]) => ({ number, openedAt }))
}

/** The oldest part, when all of it was written before what retention keeps; the newest is never dropped. */
function oldest(parts: readonly Part[], { swept }: Turn): { readonly number: number; readonly until: number } | null {
  const [first, second] = parts
  if (first === undefined || second === undefined || swept === null) return null
  const until = second.openedAt + SLACK_MS
  return until <= Math.min(swept.eventsBefore, swept.runsBefore) ? { number: first.number, until } : null
}
