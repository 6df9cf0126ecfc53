// The rows that are kept, as plain values. Every room above storage speaks in these; no SQL and no driver type leaves
// the package. Instants are epoch milliseconds of the store's clock, keys are integers that are never used twice.

/** An integer key. Handed out in blocks from a stored counter; never reused, not after a reset, retention or restart. */
export type Key = number

/**
 * A place in the store's order of receipt, which only the store compares. SQLite: the newest key at that moment.
 * PostgreSQL: a snapshot. Never derived from an event's ID: a seeded ID carries its sender's clock.
 */
export type Mark = string | number

export interface AppRow {
  readonly key: Key
  readonly name: string
  readonly url: string
  readonly sdkLanguage: string
  readonly sdkVersion: string
  readonly framework: string
  readonly platform: string
  readonly appVersion: string
  /** SHA-256 of the last good sync; '' before the first one. */
  readonly checksum: string
  /** Why the app cannot be used now, or null. `code` as in the list of sync errors. */
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly createdAt: number
  readonly syncedAt: number | null
  readonly archivedAt: number | null
  /** Canonical JSON the engine reads: since when, by whom and how all functions of the app rest; null: they do not. */
  readonly pause: string | null
}

export interface FunctionRow {
  readonly key: Key
  readonly app: Key
  readonly slug: string
  readonly name: string
  /** Canonical JSON of the function's configuration as the engine reads it. */
  readonly config: string
  readonly version: number
  /** The function's own limits (development only), or null for the default. */
  readonly stepsMax: number | null
  readonly stateBytesMax: number | null
  readonly createdAt: number
  readonly archivedAt: number | null
  /** As of an app. */
  readonly pause: string | null
}

export interface EventRow {
  readonly key: Key
  /** The server's ULID. Unique among rows that are no repeats. */
  readonly id: string
  /** What functions see as `event.id`: the sender's, else `id`. */
  readonly eventId: string
  readonly name: string
  readonly ts: number
  readonly receivedAt: number
  /** True for a resend of an event that is stored already: it matches nothing and resumes nothing. */
  readonly isRepeat: boolean
  /** For `inngest/function.finished` and kin, which have no body: the run they tell of. */
  readonly ofRun: Key | null
}

export type RunStatus = 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped'

/** The part of a run's row that never changes. */
export interface RunBirth {
  readonly key: Key
  /** ULID. */
  readonly id: string
  readonly app: Key
  readonly fn: Key
  readonly fnVersion: number
  /** The first triggering event. */
  readonly event: Key
  readonly queuedAt: number
  /** The cron expression that ticked, or null. */
  readonly cron: string | null
  /** The run that this one repeats, or null. */
  readonly original: Key | null
  /** The run and step (hash) that invoked this one, or null. */
  readonly parentRun: Key | null
  readonly parentStep: string | null
  /** `<run ID>.<step hash>` of the invoke that this run answers, or null. */
  readonly correlation: string | null
  /** Started by a `inngest/function.finished` or kin: emits none of them itself. */
  readonly quiet: boolean
  /** Its place among the runs of its function: epoch microseconds of its queueing, less its priority. */
  readonly rank: number
  /** Canonical JSON the engine reads: the keys that its event gave to the function's limits, or null. */
  readonly flow: string | null
  /** Unique among live runs; null for most. */
  readonly singleton: string | null
  /** ULID of the batch that it began with, or null. */
  readonly batch: string | null
  /** For status `skipped`: `paused`, `drained` or `singleton`. */
  readonly skipped: string | null
  /** The bulk operation that started it, or null. */
  readonly bulk: Key | null
}

/**
 * The part of a run's row that changes: written first, whole, by every operation on the run, with `rev` + 1. It is the
 * lock between branches, resume and cancel, and the only source of positions.
 */
export interface RunState {
  readonly status: RunStatus
  readonly rev: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** Steps with a memo so far = next position in the stack. */
  readonly stack: number
  /** History rows so far; the next row has `history + 1`. */
  readonly history: number
  /** Steps counted against the limit of steps in a run. */
  readonly steps: number
  /** Bytes of events and memos. */
  readonly bytes: number
  /** Branches of the current parallel plan that have not ended; race members, timers and the discovery do not count. */
  readonly open: number
  /** Race members that have not ended. */
  readonly racing: number
  /** Waits written for this run so far (also `cancelOn`): 0 means that there are none to close at the end. */
  readonly waits: number
  /** Execution version that the SDK told, -1 before. */
  readonly version: number
  /** Version 1: calls ask for a plan for the rest of the run, once one was parallel. */
  readonly forcePlan: boolean
  /** The `inngest/function.finished` event of an ended run, or null. */
  readonly finishEvent: Key | null
  /** Attempts that failed and were tried again, of all steps and of the function itself. */
  readonly retries: number
}

