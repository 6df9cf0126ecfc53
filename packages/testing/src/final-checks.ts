// What must hold once a world has come to rest: every event has had its effect on every function once, every run ended as
// its script and its world allow, handlers, children and ticks are there exactly once, and a result that is stored is the
// one that the script comes to over the results of its steps.
import { readDetail, storedEventText } from '@pawl/engine'
import { type FunctionConfig, type Json, writeCanonical } from '@pawl/protocol'
import type { Key } from '@pawl/storage'
import type { EventBody } from './call-body.ts'
import type { Ledger } from './ledger.ts'
import type { Mirror, MirrorEvent, MirrorRun } from './mirror.ts'
import { checkRates } from './rate-checks.ts'
import { Replay } from './replay.ts'
import { findFunction } from './sdk-call.ts'
import type { SimFunction } from './sim-function.ts'
import { checkTallies } from './tally-checks.ts'
import { checkTicks } from './tick-checks.ts'
import type { TriggerChecks } from './trigger-checks.ts'
import type { Report } from './violation.ts'
import type { WindowChecks } from './window-checks.ts'

export interface FinalChecks {
  readonly mirror: Mirror
  readonly ledger: Ledger
  readonly triggers: TriggerChecks
  readonly windows: WindowChecks
  readonly functions: readonly SimFunction[]
  readonly isHealthy: boolean
  readonly report: Report
}

export function checkEnd(checks: FinalChecks): void {
  checks.triggers.checkAll()
  for (const run of checks.mirror.runs.values()) {
    checkCourse(checks, run)
    checkFailureHandlers(checks, run)
    checkChildren(checks, run)
    checkFinishEvents(checks, run)
  }
  checkTicks(checks)
  checkRates(checks)
  checkTallies(checks.mirror, checks.report)
  if (checks.windows.waiting > 0) checks.report('I17', `${checks.windows.waiting} events wait in windows for ever`)
  if (checks.isHealthy) checkBodies(checks)
}

function checkCourse(checks: FinalChecks, run: MirrorRun): void {
  const { report, ledger } = checks
  const { row } = run
  const fn = functionOf(checks, run)
  if (row.endedAt === null || row.status === 'skipped' || fn === undefined) return
  if (row.status === 'completed') return checkResult(checks, run, fn)
  if (row.status === 'cancelled') return checkCancelled(checks, run)
  const isExcused = fn.mayFail || ledger.excuses.has(row.id) || ledger.limited.has(row.fn) || isPoisoned(run)
  if (row.status === 'failed' && !isExcused)
    report('P2', `run ${row.id} of ${fn.id} failed without a reason: ${run.output?.text}`)
}

function isPoisoned(run: MirrorRun): boolean {
  return run.output?.text.includes('"name":"poisoned"') ?? false
}

function checkResult({ report, mirror }: FinalChecks, run: MirrorRun, fn: SimFunction): void {
  const event = eventOf(mirror, run)
  if (event === null) return
  const memos = new Map([...run.steps].map(([step, { row }]): [string, unknown] => [step, JSON.parse(row.memo)]))
  const replay = new Replay(fn.script({ event, attempt: Number.MAX_SAFE_INTEGER }))
  replay.settleAll(run.stack, memos)
  const { outcome } = replay
  if (outcome === null || !outcome.ok)
    return report('P3', `run ${run.row.id} of ${fn.id} is completed; over its stored results its script is not`)
  const value = writeCanonical((outcome.value ?? null) as Json)
  if (value !== run.output?.text)
    report('P3', `run ${run.row.id} of ${fn.id} has the result ${run.output?.text}; its steps make ${value}`)
}

function checkCancelled({ report, ledger, mirror }: FinalChecks, run: MirrorRun): void {
  const cause = run.history.at(-1)?.name
  const config = configOf(mirror, run.row.fn)
  if (cause === 'api' && !ledger.cancels.has(run.row.id) && !ledger.bulkCancels.has(run.row.fn))
    report('P8', `run ${run.row.id} was cancelled, and nobody asked`)
  if (cause === 'start timeout' && config?.timeouts.startMs === null)
    report('P8', `run ${run.row.id} has no start timeout`)
  if (cause === 'singleton' && config?.singleton?.mode !== 'cancel')
    report('P8', `run ${run.row.id} was cancelled by another one, and its function says nothing of that`)
  if (cause === 'paused' && !ledger.pauseCancels.has(run.row.fn))
    report('P8', `run ${run.row.id} was cancelled by a pause, and nobody asked`)
  if (cause === 'finish timeout' && config?.timeouts.finishMs === null)
    report('P8', `run ${run.row.id} has no finish timeout`)
}

