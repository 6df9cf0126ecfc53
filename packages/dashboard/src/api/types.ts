// What the server's API answers, as far as the pages read it: the published shapes of `/v2` (see `/openapi.json`). A field
// that may be absent is absent when it is false, empty or unknown. Instants are RFC 3339 texts, 64-bit numbers are texts.

import type { Job } from './jobs-types.ts'
import type { Request, Session } from './sessions-types.ts'

export interface Envelope<T> {
  readonly data: T
  readonly metadata: { readonly fetchedAt: string }
}

/** A page of a list; `data` is absent when it is empty. */
export interface Page<T> {
  readonly data?: readonly T[]
  readonly metadata: { readonly fetchedAt: string }
  readonly page: {
    readonly cursor?: string
    readonly hasMore?: true
    readonly limit: number
    readonly totalCount?: number
  }
}

export interface ApiFault {
  readonly code: string
  readonly message: string
  /** Name of the field or parameter that is wrong. */
  readonly path?: string
  /** What to do about it. */
  readonly hint?: string
  /** 1-based column of a fault in an expression. */
  readonly column?: number
}

// ─── GET /v2/info ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface ServerInfo {
  readonly mode: 'dev' | 'start'
  readonly version: string
  readonly now: string
  /** How far development's clock is ahead, milliseconds. */
  readonly clockOffsetMs?: number
  readonly startedAt: string
  readonly database: 'memory' | 'sqlite' | 'postgres'
  readonly eventKeys: number
  readonly signingKeys: number
  readonly eventUrl: string
  readonly callsOpen: number
  readonly callsMax: number
  readonly storeOk: boolean
  /** Days that ended runs are kept. */
  readonly retentionDays: number
}

// ─── Runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type RunStatus = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'SKIPPED'

/** A row of `GET /v2/runs`, and `data` of `GET /v2/runs/{id}`. */
export interface Run {
  readonly id: string
  readonly function: { readonly id: string; readonly name: string; readonly slug: string }
  readonly app: { readonly id: string }
  readonly status: RunStatus
  readonly skipReason?: 'paused' | 'drained' | 'singleton'
  readonly queuedAt: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly durationMs?: string
  readonly trigger: {
    readonly eventIds?: readonly string[]
    readonly eventName?: string
    readonly isBatch?: true
    readonly batchId?: string
    readonly batchCreatedAt?: string
    readonly cronSchedule?: string
  }
  readonly originalRunId?: string
  readonly parentRunId?: string
  /** Attempts that failed and were tried again. */
  readonly retryCount?: number
  /** Of a live run that does not move: the short form; `why` of the single run has it all. */
  readonly waiting?: WaitingBrief
}

export interface WaitingBrief {
  readonly code: WhyReason['code']
  /** Until when or at which instant, where there is one. */
  readonly at?: string
  /** The limit, event, signal or function it waits for, where there is one. */
  readonly name?: string
}

/** `data` of `GET /v2/runs/{id}?includeWhy=true`. */
export interface RunAlone extends Run {
  readonly why?: { readonly reason: WhyReason; readonly reasons: readonly WhyReason[] }
  readonly functionVersion: number
  readonly sdk?: string
  readonly reruns?: readonly string[]
  readonly children?: readonly { readonly runId: string; readonly stepId: string }[]
  /** Time in which a call or a step was at work, and time in which nothing was; milliseconds. */
  readonly workingMs: number
  readonly waitingMs: number
}

