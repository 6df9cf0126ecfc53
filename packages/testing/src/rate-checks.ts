// I9: starts under a throttle in every window, and events that a rate limit has let through in every period; for functions
// whose configuration nobody changed.
import type { Key, RunRow } from '@pawl/storage'
import { configOf, type EventData, keyValue } from './flow-rules.ts'
import type { Mirror } from './mirror.ts'
import type { TriggerChecks } from './trigger-checks.ts'
import type { Report } from './violation.ts'

interface Checks {
  readonly mirror: Mirror
  readonly triggers: TriggerChecks
  readonly report: Report
}

/** Data of a run's first event. */
export function dataOf(mirror: Mirror, run: Pick<RunRow, 'event'>): EventData {
  const event = mirror.events.get(run.event)
  const { data } = JSON.parse(event?.text ?? '{}') as { readonly data?: EventData }
  return data ?? {}
}

export function checkRates({ mirror, triggers, report }: Checks): void {
  for (const fn of mirror.functions.values()) {
    const { throttle, rateLimit, idempotency, debounce } = configOf(fn)
    if (!triggers.isSteady(fn.key)) continue
    if (throttle !== null) {
      const { limit, burst, periodMs } = throttle
      for (const [key, starts] of timesOf(mirror, fn.key, throttle.key, ({ startedAt }) => startedAt))
        checkWindows(
          starts,
          (ms) => limit + burst + Math.floor((ms * limit) / periodMs),
          (says) =>
            report('I9', `${fn.slug} "${key}" is throttled to ${limit} in ${periodMs} ms (and ${burst}): ${says}`),
        )
    }
    if (rateLimit !== null && idempotency === null && debounce === null) {
      const admitted = ({ original, queuedAt, status }: RunRow) =>
        original === null && status !== 'skipped' ? queuedAt : null
      for (const [key, times] of timesOf(mirror, fn.key, rateLimit.key, admitted))
        checkWindows(
          times,
          (ms) => (ms < rateLimit.periodMs ? rateLimit.limit : Number.POSITIVE_INFINITY),
          (says) => report('I9', `${fn.slug} "${key}" admits ${rateLimit.limit} in ${rateLimit.periodMs} ms: ${says}`),
        )
    }
  }
}

/** Instants of a function's runs by key, in order. */
function timesOf(
  mirror: Mirror,
  fn: Key,
  key: string | null,
  at: (run: RunRow) => number | null,
): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>()
  for (const { row } of mirror.runs.values()) {
    const time = row.fn === fn ? at(row) : null
    if (time === null) continue
    const value = keyValue(key, dataOf(mirror, row))
    times.set(value, [...(times.get(value) ?? []), time])
  }
  for (const list of times.values()) list.sort((a, b) => a - b)
  return times
}

/** No window holds more than is allowed; `ms` is the shortest length that holds the first and the last. */
function checkWindows(times: readonly number[], allowed: (ms: number) => number, tell: (says: string) => void): void {
  for (let first = 0; first < times.length; first++) {
    for (let last = first; last < times.length; last++) {
      const ms = (times[last] ?? 0) - (times[first] ?? 0)
      const count = last - first + 1
      if (count <= allowed(ms)) continue
      return tell(`${count} within ${ms} ms from ${times[first]} on`)
    }
  }
}
