// Reads for the API and for people: lists, searches, one run's record. They run on a connection (and thread) of their
// own, so that a long one never delays the engine. They see what has committed.
import type {
  AppRow,
  BulkRow,
  EffectRow,
  EventRow,
  FunctionRow,
  FunctionVersionRow,
  HistoryRow,
  ItemRow,
  JobRow,
  JobRunRow,
  JobRunStatus,
  Key,
  RequestRow,
  RequestStatus,
  RunRow,
  RunStatus,
  SessionItemRow,
  SessionRow,
  SessionStatus,
  SkipRow,
  StepRow,
  SyncRow,
  WaitRow,
} from './rows.ts'
import type { StoredEvent } from './store.ts'

/** A place in a totally ordered list: the sort value, ties broken by key. The row itself is not included again. */
export interface ListCursor {
  readonly value: number
  readonly key: Key
}

export interface EventQuery {
  /** Any of these names; empty or absent = all. */
  readonly names?: readonly string[] | undefined
  readonly includeInternal: boolean
  /** Inclusive, epoch milliseconds, on `receivedAt`. */
  readonly from?: number | undefined
  readonly until?: number | undefined
  /** Newest first by (receivedAt, key). */
  readonly after?: ListCursor | undefined
  /** Rows to return at most; ask one more than a page to know whether there are more. */
  readonly limit: number
  /** Bring `text` (and `ofRun`): needed to filter by expression or to show the event. */
  readonly withText: boolean
  /** Bring the runs that each started (`EventView.runs`). */
  readonly withRuns?: boolean | undefined
  /** Only events that started no run. */
  readonly startedNothing?: boolean | undefined
}

export type RunTimeField = 'queuedAt' | 'startedAt' | 'endedAt'

export interface RunQuery {
  readonly statuses?: readonly RunStatus[] | undefined
  readonly fns?: readonly Key[] | undefined
  readonly app?: Key | undefined
  /** Names of the (first) triggering event. */
  readonly eventNames?: readonly string[] | undefined
  /** Begun by a tick of this expression. */
  readonly cron?: string | undefined
  /** Began with a batch, or did not. */
  readonly isBatch?: boolean | undefined
  /** Some attempt failed and was tried again. */
  readonly hasRetries?: boolean | undefined
  /** Ended runs that took longer, from their start (or queueing) to their end. */
  readonly longerThanMs?: number | undefined
  /** Runs that repeat this one; runs that this one invoked; runs that a bulk operation started. */
  readonly original?: Key | undefined
  readonly parent?: Key | undefined
  readonly bulk?: Key | undefined
  /** Runs of this event (by the key of any of its triggering events, also as one of a batch). */
  readonly event?: Key | undefined
  readonly field: RunTimeField
  readonly order: 'asc' | 'desc'
  /** Inclusive, on `field`; runs without that time are left out. */
  readonly from?: number | undefined
  readonly until?: number | undefined
  readonly after?: ListCursor | undefined
  readonly limit: number
  readonly withOutput: boolean
  /** Bring the triggering events' texts: needed to filter by expression. */
  readonly withEvents: boolean
  /** Bring `RunView.open` of live runs: what a list tells of why they do not move. */
  readonly withOpen?: boolean | undefined
}

export interface RunView {
  readonly row: RunRow
  readonly slug: string
  readonly functionName: string
  readonly appName: string
  readonly trigger: EventRow
  readonly originalId: string | null
  /** ULID of the run that invoked it. */
  readonly parentId: string | null
  /** Open items of a live run, in the order of `due`, five at most; empty unless asked for. */
  readonly open: readonly ItemRow[]
  readonly output: string | null
  readonly outputIsError: boolean
  readonly events: readonly StoredEvent[]
  /** ULIDs of all events of a run that began with a batch, in order; empty for the others. Also without `withEvents`. */
  readonly eventIds: readonly string[]
}

export interface EventView {
  readonly row: EventRow
  readonly event: StoredEvent | null
  /** Bytes of its text; null for events that have no body of their own. */
  readonly size: number | null
  /** Runs that it started, in the order of their keys, twenty at most; empty unless asked for. */
  readonly runs: readonly { readonly id: string; readonly fn: Key; readonly status: RunStatus }[]
}

/** Sums of counters. */
export interface TallyQuery {
  /** Epoch milliseconds, multiples of the bucket: `from` inclusive, `until` exclusive. */
  readonly from: number
  readonly until: number
  /** Multiple of a minute. Where it is a multiple of an hour, folded hours are read for what lies before the kept minutes. */
  readonly bucketMs: number
  /** Of these functions; absent: of all. */
  readonly fns?: readonly Key[] | undefined
  /** Whole names, or beginnings of names that end in `:`; absent: all. */
  readonly names?: readonly string[] | undefined
  /** One sum for each function, or one for all (`fn` is 0). */
  readonly byFunction: boolean
}

