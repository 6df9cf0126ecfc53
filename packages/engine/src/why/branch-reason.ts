// Why one branch of a run does not move: its item, and what stands around it, read as a reason. Of several that hold the
// one is told that somebody would have to change first. Pure.
import type { ItemRow, RunStanding } from '@pawl/storage'
import type { Circuits } from '../circuits.ts'
import type { WhyReason } from '../engine.ts'
import { readDetail, type StepDetail } from '../history/step-detail.ts'
import { nextStartAt } from '../lines/rate.ts'
import { type Rule, ruleOf } from '../lines/rules.ts'
import type { FunctionEntry, RegistryCache } from '../registry-cache.ts'
import { isHeld } from '../runs/admit-item.ts'

export interface WhyContext {
  readonly registry: RegistryCache
  readonly circuits: Circuits
}

/** One branch of a run, with all that is known around it. */
interface Branch {
  readonly ctx: WhyContext
  readonly standing: RunStanding
  readonly fn: FunctionEntry | undefined
  readonly item: ItemRow
  readonly detail: StepDetail
  readonly step: string
  readonly now: number
}

/** Reasons in the order in which they are told. */
export const REASON_ORDER: readonly WhyReason['code'][] = [
  'executing',
  'paused',
  'app_unreachable',
  'concurrency',
  'throttle',
  'queued',
  'retry',
  'scheduled',
  'sleeping',
  'invoking',
  'waiting_for_event',
  'waiting_for_signal',
]

/** One reason for each branch that is open, the first to be told first. Timers and held slots are no branches. */
export function branchReasons(ctx: WhyContext, standing: RunStanding, now: number): readonly WhyReason[] {
  const fn = ctx.registry.fn(standing.run.fn)
  const reasons = standing.items.flatMap((item) => {
    const detail = readDetail(item.detail)
    const step = item.step === '' ? '' : (detail.name ?? item.step)
    return reasonOf({ ctx, standing, fn, item, detail, step, now }) ?? []
  })
  return reasons.sort((a, b) => REASON_ORDER.indexOf(a.code) - REASON_ORDER.indexOf(b.code))
}

function reasonOf(branch: Branch): WhyReason | null {
  const { item, detail, step } = branch
  switch (item.kind) {
    case 'call':
    case 'gateway':
      return callReason(branch)
    case 'sleep':
      return { code: 'sleeping', step, until: detail.sleepUntil ?? item.due }
    case 'wait':
      return waitReason(branch)
    default:
      return null
  }
}

function callReason(branch: Branch): WhyReason {
  const { item, step, standing, now } = branch
  if (item.state === 'leased') {
    return { code: 'executing', step, since: item.startedAt ?? item.queuedAt, attempt: item.attempt }
  }
  const isResting = item.state === 'sleeping' && item.due > now
  if (isResting && item.attempt === 0 && standing.run.startedAt === null)
    return { code: 'scheduled', step, at: item.due }
  const hindrance = pausedReason(branch) ?? unreachableReason(branch)
  if (hindrance !== null) return hindrance
  if (isResting) return retryReason(branch)
  return lineReason(branch) ?? { code: 'queued', step, place: (standing.ahead ?? 0) + 1 }
}

function pausedReason({ ctx, fn, standing, step }: Branch): WhyReason | null {
  const pause = fn?.pause
  if (!pause || !isHeld({ fn: (key) => (key === null ? undefined : ctx.registry.fn(key)) }, standing.run)) return null
  const { since, by, until } = pause.record
  return { code: 'paused', step, since, by, until: until ?? null, target: pause.target }
}

/** A request that the server makes by itself does not need the app. */
function unreachableReason({ ctx, standing, item, step }: Branch): WhyReason | null {
  const circuit = item.kind === 'gateway' ? null : ctx.circuits.unreachable(standing.run.app)
  return circuit === null ? null : { code: 'app_unreachable', step, since: circuit.since, error: circuit.message }
}

function retryReason({ standing, item, step }: Branch): WhyReason {
  const failure = standing.failures.find((one) => one.attempt === item.attempt - 1 && isOf(one.step, item, standing))
  return {
    code: 'retry',
    step: step === '' && failure !== undefined && failure.step !== '' ? failure.name : step,
    attempt: item.attempt,
    at: item.due,
    error: failure?.error ?? null,
  }
}

/** A discovery also stands for the steps that it ran in line: those without an item of their own. */
function isOf(step: string, item: ItemRow, { items }: RunStanding): boolean {
  return step === item.step || (item.step === '' && !items.some((other) => other.step === step))
}

/** null: it stands in no line, or in one that no rule makes any more and that is being moved on. */
function lineReason(branch: Branch): WhyReason | null {
  const { standing, item, fn } = branch
  const line = item.line === null ? undefined : standing.lines.find(({ name }) => name === item.line)
  const rule = fn === undefined || item.line === null ? undefined : ruleOf(fn.row.key, fn.rules, item.line)
  if (line === undefined || rule === undefined || rule.kind === 'pause') return null
  return rule.kind === 'concurrency' ? concurrencyReason(branch, rule, line) : throttleReason(branch, rule, line)
}

type Line = RunStanding['lines'][number]

function concurrencyReason(branch: Branch, found: Extract<Rule, { kind: 'concurrency' }>, line: Line): WhyReason {
  const { ctx, step, fn } = branch
  const { rule, key } = found
  return {
    code: 'concurrency',
    step,
    rule: `concurrency[${fn?.rules.concurrency.indexOf(rule) ?? 0}]`,
    scope: rule.scope,
    key,
    limit: rule.limit,
    held: line.held,
    place: line.place,
    holders: line.holders.map((holder) => ({
      runId: holder.runId,
      function: ctx.registry.fn(holder.fn)?.row.slug ?? '',
      step: holder.step === '' ? '' : (readDetail(holder.detail).name ?? holder.step),
    })),
  }
}

function throttleReason(branch: Branch, found: Extract<Rule, { kind: 'throttle' }>, line: Line): WhyReason {
  const { step, now } = branch
  const { rule, key } = found
  return {
    code: 'throttle',
    step,
    key,
    limit: rule.limit,
    periodMs: rule.periodMs,
    place: line.place,
    nextStartAt: Math.max(now, nextStartAt(rule, line.tat, now)),
  }
}

function waitReason({ item, detail, step, standing }: Branch): WhyReason {
  const until = detail.until ?? item.due
  if (detail.kind === 'signal') return { code: 'waiting_for_signal', step, name: detail.signal ?? '', until }
  if (detail.kind === 'invoke') {
    const child = standing.children.find((one) => one.step === item.step)
    const childRunId = child?.runId ?? detail.childRun ?? null
    return { code: 'invoking', step, function: detail.functionSlug ?? '', childRunId, until }
  }
  return {
    code: 'waiting_for_event',
    step,
    name: detail.eventName ?? '',
    expression: detail.expression ?? null,
    until,
  }
}
