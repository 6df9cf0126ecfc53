// What a database brings to the writer: lock and read (`begin`), write and commit (`finish`). Plain data goes in and
// out, so that a database may stand in a worker thread or behind a socket.
import type { Change } from './changes.ts'
import type { ListReads } from './lists.ts'
import type {
  AppRow,
  EventRow,
  FunctionRow,
  ItemRow,
  JobRow,
  JobRunRow,
  Key,
  Mark,
  RequestRow,
  RunRow,
  SessionItemRow,
  SessionRow,
  WaitRow,
} from './rows.ts'
import type { Fence, Needs, StateReads, StoreChange, StoredEvent } from './store.ts'

export interface Database {
  readonly name: string
  /** The key of this server process, the owner of its leases. */
  readonly process: Key
  /** See `Store`; absent where one process has the store to itself. */
  readonly shared?:
    | {
        heartbeat(): Promise<{ readonly released: number }>
        hint(): void
        onHint(listener: () => void): void
        /** Whether another process watches: only then is what has committed put together and published. */
        isWatched(): boolean
        /** Tells the processes that watch; nothing is sent while none does. Gathers for 100 ms at most. */
        publish(change: StoreChange): void
        /** Begins to listen to what the others publish, and asks them to; until the returned function is called. */
        subscribe(listener: (change: StoreChange) => void): () => void
      }
    | undefined
  /** The store's time, where it can be told at once (a database in this thread). Without it the last answer's counts. */
  readonly now?: (() => number) | undefined
  readonly state: StateReads
  readonly lists: ListReads
  /** Reserves `count` keys and returns the first. They are never handed out again. */
  reserveKeys(count: number): Promise<Key>
  /**
   * Opens the group's transaction, locks and reads. What it returns holds until `finish`, absence too.
   * `fences` are checked here as well, and `revs`, the revisions that their runs must have; a group that begins is
   * never refused in parts afterwards.
   */
  begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<FactsData>
  /**
   * Writes and commits. Without a `begin` before it, the group's fences and revisions are checked in here, and what
   * fails them is left out. Rejects with nothing written; or with `outcome_unknown`, then `written` tells.
   */
  finish(group: Group): Promise<Written>
  /** Gives up the transaction that `begin` opened. */
  rollback(): Promise<void>
  /** What the group of this number did, or null when it was not committed. */
  written(groupNumber: number): Promise<Written | null>
  close(): Promise<void>
}

export interface Group {
  /** 1, 2, 3 … within this process. */
  readonly number: number
  readonly writes: readonly Write[]
}

export interface Write {
  readonly fence: Fence | null
  /** The revision that `fence.run` must have, or null. */
  readonly rev: number | null
  readonly changes: readonly Change[]
}

export interface Written {
  /** One for each write, in order. */
  readonly results: readonly ('done' | 'stale' | 'moved')[]
  readonly now: number
  readonly mark: Mark
  /** The registry's version that a group without a `begin` has seen, where other processes may raise it. */
  readonly registryVersion?: number | undefined
}

/** What `begin` read: arrays, so that it can be cloned. */
export interface FactsData {
  readonly now: number
  readonly registryVersion: number
  /** One for each fence given: does the item still have that epoch? */
  readonly fences: readonly boolean[]
  /** One for each revision given: does the fence's run still have it? */
  readonly revs: readonly boolean[]
  readonly events: readonly EventRow[]
  readonly idempotency: readonly { readonly fn: Key; readonly key: string; readonly run: Key }[]
  readonly waits: readonly WaitRow[]
  /** Those among the waits that the searches found; the others were brought. */
  readonly searched: readonly Key[]
  /** One for each search of `since`, in order. */
  readonly since: readonly { readonly name: string; readonly events: readonly StoredEvent[] }[]
  readonly ready: readonly ItemRow[]
  readonly backlog: readonly Key[]
  readonly runs: readonly RunRow[]
  readonly items: readonly ItemRow[]
  readonly memos: readonly { readonly run: Key; readonly step: string }[]
  /** Items of no run by name. */
  readonly named: readonly ItemRow[]
  /** Every limit that is locked for the group. Timers are among `items`, by their keys. */
  readonly limits: readonly {
    readonly name: string
    readonly held: number
    readonly tat: number | null
    readonly timer: Key | null
  }[]
  /** One for each search of `limits`, in order; the items themselves are among `items`. */
  readonly lines: readonly { readonly name: string; readonly items: readonly Key[]; readonly isWhole: boolean }[]
  /** One for each search of `windows`, in order. */
  readonly windows: readonly { readonly name: string; readonly count: number }[]
  readonly jobs: readonly JobRow[]
  readonly jobRuns: readonly JobRunRow[]
  readonly sessions: readonly SessionRow[]
  readonly sessionItems: readonly SessionItemRow[]
  readonly requests: readonly RequestRow[]
  readonly crons: readonly ItemRow[]
  readonly apps: readonly AppRow[]
  readonly functions: readonly FunctionRow[]
  readonly expired: { readonly events: readonly Key[]; readonly runs: readonly Key[] }
}