export interface Tally {
  /** Start of the bucket. */
  readonly at: number
  readonly fn: Key
  readonly name: string
  readonly value: number
}

/** A failed run and what it failed of. */
export interface FailureView {
  readonly fn: Key
  readonly runId: string
  readonly endedAt: number
  /** The error's canonical text; null when it is gone. */
  readonly error: string | null
}

/** A run in the strip of a schedule. */
export interface StripRun {
  readonly fn: Key
  readonly cron: string
  readonly id: string
  readonly status: RunStatus
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** All that is kept of one run, for the trace. */
export interface RunRecord {
  readonly run: RunView
  readonly history: readonly { readonly row: HistoryRow; readonly error: string | null }[]
  readonly steps: readonly StepRow[]
  readonly items: readonly ItemRow[]
  readonly waits: readonly WaitRow[]
  /** Runs that steps of this run invoked, by step hash. */
  readonly children: readonly {
    readonly step: string
    readonly runId: string
    readonly finishEventId: string | null
    readonly invokeEventId: string
  }[]
}

/** Where a live run stands: what somebody is told who asks why it does not move. */
export interface RunStanding {
  readonly run: RunRow
  readonly items: readonly ItemRow[]
  readonly waits: readonly WaitRow[]
  /** For each line in which an item of the run stands. */
  readonly lines: readonly {
    readonly name: string
    /** 1-based, among the items of the same function. */
    readonly place: number
    /** Items in the line, of all functions; counted up to 10,000. */
    readonly length: number
    readonly tat: number | null
    /** Who holds the slots, ten at most, and how many there are. */
    readonly held: number
    readonly holders: readonly {
      readonly runId: string
      readonly fn: Key
      readonly step: string
      /** The item's. */
      readonly detail: string | null
    }[]
  }[]
  /** Ready items of the same function before the run's first ready one, counted up to 10,000; null when none is ready. */
  readonly ahead: number | null
  /** The child runs that steps of it wait for, by step. */
  readonly children: readonly { readonly step: string; readonly runId: string }[]
  /** Its last failed attempts (`errored` in the history), newest first, ten at most. */
  readonly failures: readonly {
    readonly step: string
    readonly name: string
    readonly attempt: number
    readonly error: string | null
  }[]
}

/** What is queued of a function. */
export type QueueCounts = Readonly<Record<'ready' | 'leased' | 'sleeping' | 'blocked', number>>

export interface BulkView {
  readonly row: BulkRow
  /** '' for an operation on several functions. */
  readonly functionSlug: string
  /** Runs that it has started, and those of them that have failed, are live. */
  readonly started: number
  readonly failed: number
  readonly live: number
}

export interface JobQuery {
  readonly enabled?: boolean | undefined
  /** Part of the name, in any case of letters. */
  readonly text?: string | undefined
  /** Newest first by (createdAt, key). */
  readonly after?: ListCursor | undefined
  readonly limit: number
}

export interface JobRunQuery {
  readonly job: Key
  readonly statuses?: readonly JobRunStatus[] | undefined
  readonly trigger?: JobRunRow['trigger'] | undefined
  /** Newest first by (scheduledAt, key). */
  readonly after?: ListCursor | undefined
  readonly limit: number
}

export interface JobRunView {
  readonly row: JobRunRow
  readonly jobId: string
  /** ULIDs of sessions that it opened or named. */
  readonly sessionIds: readonly string[]
  readonly excerpt: string | null
}

export interface SessionQuery {
  readonly agent?: string | undefined
  readonly statuses?: readonly SessionStatus[] | undefined
  /** Of running ones only those with a pending request (true) or without (false); given alone, only running ones. */
  readonly isWaiting?: boolean | undefined
  readonly job?: Key | undefined
  readonly runId?: string | undefined
  /** Latest first by (updatedAt, key). */
  readonly after?: ListCursor | undefined
  readonly limit: number
}

export interface SessionView {
  readonly row: SessionRow
  readonly jobId: string | null
  readonly jobRunId: string | null
}

export interface RequestQuery {
  readonly statuses?: readonly RequestStatus[] | undefined
  readonly session?: Key | undefined
  /** Pending ones: oldest first by (createdAt, key); with `newest` the other way. */
  readonly newest: boolean
  readonly after?: ListCursor | undefined
  readonly limit: number
}

export interface RequestView {
  readonly row: RequestRow
  readonly session: SessionRow
}

export interface ListReads {
  jobs(query: JobQuery): Promise<readonly JobRow[]>
  /** By ULID; not a deleted one. */
  job(id: string): Promise<JobRow | undefined>
  /** In no order; not deleted ones. */
  jobsByKey(keys: readonly Key[]): Promise<readonly JobRow[]>
  /** Without excerpts. */
  jobRuns(query: JobRunQuery): Promise<readonly JobRunView[]>
  jobRun(id: string): Promise<JobRunView | undefined>
  /** The newest runs of each of these jobs, newest first within one; `limit` for each. */
  jobStrips(jobs: readonly Key[], limit: number): Promise<readonly JobRunRow[]>
  secretNames(): Promise<readonly { readonly name: string; readonly updatedAt: number }[]>
  sessions(query: SessionQuery): Promise<readonly SessionView[]>
  /** By ULID. */
  session(id: string): Promise<SessionView | undefined>
  /** In no order. */
  sessionsByKey(keys: readonly Key[]): Promise<readonly SessionView[]>
  /** In the order of `seq`, after one. */
  sessionItems(session: Key, after: number, limit: number): Promise<readonly SessionItemRow[]>
  requests(query: RequestQuery): Promise<readonly RequestView[]>
  request(id: string): Promise<RequestView | undefined>
  /** In no order. */
  requestsByKey(keys: readonly Key[]): Promise<readonly RequestView[]>
  /** Counted up to 10,000. */
  countPending(): Promise<number>
  /** By ULID; undefined when the run is not known. */
  standing(id: string): Promise<RunStanding | undefined>
  /** Items of the function's runs, debounces and batches; not its crons, nor the slots that its runs hold. */
  queue(fn: Key): Promise<QueueCounts>
  /** Newest first by (createdAt, key). */
  bulks(query: {
    readonly kind?: BulkRow['kind'] | undefined
    readonly fn?: Key | undefined
    readonly after?: ListCursor | undefined
    readonly limit: number
  }): Promise<readonly BulkView[]>
  bulk(id: string): Promise<BulkView | undefined>
  events(query: EventQuery): Promise<readonly EventView[]>
  countEvents(query: EventQuery): Promise<number>
  /** By ULID; of repeats the first row. */
  event(id: string): Promise<EventView | undefined>
  skips(event: Key): Promise<readonly SkipRow[]>
  runs(query: RunQuery): Promise<readonly RunView[]>
  /** `atMost`: stops counting there. */
  countRuns(query: RunQuery, atMost?: number): Promise<number>
  /** Runs by their keys, in no order, with `open` of the live ones; unknown keys are left out. 500 keys at most. */
  runsByKey(keys: readonly Key[]): Promise<readonly RunView[]>
  eventsByKey(keys: readonly Key[]): Promise<readonly EventRow[]>
  run(id: string, options: { readonly withOutput: boolean; readonly withEvents: boolean }): Promise<RunView | undefined>
  /** `withTexts` false: memos, inputs, errors and output are left empty ('' or null), so that nothing large is read. */
  record(id: string, options?: { readonly withTexts?: boolean | undefined }): Promise<RunRecord | undefined>
  /** Open queue items of a run, in order of due time. */
  runItems(id: string): Promise<readonly ItemRow[]>
  /** One memo of a run with its input, by the step's hash. */
  step(run: Key, step: string): Promise<StepRow | undefined>
  /** What an event did to runs that were there, in the order of runs, 100 at most. */
  effects(event: Key): Promise<readonly { readonly runId: string; readonly fn: Key; readonly how: EffectRow['how'] }[]>
  tallies(query: TallyQuery): Promise<readonly Tally[]>
  /** What is queued of every function that has anything queued; as `queue`. */
  queues(): Promise<readonly { readonly fn: Key; readonly counts: QueueCounts }[]>
  /** Failed runs of a function (or of all) that ended in a window, newest first. */
  failures(query: {
    readonly fn?: Key | undefined
    readonly from: number
    readonly until: number
    readonly limit: number
  }): Promise<readonly FailureView[]>
  /** The newest failed run of each of these functions. */
  lastFailures(fns: readonly Key[]): Promise<readonly FailureView[]>
  /** Every cron item: `step` is its expression, `due` its next tick. */
  crons(): Promise<readonly ItemRow[]>
  /** The newest runs of each cron of these functions, newest first within one; `limit` for each. */
  strips(fns: readonly Key[], limit: number): Promise<readonly StripRun[]>
  /** Of an app, newest first. */
  syncs(app: Key, limit: number): Promise<readonly SyncRow[]>
  /** Newest first. */
  functionVersions(fn: Key): Promise<readonly FunctionVersionRow[]>
  /** For each of these limits: slots held and items in its line, counted up to 10,000. */
  limits(
    names: readonly string[],
  ): Promise<readonly { readonly name: string; readonly held: number; readonly waiting: number }[]>
  apps(): Promise<readonly AppRow[]>
  functions(app: Key): Promise<readonly FunctionRow[]>
  /** Counts for the start page. */
  totals(): Promise<{
    readonly events: number
    readonly runs: Readonly<Record<RunStatus, number>>
    readonly items: Readonly<Record<string, number>>
  }>
  close(): Promise<void>
}
