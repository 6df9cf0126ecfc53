// Reads for the API and for people: lists, searches, one run's record. They run on a connection (and thread) of their
// own, so that a long one never delays the engine. They see what has committed.
import type {
  AppRow,
  BulkRow,
  EventRow,
  FunctionRow,
  HistoryRow,
  ItemRow,
  Key,
  RunRow,
  RunStatus,
  SkipRow,
  StepRow,
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
}

export type RunTimeField = 'queuedAt' | 'startedAt' | 'endedAt'

export interface RunQuery {
  readonly statuses?: readonly RunStatus[] | undefined
  readonly fns?: readonly Key[] | undefined
  readonly app?: Key | undefined
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
}

export interface RunView {
  readonly row: RunRow
  readonly slug: string
  readonly functionName: string
  readonly appName: string
  readonly trigger: EventRow
  readonly originalId: string | null
  readonly output: string | null
  readonly outputIsError: boolean
  readonly events: readonly StoredEvent[]
  /** ULIDs of all events of a run that began with a batch, in order; empty for the others. Also without `withEvents`. */
  readonly eventIds: readonly string[]
}

export interface EventView {
  readonly row: EventRow
  readonly event: StoredEvent | null
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
  readonly functionSlug: string
  /** Runs that it has started, and those of them that have failed, are live. */
  readonly started: number
  readonly failed: number
  readonly live: number
}

export interface ListReads {
  /** By ULID; undefined when the run is not known. */
  standing(id: string): Promise<RunStanding | undefined>
  /** Items of the function's runs, debounces and batches; not its crons, nor the slots that its runs hold. */
  queue(fn: Key): Promise<QueueCounts>
  /** Newest first by (createdAt, key). */
  bulks(query: {
    readonly kind: BulkRow['kind']
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
  countRuns(query: RunQuery): Promise<number>
  run(id: string, options: { readonly withOutput: boolean; readonly withEvents: boolean }): Promise<RunView | undefined>
  record(id: string): Promise<RunRecord | undefined>
  /** Open queue items of a run, in order of due time. */
  jobs(id: string): Promise<readonly ItemRow[]>
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
