// The storage contract. No room opens a transaction: it hands the store an operation, the keys it must read and a pure
// function from what was read to what is written. One writer above the databases commits as one group what is ready in
// a turn; a database brings two calls, `begin` and `finish`. Nothing here may be shaped by one database.
import type { Change } from './changes.ts'
import type { ListReads } from './lists.ts'
import type {
  AppRow,
  BulkRow,
  EventRow,
  FunctionRow,
  ItemRow,
  JobRow,
  JobRunRow,
  Key,
  Mark,
  RequestRow,
  RunRow,
  SecretRow,
  SessionItemRow,
  SessionRow,
  StepRow,
  WaitRow,
} from './rows.ts'

export interface Store {
  /**
   * Commits one operation, together with what else is ready in this turn. Resolves when its group has committed.
   *
   * @returns `done` with the operation's result; `stale` when the fence was gone (nothing written: drop the result);
   *          `moved` when what it was built on has changed (read again, build it again).
   * @throws StorageError when it was not committed, or when nobody can say (`outcome_unknown`).
   */
  commit<R>(operation: Operation<R>): Promise<Outcome<R>>
  readonly state: StateReads
  readonly lists: ListReads
  /** The key of this server process, the owner of its leases. */
  readonly process: Key
  /** Whether other processes may work on the same store. */
  readonly isShared: boolean
  /**
   * Says that this process lives, and gives back the leases of processes that are gone: their items stand in the ready
   * index again, with a raised epoch and the slots that they hold.
   * @throws StorageError when the store cannot be asked.
   */
  heartbeat(): Promise<{ readonly released: number }>
  /** Tells other processes that there may be work for them. A hint: it may be lost. */
  hint(): void
  /** Calls the listener after a hint of another process. One listener; set before the first. */
  onHint(listener: () => void): void
  /**
   * Tells what has committed, here and at every other process of the store, until the returned function is called. Costs
   * nothing while nobody watches. What is told may be told twice; what could not be told is told as `isCut`. What a
   * listener throws is dropped: it reports its own errors.
   */
  watch(listener: (change: StoreChange) => void): () => void
  close(): Promise<void>
}

/** Keys of what a few commits have written, each once. */
export interface StoreChange {
  readonly runs: readonly Key[]
  readonly events: readonly Key[]
  readonly bulks: readonly Key[]
  readonly jobs: readonly Key[]
  readonly sessions: readonly Key[]
  readonly requests: readonly Key[]
  /** An app or function has changed. */
  readonly registry: boolean
  /** More has changed than is named here: whatever is shown is to be read again. */
  readonly isCut: boolean
}

/** `registry`: its version, as this operation's group has seen or made it; who has an older one in memory reads it again. */
export type Outcome<R> =
  | { readonly done: R; readonly now: number; readonly mark: Mark; readonly registry: number }
  | 'stale'
  | 'moved'

/** The lease: the item must still have this epoch. */
export interface Fence {
  readonly run: Key | null
  readonly item: Key
  readonly epoch: number
}

export interface Operation<R> {
  /** Keys only; {} = decided on hot state alone. */
  readonly needs: Needs
  readonly fence?: Fence | undefined
  /** What it was built on: the run's `rev` (of `fence.run`), the registry's version. Changed → `moved`. */
  readonly given?: { readonly rev?: number | undefined; readonly registry?: number | undefined } | undefined
  /** Pure and synchronous; may be called again. Draws new keys from `facts.key()`. */
  decide(facts: Facts): Decision<R>
}

export interface Decision<R> {
  readonly changes: readonly Change[]
  readonly result: R
}

/**
 * Every row that is found brings what belongs to it: an item its run, its step's wait and its step's memo; a wait its
 * run and its item; a run its discovery item (step '') and, where it was invoked, its parent's run (with that one's
 * discovery item) and the wait, item and memo of the parent's step. A wait of kind `cancel`, a found item of kind
 * `timeout` and the holder of a singleton, which may end their run, bring every open item of it. An item brings the limits
 * that it names, with their timers but without their lines; where a lock on one cannot be had at once, that limit is left
 * out. An item of kind `job`, `jobRun`, `request` or `callback` brings what its name says: the job, the job's run or the
 * request. A job brings its live run and its timer, a job's run its job with these, a request its session and its deadline.
 */
