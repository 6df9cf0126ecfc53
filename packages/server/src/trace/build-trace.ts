// The trace of a run as a tidy tree: the run, its steps and the function's own last request, each with its attempts where
// it took more than one. A pure function of what is stored; the rules are those of the HTTP API's description, by number.
import { hash } from 'node:crypto'
import type { HistoryRow, RunRecord, RunStatus } from '@pawl/storage'
import { publicId } from '../lists/directory.ts'
import { type Attempt, type Step, sortTries, type Tries } from './attempts.ts'
import type { Span, SpanStatus, StepInfo, StepOp } from './span.ts'
import { stepInfoOf, stepOpOf } from './step-info.ts'

const ROOT_STATUS: Readonly<Record<RunStatus, SpanStatus>> = {
  scheduled: 'WAITING',
  running: 'RUNNING',
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  skipped: 'SKIPPED',
}

/** What a span with attempts is besides them. */
interface Subject {
  /** Part of the span's ID, unique within the run. */
  readonly path: string
  readonly name: string
  readonly stepOp: StepOp | null
  readonly stepId: string | null
  readonly stepInfo: StepInfo | null
  readonly input: string | null
}

/** Builds the root span. */
export function buildTrace(record: RunRecord): Span {
  const { row, slug, appName, output, outputIsError } = record.run
  const tries = sortTries(record)
  const last = record.history.find((entry) => entry.row.kind === 'run')?.row
  const around = byStep(record)
  const steps = tries.steps.map((step) => stepSpan(row.id, step, around))
  const children = inOrder(steps.map((step) => (row.endedAt === null ? step : closed(step, row.endedAt))))
  const own = ownSpan(record, tries, { last, steps: children })
  return {
    id: spanId(row.id, 'run'),
    name: publicId(appName, slug),
    status: ROOT_STATUS[row.status],
    stepOp: null,
    stepId: null,
    stepInfo: null,
    attempts: last?.attempt ?? tries.queued?.attempt ?? tries.own.at(-1)?.number ?? 0,
    queuedAt: row.queuedAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    input: null,
    output: output === null || row.endedAt === null ? null : resultText(output, outputIsError),
    children: own === null ? children : [...children, own],
  }
}

function resultText(output: string, isError: boolean): string {
  return isError ? `{"error":${output}}` : `{"data":${output}}`
}

/** What belongs to a step beside its tries, by its hash: looked up, for a run may have 10,000 steps. */
interface ByStep {
  readonly children: ReadonlyMap<string, RunRecord['children'][number]>
  readonly inputs: ReadonlyMap<string, string | null>
}

function byStep({ children, steps }: RunRecord): ByStep {
  return {
    children: new Map(children.map((child) => [child.step, child])),
    inputs: new Map(steps.map((row) => [row.step, row.input])),
  }
}

function stepSpan(runId: string, step: Step, { children, inputs }: ByStep): Span {
  const subject = {
    path: `step/${step.id}`,
    name: step.name,
    stepOp: stepOpOf(step.kind),
    stepId: step.id,
    stepInfo: stepInfoOf({ ...step, child: children.get(step.id) }),
    input: inputs.get(step.id) ?? step.detail.input ?? null,
  }
  return attemptsSpan(runId, subject, step.attempts)
}

/** A leaf for one attempt, a group for more (rules 1, 2, 5). */
function attemptsSpan(runId: string, subject: Subject, attempts: readonly Attempt[]): Span {
  const { path, ...shown } = subject
  const last = attempts.at(-1)
  const id = spanId(runId, path)
  const queuedAt = attempts[0]?.queuedAt ?? 0
  if (last === undefined) {
    return {
      ...shown,
      id,
      status: 'UNKNOWN',
      attempts: 0,
      queuedAt,
      startedAt: null,
      endedAt: null,
      output: null,
      children: [],
    }
  }
  if (attempts.length === 1) {
    const { number, ...times } = last
    return { ...shown, ...times, id, attempts: number, children: [] }
  }
  return {
    ...shown,
    id,
    // While a retry is due or open the group goes on.
    status: last.endedAt === null ? 'RUNNING' : last.status,
    attempts: last.number,
    queuedAt,
    startedAt: attempts[0]?.startedAt ?? null,
    endedAt: last.endedAt,
    output: last.output,
    children: attempts.map((attempt) => attemptSpan(runId, subject, { attempt, isLast: attempt === last })),
  }
}

