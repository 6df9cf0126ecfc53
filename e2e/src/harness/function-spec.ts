/**
 * How a test describes a function: the options that both SDK lines share, the triggers, the body.
 * The types are those of the SDKs' step tools as far as tests use them; both SDKs are called with them directly.
 */
import type * as v4 from 'inngest'
import type * as v3 from 'inngest3'

/** An event as a body sees it. Its data is JSON of any shape; a body turns a field into what it wants. */
export interface SeenEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly id?: string
  readonly ts?: number
  readonly v?: string
}

/** What `step.invoke` takes. */
export type Target =
  | v3.InngestFunction.Any
  | v4.InngestFunction.Any
  | ReturnType<typeof v3.referenceFunction>
  | ReturnType<typeof v4.referenceFunction>

type Time = string | number

/** The step tools that both SDK lines have. */
export interface StepTools {
  run<T>(id: string, body: () => T | Promise<T>): Promise<T>
  run<T, I>(id: string, body: (input: I) => T | Promise<T>, input: I): Promise<T>
  sleep(id: string, time: Time): Promise<void>
  sleepUntil(id: string, time: Date | string): Promise<void>
  waitForEvent(
    id: string,
    options: { event: string; timeout: Time; if?: string; match?: string },
  ): Promise<SeenEvent | null>
  waitForSignal(
    id: string,
    options: { signal: string; timeout: Time; onConflict: 'replace' | 'fail' },
  ): Promise<{ signal: string; data: unknown } | null>
  sendSignal(id: string, options: { signal: string; data?: unknown }): Promise<unknown>
  sendEvent(id: string, event: { name: string; data?: object; id?: string }): Promise<{ ids: string[] }>
  invoke(id: string, options: { function: Target; data?: object; timeout?: Time }): Promise<unknown>
  fetch(url: string, init?: RequestInit): Promise<Response>
  readonly ai: {
    readonly models: { openai(options: { model: string; baseUrl: string; apiKey: string }): object }
    infer(id: string, options: { model: object; body: object }): Promise<unknown>
    wrap<T, I>(id: string, body: (input: I) => Promise<T>, input: I): Promise<T>
  }
}

/** What a body is called with. */
export interface RunContext {
  readonly event: SeenEvent
  readonly events: readonly SeenEvent[]
  readonly step: StepTools
  readonly runId: string
  readonly attempt: number
  /** Only in version 4: steps whose first end decides. */
  readonly group?: { parallel<T>(body: () => Promise<T>): Promise<T> }
  /** Only with the middleware of `middleware.ts`. */
  readonly stamp?: string
}

/** What a failure handler is called with. Its event is `inngest/function.failed`. */
export interface FailureContext extends RunContext {
  readonly error: Error
}

type Retries = 0 | 1 | 2 | 3 | 4 | 5 | 10

/** A limit of calls that are open at the same time. */
export interface Slots {
  readonly limit: number
  readonly key?: string
  readonly scope?: 'fn' | 'env' | 'account'
}

type Period = `${number}s` | `${number}m` | `${number}h`

/** The flow controls that both SDK lines have. */
export interface FlowControls {
  readonly concurrency?: number | Slots | [Slots] | [Slots, Slots]
  readonly throttle?: { limit: number; period: Period; burst?: number; key?: string }
  readonly rateLimit?: { limit: number; period: Period; key?: string }
  readonly debounce?: { period: Period; timeout?: Period; key?: string }
  readonly batchEvents?: { maxSize: number; timeout: `${number}s`; key?: string; if?: string }
  readonly priority?: { run: string }
  readonly singleton?: { mode: 'skip' | 'cancel'; key?: string }
  readonly timeouts?: { start?: Period; finish?: Period }
  readonly idempotency?: string
}

/** A function as a test describes it. */
export interface FunctionSpec extends FlowControls {
  readonly id: string
  /** What people see; the ID by default. */
  readonly name?: string
  readonly triggers: readonly ({ event: string; if?: string } | { cron: string })[]
  readonly run: (context: RunContext) => unknown
  readonly retries?: Retries
  readonly onFailure?: (context: FailureContext) => unknown
  readonly cancelOn?: { event: string; if?: string; match?: string; timeout?: Time }[]
}
