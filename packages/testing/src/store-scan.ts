// Compares the store itself with the maps that were kept beside it: what was said to be written is written, and nothing
// else.
import type { ItemRow, Key } from '@pawl/storage'
import type { Mirror, MirrorRun } from './mirror.ts'
import type { Report } from './violation.ts'

export type ItemCells = Pick<
  ItemRow,
  'key' | 'run' | 'step' | 'kind' | 'state' | 'due' | 'attempt' | 'claims' | 'epoch' | 'owner' | 'rank' | 'line'
> & {
  /** 1 or true. */
  readonly holds: number | boolean
}

export interface RunCells {
  readonly key: Key
  readonly status: string
  readonly rev: number
  readonly stack: number
  readonly open: number
}

/** What a store holds. */
export interface StoreView {
  items(): readonly ItemCells[]
  runs(isLiveOnly: boolean): readonly RunCells[]
  waits(): readonly Key[]
  steps(): readonly { readonly run: Key; readonly step: string; readonly position: number; readonly memo: string }[]
  /** Sums of the minutes. */
  tallies(): readonly { readonly fn: Key; readonly name: string; readonly value: number }[]
  count(table: 'events' | 'skips' | 'history'): number
}

export class StoreScan {
  readonly #mirror: Mirror
  readonly #report: Report

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** What may go on or change: items, waits, and the runs that are live. */
  scanLive(view: StoreView): void {
    this.#scanItems(view.items())
    this.#scanRuns(view.runs(true), (run) => run.row.endedAt === null)
    const waits = view.waits()
    this.#compare('open waits', waits.length, this.#mirror.waits.size)
    for (const key of waits) if (!this.#mirror.waits.has(key)) this.#differ(`wait ${key} is open`)
  }

  /** Everything. */
  scanAll(view: StoreView): void {
    this.scanLive(view)
    const { runs, events, skips } = this.#mirror
    this.#scanRuns(view.runs(false), () => true)
    let history = 0
    let count = 0
    for (const run of runs.values()) {
      count += run.steps.size
      history += run.history.length
    }
    const steps = view.steps()
    this.#compare('events', view.count('events'), events.size)
    this.#compare('skips', view.count('skips'), skips.size)
    this.#compare('steps', steps.length, count)
    this.#compare('history rows', view.count('history'), history)
    this.#scanTallies(view)
    for (const { run, step, position, memo } of steps) {
      const kept = runs.get(run)?.steps.get(step)?.row
      if (kept?.memo !== memo || kept?.position !== position) this.#differ(`step ${step} of run ${run} is ${memo}`)
    }
  }

  #scanTallies(view: StoreView): void {
    const { tallies } = this.#mirror
    const stored = new Map<string, number>()
    for (const { fn, name, value } of view.tallies())
      stored.set(`${fn} ${name}`, (stored.get(`${fn} ${name}`) ?? 0) + value)
    this.#compare('counters', stored.size, tallies.size)
    for (const [counter, value] of tallies) {
      if (stored.get(counter) !== value) this.#differ(`counter ${counter} is ${stored.get(counter)}, not ${value}`)
    }
  }

  #scanItems(rows: readonly ItemCells[]): void {
    const { items } = this.#mirror
    this.#compare('items', rows.length, items.size)
    for (const row of rows) {
      const kept = items.get(row.key)
      if (kept === undefined) this.#differ(`item ${row.key} is there`)
      else if (!isSameItem(row, kept)) this.#differ(`item ${JSON.stringify(row)} should be ${JSON.stringify(kept)}`)
    }
  }

  #scanRuns(rows: readonly RunCells[], isMeant: (run: MirrorRun) => boolean): void {
    const kept = [...this.#mirror.runs.values()].filter(isMeant)
    this.#compare('runs', rows.length, kept.length)
    for (const row of rows) {
      const run = this.#mirror.runs.get(row.key)?.row
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
}

function isSameItem(row: ItemCells, kept: ItemRow): boolean {
  return (
    row.run === kept.run &&
    row.step === kept.step &&
    row.kind === kept.kind &&
    row.state === kept.state &&
    row.due === kept.due &&
    row.attempt === kept.attempt &&
    row.claims === kept.claims &&
    row.epoch === kept.epoch &&
    row.owner === kept.owner &&
    row.rank === kept.rank &&
    row.line === kept.line &&
    Boolean(row.holds) === Boolean(kept.holds)
  )
}
