// Reads for the API and for people: lists, searches, one run's record. They run on a connection (and thread) of their
// own, so that a long one never delays the engine. They see what has committed.
import type {
  AppRow,
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
  /** Runs of this event (by the key of any of its triggering events). */
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

export interface ListReads {
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
