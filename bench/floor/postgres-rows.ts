// The floor's rows in PostgreSQL: one statement a group, a chain of CTEs over arrays (fences → new rows → steps → history → ends)
// that returns the items whose fences held. One connection writes; while one group commits, the next gathers.

import pg from 'pg'
import { type Changes, LEASED, type Rows } from './rows.ts'

const SCHEMA = `
  create table events (id bigint primary key, ulid text not null unique, name text not null, body text not null, at bigint not null);
  create table runs (id bigint primary key, ulid text not null unique, fn text not null, event bigint not null,
    status integer not null, started_at bigint not null, ended_at bigint, output text) with (fillfactor = 60);
  create table items (id bigint primary key, run bigint not null, state integer not null, epoch bigint not null, due bigint not null)
    with (fillfactor = 50);
  create index items_ready on items (due, id) where state = 0;
  create index items_leased on items (run) where state = 1;
  create table steps (run bigint not null, step bytea not null, output text not null, unique (run, step));
  create table history (run bigint not null, seq integer not null, kind integer not null, started_at bigint not null,
    at bigint not null, primary key (run, seq));
`

/** A plan is made once, while the tables are empty, and must be right when they are full: by index, row by row. */
const SESSION = `
  set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off;
  set plan_cache_mode = force_generic_plan; set synchronous_commit = on;
`

const GROUP = `
  with fenced as (
    update items set epoch = f.next from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as f (item, epoch, next)
    where items.id = f.item and items.epoch = f.epoch returning items.id),
  ended as (
    delete from items using unnest($4::bigint[], $5::bigint[]) as f (item, epoch)
    where items.id = f.item and items.epoch = f.epoch returning items.id),
  held as (select id from fenced union all select id from ended),
  new_events as (
    insert into events (id, ulid, name, body, at)
    select * from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::bigint[])),
  new_runs as (
    insert into runs (id, ulid, fn, event, status, started_at)
    select id, ulid, fn, event, 1, at
    from unnest($11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::bigint[]) as r (id, ulid, fn, event, at)),
  new_items as (
    insert into items (id, run, state, epoch, due)
    select id, id, ${LEASED}, 1, at from unnest($11::bigint[], $15::bigint[]) as r (id, at)),
  new_steps as (
    insert into steps (run, step, output)
    select run, decode(step, 'hex'), output from unnest($16::bigint[], $17::text[], $18::text[]) as s (run, step, output)
    where run = any (array (select id from held)) on conflict do nothing),
  new_history as (
    insert into history (run, seq, kind, started_at, at)
    select * from unnest($19::bigint[], $20::int[], $21::int[], $22::bigint[], $23::bigint[]) as h (run, seq, kind, started_at, at)
    where run = any (array (select id from held))),
  ended_runs as (
    update runs set status = e.status, ended_at = e.at, output = e.output
    from unnest($24::bigint[], $25::int[], $26::bigint[], $27::text[]) as e (run, status, at, output)
    where runs.id = e.run and e.run = any (array (select id from ended)))
  select id from held
`

interface Waiting {
  readonly changes: Changes
  readonly then: (held: boolean) => void
}

/** A database and its turn. */
export class PostgresRows implements Rows {
  private readonly client: pg.Client
  private waiting: Waiting[] = []
  private isBusy = false

  private constructor(client: pg.Client) {
    this.client = client
  }

  /** Makes the tables in an empty database. */
  static async open(url: string): Promise<PostgresRows> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(SESSION)
    await client.query(SCHEMA)
    return new PostgresRows(client)
  }

  commit(changes: Changes, then: (held: boolean) => void): void {
    if (this.waiting.length === 0 && !this.isBusy) setImmediate(() => this.turn())
    this.waiting.push({ changes, then })
  }

  private turn(): void {
    const group = this.waiting
    this.waiting = []
    this.isBusy = true
    const query = { name: 'group', text: GROUP, values: parametersOf(group), rowMode: 'array' }
    // There is no recovery here: a floor that cannot write has nothing to be compared with, and ends.
    this.client.query<[string]>(query, (error, { rows }) => {
      if (error instanceof Error) throw error
      this.isBusy = false
      const held = new Set(rows.map(([id]) => Number(id)))
      for (const { changes, then } of group) then(changes.fence === undefined || held.has(changes.fence.item))
      if (this.waiting.length > 0) setImmediate(() => this.turn())
    })
  }
}

function parametersOf(group: readonly Waiting[]): string[] {
  const all = group.map(({ changes }) => changes)
  const fences = all.flatMap(({ fence }) => fence ?? [])
  const kept = fences.filter(({ next }) => next !== null)
  const ended = fences.filter(({ next }) => next === null)
  const events = all.flatMap((changes) => changes.events ?? [])
  const runs = all.flatMap((changes) => changes.runs ?? [])
  const steps = all.flatMap((changes) => changes.steps ?? [])
  const history = all.flatMap((changes) => changes.history ?? [])
  const ends = all.flatMap(({ end }) => end ?? [])
  return [
    ...[kept.map((f) => f.item), kept.map((f) => f.epoch), kept.map((f) => f.next ?? 0)].map(numbers),
    ...[ended.map((f) => f.item), ended.map((f) => f.epoch)].map(numbers),
    numbers(events.map((e) => e.key)),
    ...[events.map((e) => e.ulid), events.map((e) => e.name), events.map((e) => e.body)].map(texts),
    numbers(events.map((e) => e.at)),
    numbers(runs.map((r) => r.key)),
    ...[runs.map((r) => r.ulid), runs.map((r) => r.fn)].map(texts),
    ...[runs.map((r) => r.event), runs.map((r) => r.at)].map(numbers),
    numbers(steps.map((s) => s.run)),
    ...[steps.map((s) => s.step), steps.map((s) => s.output)].map(texts),
    ...[history.map((h) => h.run), history.map((h) => h.seq), history.map((h) => h.kind)].map(numbers),
    ...[history.map((h) => h.startedAt), history.map((h) => h.at)].map(numbers),
    ...[ends.map((e) => e.run), ends.map((e) => e.status), ends.map((e) => e.at)].map(numbers),
    texts(ends.map((e) => e.output)),
  ]
}

/** Array literals are put together here: the driver's own way goes through every value several times. */
function numbers(values: readonly number[]): string {
  return `{${values.join(',')}}`
}

function texts(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`
}
