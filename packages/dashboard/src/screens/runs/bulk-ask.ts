// What a bulk operation is asked for "all that match": the list's filters, as far as a bulk operation has them. Pure.
// What it cannot say is named, never dropped: it would touch more than the list shows.

import type { BulkAsk, Run, RunFilter, RunStatus } from '../../api/index.ts'
import { messages } from './messages.ts'

/** Runs that one request may name. */
export const RUN_IDS_MAX = 1000
const FUNCTIONS_MAX = 100

export type BulkKind = BulkAsk['kind']

const POSSIBLE: Record<BulkKind, readonly RunStatus[]> = {
  CANCEL: ['QUEUED', 'RUNNING'],
  RERUN: ['COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'],
}

/** Whether an operation does something to a run. */
export function canTouch(kind: BulkKind, run: Pick<Run, 'status'>): boolean {
  return POSSIBLE[kind].includes(run.status)
}

export type FilterAsk =
  | { readonly ask: BulkAsk }
  /** Filters that a bulk operation does not have, in words. */
  | { readonly cannot: readonly string[] }
  /** The filter leaves nothing that the operation could touch. */
  | { readonly isNone: true }

/** @param functionsOf slugs of an app's functions, since a bulk operation knows no apps. */
export function bulkAskFor(
  kind: BulkKind,
  filter: RunFilter,
  functionsOf: (appId: string) => readonly string[],
): FilterAsk {
  const cannot = unsayable(filter)
  const functions = functionsIn(filter, functionsOf)
  if (functions !== undefined && functions.length > FUNCTIONS_MAX) cannot.push(messages.bulk.functions)
  if (cannot.length > 0) return { cannot }
  const status = POSSIBLE[kind].filter((each) => filter.status === undefined || filter.status.includes(each))
  if (status.length === 0 || functions?.length === 0) return { isNone: true }
  const query = [namesTest(filter.eventName), filter.query].filter((line) => line !== undefined).join('\n')
  return {
    ask: {
      kind,
      status,
      ...(functions === undefined ? {} : { function: functions }),
      ...(filter.from === undefined ? {} : { from: filter.from }),
      ...(filter.until === undefined ? {} : { until: filter.until }),
      ...(query === '' ? {} : { query }),
    },
  }
}

function unsayable(filter: RunFilter): string[] {
  const t = messages.filter
  const isTimed = filter.from !== undefined || filter.until !== undefined
  const cases: readonly (readonly [boolean, string])[] = [
    [isTimed && (filter.timeField ?? 'queuedAt') !== 'queuedAt', messages.bulk.timeField],
    [filter.cron !== undefined, t.cron],
    [filter.isBatch !== undefined, t.isBatch],
    [filter.hasRetries !== undefined, t.hasRetries],
    [filter.longerThanMs !== undefined, t.longerThan],
    [filter.parentRunId !== undefined, t.parentRunId],
    [filter.originalRunId !== undefined, t.originalRunId],
    [filter.bulkId !== undefined, t.bulkId],
    [/\brun\s*[.[]/.test(filter.query ?? ''), messages.bulk.runQuery],
  ]
  return cases.flatMap(([isSo, name]) => (isSo ? [name] : []))
}

function functionsIn(
  { appId, function: chosen }: RunFilter,
  functionsOf: (appId: string) => readonly string[],
): readonly string[] | undefined {
  if (appId === undefined) return chosen
  const own = functionsOf(appId)
  return chosen === undefined ? own : chosen.filter((slug) => own.includes(slug))
}

function namesTest(names: readonly string[] | undefined): string | undefined {
  return names === undefined ? undefined : `event.name in ${JSON.stringify(names)}`
}