export interface RunRow extends RunBirth, RunState {}

/**
 * - `call`: the next call of the app. `step` is '' (discovery) or the hash of a planned step.
 * - `sleep`: wakes at `due` with the memo `null`.
 * - `wait`: the deadline of a wait, signal or invoke; `due` passed means timed out.
 * - `gateway`: an HTTP call that the server makes for a step.
 * - `timeout`: ends the run as cancelled at `due` (`step` is '!start' or '!finish').
 * - `match`: goes on with an event's matches from a cursor.
 * - `cron`: the next tick of one expression of a function.
 * - `line`: moves what stands in lines; asleep, it is the next start that a rate allows (`step` is the limit's name).
 * - `debounce`, `batch`: events that wait to start one run together (`step` is the name of the window).
 * - `slot`: holds a slot for as long as its run lives; always `blocked`, and in no line.
 * - `bulk`: goes on with a bulk operation.
 * - `job`: the next slot of an HTTP Job (`step` is `job:<id>`).
 * - `jobRun`: the open call of an HTTP Job (`step` is `jobRun:<id>`).
 * - `request`: the deadline of a request to a person (`step` is `request:<id>`).
 * - `callback`: tells a URL how a request was resolved (`step` is `callback:<request's id>`).
 */
export type ItemKind =
  | 'call'
  | 'sleep'
  | 'wait'
  | 'gateway'
  | 'timeout'
  | 'match'
  | 'cron'
  | 'line'
  | 'debounce'
  | 'batch'
  | 'slot'
  | 'bulk'
  | 'job'
  | 'jobRun'
  | 'request'
  | 'callback'

/** Only `ready` stands in the ready index, only `sleeping` in the time index; `blocked` stands in the line of a limit. */
export type ItemState = 'ready' | 'leased' | 'sleeping' | 'blocked'

/** A queue item: a durable "do this at or after `due`". One for each branch of a run, changed in place. */
export interface ItemRow {
  readonly key: Key
  /** null for `match`, `cron`, `line`, `debounce`, `batch`, `bulk`, and for all of jobs and requests. */
  readonly run: Key | null
  /** null for `match`, `line`, `bulk`, and for all of jobs and requests. */
  readonly fn: Key | null
  /** Unique within the run. '' = discovery, else a step's hash, '!start', '!finish', '!slot'. A cron's expression. A name that is unique among items of no run. */
  readonly step: string
  readonly kind: ItemKind
  readonly state: ItemState
  readonly due: number
  /** Its place in the ready index and in a line: the least first. */
  readonly rank: number
  /** Limits that it must pass before it is called, at most three; while `holds`, those of which it holds a slot. */
  readonly limits: readonly string[]
  /** The slot belongs to the item, not to its lease: also a ready item, and one whose server died, holds it. */
  readonly holds: boolean
  /** The limit in whose line it stands; null unless `blocked`. */
  readonly line: string | null
  /** 0-based number of the attempt that is due or open. */
  readonly attempt: number
  /** Claims without a committed outcome since the last one. */
  readonly claims: number
  /** The fence: +1 at every claim and at every call. Only grows. */
  readonly epoch: number
  /** The process that holds the lease; 0 for none. */
  readonly owner: Key
  /** When the open or last call began; null before the first. */
  readonly startedAt: number | null
  /** When this branch (or this attempt's predecessor) was queued. */
  readonly queuedAt: number
  /** Version 1: a member ended while this discovery was leased; discover again after it. */
  readonly again: boolean
  /** A race member: counted in `racing`, each end discovers. */
  readonly race: boolean
  /** Canonical JSON the engine reads: the step's name and opcode, what it waits for, a gateway's request, a cursor. */
  readonly detail: string | null
}

export type WaitKind = 'event' | 'cancel' | 'invoke' | 'signal'