/** As `GET /v2/runs/{id}/why` answers: instants are RFC 3339. */
export type WhyReason = { readonly step?: string } & (
  | { readonly code: 'executing'; readonly since: string; readonly attempt: number }
  | { readonly code: 'queued'; readonly place: number }
  | {
      readonly code: 'concurrency'
      readonly rule: string
      readonly scope: string
      readonly key?: string | null
      readonly limit: number
      readonly held: number
      readonly place: number
      readonly holders?: readonly { readonly runId: string; readonly function: string; readonly step: string }[]
    }
  | {
      readonly code: 'throttle'
      readonly key?: string | null
      readonly limit: number
      readonly periodMs: number
      readonly place: number
      readonly nextStartAt: string
    }
  | {
      readonly code: 'paused'
      readonly since: string
      readonly by: string
      readonly until?: string | null
      readonly target: 'function' | 'app'
    }
  | { readonly code: 'app_unreachable'; readonly since: string; readonly error: string }
  | { readonly code: 'sleeping'; readonly until: string }
  | { readonly code: 'scheduled'; readonly at: string }
  | {
      readonly code: 'retry'
      readonly attempt: number
      readonly at: string
      readonly error?: { readonly name?: string; readonly message?: string; readonly stack?: string } | null
    }
  | {
      readonly code: 'waiting_for_event'
      readonly name: string
      readonly expression?: string | null
      readonly until: string
    }
  | { readonly code: 'waiting_for_signal'; readonly name: string; readonly until: string }
  | {
      readonly code: 'invoking'
      readonly function: string
      readonly childRunId?: string | null
      readonly until: string
    }
)

/** Filters of every list, search, count and export of runs; the names are those of the query string. */
export interface RunFilter {
  readonly from?: string
  readonly until?: string
  readonly timeField?: 'queuedAt' | 'startedAt' | 'endedAt'
  readonly order?: 'ASC' | 'DESC'
  readonly status?: readonly RunStatus[]
  readonly appId?: string
  /** Slugs (`<app>-<function>`) or UUIDs, without an app too. */
  readonly function?: readonly string[]
  readonly eventName?: readonly string[]
  readonly cron?: string
  readonly isBatch?: boolean
  readonly hasRetries?: boolean
  readonly longerThanMs?: number
  readonly parentRunId?: string
  readonly originalRunId?: string
  readonly bulkId?: string
  /** Expressions over `event`, `output`, `error`, `run`, one a line. */
  readonly query?: string
}

/** `GET /v2/runs/count?…&atMost=10000`. */
export interface RunCount {
  readonly count: number
  /** There are more; `count` is `atMost`. */
  readonly isCut?: true
}

// `GET /v2/runs/export?format=ndjson|csv&includeOutput=false&…` and `GET /v2/events/export?format&includeData=false&…`: a file
// of all that match, masked, streamed; `runId` (repeated, 1,000 at most) exports these runs only.

/** A line of `GET /v2/runs/search?…` and `GET /v2/events/search?…` (application/x-ndjson). */
export type SearchLine<Row> =
  | { readonly row: Row }
  | { readonly progress: { readonly scanned: number; readonly at: string } }
  | { readonly done: { readonly cursor?: string; readonly hasMore: boolean; readonly scanned: number } }
  | { readonly error: ApiFault }

// ─── Trace ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type SpanStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'WAITING' | 'CANCELLED' | 'SKIPPED' | 'UNKNOWN'
export type StepOp = 'RUN' | 'SLEEP' | 'WAIT_FOR_EVENT' | 'INVOKE' | 'AI_GATEWAY' | 'WAIT_FOR_SIGNAL' | 'SEND_EVENT'

/** `data.rootSpan` of `GET /v2/runs/{id}/trace`. */
export interface Span {
  readonly id: string
  readonly name: string
  readonly status: SpanStatus
  readonly stepOp?: StepOp
  readonly stepId?: string
  readonly stepInfo?: Readonly<Record<string, string | boolean | null>>
  readonly attempts: number
  readonly durationMs?: string
  readonly queuedAt?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly children?: readonly Span[]
}

// ─── Payloads: GET /v2/runs/{id}/payload?part=…&from=0&bytes=262144&reveal=false, GET /v2/events/{id}/payload ────────

