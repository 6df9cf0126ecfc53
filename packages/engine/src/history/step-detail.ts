// The small JSON that stands in `detail` of items and history rows: what the engine needs to go on with a branch, and
// what the trace shows of it. Instants are epoch milliseconds, IDs are ULIDs.
import type { StepKind } from '@pawl/storage'

export interface StepDetail {
  /** The step's name as the code has it. */
  readonly name?: string
  readonly kind?: StepKind
  /** The SDK's `opts.type`, such as `step.sendEvent`. */
  readonly type?: string
  /** sleep */
  readonly sleepUntil?: number
  /** wait, signal, invoke: the deadline. */
  readonly until?: number
  /** wait */
  readonly eventName?: string
  readonly expression?: string
  readonly foundEvent?: string
  /** signal */
  readonly signal?: string
  /** invoke: the slug, the event that asked, the event that answered, the run between them. */
  readonly functionSlug?: string
  readonly invokeEvent?: string
  readonly returnEvent?: string
  readonly childRun?: string
  /** Once the wait is over. */
  readonly timedOut?: boolean
  /** Somebody has ended the wait or the sleep. */
  readonly byHand?: boolean
  /** Items only: the step's arguments as canonical JSON, for its memo. */
  readonly input?: string
  /** Items of kind `gateway` only: what is sent, secrets included. Never shown, never in the history. */
  readonly request?: GatewayDetail
}

export interface GatewayDetail {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** `AIGateway`: a status above 299 is an error, the body is JSON. */
  readonly ai: boolean
}

/** Reads the `detail` of an item or a history row. */
export function readDetail(text: string | null): StepDetail {
  return text === null ? {} : (JSON.parse(text) as StepDetail)
}