export interface Needs {
  /** Event names stored by this operation: a shared lock, so that a new wait on the name sees them or they see it. */
  readonly storing?: readonly string[] | undefined
  /** Event names on which this operation opens a wait: an exclusive lock. */
  readonly waitingFor?: readonly string[] | undefined
  /** Event ULIDs that may be absent. */
  readonly eventIds?: readonly string[] | undefined
  readonly idempotency?: readonly { readonly fn: Key; readonly key: string }[] | undefined
  /** Signal names that may be absent. */
  readonly signals?: readonly string[] | undefined
  /** Open waits of kind `event` and `cancel` by name and (path, value); found waits bring their items. */
  readonly waits?: readonly WaitSearch[] | undefined
  /** Events on a name that were received after a mark. */
  readonly since?: readonly { readonly name: string; readonly mark: Mark }[] | undefined
  /** Items to claim. */
  readonly ready?: ReadySearch | undefined
  /** Functions: does any item of it stand in the ready index? */
  readonly backlog?: readonly Key[] | undefined
  /** Runs. */
  readonly runs?: readonly Key[] | undefined
  /** Items by key. */
  readonly items?: readonly Key[] | undefined
  /** Memo and item of a step. '' is the discovery. */
  readonly steps?: readonly { readonly run: Key; readonly step: string }[] | undefined
  /** Every open item of these runs. */
  readonly itemsOf?: readonly Key[] | undefined
  /** Items of no run by their name (`step`), which may be absent: debounces, batches, timers of rates. */
  readonly named?: readonly string[] | undefined
  /** Limits, locked for this group: who stands in line and who frees a slot both do, so that neither can miss the other. */
  readonly limits?: readonly LimitSearch[] | undefined
  /** Events that a rate limit admitted within the last `periodMs`. */
  readonly windows?: readonly { readonly name: string; readonly periodMs: number }[] | undefined
  /** Live runs by their singleton's name, which may be absent. */
  readonly singletons?: readonly string[] | undefined
  /** Jobs by key; each brings its live run and its timer (the item named `job:<id>`). */
  readonly jobs?: readonly Key[] | undefined
  /** Runs of jobs by key, which bring their jobs. */
  readonly jobRuns?: readonly Key[] | undefined
  /** Sessions by key, locked: numbers of items and requests are given under it. */
  readonly sessions?: readonly Key[] | undefined
  /** Sessions by name, which may be absent. */
  readonly sessionNames?: readonly string[] | undefined
  /** Items of sessions by their names, which may be absent (the session is among the needs). */
  readonly sessionItems?: readonly { readonly session: Key; readonly name: string }[] | undefined
  /** Requests by key; each brings its session and its deadline (the item named `request:<id>`). */
  readonly requests?: readonly Key[] | undefined
  /** Requests by name, which may be absent (the session is among the needs). Those found bring the same as by key. */
  readonly requestNames?: readonly { readonly session: Key; readonly name: string }[] | undefined
  /** Every pending request of these sessions, with its deadline. */
  readonly pendingOf?: readonly Key[] | undefined
  /** Cron items of these functions. */
  readonly crons?: readonly Key[] | undefined
  /** Apps and functions as they are stored. */
  readonly registry?: boolean | undefined
  /** Rows that retention may delete. */
  readonly expired?: ExpiredSearch | undefined
}

export interface WaitSearch {
  readonly name: string
  /** The event's value under every path that waits on the name compare, as canonical text; always with ('', ''). */
  readonly keys: readonly { readonly path: string; readonly value: string }[]
  /**
   * The event, where an earlier operation has stored it: waits that could see it when they were opened are left out, for
   * they have looked back themselves. Told by the order of commits, not by keys.
   */
  readonly stored?: Key | undefined
  /** Waits with a greater key only: the cursor of an event whose waits fill more than a page. */
  readonly after: Key
  readonly max: number
}

export interface LimitSearch {
  readonly name: string
  /** Items at the head of its line to bring: round the functions that stand in it, the least rank first within one. */
  readonly take: number
}

export interface ReadySearch {
  /** 0 to 1,000 items of the ready index: round the functions that have ready work, the least rank first within one. */
  readonly readyMax: number
  /** 0 to 1,000 items of the time index (state `sleeping`, `due` reached), the earliest first, of any kind and function. */
  readonly dueMax: number
  /** Functions whose items in the ready index are left alone now (their app cannot be reached). */
  readonly skip: readonly Key[]
}

export interface ExpiredSearch {
  /** Received before: events no live run needs. */
  readonly eventsBefore: number
  /** Ended before: runs. */
  readonly runsBefore: number
  readonly max: number
}

/**
 * What was read, and what earlier operations of the same group have decided since. It holds until the commit, absence
 * too. Asking for a key that was not in the needs is a programming error and throws.
 */