/** `part`: `input` (the events), `output`, `error`, `config`, `span/<span id>/output`, `span/<span id>/input`. An event has only `event`. */
export interface Payload {
  readonly part: string
  /** JSON text (canonical), or a part of it; cut between characters. Absent parts answer 404 `payload_not_found`. */
  readonly text: string
  readonly from: number
  readonly until: number
  readonly totalBytes: number
  readonly sha256: string
  /** Values of keys that look like secrets are replaced by `"•••"`. */
  readonly isMasked?: true
}

// ─── Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A row of `GET /v2/events?from&until&name&query&startedNothing&includeInternal&limit&cursor`. */
export interface EventRow {
  /** The server's ULID. */
  readonly id: string
  /** What functions see. */
  readonly eventId: string
  readonly name: string
  readonly ts: string
  readonly receivedAt: string
  readonly isRepeat?: true
  readonly isInternal?: true
  readonly sizeBytes?: number
  /** `functionId`: the slug, here and below. */
  readonly runs?: readonly {
    readonly id: string
    readonly functionId: string
    readonly functionName: string
    readonly status: RunStatus
  }[]
}

/** `data` of `GET /v2/events/{id}`. */
export interface EventAlone extends EventRow {
  /** For each function that listens to the name (or did): what became of the event. */
  readonly outcomes?: readonly EventOutcome[]
  readonly effects?: readonly {
    readonly runId: string
    readonly functionId: string
    readonly functionName: string
    readonly how: 'resumed' | 'cancelled'
  }[]
}

export interface EventOutcome {
  readonly functionId: string
  readonly functionName: string
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
    | 'missed_tick'
    | 'pending'
    | 'not_listening_then'
  readonly runId?: string | null
  readonly detail?: Readonly<Record<string, unknown>> | null
}

/** `GET /v2/event-names?limit`: names received lately, the newest first, with paths seen in their newest payloads. */
export interface EventName {
  readonly name: string
  readonly lastReceivedAt: string
  readonly lastEventId: string
  /** Such as `data.userId`. */
  readonly paths?: readonly string[]
}

// ─── Functions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Pause {
  readonly since: string
  readonly by: string
  readonly until?: string | null
  readonly new: 'skip' | 'hold'
  readonly running: 'hold' | 'finish' | 'cancel'
  readonly target?: 'function' | 'app'
}

export interface FunctionConfiguration {
  readonly cancellations?: readonly { readonly event: string; readonly timeout?: string; readonly condition?: string }[]
  readonly retries: { readonly value: number; readonly isDefault: boolean }
  readonly priority?: string
  readonly eventsBatch?: { readonly maxSize: number; readonly timeout: string; readonly key?: string }
  readonly concurrency?: readonly {
    readonly scope: 'ACCOUNT' | 'ENVIRONMENT' | 'FUNCTION'
    readonly limit: { readonly value: number; readonly isPlanLimit: boolean }
    readonly key?: string
  }[]
  readonly rateLimit?: { readonly limit: number; readonly period: string; readonly key?: string }
  readonly debounce?: { readonly period: string; readonly key?: string; readonly timeout?: string }
  readonly throttle?: { readonly burst: number; readonly limit: number; readonly period: string; readonly key?: string }
  readonly singleton?: { readonly mode: 'SKIP' | 'CANCEL'; readonly key?: string }
  readonly timeouts?: { readonly start?: string; readonly finish?: string }
  readonly idempotency?: string
}

/** `GET /v2/apps/{app}/functions/{function}`. */
export interface Fn {
  readonly id: string
  readonly internalId: string
  readonly name: string
  readonly slug: string
  readonly isPaused: boolean
  readonly pause?: Pause
  readonly isArchived: boolean
  readonly app: { readonly id: string }
  readonly triggers?: readonly { readonly type: 'EVENT' | 'CRON'; readonly value: string; readonly if?: string }[]
  readonly failureHandler?: { readonly slug: string; readonly name: string }
  readonly configuration: FunctionConfiguration
  readonly warning?: string
}

