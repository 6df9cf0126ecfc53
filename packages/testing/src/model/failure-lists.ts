// What failed, and what schedules have started.
import type { FailureView, Key, ListReads, RunRow, StripRun } from '@pawl/storage'
import type { Tables } from './tables.ts'

type FailureQuery = Parameters<ListReads['failures']>[0]

export function failures(tables: Tables, { fn, from, until, limit }: FailureQuery): readonly FailureView[] {
  const isMeant = ({ endedAt }: FailureView) => endedAt >= from && endedAt <= until
  return failed(tables, (run) => fn === undefined || run.fn === fn)
    .filter(isMeant)
    .slice(0, limit)
}

export function lastFailures(tables: Tables, fns: readonly Key[]): readonly FailureView[] {
  return [...new Set(fns)].flatMap((fn) => failed(tables, (run) => run.fn === fn).slice(0, 1))
}

/** The newest first. */
function failed({ runs, outputs }: Tables, isMeant: (run: RunRow) => boolean): readonly FailureView[] {
  const found = runs.filter((run) => run.status === 'failed' && isMeant(run))
  const newest = found.sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0) || b.key - a.key)
  return newest.map(({ key, fn, id, endedAt }) => {
    const output = outputs.get(key)
    return { fn, runId: id, endedAt: endedAt ?? 0, error: output?.isError === true ? output.text : null }
  })
}

export function strips(tables: Tables, fns: readonly Key[], limit: number): readonly StripRun[] {
  const runs = tables.runs.filter(({ fn, cron }) => cron !== null && fns.includes(fn))
  const newest = runs.sort((a, b) => b.queuedAt - a.queuedAt || b.key - a.key)
  const byCron = Map.groupBy(newest, ({ fn, cron }) => `${fn} ${cron}`)
  return [...byCron.values()].flatMap((of) => of.slice(0, limit).map(toStripRun))
}

function toStripRun({ fn, cron, id, status, queuedAt, startedAt, endedAt }: RunRow): StripRun {
  return { fn, cron: cron ?? '', id, status, queuedAt, startedAt, endedAt }
}
