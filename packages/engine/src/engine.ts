// The engine's door: what a server may ask of it. Built once by `createEngine`; everything it touches of the outside
// (store, clock, randomness, the way apps are called, log) comes in through its options.
import type { Checkpoint, EventInput, RegisterRequest } from '@pawl/protocol'
import type { RunStatus, RunView, StoredEvent } from '@pawl/storage'
import type { Jobs } from './jobs/door.ts'
import type { Sessions } from './sessions/door.ts'

export interface Engine {
  /** Takes up what the store holds and begins to work. @throws EngineError `instance_key_wrong` */
  start(): Promise<void>
  /** Stops claiming, lets open calls finish up to `graceMs`, gives the rest back without spending an attempt. */
  stop(graceMs?: number): Promise<void>

  /** Stores the events, all or nothing, and everything they start or resume; resolves after the commit. */
  send(events: readonly EventInput[], seed: string | null): Promise<{ readonly ids: readonly string[] }>
  /** Registers an app's functions. @throws EngineError `invalid_config`, `app_id_required` */
  sync(request: RegisterRequest): Promise<SyncResult>
  /** Notes why an app cannot be used (or null: it can), for apps that are known by this URL or by this name. */
  noteAppError(app: { readonly url?: string; readonly name?: string }, error: AppError | null): Promise<void>
  /** Archives an app and its functions. @returns false when it is not known. */
  removeApp(app: { readonly url?: string; readonly name?: string }): Promise<boolean>

  /**
   * Starts a run of one function through an invoke event. The run is scheduled before the answer.
   * @throws EngineError `function_not_found`, `idempotency_conflict`, `function_skipped`, `rate_limited`,
   *                     `function_debounced`
   */
  invoke(call: InvokeCall): Promise<{ readonly eventId: string; readonly runId: string }>
  /** Resumes the run that waits for the signal; null when none does. `dataText` is canonical JSON. */
  signal(name: string, dataText: string): Promise<{ readonly runId: string } | null>
  /** @throws EngineError `run_not_found` */
  cancel(runId: string): Promise<'cancelled' | 'already_cancelled' | 'already_ended'>
  /**
   * A new run with the same events. With `from`, the steps before it keep their results. With `dataText` (canonical JSON
   * object) its event is a new one of the same name with this `data`, which no other function sees.
   * @throws EngineError `run_not_found`, `step_not_found`, `step_ambiguous`
   */
  rerun(
    runId: string,
    how?: {
      readonly from?: { readonly step: string; readonly inputText: string | null } | undefined
      readonly dataText?: string | undefined
    },
  ): Promise<{ readonly runId: string }>
  /**
   * Ends the open wait of a step (for an event, a signal, an invoked run) or its sleep, as if what it waits for had come:
   * a wait for an event gets an event of the name it waits for with this `data`, the others get the value itself.
   * `step` is the step's hash; `dataText` canonical JSON.
   * @throws EngineError `run_not_found`, `run_ended`, `step_not_waiting`
   */
  resume(runId: string, step: string, dataText: string): Promise<void>

  /**
   * Pauses a function, or all functions of an app, until `unpause`. Replaces an earlier pause of the same target.
   * @throws EngineError `function_not_found`, `app_not_found`
   */
  pause(target: PauseTarget, how: PauseHow): Promise<void>
  /** Ends a pause; what it held goes on. @throws EngineError `function_not_found`, `app_not_found` */
  unpause(target: PauseTarget): Promise<void>
  /**
   * Cancels live runs of a function that were queued in a window. It is worked off in pages, survives a restart, and is done
   * when `BulkView.row.endedAt` is set. @throws EngineError `function_not_found`, `invalid_expression`
   */
  cancelMany(request: CancelManyRequest): Promise<BulkStarted>
  /**
   * Starts runs of a function again that were queued in a window, slowly and behind new work; each goes through the function's
   * own flow control. With `dryRun` it only counts. @throws EngineError `function_not_found`, `invalid_expression`
   */
  replay(request: ReplayRequest): Promise<ReplayStarted>
  /**
   * Cancels or starts again many runs, of several functions or of all. With `dryRun` it counts, up to 100,000, and brings
   * the newest ten. @throws EngineError `function_not_found`, `invalid_expression`
   */
  startBulk(request: BulkAsk): Promise<BulkCounted>
  /** Stops a bulk operation; what it did stays done. @returns false when there is none of this ID. */
  stopBulk(id: string): Promise<boolean>
  /** Lets a bulk operation rest, or go on. @returns false when there is none of this ID, or when it has ended. */
  pauseBulk(id: string, paused: boolean): Promise<boolean>
  /** Why a run does not move, or that it does; undefined when it is not known. */
  why(runId: string): Promise<WhyRun | undefined>
  /** The same in a few words, for a run of a list that was read `withOpen`; null for one that has ended. Reads nothing. */
  waitingBrief(view: Pick<RunView, 'row' | 'open'>): WaitingBrief | null
  /** What became of an event, for each function that listens to its name; undefined when it is not known. */
  whyEvent(eventId: string): Promise<readonly WhyEvent[] | undefined>

