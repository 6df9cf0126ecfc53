// The form for a new operation as plain values: what it begins with, what is wrong with it, what the server is asked. Pure:
// the present moment comes in. The end of the window is fixed when the dry run counts, so that what is started then is
// what was counted.

import type { BulkAsk, RunStatus } from '../../api/index.ts'
import { type TimeRange, windowOf } from '../../ui/time-range.ts'
import { messages } from './messages.ts'
import type { bulkSearch } from './search.ts'

export type BulkSearch = ReturnType<typeof bulkSearch>
export type BulkKind = BulkAsk['kind']

export interface BulkForm {
  readonly kind: BulkKind
  /** Slugs; none: every function. */
  readonly functions: readonly string[]
  readonly range: TimeRange
  readonly statuses: readonly RunStatus[]
  readonly query: string
  /** As typed. */
  readonly perMinute: string
  readonly name: string
}

/** Only ended runs are run again, only live ones cancelled; the order is that of the form. */
export const STATUSES: Readonly<Record<BulkKind, readonly RunStatus[]>> = {
  RERUN: ['FAILED', 'CANCELLED', 'COMPLETED', 'SKIPPED'],
  CANCEL: ['QUEUED', 'RUNNING'],
}

const DEFAULTS: Readonly<Record<BulkKind, { readonly statuses: readonly RunStatus[]; readonly range: TimeRange }>> = {
  RERUN: { statuses: ['FAILED'], range: { last: '24h' } },
  // What hangs has often been queued long ago.
  CANCEL: { statuses: ['QUEUED', 'RUNNING'], range: { last: 'all' } },
}

const PER_MINUTE_MAX = 60_000

/** What the form begins with. */
export function formOf(search: BulkSearch): BulkForm {
  const kind = search.kind ?? kindFor(search.status)
  const statuses = STATUSES[kind].filter((status) => search.status?.includes(status))
  const { last, from, until } = search
  const isRangeGiven = last !== undefined || from !== undefined || until !== undefined
  return {
    kind,
    functions: search.function ?? [],
    range: isRangeGiven ? { last, from, until } : DEFAULTS[kind].range,
    statuses: statuses.length === 0 ? DEFAULTS[kind].statuses : statuses,
    query: search.query ?? '',
    perMinute: search.perMinute === undefined ? '' : String(search.perMinute),
    name: search.name ?? '',
  }
}

function kindFor(status: BulkSearch['status']): BulkKind {
  return status?.every((each) => STATUSES.CANCEL.includes(each)) ? 'CANCEL' : 'RERUN'
}

/** The form for the other kind: statuses and an untouched range become that kind's own. */
export function withKind(form: BulkForm, kind: BulkKind): BulkForm {
  const before = DEFAULTS[form.kind].range
  const isUntouched = form.range.from === undefined && form.range.until === undefined && form.range.last === before.last
  return {
    ...form,
    kind,
    statuses: DEFAULTS[kind].statuses,
    range: isUntouched ? DEFAULTS[kind].range : form.range,
  }
}

export interface FormFaults {
  readonly statuses?: string
  readonly perMinute?: string
}

/** What is wrong with it, as far as the page can tell. */
export function faultsOf(form: BulkForm): FormFaults {
  const { perMinute, statuses } = form
  const rate = rateOf(perMinute)
  return {
    ...(statuses.length === 0 ? { statuses: messages.form.statusFault } : {}),
    ...(perMinute.trim() !== '' && rate === undefined ? { perMinute: messages.form.perMinuteFault } : {}),
  }
}

/** Runs a minute; undefined when none is given or it is no such number. */
export function rateOf(text: string): number | undefined {
  const digits = text.replace(/[\s\u202f]/g, '')
  const rate = /^\d+$/.test(digits) ? Number(digits) : 0
  return rate >= 1 && rate <= PER_MINUTE_MAX ? rate : undefined
}

/** What the server is asked. */
export function askOf(form: BulkForm, now: number): BulkAsk {
  const { kind, functions, statuses } = form
  const window = windowOf(form.range, now)
  const query = form.query.trim()
  const name = form.name.trim()
  const perMinute = rateOf(form.perMinute)
  return {
    kind,
    status: statuses,
    ...window,
    until: window.until ?? new Date(now).toISOString(),
    ...(functions.length === 0 ? {} : { function: functions }),
    ...(query === '' ? {} : { query }),
    ...(name === '' ? {} : { name }),
    ...(perMinute === undefined ? {} : { perMinute }),
  }
}

/** Says the same for forms that touch the same runs: name and rate do not matter. */
export function dryKeyOf({ name: _name, perMinute: _perMinute, ...rest }: BulkForm): string {
  return JSON.stringify({ ...rest, query: rest.query.trim() })
}

/** The faulty line of an expression with a mark below the column that the server named. */
export function caretLines(query: string, message: string, column: number): string {
  const lines = query.split('\n').filter((line) => line.trim() !== '')
  const line = lines[Number(/^line (\d+):/.exec(message)?.[1] ?? 1) - 1] ?? ''
  return `${line}\n${' '.repeat(Math.max(0, column - 1))}^`
}

/** Whether a count was typed as asked. */
export function isTyped(text: string, count: number): boolean {
  return text.replace(/[\s\u202f,.]/g, '') === String(count)
}