export interface Facts {
  /** The store's time for this group. */
  readonly now: number
  readonly registryVersion: number
  /** A new key. Keys of one group grow in the order in which they are drawn. */
  key(): Key
  event(id: string): EventRow | undefined
  idempotency(fn: Key, key: string): Key | undefined
  signal(name: string): WaitRow | undefined
  /** In the order of keys. */
  waits(name: string): readonly WaitRow[]
  since(name: string): readonly StoredEvent[]
  ready(): readonly ItemRow[]
  backlog(fn: Key): boolean
  run(key: Key): RunRow | undefined
  item(key: Key): ItemRow | undefined
  hasMemo(run: Key, step: string): boolean
  itemOf(run: Key, step: string): ItemRow | undefined
  itemsOf(run: Key): readonly ItemRow[]
  /** The open wait of a step. */
  waitOf(run: Key, step: string): WaitRow | undefined
  named(name: string): ItemRow | undefined
  /** Undefined when the limit is not locked for this group. Never throws. */
  limit(name: string): LimitState | undefined
  /** The head of a limit's line, for limits of the needs; empty for those that an item has brought. */
  line(name: string): LineHead
  /** Admissions in the window. */
  window(name: string): number
  /** The live run that holds the singleton. */
  singleton(name: string): RunRow | undefined
  job(key: Key): JobRow | undefined
  /** Of a job that an item has brought. */
  jobById(id: string): JobRow | undefined
  jobRun(key: Key): JobRunRow | undefined
  /** Of a job's run that an item has brought. */
  jobRunById(id: string): JobRunRow | undefined
  session(key: Key): SessionRow | undefined
  sessionNamed(name: string): SessionRow | undefined
  sessionItem(session: Key, name: string): SessionItemRow | undefined
  request(key: Key): RequestRow | undefined
  /** Of a request that an item has brought. */
  requestById(id: string): RequestRow | undefined
  requestNamed(session: Key, name: string): RequestRow | undefined
  /** In the order of keys. */
  pendingOf(session: Key): readonly RequestRow[]
  crons(fn: Key): readonly ItemRow[]
  apps(): readonly AppRow[]
  functions(): readonly FunctionRow[]
  expired(): { readonly events: readonly Key[]; readonly runs: readonly Key[] }
}

export interface LimitState {
  /** Slots held: items with `holds` that name the limit. */
  readonly held: number
  /** What a rate remembers, in epoch microseconds, or null. */
  readonly tat: number | null
  /** The item of this name that waits for the next start, or null. */
  readonly timer: ItemRow | null
}

export interface LineHead {
  readonly items: readonly ItemRow[]
  /** Nothing stands in the line beyond these. */
  readonly isWhole: boolean
}

/** An event with its text. Events without a body bring what they are put together from. */
export interface StoredEvent {
  readonly row: EventRow
  readonly text: string | null
  readonly ofRun: EndedRun | null
}

/** What `inngest/function.finished` and kin tell. */
export interface EndedRun {
  readonly row: RunRow
  readonly output: string | null
  readonly isError: boolean
  /** Texts of the events that triggered it. */
  readonly events: readonly string[]
}

/** Everything a call of a run needs. */
export interface LoadedRun {
  readonly row: RunRow
  readonly events: readonly StoredEvent[]
  /** Sorted by step hash. */
  readonly steps: readonly StepRow[]
}

export interface Registry {
  readonly version: number
  readonly apps: readonly AppRow[]
  readonly functions: readonly FunctionRow[]
  readonly waitPaths: readonly { readonly name: string; readonly path: string }[]
}

/** Reads of the engine, by key and in batches, on the engine's own connection. */
export interface StateReads {
  registry(): Promise<Registry>
  /** The registry's version alone: whether it must be read again. */
  registryVersion(): Promise<number>
  /** Items that a process holds under its lease. */
  leasedBy(owner: Key): Promise<readonly ItemRow[]>
  load(runs: readonly Key[]): Promise<readonly LoadedRun[]>
  items(keys: readonly Key[]): Promise<readonly ItemRow[]>
  events(keys: readonly Key[]): Promise<readonly StoredEvent[]>
  eventByUlid(id: string): Promise<EventRow | undefined>
  runByUlid(id: string): Promise<RunRow | undefined>
  /** Lines in which items of the function stand, in the order of names, from after one on. */
  linesOf(fn: Key, after: string, max: number): Promise<readonly string[]>
  bulk(key: Key): Promise<BulkRow | undefined>
  /** By ULID, deleted ones too. */
  jobByUlid(id: string): Promise<JobRow | undefined>
  jobRunByUlid(id: string): Promise<JobRunRow | undefined>
  /** By ULID. */
  sessionByUlid(id: string): Promise<SessionRow | undefined>
  requestByUlid(id: string): Promise<RequestRow | undefined>
  secrets(names: readonly string[]): Promise<readonly SecretRow[]>
  /** The open wait of an invoke or signal by its name. */
  signal(name: string): Promise<WaitRow | undefined>
  /** The least `due` in the time index and whether anything stands in the ready index. */
  nextDue(): Promise<{ readonly due: number | null; readonly ready: boolean }>
  /** The store's time (wall clock held monotonic, plus the development offset) and that offset. */
  clock(): Promise<{ readonly now: number; readonly offsetMs: number; readonly mark: Mark }>
}
