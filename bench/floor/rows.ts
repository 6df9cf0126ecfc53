// The floor's rows: events, runs, steps, items, history in one SQLite file, WAL with a full fsync at each commit.
// All writes of one turn of the event loop share a transaction: the first arms `setImmediate`, the rest join.
// What `then` does (answer, call the app) happens only after the commit, or the floor would be cheaper than durable.

import { DatabaseSync, type StatementSync } from 'node:sqlite'

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

const LEASED = 1

interface Operation {
  readonly write: () => boolean
  readonly then: (written: boolean) => void
}

/** The database and its turn. */
export class Rows {
  private readonly database: DatabaseSync
  private readonly prepared: Readonly<Record<StatementName, StatementSync>>
  private waiting: Operation[] = []

  constructor(path: string) {
    this.database = new DatabaseSync(path)
    this.database.exec('pragma journal_mode = wal; pragma synchronous = full;')
    this.database.exec(SCHEMA)
    this.prepared = prepareAll(this.database)
  }

  /** Joins this turn's transaction; `then` learns after the commit whether `write` held its lease. */
  commit(write: () => boolean, then: (written: boolean) => void): void {
    if (this.waiting.length === 0) setImmediate(() => this.turn())
    this.waiting.push({ write, then })
  }

  putEvent(id: number, ulid: string, event: { name: string; body: string; at: number }): void {
    this.prepared.event.run(id, ulid, event.name, event.body, event.at)
  }

  /** A run is born leased by this process, as its only item. */
  putRun(id: number, ulid: string, run: { fn: string; event: number; at: number }): void {
    this.prepared.run.run(id, ulid, run.fn, run.event, run.at)
    this.prepared.item.run(id, id, LEASED, run.at)
  }

  /** The fence: true only while `epoch` still owns the item, which then goes on as `next`. */
  goOn(item: number, epoch: number, next: number): boolean {
    return this.prepared.fence.run(next, item, epoch).changes === 1
  }

  putStep(run: number, step: Buffer, output: string): void {
    this.prepared.step.run(run, step, output)
  }

  putHistory(run: number, seq: number, times: { kind: number; startedAt: number; at: number }): void {
    this.prepared.history.run(run, seq, times.kind, times.startedAt, times.at)
  }

  /** Ends the run if `epoch` still owns its item. */
  endRun(run: number, epoch: number, end: { status: number; at: number; output: string }): boolean {
    if (this.prepared.endItem.run(run, epoch).changes !== 1) return false
    this.prepared.endRun.run(end.status, end.at, end.output, run)
    return true
  }

  private turn(): void {
    const group = this.waiting
    this.waiting = []
    this.prepared.begin.run()
    const written = group.map((operation) => operation.write())
    this.prepared.commit.run()
    for (const [index, operation] of group.entries()) operation.then(written[index] === true)
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
