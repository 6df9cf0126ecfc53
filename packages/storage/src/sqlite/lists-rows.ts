// Turns rows of the database into the plain rows of the contract, for the list reads. One function for each noun; the
// columns they need stand beside them, so that a query and its reader cannot drift apart.
import type { SQLOutputValue } from 'node:sqlite'
import type {
  AppRow,
  BulkRow,
  EventRow,
  FunctionRow,
  HistoryKind,
  HistoryRow,
  HistoryStatus,
  ItemKind,
  ItemRow,
  ItemState,
  RunRow,
  RunStatus,
  SkipRow,
  StepKind,
  StepRow,
  SyncRow,
  WaitKind,
  WaitRow,
} from '../contract/rows.ts'
import { limitsOf } from './item-table.ts'

/** A row as the driver gives it. */
export type Row = Record<string, SQLOutputValue>

export const EVENT_COLUMNS = 'key id event_id name ts received_at is_repeat of_run'.split(' ')

export const RUN_COLUMNS = (
  'key id app fn fn_version event queued_at cron original parent_run parent_step correlation quiet rank flow ' +
  'singleton batch skipped bulk status rev started_at ended_at stack history steps bytes open racing waits version force_plan finish_event retries'
).split(' ')

/** `prefix_column` for each column of `table`, so that several nouns fit into one row. */
export function columns(table: string, names: readonly string[], prefix: string): string {
  return names.map((name) => `${table}.${name} AS ${prefix}${name}`).join(', ')
}

/** Reads an event whose columns carry `prefix`. */
export function readEvent(row: Row, prefix = ''): EventRow {
  return {
    key: number(row[`${prefix}key`]),
    id: text(row[`${prefix}id`]),
    eventId: text(row[`${prefix}event_id`]),
    name: text(row[`${prefix}name`]),
    ts: number(row[`${prefix}ts`]),
    receivedAt: number(row[`${prefix}received_at`]),
    isRepeat: flag(row[`${prefix}is_repeat`]),
    ofRun: numberOrNull(row[`${prefix}of_run`]),
  }
}

export function readRun(row: Row, prefix = ''): RunRow {
  const at = (name: string): SQLOutputValue | undefined => row[`${prefix}${name}`]
  return {
    key: number(at('key')),
    id: text(at('id')),
    app: number(at('app')),
    fn: number(at('fn')),
    fnVersion: number(at('fn_version')),
    event: number(at('event')),
    queuedAt: number(at('queued_at')),
    cron: textOrNull(at('cron')),
    original: numberOrNull(at('original')),
    parentRun: numberOrNull(at('parent_run')),
    parentStep: textOrNull(at('parent_step')),
    correlation: textOrNull(at('correlation')),
    quiet: flag(at('quiet')),
    rank: number(at('rank')),
    flow: textOrNull(at('flow')),
    singleton: textOrNull(at('singleton')),
    batch: textOrNull(at('batch')),
    skipped: textOrNull(at('skipped')),
    bulk: numberOrNull(at('bulk')),
    status: text(at('status')) as RunStatus,
    rev: number(at('rev')),
    startedAt: numberOrNull(at('started_at')),
    endedAt: numberOrNull(at('ended_at')),
    stack: number(at('stack')),
    history: number(at('history')),
    steps: number(at('steps')),
    bytes: number(at('bytes')),
    open: number(at('open')),
    racing: number(at('racing')),
    waits: number(at('waits')),
    version: number(at('version')),
    forcePlan: flag(at('force_plan')),
    finishEvent: numberOrNull(at('finish_event')),
    retries: number(at('retries')),
  }
}

export function readApp(row: Row): AppRow {
  return {
    key: number(row.key),
    name: text(row.name),
    url: text(row.url),
    sdkLanguage: text(row.sdk_language),
    sdkVersion: text(row.sdk_version),
    framework: text(row.framework),
    platform: text(row.platform),
    appVersion: text(row.app_version),
    checksum: text(row.checksum),
    errorCode: textOrNull(row.error_code),
    errorMessage: textOrNull(row.error_message),
    createdAt: number(row.created_at),
    syncedAt: numberOrNull(row.synced_at),
    archivedAt: numberOrNull(row.archived_at),
    pause: textOrNull(row.pause),
  }
}