  /** Keeps steps of a call that is still open. @throws EngineError `stale_dispatch`, `checkpoint_conflict`, … */
  checkpoint(checkpoint: Checkpoint): Promise<void>
  /** Texts of the run's events, for `use_api`. @throws EngineError `run_not_found`, `run_ended` */
  runEvents(runId: string): Promise<readonly string[]>
  /** `{"<hash>": memo, …}` as canonical text, for `use_api`. @throws EngineError `run_not_found`, `run_ended` */
  runSteps(runId: string): Promise<string>

  /** URLs that are called by the clock. */
  readonly jobs: Jobs
  /** Durable records of a piece of work, with questions to people. */
  readonly sessions: Sessions

  /** Canonical text of an event as functions see it; for those without a body it is put together. */
  eventText(event: StoredEvent): string
  /** The apps and functions that are registered now. */
  registry(): RegistryView
  /** The time that schedules, sleeps and retries read; `offsetMs` is development's. */
  clock(): { readonly now: number; readonly offsetMs: number }
  /** Moves that time forward (development). */
  advanceClock(ms: number): Promise<{ readonly now: number; readonly offsetMs: number }>
  /** Wipes events, runs and queue; apps and functions stay (development). */
  reset(): Promise<void>
  /** A function's own limit (development); null takes it off. @throws EngineError `function_not_found` */
  setFunctionLimit(
    functionId: string,
    limit: { readonly stepsMax?: number | null; readonly stateBytesMax?: number | null },
  ): Promise<boolean>
  /** For `/ready` and the start page. */
  status(): EngineStatus
}

export type PauseTarget = { readonly functionId: string } | { readonly appName: string }

/** How a paused function rests. */
export interface PauseHow {
  /** What triggers it meanwhile: becomes a `skipped` run, or a run that waits for the unpause. */
  readonly new: 'skip' | 'hold'
  /** Live runs: open calls finish and later ones wait; go on to their end (drain); are cancelled. */
  readonly running: 'hold' | 'finish' | 'cancel'
  /** Who paused it, as the log and `why` say it; such as `api`. */
  readonly by: string
  /** It ends by itself at this instant (epoch milliseconds); null: it lasts until `unpause`. */
  readonly until: number | null
}

/** Stored with an app or function that is paused. */
export interface PauseRecord extends PauseHow {
  readonly since: number
}

export interface CancelManyRequest {
  /** UUID of the function. */
  readonly functionId: string
  /** On the run's `queuedAt`, epoch milliseconds; `after` exclusive. */
  readonly after: number | null
  readonly before: number
  /** Over `event`: the first event of the run. */
  readonly condition: string | null
}

export interface ReplayRequest {
  readonly functionId: string
  /** On the run's `queuedAt`, epoch milliseconds, inclusive. */
  readonly from: number
  readonly until: number
  readonly statuses: readonly ('completed' | 'failed' | 'cancelled' | 'skipped')[]
  /** Over `event`, `output`, `error`; all must hold. */
  readonly conditions: readonly string[]
  readonly name: string | null
  /** Runs started in a second, at most. */
  readonly perSecond: number
  readonly dryRun: boolean
}

/** What a bulk operation is asked to do. */
export interface BulkAsk {
  readonly kind: 'cancel' | 'replay'
  /** UUIDs; null: every function. */
  readonly functionIds: readonly string[] | null
  /** Only these runs (ULIDs), 1,000 at most; null: all of the window. */
  readonly runIds: readonly string[] | null
  /** On the run's `queuedAt`, epoch milliseconds, inclusive. */
  readonly from: number
  readonly until: number
  /** `cancel` takes live ones, `replay` ended ones; others are an error of the caller. */
  readonly statuses: readonly RunStatus[]
  /** Over `event`, `output`, `error`; all must hold. */
  readonly conditions: readonly string[]
  readonly name: string | null
  /** Runs changed in a minute, at most; null: as fast as it goes behind new work. */
  readonly perMinute: number | null
  readonly dryRun: boolean
}

export interface BulkCounted {
  /** null for a dry run. */
  readonly id: string | null
  readonly createdAt: number
  readonly totalCount: number
  /** Counting stopped before the end. */
  readonly isCut: boolean
  /** ULIDs of the newest ten. */
  readonly sample: readonly string[]
}

export interface BulkStarted {
  readonly id: string
  readonly createdAt: number
}

export interface ReplayStarted {
  /** null for a dry run. */
  readonly id: string | null
  readonly createdAt: number
  readonly totalCount: number
}

/** `request` of a stored cancellation. `cause`: who asked for it, or that the function was paused so. */
export type StoredCancel = CancelManyRequest & { readonly cause: 'api' | 'paused' }