/** What is stored while a run waits for an event, a signal or an invoked run, or may be cancelled by an event. */
export interface WaitRow {
  readonly key: Key
  readonly run: Key
  /** The waiting step's hash; for `cancel` '!cancel' and the rule's index. */
  readonly step: string
  /** The item that holds the deadline; null for `cancel`. */
  readonly item: Key | null
  readonly kind: WaitKind
  /** Event name, signal name, or for an invoke `<run id>.<step hash>`. */
  readonly name: string
  /** The path compared by equality (such as `data.userId`), '' where there is none. */
  readonly path: string
  /** The value under `path` as canonical JSON text, '' where there is none. */
  readonly value: string
  /** The rest of the expression, over `async`, or null. */
  readonly rest: string | null
  /** After this instant the wait matches nothing, also while its row is still there. */
  readonly until: number
}

/** The kind of a step that ended, as lists and the trace name it. */
export type StepKind = 'run' | 'sleep' | 'wait' | 'signal' | 'invoke' | 'gateway' | 'ai'

/** A memo: the one recorded result of a step, as the text that is sent to the SDK. */
export interface StepRow {
  readonly run: Key
  /** 40 lower-case hex digits. */
  readonly step: string
  /** 0-based position in the stack; -1 for an input-only memo (a rerun's edited input), which is not in the stack. */
  readonly position: number
  readonly memo: string
  /** Canonical JSON array of the step's arguments, where it had any. */
  readonly input: string | null
}

export type HistoryKind = 'attempt' | 'step' | 'run'
export type HistoryStatus = 'completed' | 'failed' | 'errored' | 'timed_out' | 'cancelled'

/**
 * What has ended: an attempt that failed and will be tried again (`errored`), a step, or the run; one row each, with
 * its start. Carries no payload: a step's output is its memo, the run's its output row, an error its own row.
 */
export interface HistoryRow {
  readonly run: Key
  /** 1..n without gaps. */
  readonly seq: number
  readonly kind: HistoryKind
  readonly status: HistoryStatus
  /** The step's hash; '' for the function itself. */
  readonly step: string
  readonly name: string
  readonly stepKind: StepKind | null
  readonly attempt: number
  readonly queuedAt: number
  readonly startedAt: number
  readonly endedAt: number
  /** Small canonical JSON: what the trace shows of the step (`sleepUntil`, `eventName`, …), or null. */
  readonly detail: string | null
}

/** Why an event whose name matched made no run of one function. */
export interface SkipRow {
  readonly event: Key
  readonly fn: Key
  readonly reason: string
  readonly detail: string | null
}

export interface IdempotencyRow {
  readonly fn: Key
  readonly key: string
  readonly run: Key
  readonly expiresAt: number
}

/** What a rate remembers of its starts: the theoretical arrival time of the next one (GCRA), in epoch microseconds. */
export interface RateRow {
  readonly name: string
  readonly tat: number
}

/** One event that a rate limit admitted. It counts in every window of one period that holds `at`. */
export interface AdmissionRow {
  readonly key: Key
  readonly name: string
  readonly at: number
  readonly expiresAt: number
}

/** An operation on many runs, worked off in pages. */
export interface BulkRow {
  readonly key: Key
  /** ULID. */
  readonly id: string
  readonly kind: 'cancel' | 'replay'
  /** null: of several functions, or of all; the request names them. */
  readonly fn: Key | null
  /** Canonical JSON the engine reads: what was asked for. */
  readonly request: string
  /** Canonical JSON the engine reads: how far it is. */
  readonly progress: string
  readonly createdAt: number
  readonly endedAt: number | null
}

/** What an event did to a run that was there before it. */
export interface EffectRow {
  readonly event: Key
  readonly run: Key
  readonly how: 'resumed' | 'cancelled'
}

/** One answer to "which functions do you serve?", as the history of an app shows it. */
export interface SyncRow {
  readonly key: Key
  readonly app: Key
  readonly at: number
  readonly status: 'success' | 'duplicate' | 'error'
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly functionCount: number
  readonly sdkVersion: string
  readonly appVersion: string
  /** Canonical JSON: slugs that were `added`, `changed` and `removed`; null where none was. */
  readonly detail: string | null
}

