// A span of a run's trace, as the API publishes it.
import { z } from 'zod'

export const SPAN_STATUSES = ['RUNNING', 'COMPLETED', 'FAILED', 'WAITING', 'CANCELLED', 'SKIPPED', 'UNKNOWN'] as const
export const STEP_OPS = ['RUN', 'SLEEP', 'WAIT_FOR_EVENT', 'INVOKE', 'AI_GATEWAY', 'WAIT_FOR_SIGNAL'] as const

export type SpanStatus = (typeof SPAN_STATUSES)[number]
export type StepOp = (typeof STEP_OPS)[number]

/** What is known of a step by its kind; null where it is not known yet. */
export type StepInfo = Readonly<Record<string, string | boolean | null>>

/** A span before it is printed. Instants are epoch milliseconds; `input` and `output` are canonical texts. */
export interface Span {
  /** 16 hex digits, unique within the run, the same in every answer. */
  readonly id: string
  readonly name: string
  readonly status: SpanStatus
  readonly stepOp: StepOp | null
  readonly stepId: string | null
  readonly stepInfo: StepInfo | null
  /** 0-based number of the last attempt. */
  readonly attempts: number
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly input: string | null
  readonly output: string | null
  readonly children: readonly Span[]
}

const text = z.string()
const time = text.optional().meta({ format: 'date-time' })
const known = text.nullable()
const over = z.boolean().nullable()

/** `stepInfo` by `stepOp`. */
const StepInfoV2 = z.union([
  z.strictObject({ type: known }),
  z.strictObject({ sleepUntil: known }),
  z.strictObject({ eventName: known, expression: known, timeout: known, foundEventID: known, timedOut: over }),
  z.strictObject({
    triggeringEventID: known,
    functionID: known,
    timeout: known,
    returnEventID: known,
    runID: known,
    timedOut: over,
  }),
  z.strictObject({ signal: known, timeout: known, timedOut: over }),
])

/** A span on `/v2`. */
export const SpanV2 = z
  .object({
    id: text,
    name: text,
    status: z.enum(SPAN_STATUSES),
    stepOp: z.enum(STEP_OPS).optional(),
    stepId: text.optional().meta({ description: 'Hashed step ID.' }),
    stepInfo: StepInfoV2.optional(),
    attempts: z.int().meta({ description: '0-based number of the last attempt.' }),
    durationMs: text.optional(),
    queuedAt: time,
    startedAt: time,
    endedAt: time,
    input: z.unknown().optional(),
    output: z.unknown().optional(),
    get children() {
      return z.array(SpanV2).optional()
    },
  })
  .meta({ id: 'SpanV2' })