/** `request` of a stored replay. `until` is not after its own start: it never repeats what it has started. */
export type StoredReplay = ReplayRequest & { readonly totalCount: number }

/** `request` of a stored operation of `startBulk`. */
export type StoredBulk = BulkAsk & {
  readonly totalCount: number
  /** There were more: counting stopped before the end. */
  readonly isTotalCut?: true
}

/** `request` of a stored bulk operation. */
export type BulkRequest = StoredCancel | StoredReplay | StoredBulk

/** `progress` of a stored bulk operation. */
export interface BulkProgress {
  /** Runs cancelled, or started again. */
  readonly done: number
  /** Runs looked at. */
  readonly seen: number
  /** Runs that matched but could not be changed, such as those that had ended meanwhile. */
  readonly skipped: number
  /** Runs that failed to be changed, and the last reason. */
  readonly failed: number
  readonly lastError: string | null
  readonly stopped: boolean
  readonly paused: boolean
}

/** The reason why a run does not move, the first that holds of one branch; `all` has one for each open branch. */
export interface WhyRun {
  readonly runId: string
  readonly status: string
  /** null for a run that has ended. */
  readonly reason: WhyReason | null
  readonly all: readonly WhyReason[]
}

/** `step` is '' for the function itself, else the step's name; instants are epoch milliseconds. */
export type WhyReason = { readonly step: string } & (
  | { readonly code: 'executing'; readonly since: number; readonly attempt: number }
  | { readonly code: 'queued'; readonly place: number }
  | {
      readonly code: 'concurrency'
      /** Where it stands in the function's configuration, such as `concurrency[1]`. */
      readonly rule: string
      readonly scope: 'fn' | 'env' | 'account'
      readonly key: string | null
      readonly limit: number
      readonly held: number
      readonly place: number
      readonly holders: readonly { readonly runId: string; readonly function: string; readonly step: string }[]
    }
  | {
      readonly code: 'throttle'
      readonly key: string | null
      readonly limit: number
      readonly periodMs: number
      readonly place: number
      readonly nextStartAt: number
    }
  | {
      readonly code: 'paused'
      readonly since: number
      readonly by: string
      readonly until: number | null
      readonly target: 'function' | 'app'
    }
  | { readonly code: 'app_unreachable'; readonly since: number; readonly error: string }
  | { readonly code: 'sleeping'; readonly until: number }
  | { readonly code: 'scheduled'; readonly at: number }
  | { readonly code: 'retry'; readonly attempt: number; readonly at: number; readonly error: string | null }
  | {
      readonly code: 'waiting_for_event'
      readonly name: string
      readonly expression: string | null
      readonly until: number
    }
  | { readonly code: 'waiting_for_signal'; readonly name: string; readonly until: number }
  | { readonly code: 'invoking'; readonly function: string; readonly childRunId: string | null; readonly until: number }
)

/** Why a run of a list does not move. */
export interface WaitingBrief {
  readonly code: WhyReason['code']
  /** Until when, at which instant, or since when (`executing`, `app_unreachable`); epoch milliseconds. */
  readonly at: number | null
  /** The key of the limit, the event, signal or function that it waits for. */
  readonly name: string | null
}

/** What became of an event for one function. `detail` depends on the outcome; `runId` where there is a run. */
export interface WhyEvent {
  /** Slug. */
  readonly function: string
  readonly outcome:
    | 'started'
    | 'filter_false'
    | 'bad_expression'
    | 'duplicate'
    | 'rate_limited'
    | 'debounced'
    | 'batched'
    | 'singleton'
    | 'paused'
    | 'drained'
    /** A tick of a schedule that fell due while no server was there. */
    | 'missed_tick'
    /** It has not been decided yet. */
    | 'pending'
    /** The function came later, or listened to other names. */
    | 'not_listening_then'
  readonly runId: string | null
  readonly detail: { readonly [field: string]: unknown } | null
}

export interface AppError {
  readonly code: string
  readonly message: string
}

export interface SyncResult {
  readonly modified: boolean
  /** UUIDs. */
  readonly appId: string
  readonly syncId: string
  /** What is worth a line in the log, such as a control that takes the place of another. */
  readonly warnings: readonly string[]
}

export interface InvokeCall {
  /** `<app>-<function>`. */
  readonly slug: string
  /** Canonical JSON object. */
  readonly dataText: string
  readonly idempotencyKey: string | null
}

export interface RegistryView {
  readonly apps: readonly AppView[]
}

export interface AppView {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly error: AppError | null
  /** Since when every call failed to reach it, or null. */
  readonly unreachableSince: number | null
  readonly functions: readonly {
    readonly id: string
    readonly slug: string
    readonly name: string
    readonly warning: string | null
  }[]
}

export interface EngineStatus {
  readonly accepting: boolean
  /** Calls open now, and at most. */
  readonly calls: number
  readonly callsMax: number
  readonly storeOk: boolean
}