/** A function's configuration as it was from `at` on; one row each time that a sync changed it. */
export interface FunctionVersionRow {
  readonly fn: Key
  readonly version: number
  readonly at: number
  /** Canonical JSON, as `FunctionRow.config` was. */
  readonly config: string
}

/** An HTTP Job: a URL that is called by the clock. */
export interface JobRow {
  readonly key: Key
  /** ULID. */
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  /** Canonical JSON the engine reads: interval, start, zone, anchor. */
  readonly schedule: string
  /** Canonical JSON the engine reads: method, URL, headers, body. Secret values are sealed. */
  readonly request: string
  readonly timeoutMs: number
  readonly createdAt: number
  readonly updatedAt: number
  /** Deleted jobs are shown to nobody; their rows go with their last runs. */
  readonly deletedAt: number | null
  /** null while it is paused. */
  readonly nextAt: number | null
  /** Runs that ended well, ended badly, and slots that were skipped. */
  readonly successes: number
  readonly failures: number
  readonly skips: number
  readonly lastAt: number | null
  readonly lastStatus: JobRunStatus | null
  /** Its run that is queued or running, or null: there is one at most. */
  readonly live: Key | null
}

export type JobRunStatus = 'queued' | 'running' | 'success' | 'failure' | 'skipped'

export interface JobRunRow {
  readonly key: Key
  /** ULID. */
  readonly id: string
  readonly job: Key
  readonly trigger: 'schedule' | 'manual'
  /** Unique among the scheduled runs of a job. */
  readonly scheduledAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly status: JobRunStatus
  readonly httpStatus: number | null
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly method: string
  /** Redacted. */
  readonly url: string
  readonly responseBytes: number | null
  /** `overlap` or `missed`, and how many slots. */
  readonly skipReason: string | null
  readonly skipSlots: number
}

/** A value that jobs name as `{{secrets.NAME}}`. */
export interface SecretRow {
  readonly name: string
  readonly sealed: string
  readonly updatedAt: number
}

export type SessionStatus = 'running' | 'completed' | 'failed' | 'cancelled'

/** A durable record of one piece of work. Its row is the lock for the numbers of its items and for its requests. */
export interface SessionRow {
  readonly key: Key
  /** ULID. */
  readonly id: string
  /** The caller's, unique. */
  readonly name: string
  readonly agent: string | null
  readonly title: string | null
  readonly status: SessionStatus
  /** Canonical JSON object, or null. */
  readonly metadata: string | null
  readonly job: Key | null
  readonly jobRun: Key | null
  /** ULID of the durable run that works on it. */
  readonly runId: string | null
  /** Items so far = `seq` of the last one. */
  readonly items: number
  /** Pending requests. */
  readonly pending: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly endedAt: number | null
  /** Canonical JSON. */
  readonly result: string | null
  readonly error: string | null
}

export type SessionItemType =
  | 'message'
  | 'tool_call'
  | 'tool_result'
  | 'artifact'
  | 'log'
  | 'error'
  | 'decision'
  | 'custom'

/** Append-only. */
export interface SessionItemRow {
  readonly session: Key
  /** 1..n without gaps. */
  readonly seq: number
  /** ULID. */
  readonly id: string
  readonly type: SessionItemType
  readonly role: string | null
  /** Canonical JSON. */
  readonly content: string
  readonly createdAt: number
  /** The caller's, unique in the session; null: none. */
  readonly name: string | null
}

export type RequestStatus = 'pending' | 'approved' | 'denied' | 'answered' | 'expired' | 'cancelled'

/** A question to a person. Leaves `pending` once. */
export interface RequestRow {
  readonly key: Key
  /** ULID. */
  readonly id: string
  readonly session: Key
  /** The caller's, unique in the session. */
  readonly name: string
  readonly kind: 'approval' | 'input' | 'choice'
  readonly prompt: string
  /** Canonical JSON: `{"schema": …}` or `{"options": […]}`, or null. */
  readonly form: string | null
  /** Canonical JSON. */
  readonly arguments: string | null
  readonly status: RequestStatus
  readonly response: string | null
  readonly reason: string | null
  readonly respondedBy: string | null
  readonly expiresAt: number
  readonly createdAt: number
  readonly resolvedAt: number | null
  readonly callbackUrl: string | null
  /** SHA-256 of the one-time link's token, or null. */
  readonly tokenHash: string | null
}
