// Why a run does not move, and what became of an event, as `/v2` shows them: the engine's facts with their instants
// written as the API writes them.
import { z } from 'zod'
import type { WhyEvent, WhyReason, WhyRun } from '../engine.ts'
import { RawJson } from '../http/raw-json.ts'
import { instant } from './instant.ts'
import { maskJson } from './mask.ts'
import { isStatus, STATUS_V2 } from './run-view.ts'

const time = z.string().meta({ format: 'date-time' })
const step = z.string().optional().meta({ description: 'The step’s name; absent for the function itself.' })
const place = z.int().meta({ description: '1 is the next, among those of the same function.' })

const Holder = z.object({
  runId: z.string(),
  function: z.string().meta({ description: 'Slug.' }),
  step: z.string().optional(),
})

/** One reason, told apart by `code`. */
export const Reason = z
  .discriminatedUnion('code', [
    z.object({ code: z.literal('executing'), step, since: time, attempt: z.int() }),
    z.object({ code: z.literal('queued'), step, place }),
    z.object({
      code: z.literal('concurrency'),
      step,
      rule: z.string(),
      scope: z.enum(['fn', 'env', 'account']),
      key: z.string().nullable(),
      limit: z.int(),
      held: z.int().meta({ description: 'Slots that are taken.' }),
      place,
      holders: z.array(Holder).meta({ description: 'Who holds slots, ten at most.' }),
    }),
    z.object({
      code: z.literal('throttle'),
      step,
      key: z.string().nullable(),
      limit: z.int(),
      periodMs: z.int(),
      place,
      nextStartAt: time,
    }),
    z.object({
      code: z.literal('paused'),
      step,
      since: time,
      by: z.string(),
      until: time.nullable(),
      target: z.enum(['function', 'app']),
    }),
    z.object({ code: z.literal('app_unreachable'), step, since: time, error: z.string() }),
    z.object({ code: z.literal('sleeping'), step, until: time }),
    z.object({ code: z.literal('scheduled'), step, at: time }),
    z.object({ code: z.literal('retry'), step, attempt: z.int(), at: time, error: z.unknown() }),
    z.object({
      code: z.literal('waiting_for_event'),
      step,
      name: z.string(),
      expression: z.string().nullable(),
      until: time,
    }),
    z.object({ code: z.literal('waiting_for_signal'), step, name: z.string(), until: time }),
    z.object({
      code: z.literal('invoking'),
      step,
      function: z.string().meta({ description: 'Slug.' }),
      childRunId: z.string().nullable(),
      until: time,
    }),
  ])
  .meta({ id: 'Reason' })

/** The reasons of a run: the first that holds, and one for each open branch. */
export const RunReasons = z.object({
  reason: Reason.nullable().meta({ description: 'null for a run that has ended.' }),
  reasons: z.array(Reason),
})

/** Why a run does not move. */
export const WhyRunV2 = RunReasons.extend({ runId: z.string(), status: z.string() }).meta({ id: 'WhyRun' })

const OUTCOMES: Readonly<Record<WhyEvent['outcome'], string>> = {
  started: 'it started the run',
  filter_false: 'the trigger’s condition does not hold; `detail` has the values that it saw',
  bad_expression: 'the trigger’s condition, or a key, cannot be evaluated',
  duplicate: 'the function had a run for this event ID or key within 24 h',
  rate_limited: 'the rate limit admits no more now',
  debounced: 'taken into a debounce: the last of them starts the run',
  batched: 'taken into a batch',
  singleton: 'another run of the singleton was live',
  paused: 'the function rests',
  drained: 'the function takes nothing new until its runs have ended',
  missed_tick: 'a tick of the schedule that passed while no server ran',
  pending: 'its turn has not come yet',
  not_listening_then: 'the function did not listen to the name when the event came',
}

/** What became of an event for one function. */
export const Outcome = z.enum(Object.keys(OUTCOMES)).meta({
  description: Object.entries(OUTCOMES)
    .map(([outcome, says]) => `\`${outcome}\`: ${says}`)
    .join('; '),
})

/** What became of an event. */
export const WhyEventV2 = z
  .object({
    eventId: z.string(),
    functions: z.array(
      z.object({
        function: z.string().meta({ description: 'Slug.' }),
        outcome: Outcome,
        runId: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()).nullable(),
      }),
    ),
  })
  .meta({ id: 'WhyEvent' })

export function whyRunV2({ runId, status, ...why }: WhyRun): unknown {
  return { runId, status: isStatus(status) ? STATUS_V2[status] : status, ...runReasons(why) }
}

export function runReasons({ reason, all }: Pick<WhyRun, 'reason' | 'all'>): Readonly<Record<string, unknown>> {
  return { reason: reason === null ? null : reasonV2(reason), reasons: all.map(reasonV2) }
}

export function whyEventV2(eventId: string, functions: readonly WhyEvent[]): unknown {
  return {
    eventId,
    functions: functions.map(({ detail, ...rest }) => ({ ...rest, detail: outcomeDetail(detail) })),
  }
}

function reasonV2({ step, ...facts }: WhyReason): unknown {
  // An error is stored as JSON.
  const error = facts.code === 'retry' && facts.error !== null ? { error: new RawJson(maskJson(facts.error).text) } : {}
  return { ...shown(facts), ...error, step: step === '' ? undefined : step }
}

/** Fields that hold an instant are named so throughout the engine. */
const INSTANT = /^(?:at|from|ran|since|until)$|[a-z]At$/

/** The detail of an outcome with its instants written. Values that a condition saw are the event's: secrets are hidden. */
export function outcomeDetail(detail: WhyEvent['detail']): Record<string, unknown> | null {
  if (detail === null) return null
  const text = JSON.stringify(shown(detail), (_name, value: unknown) => (isCut(value) ? maskJson(value).text : value))
  return JSON.parse(maskJson(text).text) as Record<string, unknown>
}

/** An object or list that was too long to be shown: the begin of its text. */
function isCut(value: unknown): value is string {
  return typeof value === 'string' && /^[[{]/.test(value) && value.endsWith('…')
}

function shown(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'number' && INSTANT.test(name) ? instant(value) : value,
  ])
  return Object.fromEntries(entries)
}
