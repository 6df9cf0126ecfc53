// The floor's rows in one SQLite file, WAL with a full fsync at each commit: prepared single-row statements, one transaction a turn.
// The first change of a turn arms `setImmediate`, the rest join.

import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Changes, LEASED, type Rows } from './rows.ts'

const SCHEMA = `
  create table events (id integer primary key, ulid text not null unique, name text not null, body text not null, at integer not null);
  create table runs (id integer primary key, ulid text not null unique, fn text not null, event integer not null,
    status integer not null, started_at integer not null, ended_at integer, output text);
  create table items (id integer primary key, run integer not null, state integer not null, epoch integer not null, due integer not null);
  create index items_ready on items (due, id) where state = 0;
  create index items_leased on items (run) where state = 1;
  create table steps (id integer primary key, run integer not null, step blob not null, output text not null, unique (run, step));
  create table history (run integer not null, seq integer not null, kind integer not null, started_at integer not null,
    at integer not null, primary key (run, seq)) without rowid;
`

interface Waiting {
  readonly changes: Changes
  readonly then: (held: boolean) => void
}

/** The file and its turn. */
export class SqliteRows implements Rows {
  private readonly prepared: Readonly<Record<StatementName, StatementSync>>
  private waiting: Waiting[] = []

  constructor(path: string) {
    const database = new DatabaseSync(path)
    database.exec('pragma journal_mode = wal; pragma synchronous = full;')
    database.exec(SCHEMA)
    this.prepared = prepareAll(database)
  }

  commit(changes: Changes, then: (held: boolean) => void): void {
    if (this.waiting.length === 0) setImmediate(() => this.turn())
    this.waiting.push({ changes, then })
  }

  private turn(): void {
    const group = this.waiting
    this.waiting = []
    this.prepared.begin.run()
    const held = group.map(({ changes }) => this.write(changes))
    this.prepared.commit.run()
    for (const [index, { then }] of group.entries()) then(held[index] === true)
  }

  private write({ fence, events, runs, steps, history, end }: Changes): boolean {
    const { prepared } = this
    if (fence !== undefined) {
      const { item, epoch, next } = fence
      const { changes } = next === null ? prepared.endItem.run(item, epoch) : prepared.fence.run(next, item, epoch)
      if (changes !== 1) return false
    }
    for (const { key, ulid, name, body, at } of events ?? []) prepared.event.run(key, ulid, name, body, at)
    for (const { key, ulid, fn, event, at } of runs ?? []) {
      prepared.run.run(key, ulid, fn, event, at)
      prepared.item.run(key, key, LEASED, at)
    }
    for (const { run, step, output } of steps ?? []) prepared.step.run(run, Buffer.from(step, 'hex'), output)
    for (const { run, seq, kind, startedAt, at } of history ?? []) prepared.history.run(run, seq, kind, startedAt, at)
    if (end !== undefined) prepared.endRun.run(end.status, end.at, end.output, end.run)
    return true
  }
}

type StatementName = 'begin' | 'commit' | 'event' | 'run' | 'item' | 'fence' | 'step' | 'history' | 'endItem' | 'endRun'

function prepareAll(database: DatabaseSync): Readonly<Record<StatementName, StatementSync>> {
  return {
    begin: database.prepare('begin immediate'),
    commit: database.prepare('commit'),
    event: database.prepare('insert into events (id, ulid, name, body, at) values (?, ?, ?, ?, ?)'),
    run: database.prepare('insert into runs (id, ulid, fn, event, status, started_at) values (?, ?, ?, ?, 1, ?)'),
    item: database.prepare('insert into items (id, run, state, epoch, due) values (?, ?, ?, 1, ?)'),
    fence: database.prepare('update items set epoch = ? where id = ? and epoch = ?'),
    step: database.prepare('insert or ignore into steps (run, step, output) values (?, ?, ?)'),
    history: database.prepare('insert into history (run, seq, kind, started_at, at) values (?, ?, ?, ?, ?)'),
    endItem: database.prepare('delete from items where id = ? and epoch = ?'),
    endRun: database.prepare('update runs set status = ?, ended_at = ?, output = ? where id = ?'),
  }
}
