// Tells whether a run that changed belongs into a list that is on the screen, by the list's filter. Pure. A filter that
// only the server can judge (an expression) gives undefined, so that the page never claims what it does not know.

import type { Run, RunFilter } from './types.ts'

/** True or false where the row tells it; undefined when only the server can say. */
export function matchesFilter(run: Run, filter: RunFilter): boolean | undefined {
  const tests = [
    filter.status === undefined || filter.status.length === 0 || filter.status.includes(run.status),
    filter.appId === undefined || filter.appId === run.app.id,
    matchesFunction(run, filter.function),
    filter.eventName === undefined ||
      filter.eventName.length === 0 ||
      includes(filter.eventName, run.trigger.eventName),
    filter.cron === undefined || filter.cron === run.trigger.cronSchedule,
    filter.isBatch === undefined || filter.isBatch === (run.trigger.isBatch ?? false),
    filter.hasRetries === undefined || filter.hasRetries === (run.retryCount ?? 0) > 0,
    filter.parentRunId === undefined || filter.parentRunId === run.parentRunId,
    filter.originalRunId === undefined || filter.originalRunId === run.originalRunId,
    filter.longerThanMs === undefined || Number(run.durationMs ?? -1) >= filter.longerThanMs,
    isWithin(run, filter),
  ]
  if (tests.includes(false)) return false
  return filter.query === undefined && filter.bulkId === undefined ? true : undefined
}

function includes(list: readonly string[], text: string | undefined): boolean {
  return text !== undefined && list.includes(text)
}

function matchesFunction(run: Run, functions: readonly string[] | undefined): boolean {
  if (functions === undefined || functions.length === 0) return true
  const { id, slug } = run.function
  return functions.some((each) => each === slug || each === id || each === `${run.app.id}-${id}`)
}

function isWithin(run: Run, filter: RunFilter): boolean {
  const at = timeOf(run, filter)
  if (at === undefined) return false
  if (filter.from !== undefined && at < Date.parse(filter.from)) return false
  return filter.until === undefined || at <= Date.parse(filter.until)
}

/** The instant by which the list is filtered and ordered; undefined: the run has none, and does not stand in the list. */
export function timeOf(run: Run, filter: RunFilter): number | undefined {
  const text = run[filter.timeField ?? 'queuedAt']
  return text === undefined ? undefined : Date.parse(text)
}

/** Order of the list, by time and then by id, as the server's cursor has it. */
export function compareRuns(filter: RunFilter): (a: Run, b: Run) => number {
  const sign = filter.order === 'ASC' ? 1 : -1
  return (a, b) => {
    const difference = (timeOf(a, filter) ?? 0) - (timeOf(b, filter) ?? 0)
    return sign * (difference !== 0 ? difference : a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  }
}
