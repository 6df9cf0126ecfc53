// Why nothing moves: where a live run stands, what is queued, what a limit holds.
import type { ItemRow, Key, ListReads, QueueCounts, RunRow, RunStanding } from '@pawl/storage'
import { byKey, type Tables } from './tables.ts'

const COUNTED_MAX = 10_000

function isQueued({ kind }: ItemRow): boolean {
  return kind !== 'cron' && kind !== 'slot'
}

export function queueOf({ items }: Tables, fn: Key): QueueCounts {
  const of = (state: string) => items.filter((item) => item.fn === fn && item.state === state && isQueued(item)).length
  return { ready: of('ready'), leased: of('leased'), sleeping: of('sleeping'), blocked: of('blocked') }
}

export function queues(tables: Tables): Awaited<ReturnType<ListReads['queues']>> {
  const fns = new Set(tables.items.filter(isQueued).flatMap(({ fn }) => fn ?? []))
  return [...fns].sort((a, b) => a - b).map((fn) => ({ fn, counts: queueOf(tables, fn) }))
}

export function limits({ items }: Tables, names: readonly string[]): Awaited<ReturnType<ListReads['limits']>> {
  return names.map((name) => {
    const held = items.filter((item) => item.holds && item.limits.includes(name)).length
    const waiting = items.filter((item) => item.line === name).length
    return { name, held: Math.min(held, COUNTED_MAX), waiting: Math.min(waiting, COUNTED_MAX) }
  })
}

/** Where a run stands. */
export function standing(tables: Tables, id: string): RunStanding | undefined {
  const run = tables.runByUlid(id)
  if (run === undefined) return undefined
  const items = tables.itemsOf(run.key)
  const names = new Set(items.flatMap(({ line }) => (line === null ? [] : [line])))
  const isWaitedFor = (step: string | null) => tables.waitOf(run.key, step ?? '')?.kind === 'invoke'
  const children = tables.runs.filter(({ parentRun, parentStep }) => parentRun === run.key && isWaitedFor(parentStep))
  const ready = items.filter(({ state }) => state === 'ready').sort(inOrder)
  const failures = tables.history.filter(({ row }) => row.run === run.key && row.status === 'errored')
  return {
    run,
    items,
    waits: tables.waits.filter((wait) => wait.run === run.key).sort(byKey),
    lines: [...names].map((name) => lineOf(tables, run, name)),
    ahead: ready[0] === undefined ? null : aheadOf(tables, ready[0]),
    children: children.map((child) => ({ step: child.parentStep ?? '', runId: child.id })),
    failures: failures
      .sort((a, b) => b.row.seq - a.row.seq)
      .slice(0, 10)
      .map(({ row, error }) => ({ step: row.step, name: row.name, attempt: row.attempt, error })),
  }
}

/** Ready items of the same function that come first. */
function aheadOf({ items }: Tables, first: ItemRow): number {
  return items.filter((item) => item.state === 'ready' && item.fn === first.fn && inOrder(item, first) < 0).length
}

function inOrder(a: ItemRow, b: ItemRow): number {
  return a.rank - b.rank || a.key - b.key
}

function lineOf(tables: Tables, run: RunRow, name: string): RunStanding['lines'][number] {
  const line = tables.items.filter((item) => item.line === name && item.state === 'blocked')
  const own = line.filter(({ fn }) => fn === run.fn).sort(inOrder)
  const holding = tables.items.filter((item) => item.holds && item.limits.includes(name))
  const holders = holding.slice(0, 10).map((item) => ({
    runId: tables.runs.get(item.run ?? 0)?.id ?? '',
    fn: item.fn ?? 0,
    step: item.step,
    detail: item.detail,
  }))
  return {
    name,
    place: own.findIndex((item) => item.run === run.key) + 1,
    length: line.length,
    tat: tables.rates.get(name)?.tat ?? null,
    held: holding.length,
    holders,
  }
}