function attemptSpan(
  runId: string,
  subject: Subject,
  child: { readonly attempt: Attempt; readonly isLast: boolean },
): Span {
  const { number, ...times } = child.attempt
  // The attempt that is the sleep or wait itself says so; one that failed on the way to it was a plain request.
  const itself = child.isLast && subject.stepOp !== null && subject.stepOp !== 'RUN'
  return {
    ...times,
    id: spanId(runId, `${subject.path}/${number}`),
    name: `Attempt ${number}`,
    stepOp: itself ? subject.stepOp : null,
    stepId: null,
    stepInfo: itself ? subject.stepInfo : null,
    attempts: number,
    input: null,
    children: [],
  }
}

interface Around {
  readonly last: HistoryRow | undefined
  readonly steps: readonly Span[]
}

/** The function's own last request, or what is known of the next one (rules 4, 7). */
function ownSpan(record: RunRecord, tries: Tries, { last, steps }: Around): Span | null {
  const { row } = record.run
  if (row.endedAt === null) return openSpan(record, tries, steps)
  if (last === undefined || last.status === 'cancelled' || row.status === 'cancelled') {
    if (tries.own.length === 0) return null
    return closed({ ...functionSpan(row.id, 'execute', tries.own), status: 'RUNNING', endedAt: null }, row.endedAt)
  }
  const failed = last.status !== 'completed'
  const { output, outputIsError } = record.run
  // With checkpoints one request runs many steps: what is left of it begins after the last of them.
  const stepsEnd = Math.max(0, ...steps.map((step) => step.endedAt ?? 0))
  const final: Attempt = {
    number: last.attempt,
    status: failed ? 'FAILED' : 'COMPLETED',
    queuedAt: last.queuedAt,
    startedAt: Math.min(last.endedAt, Math.max(last.startedAt, stepsEnd)),
    endedAt: last.endedAt,
    output: output === null ? null : resultText(output, outputIsError),
  }
  return functionSpan(row.id, failed ? 'function error' : 'function success', [...tries.own, final])
}

function openSpan(record: RunRecord, tries: Tries, steps: readonly Span[]): Span | null {
  const runId = record.run.row.id
  if (tries.own.length > 0) return functionSpan(runId, 'execute', tries.own)
  const { queued } = tries
  if (queued === null || steps.some((step) => step.endedAt === null)) return null
  const under = queued.state === 'leased'
  const attempt: Attempt = {
    number: queued.attempt,
    status: under ? 'RUNNING' : 'WAITING',
    queuedAt: queued.queuedAt,
    startedAt: under ? (queued.startedAt ?? queued.queuedAt) : null,
    endedAt: null,
    output: null,
  }
  if (steps.length > 0) return under ? null : functionSpan(runId, 'Queued step', [attempt])
  return under ? functionSpan(runId, 'execute', [attempt]) : null
}

function functionSpan(runId: string, name: string, attempts: readonly Attempt[]): Span {
  const subject = { path: 'function', name, stepOp: null, stepId: null, stepInfo: null, input: null }
  return attemptsSpan(runId, subject, attempts)
}

/** What was open when the run ended, ended with it (rule 6). */
function closed(span: Span, endedAt: number): Span {
  if (span.endedAt !== null) return span
  return {
    ...span,
    status: 'CANCELLED',
    endedAt,
    children: span.children.map((child) =>
      child.startedAt === null ? { ...child, status: 'CANCELLED', endedAt } : closed(child, endedAt),
    ),
  }
}

function inOrder(spans: readonly Span[]): Span[] {
  const startOf = (span: Span): number => span.startedAt ?? span.queuedAt
  return [...spans].sort((a, b) => startOf(a) - startOf(b))
}

/** Every span has an ID of its own within the run (rule 8), and the same one in every answer. */
function spanId(runId: string, path: string): string {
  return hash('sha256', `${runId}/${path}`, 'hex').slice(0, 16)
}
