// What an operation writes: a closed union of row changes. A feature adds a member here and a case in each database,
// never a method. `put` inserts, `set` replaces the changing part of a row, `end` deletes.
import type {
  AdmissionRow,
  AppRow,
  BulkRow,
  EffectRow,
  EventRow,
  FunctionRow,
  FunctionVersionRow,
  HistoryRow,
  IdempotencyRow,
  ItemRow,
  JobRow,
  JobRunRow,
  Key,
  RateRow,
  RequestRow,
  RunRow,
  RunState,
  SecretRow,
  SessionItemRow,
  SessionRow,
  SkipRow,
  StepRow,
  SyncRow,
  WaitRow,
} from './rows.ts'

export type Change =
  /** `body` is the event's canonical text, null for events that are put together from `ofRun`. */
  | { readonly put: 'event'; readonly row: EventRow; readonly body: string | null }
  | { readonly put: 'run'; readonly row: RunRow }
  /** All events of a run that began with several, in order; its `batch` is set. */
  | { readonly put: 'runEvents'; readonly run: Key; readonly events: readonly Key[] }
  /** Refused (`moved`) unless the stored `rev` is `state.rev - 1`. */
  | { readonly set: 'run'; readonly key: Key; readonly state: RunState }
  /** The run's result: `text` is the returned JSON, or the error's JSON when `isError`. */
  | { readonly put: 'output'; readonly run: Key; readonly text: string; readonly isError: boolean }
  | { readonly put: 'item'; readonly row: ItemRow }
  | { readonly set: 'item'; readonly row: ItemRow }
  | { readonly end: 'item'; readonly key: Key }
  /** Every item of the run. */
  | { readonly end: 'items'; readonly run: Key }
  /** Insert-only, but for an input-only memo (position -1), which it replaces. */
  | { readonly put: 'step'; readonly row: StepRow }
  /** `error` is the canonical text of what went wrong, kept apart from the row. */
  | { readonly put: 'history'; readonly row: HistoryRow; readonly error: string | null }
  | { readonly put: 'wait'; readonly row: WaitRow }
  /** Only `name` may change: a replaced signal wait goes on under the name '' until its deadline. */
  | { readonly set: 'wait'; readonly row: WaitRow }
  | { readonly end: 'wait'; readonly key: Key }
  /** Every wait of the run. */
  | { readonly end: 'waits'; readonly run: Key }
  | { readonly put: 'skip'; readonly row: SkipRow }
  /** Replaces an expired row of the same key. */
  | { readonly put: 'idempotency'; readonly row: IdempotencyRow }
  /** Inserts or replaces. */
  | { readonly put: 'rate'; readonly row: RateRow }
  | { readonly put: 'admission'; readonly row: AdmissionRow }
  /** The same effect again is the same row: an event may resume two steps of one run. */
  | { readonly put: 'effect'; readonly row: EffectRow }
  /**
   * Adds to a counter of the present minute, in the same commit as what is counted. `fn` is 0 for what belongs to no
   * function. The names are the engine's; the store only adds.
   */
  | { readonly add: 'tally'; readonly fn: Key; readonly name: string; readonly by: number }
  | { readonly put: 'bulk'; readonly row: BulkRow }
  | { readonly set: 'bulk'; readonly row: BulkRow }
  | { readonly put: 'job'; readonly row: JobRow }
  | { readonly set: 'job'; readonly row: JobRow }
  /** `excerpt` is the start of the answer, kept apart from the row. */
  | { readonly put: 'jobRun'; readonly row: JobRunRow; readonly excerpt: string | null }
  | { readonly set: 'jobRun'; readonly row: JobRunRow; readonly excerpt: string | null }
  /** Inserts or replaces. */
  | { readonly put: 'secret'; readonly row: SecretRow }
  | { readonly end: 'secret'; readonly name: string }
  | { readonly put: 'session'; readonly row: SessionRow }
  | { readonly set: 'session'; readonly row: SessionRow }
  | { readonly put: 'sessionItem'; readonly row: SessionItemRow }
  | { readonly put: 'request'; readonly row: RequestRow }
  | { readonly set: 'request'; readonly row: RequestRow }
  // The registry: an operation with any of these raises its version by one.
  | { readonly put: 'app'; readonly row: AppRow }
  | { readonly set: 'app'; readonly row: AppRow }
  | { readonly put: 'function'; readonly row: FunctionRow }
  | { readonly set: 'function'; readonly row: FunctionRow }
  | { readonly put: 'functionVersion'; readonly row: FunctionVersionRow }
  /** A path that waits on `name` compare; '' when a wait has none. */
  | { readonly put: 'waitPath'; readonly name: string; readonly path: string }
  /** Does not raise the registry's version: nothing is decided by it. */
  | { readonly put: 'sync'; readonly row: SyncRow }
  // Chores.
  /**
   * Sums the minutes of all whole hours before the instant into hours, and deletes minutes (of whole hours that are summed),
   * hours, syncs and bulk operations that ended before theirs. Doing it again changes nothing. The instants are at least
   * five minutes past.
   */
  | {
      readonly fold: 'tallies'
      readonly before: number
      readonly deleteMinutesBefore: number
      readonly deleteHoursBefore: number
      readonly deleteRecordsBefore: number
    }
  /** An event with its body, skips and effects. */
  | { readonly end: 'event'; readonly key: Key }
  /** An ended run with its events' list, steps, history, output and effects. Its idempotency rows go when they expire. */
  | { readonly end: 'run'; readonly key: Key }
  /** Idempotency rows, admissions and rates that expired before the instant, `max` of each at most. */
  | { readonly end: 'expired'; readonly before: number; readonly max: number }
  /**
   * A page of what jobs and sessions leave behind. Of each job the runs that are neither queued nor running, are not among
   * its newest `keepLeast` by (scheduledAt, key), and ended (those that were skipped: stood) before `jobRunsBefore` or are
   * not among its newest `keepMost`; every such run of a deleted job, and with its last run that job; sessions that ended
   * before theirs, with their items and requests. At most `max` runs, and of sessions and what they hold `max` rows (of one
   * session always all). Jobs are gone through in turn: with very many of them it takes many pages to come round.
   */
  | {
      readonly end: 'records'
      readonly jobRunsBefore: number
      readonly keepLeast: number
      readonly keepMost: number
      readonly sessionsBefore: number
      readonly max: number
    }
  /**
   * Everything but apps and functions with their syncs and versions, jobs (without a live run) and secrets, counters and the
   * schema (development's reset). The clock's offset goes too.
   */
  | { readonly end: 'everything' }
  /** Added to the store's clock from now on (development). */
  | { readonly set: 'clockOffset'; readonly ms: number }
