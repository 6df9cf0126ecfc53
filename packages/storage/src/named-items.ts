// Which items are found by name. The databases' unique indexes say the same.
import type { ItemKind, ItemRow } from './contract/rows.ts'

const NAMED: ReadonlySet<ItemKind> = new Set([
  'line',
  'debounce',
  'batch',
  'bulk',
  'job',
  'jobRun',
  'request',
  'callback',
])

/** Whether the item's step is a name that no other item of no run has. Hand-overs of kind `line` and `match` have none. */
export function isNamed({ run, step, kind }: ItemRow): boolean {
  return run === null && step !== '' && NAMED.has(kind)
}

/** The name of a job's timer. */
export function jobTimer(id: string): string {
  return `job:${id}`
}

/** The name of a request's deadline. */
export function requestDeadline(id: string): string {
  return `request:${id}`
}

/** What the name of an item says that it is about, by ULID; undefined for the names of flow control. */
export function subjectOf({ run, kind, step }: ItemRow): Subject | undefined {
  if (run !== null) return undefined
  const of = SUBJECTS[kind]
  return of === undefined ? undefined : { of, id: step.slice(kind.length + 1) }
}

/** A row that an item brings. */
export interface Subject {
  readonly of: 'job' | 'jobRun' | 'request'
  readonly id: string
}

const SUBJECTS: { readonly [Kind in ItemKind]?: Subject['of'] } = {
  job: 'job',
  jobRun: 'jobRun',
  request: 'request',
  callback: 'request',
}

/** As `subjectOf`, of a name alone: other names may begin alike, so that there may be no such row. */
export function subjectNamed(name: string): Subject | undefined {
  const colon = name.indexOf(':')
  const of = colon === -1 ? undefined : SUBJECTS[name.slice(0, colon) as ItemKind]
  return of === undefined ? undefined : { of, id: name.slice(colon + 1) }
}