/** A row of `GET /v2/functions?appId&includeArchived&limit&cursor`. */
export interface FnRow extends Fn {
  readonly state: 'active' | 'paused' | 'removed'
  /** Of the last 24 h. */
  readonly stats: {
    readonly started: number
    readonly ended: number
    readonly failed: number
    readonly p95Ms?: number
    /** Runs queued in each of the last 24 hours, oldest first. */
    readonly spark: readonly number[]
  }
  readonly backlog: Backlog
}

export interface Backlog {
  readonly ready: number
  readonly leased: number
  readonly sleeping: number
  readonly blocked: number
}

/** `GET /v2/apps/{app}/functions/{function}/failures?from&until`: newest failures, grouped by message. */
export interface FailureGroup {
  readonly name: string
  readonly message: string
  readonly count: number
  readonly lastRunId: string
  readonly lastAt: string
}

/** `GET /v2/apps/{app}/functions/{function}/versions`. */
export interface FnVersion {
  readonly version: number
  readonly at: string
  readonly configuration: FunctionConfiguration
  readonly triggers: readonly { readonly type: 'EVENT' | 'CRON'; readonly value: string; readonly if?: string }[]
}

/** `GET /v2/apps/{app}/functions/{function}/limits`: limits without a key, as they stand now. */
export interface LimitNow {
  /** Where it stands in the configuration, such as `concurrency[0]`. */
  readonly rule: string
  readonly limit: number
  readonly held: number
  readonly waiting: number
}

// ─── Schedules: GET /v2/schedules ───────────────────────────────────────────────────────────────────────────────────

export interface Schedule {
  readonly id: string
  readonly kind: 'CRON'
  readonly name: string
  readonly function: { readonly id: string; readonly slug: string }
  readonly app: { readonly id: string }
  readonly expression: string
  /** IANA name; `UTC` where the expression has none. */
  readonly timezone: string
  readonly nextRunAt?: string
  readonly isPaused: boolean
  readonly pause?: Pause
  /** It should have run at this instant and has not. */
  readonly lateSince?: string
  /** The newest first, twenty at most. */
  readonly strip?: readonly {
    readonly runId: string
    readonly status: RunStatus
    readonly queuedAt: string
    readonly durationMs?: string
  }[]
}

// ─── Apps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A row of `GET /v2/apps`. */
export interface App {
  readonly id: string
  readonly name: string
  readonly method: 'SERVE' | 'CONNECT' | 'API'
  readonly appVersion?: string
  readonly createdAt: string
  readonly isArchived?: true
  readonly archivedAt?: string
  readonly isPaused?: true
  readonly pause?: Pause
  readonly functionCount?: number
  readonly latestSync?: {
    readonly status: 'success' | 'duplicate' | 'error' | 'pending'
    readonly syncedAt?: string
    readonly sdkLanguage?: string
    readonly sdkVersion?: string
    readonly framework?: string
    readonly url?: string
    readonly error?: string
    readonly appVersion?: string
  }
  readonly unreachableSince?: string
}

/** `GET /v2/apps/{app}/syncs`, newest first. */
export interface AppSync {
  readonly at: string
  readonly status: 'success' | 'duplicate' | 'error'
  readonly error?: { readonly code: string; readonly message: string }
  readonly functionCount: number
  readonly sdkVersion?: string
  readonly appVersion?: string
  readonly added?: readonly string[]
  readonly changed?: readonly string[]
  readonly removed?: readonly string[]
}

/** `POST /v2/apps/{app}/test {"url"?}`: what the address answers now, and how it differs from what is registered. */
export interface AppTest {
  readonly url: string
  readonly ok: boolean
  /** In order; the last one is the one that failed, if any did. */
  readonly phases: readonly {
    readonly name: 'resolve' | 'connect' | 'tls' | 'answer'
    readonly ok: boolean
    readonly ms: number
    readonly detail?: string
  }[]
  /** A plain sentence on what is wrong and one on what to do. */
  readonly cause?: { readonly code: string; readonly message: string; readonly hint?: string }
  readonly sdk?: { readonly language?: string; readonly version?: string; readonly framework?: string }
  /** Slugs; absent when the app cannot be asked. */
  readonly drift?: {
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly removed: readonly string[]
  }
}

