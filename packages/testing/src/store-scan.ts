// Compares the store itself, as SQL sees it, with the maps that were kept beside it: what was said to be written is
// written, and nothing else.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemRow } from '@pawl/storage'
import type { Mirror, MirrorRun } from './mirror.ts'
import type { Report } from './violation.ts'

type Row = Readonly<Record<string, unknown>>

export class StoreScan {
  readonly #mirror: Mirror
  readonly #report: Report
  #db: DatabaseSync | null = null
  #all: (sql: string) => readonly Row[] = () => []

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** What may go on or change: items, waits, and the runs that are live. */
  scanLive(db: DatabaseSync): void {
    this.#use(db)
    this.#scanItems()
    this.#scanRuns(this.#all(`${RUNS} WHERE ended_at IS NULL`), (run) => run.row.endedAt === null)
    const waits = this.#all('SELECT key FROM waits')
    this.#compare('open waits', waits.length, this.#mirror.waits.size)
    for (const { key } of waits) if (!this.#mirror.waits.has(Number(key))) this.#differ(`wait ${key} is open`)
  }

  /** Everything. */
  scanAll(db: DatabaseSync): void {
    this.scanLive(db)
    const { runs, events, skips } = this.#mirror
    this.#scanRuns(this.#all(RUNS), () => true)
    let steps = 0
    let history = 0
    for (const run of runs.values()) {
      steps += run.steps.size
      history += run.history.length
    }
    this.#compare('events', this.#count('events'), events.size)
    this.#compare('skips', this.#count('skips'), skips.size)
    this.#compare('steps', this.#count('steps'), steps)
    this.#compare('history rows', this.#count('history'), history)
    for (const { run, step, position, memo } of this.#all(
      'SELECT run, lower(hex(step)) AS step, position, memo FROM steps',
    )) {
      const kept = runs.get(Number(run))?.steps.get(String(step))?.row
      if (kept?.memo !== memo || kept?.position !== position) this.#differ(`step ${step} of run ${run} is ${memo}`)
    }
  }

  #scanItems(): void {
    const { items } = this.#mirror
    const rows = this.#all('SELECT key, run, step, kind, state, due, attempt, claims, epoch, owner FROM items')
    this.#compare('items', rows.length, items.size)
    for (const row of rows) {
      const kept = items.get(Number(row.key))
      if (kept === undefined) this.#differ(`item ${row.key} is there`)
      else if (!isSameItem(row, kept)) this.#differ(`item ${JSON.stringify(row)} should be ${JSON.stringify(kept)}`)
    }
  }

  #scanRuns(rows: readonly Row[], isMeant: (run: MirrorRun) => boolean): void {
    const kept = [...this.#mirror.runs.values()].filter(isMeant)
    this.#compare('runs', rows.length, kept.length)
    for (const row of rows) {
      const run = this.#mirror.runs.get(Number(row.key))?.row
      const isSame =
        run !== undefined &&
        run.rev === row.rev &&
        run.status === row.status &&
        run.stack === row.stack &&
        run.open === row.open
      if (!isSame) this.#differ(`run ${JSON.stringify(row)} should be ${JSON.stringify(run)}`)
    }
  }

  #compare(what: string, stored: number, kept: number): void {
    if (stored !== kept) this.#differ(`${stored} ${what} are stored, ${kept} were written`)
  }

  #differ(says: string): void {
    this.#report('STORE', says)
  }

  #count(table: string): number {
    return Number(this.#all(`SELECT count(*) AS count FROM ${table}`)[0]?.count)
  }

  #use(db: DatabaseSync): void {
    if (db === this.#db) return
    this.#db = db
    const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
    this.#all = (sql) => {
      const statement = statements.get(sql) ?? db.prepare(sql)
      statements.set(sql, statement)
      return statement.all()
    }
  }
}

const RUNS = 'SELECT key, status, rev, stack, open FROM runs'

function isSameItem(row: Row, kept: ItemRow): boolean {
  return (
    row.run === kept.run &&
    row.step === kept.step &&
    row.kind === kept.kind &&
    row.state === kept.state &&
    row.due === kept.due &&
    row.attempt === kept.attempt &&
    row.claims === kept.claims &&
    row.epoch === kept.epoch &&
    row.owner === kept.owner
  )
}
