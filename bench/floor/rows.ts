// What the floor keeps, as plain changes, and who keeps them: SQLite or PostgreSQL. All changes of one turn of the event loop share
// a transaction, and what comes after them (an answer, a call) comes after the commit, or the floor would be cheaper than durable.

/** One operation. With a fence that does not hold nothing of it is written. */
export interface Changes {
  /** The item must still have this epoch; it goes on as `next`, or ends where that is null. */
  readonly fence?: { readonly item: number; readonly epoch: number; readonly next: number | null }
  readonly events?: readonly EventRow[]
  /** Each is born leased by this process, as its only item. */
  readonly runs?: readonly RunRow[]
  readonly steps?: readonly { readonly run: number; readonly step: string; readonly output: string }[]
  readonly history?: readonly HistoryRow[]
  readonly end?: { readonly run: number; readonly status: number; readonly at: number; readonly output: string }
}

interface EventRow {
  readonly key: number
  readonly ulid: string
  readonly name: string
  readonly body: string
  readonly at: number
}

interface RunRow {
  readonly key: number
  readonly ulid: string
  readonly fn: string
  readonly event: number
  readonly at: number
}

interface HistoryRow {
  readonly run: number
  readonly seq: number
  readonly kind: number
  readonly startedAt: number
  readonly at: number
}

/** A database and its turn. */
export interface Rows {
  /** Joins this turn's transaction; `then` learns after the commit whether the fence held. */
  commit(changes: Changes, then: (held: boolean) => void): void
}

/** State of an item that a process works on. */
export const LEASED = 1