// ─── Metrics: GET /v2/metrics?from&until&function&appId ─────────────────────────────────────────────────────────────

/** Every series has one value for each bucket; null where there is nothing to tell (no line is drawn across). */
export interface Metrics {
  readonly from: string
  readonly until: string
  readonly bucketMs: number
  /** Start of each bucket, epoch milliseconds. The last one may be open. */
  readonly at: readonly number[]
  readonly ended: {
    readonly completed: Series
    readonly failed: Series
    readonly cancelled: Series
    readonly skipped: Series
  }
  /** Failed of those that completed or failed, 0 to 1. */
  readonly failureRate: Series
  readonly throughput: { readonly queued: Series; readonly started: Series; readonly ended: Series }
  /** Milliseconds. */
  readonly queueDelay: Percentiles
  readonly duration: Percentiles
  readonly durationClasses: readonly { readonly untilMs: number; readonly count: number }[]
  readonly running: { readonly steps: Series; readonly limit: number | null }
  readonly backlog: { readonly ready: Series; readonly sleeping: Series; readonly blocked: Series }
  readonly requests: { readonly ok: Series; readonly error: Series; readonly transport: Series }
  readonly latency: Percentiles
  /** By reason. */
  readonly refused: Readonly<Record<string, Series>>
  /** By event name: the eight most frequent, and `*` for the rest. Absent with a filter on functions. */
  readonly events?: Readonly<Record<string, Series>>
}

export type Series = readonly (number | null)[]
export interface Percentiles {
  readonly p50: Series
  readonly p95: Series
  readonly p99: Series
}

// ─── Overview: GET /v2/overview?range=1h|6h|24h|7d|30d ──────────────────────────────────────────────────────────────

export interface Overview {
  readonly range: string
  readonly bucketMs: number
  readonly at: readonly number[]
  readonly figures: {
    readonly started: Figure
    /** 0 to 1. */
    readonly failureRate: Figure
    readonly queueDelayP50: Figure
    readonly queueDelayP95: Figure
    readonly running: Figure
  }
  readonly ended: Metrics['ended']
  readonly failing?: readonly {
    readonly function: { readonly id: string; readonly name: string; readonly slug: string }
    readonly app: { readonly id: string }
    readonly failures: number
    readonly ended: number
    readonly lastError?: string
    readonly lastRunId?: string
    readonly lastFailedAt?: string
  }[]
  readonly waitingLongest?: readonly Run[]
  readonly nextUp?: readonly {
    readonly function: { readonly id: string; readonly name: string; readonly slug: string }
    readonly app: { readonly id: string }
    readonly expression: string
    readonly at: string
  }[]
  readonly missed?: Overview['nextUp']
  readonly firstUse: { readonly appConnected: boolean; readonly eventSent: boolean; readonly runSeen: boolean }
}

export interface Figure {
  readonly value: number | null
  /** The same over the range before; null when nothing was counted. */
  readonly before: number | null
  readonly spark: Series
}

// ─── Bulk operations: /v2/bulk-operations ───────────────────────────────────────────────────────────────────────────

/** Body of `POST /v2/bulk-operations`. */
export interface BulkAsk {
  readonly kind: 'CANCEL' | 'RERUN'
  /** Slugs or UUIDs; absent: every function. */
  readonly function?: readonly string[]
  readonly runIds?: readonly string[]
  readonly from?: string
  readonly until?: string
  readonly status?: readonly RunStatus[]
  readonly query?: string
  readonly name?: string
  readonly perMinute?: number
  readonly dryRun?: boolean
}

