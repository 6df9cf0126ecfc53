// The engine's door: what a server may ask of it. Built once by `createEngine`; everything it touches of the outside
// (store, clock, randomness, the way apps are called, log) comes in through its options.
import type { Checkpoint, EventInput, RegisterRequest } from '@pawl/protocol'
import type { StoredEvent } from '@pawl/storage'

export interface Engine {
  /** Takes up what the store holds and begins to work. */
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
   * @throws EngineError `function_not_found`, `idempotency_conflict`, `function_skipped`
   */
  invoke(call: InvokeCall): Promise<{ readonly eventId: string; readonly runId: string }>
  /** Resumes the run that waits for the signal; null when none does. `dataText` is canonical JSON. */
  signal(name: string, dataText: string): Promise<{ readonly runId: string } | null>
  /** @throws EngineError `run_not_found` */
  cancel(runId: string): Promise<'cancelled' | 'already_cancelled' | 'already_ended'>
  /**
   * A new run with the same events. With `from`, the steps before it keep their results.
   * @throws EngineError `run_not_found`, `step_not_found`, `step_ambiguous`
   */
  rerun(
    runId: string,
    from?: { readonly step: string; readonly inputText: string | null },
  ): Promise<{ readonly runId: string }>

  /** Keeps steps of a call that is still open. @throws EngineError `stale_dispatch`, `checkpoint_conflict`, … */
  checkpoint(checkpoint: Checkpoint): Promise<void>
  /** Texts of the run's events, for `use_api`. @throws EngineError `run_not_found`, `run_ended` */
  runEvents(runId: string): Promise<readonly string[]>
  /** `{"<hash>": memo, …}` as canonical text, for `use_api`. @throws EngineError `run_not_found`, `run_ended` */
  runSteps(runId: string): Promise<string>

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

export interface AppError {
  readonly code: string
  readonly message: string
}

export interface SyncResult {
  readonly modified: boolean
  /** UUIDs. */
  readonly appId: string
  readonly syncId: string
  /** What was stored but is not enforced yet, and other things worth a line in the log. */
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
