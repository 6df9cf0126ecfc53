// Functions as the REST surfaces show them, from the configuration that the engine works by. Durations are written as
// SDKs write them (`10s`), and a control that a function does not have is left out.
import { type FunctionConfig, formatDuration, type Trigger } from '@pawl/protocol'
import type { AppRow, FunctionRow } from '@pawl/storage'
import { z } from 'zod'
import { appUuid, functionUuid } from '../engine.ts'
import { publicId } from '../lists/directory.ts'
import { ENVIRONMENT_ID } from './environment.ts'
import { instant } from './instant.ts'
import { Pause, pauseOf } from './pause-view.ts'
import { withoutUserInfo } from './without-user-info.ts'

const text = z.string()
const RETRIES_USUAL = 4

/** A function on `/v1`. */
export const FunctionV1 = z
  .object({
    internal_id: text.meta({ description: 'UUID.' }),
    env_id: text,
    app_id: text.meta({ description: 'UUID.' }),
    id: text.meta({ description: 'Slug.' }),
    name: text,
    config: z.record(text, z.unknown()).meta({ description: 'The registered definition.' }),
    created_at: text,
    archived_at: text.nullable(),
  })
  .meta({ id: 'FunctionV1' })

const Limit = z.object({ value: z.int(), isPlanLimit: z.boolean() })

/** What starts a function. */
export const Triggers = z.array(z.object({ type: z.enum(['EVENT', 'CRON']), value: text, if: text.optional() }))

/** A function's flow controls, time limits and retries on `/v2`. */
export const ConfigurationV2 = z.object({
  cancellations: z.array(z.object({ event: text, timeout: text.optional(), condition: text.optional() })).optional(),
  retries: z.object({ value: z.int(), isDefault: z.boolean() }),
  priority: text.optional(),
  eventsBatch: z.object({ maxSize: z.int(), timeout: text, key: text.optional() }).optional(),
  concurrency: z
    .array(z.object({ scope: z.enum(['ACCOUNT', 'ENVIRONMENT', 'FUNCTION']), limit: Limit, key: text.optional() }))
    .optional(),
  rateLimit: z.object({ limit: z.int(), period: text, key: text.optional() }).optional(),
  debounce: z.object({ period: text, key: text.optional(), timeout: text.optional() }).optional(),
  throttle: z.object({ burst: z.int(), limit: z.int(), period: text, key: text.optional() }).optional(),
  singleton: z.object({ mode: z.enum(['SKIP', 'CANCEL']), key: text.optional() }).optional(),
  timeouts: z.object({ start: text.optional(), finish: text.optional() }).optional(),
  idempotency: text.optional(),
})

/** A function on `/v2`. */
export const FunctionV2 = z
  .object({
    id: text,
    internalId: text.meta({ description: 'UUID.' }),
    name: text,
    slug: text,
    isPaused: z.boolean(),
    pause: Pause.optional(),
    isArchived: z.boolean(),
    app: z.object({ id: text }),
    triggers: Triggers.optional(),
    failureHandler: z.object({ slug: text, name: text }).optional(),
    configuration: ConfigurationV2,
    warning: text.optional().meta({ description: 'What last went wrong with one of its expressions.' }),
  })
  .meta({ id: 'FunctionV2' })

/** A function in the list of all. */
export const FunctionRowV2 = FunctionV2.extend({
  state: z.enum(['active', 'paused', 'removed']),
  stats: z
    .object({
      started: z.int(),
      ended: z.int(),
      failed: z.int(),
      p95Ms: z.int().optional(),
      spark: z.array(z.int()).meta({ description: 'Runs queued in each of the last 24 hours, oldest first.' }),
    })
    .meta({ description: 'Of the last 24 hours.' }),
  backlog: z.object({ ready: z.int(), leased: z.int(), sleeping: z.int(), blocked: z.int() }),
}).meta({ id: 'FunctionRowV2' })

/** The configuration as the engine wrote it. */
export function configOf(fn: Pick<FunctionRow, 'config'>): FunctionConfig {
  return JSON.parse(fn.config) as FunctionConfig
}

export function functionV1(app: AppRow, fn: FunctionRow): unknown {
  return {
    internal_id: functionUuid(app.name, fn.slug),
    env_id: ENVIRONMENT_ID,
    app_id: appUuid(app.name),
    id: fn.slug,
    name: fn.name,
    config: definition(app, fn),
    created_at: instant(fn.createdAt),
    archived_at: fn.archivedAt === null ? null : instant(fn.archivedAt),
  }
}