/** I13: one run of the handler for a run that failed, none for another. */
function checkFailureHandlers(checks: FinalChecks, run: MirrorRun): void {
  const { mirror, report, triggers } = checks
  const fn = functionOf(checks, run)
  const handler = fn === undefined ? undefined : mirror.fnBySlug(`sim-${fn.id}-failure`)
  if (fn === undefined || handler === undefined || run.row.quiet || run.row.endedAt === null) return
  const count = [...mirror.runs.values()].filter(({ row }) => {
    if (row.fn !== handler.key || row.original !== null) return false
    return mirror.events.get(row.event)?.row.ofRun === run.row.key
  }).length
  const wanted = run.row.status === 'failed' ? 1 : 0
  const isSteady = triggers.isSteady(handler.key)
  if (count > wanted || (count < wanted && isSteady))
    report('I13', `run ${run.row.id} is ${run.row.status} and has ${count} handler runs`)
}

/** I14: an invoke has one child at most, and its step tells what became of it. */
function checkChildren({ mirror, report }: FinalChecks, parent: MirrorRun): void {
  const seen = new Set<string>()
  for (const child of mirror.runs.values()) {
    if (child.row.parentRun !== parent.row.key || child.row.parentStep === null) continue
    const step = child.row.parentStep
    if (seen.has(step)) report('I14', `step ${step} of run ${parent.row.id} invoked twice`)
    seen.add(step)
    const told = parent.steps.get(step)?.row
    const memo = told === undefined || told.position < 0 ? undefined : told.memo
    const entry = parent.history.find((row) => row.kind === 'step' && row.step === step)
    const { timedOut, byHand } = readDetail(entry?.detail ?? null)
    if (memo === undefined || timedOut === true || byHand === true) continue
    const text = child.output?.text
    const isTold =
      child.row.status === 'completed'
        ? memo === `{"data":${text}}`
        : child.row.status === 'failed'
          ? memo === `{"error":${text}}`
          : child.row.status === 'skipped'
            ? memo.startsWith('{"error":')
            : memo.includes('InngestInvokeCancelledError')
    if (!isTold)
      report(
        'I14',
        `run ${parent.row.id} was told ${memo} of child ${child.row.id}, which is ${child.row.status}: ${text}`,
      )
  }
}

/** Each end is told once; a run that such an event started tells nothing. */
function checkFinishEvents({ mirror, report }: FinalChecks, run: MirrorRun): void {
  const { row } = run
  if (row.endedAt === null) return
  const told = mirror.finishEvents.get(row.key) ?? []
  const names = told.map((event) => event.row.name.replace('inngest/function.', '')).sort()
  const second = row.status === 'completed' ? [] : [row.status]
  const wanted = row.quiet || row.status === 'skipped' ? [] : [...second, 'finished'].sort()
  if (names.join() !== wanted.join())
    report('P2', `run ${row.id} is ${row.status} and told ${names.join(', ') || 'nothing'}`)
}

/** P4: in a healthy world no step body runs twice, but for attempts that failed. */
function checkBodies({ mirror, ledger, report }: FinalChecks): void {
  for (const [name, count] of ledger.bodies) {
    const [runId = '', step = ''] = name.split(' ')
    const run = mirror.runsById.get(runId)
    const failed = run?.history.filter((row) => row.kind === 'attempt').length ?? 0
    const isFailedStep = run?.steps.get(step)?.row.memo.startsWith('{"error"') ?? false
    if (count > 1 + failed && !isFailedStep && run?.row.status !== 'cancelled')
      report('P4', `step ${step} of run ${runId} ran ${count} times in a world without faults`)
  }
}

function functionOf({ mirror, functions }: FinalChecks, run: MirrorRun): SimFunction | undefined {
  return findFunction(functions, mirror.functions.get(run.row.fn)?.slug ?? '')
}

function configOf(mirror: Mirror, fn: Key): FunctionConfig | undefined {
  const text = mirror.functions.get(fn)?.config
  return text === undefined ? undefined : (JSON.parse(text) as FunctionConfig)
}

function eventOf(mirror: Mirror, run: MirrorRun): EventBody | null {
  const event = mirror.events.get(run.row.event)
  if (event === undefined) return null
  const text = event.text ?? finishText(mirror, event)
  return text === null ? null : (JSON.parse(text) as EventBody)
}

function finishText(mirror: Mirror, event: MirrorEvent): string | null {
  const told = event.row.ofRun === null ? undefined : mirror.runs.get(event.row.ofRun)
  if (told === undefined) return null
  const { output, row } = told
  const text = mirror.events.get(row.event)?.text ?? '{}'
  const ofRun = { row, output: output?.text ?? null, isError: output?.isError ?? false, events: [text] }
  return storedEventText({ row: event.row, text: null, ofRun }, (fn) => mirror.functions.get(fn)?.slug ?? '')
}
