// The opcodes an SDK reports, as one tagged union whose payloads are canonical texts.
// The engine plans from these values and stores the texts as they are; nothing in here is parsed again.

/** What every opcode carries. */
export interface OpcodeBase {
  /** Hashed step ID, 40 lower-case hex digits; anything for `None`, `DiscoveryRequest`, `RunComplete`, `SyncRunComplete`. */
  readonly id: string
  /** What people see: displayName, else name, else ID. */
  readonly name: string
  readonly userlandId: string | null
  readonly userlandIndex: number | null
  /** Canonical `data`; null when absent or JSON null, but for the members that narrow it. */
  readonly dataText: string | null
  /** Canonical `{name, message, stack?, cause?, data?}`; null when absent. */
  readonly errorText: string | null
  /** Canonical `opts.input`. */
  readonly inputText: string | null
  /** `opts.type`, e.g. `step.sendEvent`. */
  readonly optsType: string | null
  /** `opts.parallelMode` is `race`. */
  readonly race: boolean
  readonly timingStartMs: number | null
  readonly timingDurationMs: number | null
}

/** A step that ran. `rawMemo`: the legacy `Step`, whose data is the memo as it stands. */
export interface StepRunOp extends OpcodeBase {
  readonly op: 'StepRun'
  readonly dataText: string
  readonly rawMemo: boolean
}
export interface StepPlannedOp extends OpcodeBase {
  readonly op: 'StepPlanned'
}
export interface StepErrorOp extends OpcodeBase {
  readonly op: 'StepError'
  readonly errorText: string
}
export interface StepFailedOp extends OpcodeBase {
  readonly op: 'StepFailed'
  readonly errorText: string
}
export interface SleepOp extends OpcodeBase {
  readonly op: 'Sleep'
  /** Duration or ISO time; '' = now. */
  readonly until: string
}
export interface WaitForEventOp extends OpcodeBase {
  readonly op: 'WaitForEvent'
  readonly event: string
  /** Duration or ISO time; '' = now. */
  readonly timeout: string
  readonly if: string | null
}
export interface InvokeFunctionOp extends OpcodeBase {
  readonly op: 'InvokeFunction'
  /** Slug. */
  readonly functionId: string
  /** Canonical data of the event to send, `{}` when absent; never holds `_inngest`. */
  readonly payloadDataText: string
  readonly payloadV: string | null
  /** Canonical `{"sessions":{…}}`. */
  readonly payloadMetaText: string | null
  /** null = one year. */
  readonly timeout: string | null
}
export interface WaitForSignalOp extends OpcodeBase {
  readonly op: 'WaitForSignal'
  readonly signal: string
  /** null = one year. */
  readonly timeout: string | null
  readonly conflict: 'fail' | 'replace'
}
export interface GatewayOp extends OpcodeBase {
  readonly op: 'Gateway'
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}
/** `authKey` is a secret: never stored in history, never logged. */
export interface AIGatewayOp extends OpcodeBase {
  readonly op: 'AIGateway'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly authKey: string
  readonly format: string
  /** Canonical body to post. */
  readonly bodyText: string
}
export interface DeferAddOp extends OpcodeBase {
  readonly op: 'DeferAdd'
  readonly fnSlug: string
  /** Canonical input object. */
  readonly inputText: string
  readonly metaText: string | null
}
export interface DeferAbortOp extends OpcodeBase {
  readonly op: 'DeferAbort'
  readonly targetId: string
  readonly fnSlug: string
}
export interface RunCompleteOp extends OpcodeBase {
  readonly op: 'RunComplete'
  readonly dataText: string
}
export interface SyncRunCompleteOp extends OpcodeBase {
  readonly op: 'SyncRunComplete'
  readonly dataText: string
}
export interface DiscoveryRequestOp extends OpcodeBase {
  readonly op: 'DiscoveryRequest'
}
export interface NoneOp extends OpcodeBase {
  readonly op: 'None'
}

/** One thing that an SDK reports. */
export type Opcode =
  | StepRunOp
  | StepPlannedOp
  | StepErrorOp
  | StepFailedOp
  | SleepOp
  | WaitForEventOp
  | InvokeFunctionOp
  | WaitForSignalOp
  | GatewayOp
  | AIGatewayOp
  | DeferAddOp
  | DeferAbortOp
  | RunCompleteOp
  | SyncRunCompleteOp
  | DiscoveryRequestOp
  | NoneOp

/** Ops that store something for later and neither start nor end a branch. */
export function isLazy(op: Opcode): op is DeferAddOp | DeferAbortOp {
  return op.op === 'DeferAdd' || op.op === 'DeferAbort'
}