/** Answer to a dry run (200). */
export interface BulkDry {
  readonly totalCount: number
  readonly isCut?: true
  readonly sample?: readonly Run[]
}

/** A row of `GET /v2/bulk-operations`, `data` of `GET /v2/bulk-operations/{id}`, answer (201) to `POST`, and to `POST …/{id}/pause|resume|stop`. */
export interface Bulk {
  readonly id: string
  readonly kind: 'CANCEL' | 'RERUN'
  readonly name?: string
  readonly state: 'running' | 'paused' | 'stopped' | 'done'
  readonly createdAt: string
  readonly endedAt?: string
  readonly function?: readonly string[]
  readonly from?: string
  readonly until?: string
  readonly status?: readonly RunStatus[]
  readonly query?: string
  readonly perMinute?: number
  readonly totalCount: number
  /** There were more: they were counted up to a bound. */
  readonly isTotalCut?: true
  readonly doneCount: number
  readonly skippedCount: number
  readonly failedCount: number
  readonly lastError?: string
}

// ─── Actions ────────────────────────────────────────────────────────────────────────────────────────────────────────
// POST /v2/runs/{id}/cancel {} → {runId}                       409 run_already_cancelled, run_already_ended
// POST /v2/runs/{id}/rerun {"fromStep"?:{"stepId","input"?},"data"?} → {runId}     `data` replaces the event's
// POST /v2/runs/{id}/resume {"stepId" (hash), "data"} → {runId}    404 not_found, 409 run_already_ended, step_not_waiting
// POST /v1/signals {"signal","data"} → {"data":{"run_id"}}
// POST /v2/events {"name","data","id"?,"ts"?} → {eventId}
// POST /v2/events/{id}/send {} → {eventId}                     the same name and data again, as a new event
// POST /v2/apps/{a}/functions/{f}/invoke {"data"?} → {runId}
// POST /v2/apps/{a}/functions/{f}/pause {"new"?,"running"?,"until"? RFC 3339,"for"? "1h"} → Fn; …/unpause {}
// POST /v2/apps/{a}/syncs {"url"?} → {id,status,appId,error?}  422 app_sync_failed
// POST /v2/sign-in {"key"} → {} + cookie    401 invalid_signing_key     POST /v2/sign-out {}

// ─── Stream: GET /v2/stream (text/event-stream) ─────────────────────────────────────────────────────────────────────
// event: hello   data: Hello          first, always
// event: change  data: ChangeMessage  id: <feed>.<seq>; four a second at most; `Last-Event-ID` (or ?after=) catches up
// event: gap     data: {}             what was missed cannot be told: read everything shown again
// event: beat    data: {}             every 15 s: the connection still carries something

export interface Hello {
  /** Changes with each server process: sequence numbers of one feed only can be compared. */
  readonly feed: string
  readonly seq: number
  readonly now: string
}

export interface ChangeMessage {
  readonly seq: number
  /** Rows as the list shows them. */
  readonly runs?: readonly (Run & { readonly isNew?: true })[]
  readonly events?: readonly Pick<EventRow, 'id' | 'eventId' | 'name' | 'receivedAt' | 'ts' | 'isInternal'>[]
  /** IDs. */
  readonly bulks?: readonly string[]
  /** HTTP Jobs as the list shows them, strip and all. One that is gone, or whose request is large, comes as `isCut`. */
  readonly jobs?: readonly Job[]
  /** Sessions as the list shows them, without `metadata`, `result` and `error`. */
  readonly sessions?: readonly Omit<Session, 'metadata' | 'result' | 'error'>[]
  /** Requests as the list shows them, without what may be large: read the request again where these are shown. */
  readonly requests?: readonly Omit<Request, 'schema' | 'options' | 'arguments' | 'response'>[]
  /** Apps or functions changed. */
  readonly registry?: true
  /** More has changed than is named here. */
  readonly isCut?: true
}