export function readFunction(row: Row): FunctionRow {
  return {
    key: number(row.key),
    app: number(row.app),
    slug: text(row.slug),
    name: text(row.name),
    config: text(row.config),
    version: number(row.version),
    stepsMax: numberOrNull(row.steps_max),
    stateBytesMax: numberOrNull(row.state_bytes_max),
    createdAt: number(row.created_at),
    archivedAt: numberOrNull(row.archived_at),
    pause: textOrNull(row.pause),
  }
}

export function readItem(row: Row): ItemRow {
  return {
    key: number(row.key),
    run: numberOrNull(row.run),
    fn: numberOrNull(row.fn),
    step: text(row.step),
    kind: text(row.kind) as ItemKind,
    state: text(row.state) as ItemState,
    due: number(row.due),
    rank: number(row.rank),
    limits: limitsOf(textOrNull(row.limit1), textOrNull(row.limit2), textOrNull(row.limit3)),
    holds: flag(row.holds),
    line: textOrNull(row.line),
    attempt: number(row.attempt),
    claims: number(row.claims),
    epoch: number(row.epoch),
    owner: number(row.owner),
    startedAt: numberOrNull(row.started_at),
    queuedAt: number(row.queued_at),
    again: flag(row.again),
    race: flag(row.race),
    detail: textOrNull(row.detail),
  }
}

export function readWait(row: Row): WaitRow {
  return {
    key: number(row.key),
    run: number(row.run),
    step: text(row.step),
    item: numberOrNull(row.item),
    kind: text(row.kind) as WaitKind,
    name: text(row.name),
    path: text(row.path),
    value: text(row.value),
    rest: textOrNull(row.rest),
    until: number(row.until),
  }
}

/** `step` is a BLOB of 20 bytes in the table and 40 hex digits in the contract. */
export function readStep(row: Row): StepRow {
  return {
    run: number(row.run),
    step: text(row.step_hex).toLowerCase(),
    position: number(row.position),
    memo: text(row.memo),
    input: textOrNull(row.input),
  }
}

export function readHistory(row: Row): HistoryRow {
  return {
    run: number(row.run),
    seq: number(row.seq),
    kind: text(row.kind) as HistoryKind,
    status: text(row.status) as HistoryStatus,
    step: text(row.step),
    name: text(row.name),
    stepKind: textOrNull(row.step_kind) as StepKind | null,
    attempt: number(row.attempt),
    queuedAt: number(row.queued_at),
    startedAt: number(row.started_at),
    endedAt: number(row.ended_at),
    detail: textOrNull(row.detail),
  }
}

export function readSkip(row: Row): SkipRow {
  return { event: number(row.event), fn: number(row.fn), reason: text(row.reason), detail: textOrNull(row.detail) }
}

export function readSync(row: Row): SyncRow {
  return {
    key: number(row.key),
    app: number(row.app),
    at: number(row.at),
    status: text(row.status) as SyncRow['status'],
    errorCode: textOrNull(row.error_code),
    errorMessage: textOrNull(row.error_message),
    functionCount: number(row.function_count),
    sdkVersion: text(row.sdk_version),
    appVersion: text(row.app_version),
    detail: textOrNull(row.detail),
  }
}

export function readBulk(row: Row): BulkRow {
  return {
    key: number(row.key),
    id: text(row.id),
    kind: text(row.kind) as BulkRow['kind'],
    fn: numberOrNull(row.fn),
    request: text(row.request),
    progress: text(row.progress),
    createdAt: number(row.created_at),
    endedAt: numberOrNull(row.ended_at),
  }
}

export function number(value: SQLOutputValue | undefined): number {
  if (typeof value === 'number') return value
  throw new TypeError(`Expected an integer in a row, got ${typeof value}`)
}

export function text(value: SQLOutputValue | undefined): string {
  if (typeof value === 'string') return value
  throw new TypeError(`Expected text in a row, got ${typeof value}`)
}

export function numberOrNull(value: SQLOutputValue | undefined): number | null {
  return value === null || value === undefined ? null : number(value)
}

export function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null || value === undefined ? null : text(value)
}

export function flag(value: SQLOutputValue | undefined): boolean {
  return number(value) !== 0
}