/** The definition of a function as SDKs register it, for `/v1` and `GET /dev`. */
export function definition(app: AppRow, fn: FunctionRow): unknown {
  const config = configOf(fn)
  const { timeouts } = config
  return {
    id: functionUuid(app.name, fn.slug),
    fv: fn.version,
    name: fn.name,
    slug: fn.slug,
    triggers: config.triggers.map(triggerDefinition),
    steps: [{ id: 'step', name: fn.name, uri: withoutUserInfo(config.url), retries: config.retries }],
    concurrency: list(config.concurrency.map(({ limit, key, scope }) => ({ limit, scope, key: key ?? undefined }))),
    throttle: when(config.throttle, (throttle) => ({ ...limited(throttle), burst: throttle.burst })),
    rateLimit: config.rateLimit === null || config.idempotency !== null ? undefined : limited(config.rateLimit),
    debounce: when(config.debounce, ({ periodMs, timeoutMs, key }) => ({
      period: formatDuration(periodMs),
      timeout: duration(timeoutMs),
      key: key ?? undefined,
    })),
    batchEvents: when(config.batch, ({ maxSize, timeoutMs, key, if: condition }) => ({
      maxSize,
      timeout: formatDuration(timeoutMs),
      key: key ?? undefined,
      if: condition ?? undefined,
    })),
    priority: config.priority === null ? undefined : { run: config.priority },
    singleton: when(config.singleton, ({ mode, key }) => ({ mode, key: key ?? undefined })),
    timeouts:
      timeouts.startMs === null && timeouts.finishMs === null
        ? undefined
        : { start: duration(timeouts.startMs), finish: duration(timeouts.finishMs) },
    cancel: list(config.cancel),
    idempotency: config.idempotency ?? undefined,
    checkpoint: config.checkpoint ?? undefined,
  }
}

export interface FunctionFacts {
  readonly app: AppRow
  /** All functions of the app, to find the failure handler. */
  readonly siblings: readonly FunctionRow[]
  readonly warning: string | null
}

export function functionV2(
  fn: FunctionRow,
  { app, siblings, warning }: FunctionFacts,
): Readonly<Record<string, unknown>> {
  const config = configOf(fn)
  const pause = pauseOf({ app, fn })
  const handler = siblings.find((other) => other.slug === `${fn.slug}-failure` && other.archivedAt === null)
  return {
    id: publicId(app.name, fn.slug),
    internalId: functionUuid(app.name, fn.slug),
    name: fn.name,
    slug: fn.slug,
    // Written even when false, although apps leave such values out: the SDK API's samples have both on functions.
    isPaused: pause !== undefined,
    pause,
    isArchived: fn.archivedAt !== null,
    app: { id: app.name },
    triggers: list(config.triggers.map(triggerV2)),
    failureHandler: handler && { slug: handler.slug, name: handler.name },
    configuration: configurationV2(config),
    warning: warning ?? undefined,
  }
}

/** A configuration as v2 shows it. */
export function configurationV2(config: FunctionConfig): unknown {
  const { timeouts } = config
  const isTimed = timeouts.startMs !== null || timeouts.finishMs !== null
  return {
    cancellations: list(
      config.cancel.map((rule) => ({ event: rule.event, timeout: rule.timeout, condition: rule.if })),
    ),
    retries: { value: config.retries, isDefault: config.retries === RETRIES_USUAL },
    priority: config.priority ?? undefined,
    eventsBatch: when(config.batch, ({ maxSize, timeoutMs, key }) => ({
      maxSize,
      timeout: formatDuration(timeoutMs),
      key: key ?? undefined,
    })),
    concurrency: list(
      config.concurrency.map(({ scope, limit, key }) => ({
        scope: SCOPES[scope],
        limit: { value: limit, isPlanLimit: limit === 0 },
        key: key ?? undefined,
      })),
    ),
    rateLimit: when(config.rateLimit, limited),
    debounce: when(config.debounce, ({ periodMs, key, timeoutMs }) => ({
      period: formatDuration(periodMs),
      key: key ?? undefined,
      timeout: duration(timeoutMs),
    })),
    throttle: when(config.throttle, (throttle) => ({ burst: throttle.burst, ...limited(throttle) })),
    singleton: when(config.singleton, ({ mode, key }) => ({ mode: mode.toUpperCase(), key: key ?? undefined })),
    timeouts: isTimed ? { start: duration(timeouts.startMs), finish: duration(timeouts.finishMs) } : undefined,
    idempotency: config.idempotency ?? undefined,
  }
}

const SCOPES = { account: 'ACCOUNT', env: 'ENVIRONMENT', fn: 'FUNCTION' } as const

interface Limited {
  readonly limit: number
  readonly periodMs: number
  readonly key: string | null
}

function limited({ limit, periodMs, key }: Limited): { limit: number; period: string; key: string | undefined } {
  return { limit, period: formatDuration(periodMs), key: key ?? undefined }
}

function triggerDefinition(trigger: Trigger): unknown {
  if ('cron' in trigger) return { cron: trigger.cron, jitter: duration(trigger.jitterMs) }
  return { event: trigger.event, expression: trigger.if }
}

/** A trigger as v2 shows it. */
export function triggerV2(trigger: Trigger): unknown {
  if ('cron' in trigger) return { type: 'CRON', value: trigger.cron }
  return { type: 'EVENT', value: trigger.event, if: trigger.if }
}

function duration(ms: number | null | undefined): string | undefined {
  return ms === null || ms === undefined ? undefined : formatDuration(ms)
}

function list<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}

function when<T, Shown>(value: T | null, show: (value: T) => Shown): Shown | undefined {
  return value === null ? undefined : show(value)
}
