// What the page of a function shows beside it: its failures grouped by message, its earlier configurations, and how full
// its limits are now.
import type { FunctionConfig } from '@pawl/protocol'
import type { FailureView, Key } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { compileRules } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { findPlace } from '../lists/directory.ts'
import { readTime } from '../lists/read-time.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { errorHead } from '../views/error-head.ts'
import { ConfigurationV2, configOf, configurationV2, Triggers, triggerV2 } from '../views/function-view.ts'
import { instant } from '../views/instant.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const functionParams = z.object({ appId: z.string(), functionId: z.string() })
const path = (part: string) => v2Paths(`/apps/:appId/functions/:functionId/${part}`)
/** The newest failures that are grouped. */
const FAILURES_MAX = 1_000
const DAY_MS = 86_400_000

const FailureGroup = z.object({
  name: z.string(),
  message: z.string(),
  count: z.int().meta({ description: `Among the newest ${FAILURES_MAX} of the window.` }),
  lastRunId: z.string(),
  lastAt: z.string(),
})

const Version = z.object({
  version: z.int(),
  at: z.string(),
  configuration: ConfigurationV2,
  triggers: Triggers,
})

const LimitNow = z.object({
  rule: z.string().meta({ description: 'Where it stands in the configuration, such as `concurrency[0]`.' }),
  limit: z.int(),
  held: z.int(),
  waiting: z.int().meta({ description: 'Counted up to 10,000.' }),
})

export function functionDetailRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: path('failures'),
      rules: v2,
      doc: { id: 'listFailures', tag: 'Functions', summary: 'Group a function’s newest failures by their message.' },
      params: functionParams,
      query: z.object({
        from: z.string().optional().meta({ format: 'date-time', description: 'On the end; a day ago by default.' }),
        until: z.string().optional().meta({ format: 'date-time' }),
      }),
      answers: { 200: dataV2(z.array(FailureGroup)) },
      async handle({ params, query }) {
        const now = storeNow(ctx)
        const { fn } = await findPlace(ctx, params)
        const until = readTime('until', query.until, now) ?? now
        const from = readTime('from', query.from, now) ?? until - DAY_MS
        if (from >= until) throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
        const failures = await ctx.lists.failures({ fn: fn.key, from, until, limit: FAILURES_MAX })
        return answerV2(groupFailures(failures), now)
      },
    }),
    route({
      method: 'GET',
      path: path('versions'),
      rules: v2,
      doc: { id: 'listVersions', tag: 'Functions', summary: 'List a function’s configurations, the newest first.' },
      params: functionParams,
      answers: { 200: dataV2(z.array(Version)) },
      async handle({ params }) {
        const { fn } = await findPlace(ctx, params)
        const rows = await ctx.lists.functionVersions(fn.key)
        const shown = rows.map((row) => {
          const config = configOf(row)
          const at = instant(row.at)
          return {
            version: row.version,
            at,
            configuration: configurationV2(config),
            triggers: config.triggers.map(triggerV2),
          }
        })
        return answerV2(shown, storeNow(ctx))
      },
    }),
    route({
      method: 'GET',
      path: path('limits'),
      rules: v2,
      doc: {
        id: 'listLimits',
        tag: 'Functions',
        summary: 'Say how full a function’s limits are: those without a key.',
      },
      params: functionParams,
      answers: { 200: dataV2(z.array(LimitNow)) },
      async handle({ params }) {
        const { fn } = await findPlace(ctx, params)
        const limits = keylessLimits(fn.key, configOf(fn))
        const found = limits.length === 0 ? [] : await ctx.lists.limits(limits.map(({ name }) => name))
        const now = new Map(found.map((one) => [one.name, one]))
        const shown = limits.map(({ rule, limit, name }) => {
          const { held = 0, waiting = 0 } = now.get(name) ?? {}
          return { rule, limit, held, waiting }
        })
        return answerV2(shown, storeNow(ctx))
      },
    }),
  ]
}

/** Groups of one name and message, the most frequent first. Numbers and IDs in a message do not tell groups apart. */
export function groupFailures(failures: readonly FailureView[]): readonly z.infer<typeof FailureGroup>[] {
  const groups = new Map<string, { count: number; readonly newest: FailureView }>()
  for (const failure of failures) {
    const { name, message } = errorHead(failure.error)
    const key = `${name}\n${sameness(message)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { count: 1, newest: failure })
    else group.count += 1
  }
  return [...groups.values()]
    .map(({ count, newest }) => ({
      ...errorHead(newest.error),
      count,
      lastRunId: newest.runId,
      lastAt: instant(newest.endedAt),
    }))
    .sort((a, b) => b.count - a.count || b.lastAt.localeCompare(a.lastAt))
}

function sameness(message: string): string {
  return message.replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{16,}\b|\d+/gi, '#')
}

interface KeylessLimit {
  readonly rule: string
  readonly limit: number
  readonly name: string
}

/** A limit with a key is many limits, one for each of its values. */
export function keylessLimits(fn: Key, config: FunctionConfig): readonly KeylessLimit[] {
  const { concurrency, throttle } = compileRules(fn, config)
  const limits = concurrency.flatMap(({ key, limit, prefix }, index) =>
    key === null ? [{ rule: `concurrency[${index}]`, limit, name: prefix }] : [],
  )
  if (throttle === null || throttle.key !== null) return limits
  return [...limits, { rule: 'throttle', limit: throttle.limit, name: throttle.prefix }]
}
