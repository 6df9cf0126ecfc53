// The tries of a step or of a function-level request, and whose they are. The history has a row for each try that failed
// and was repeated, for each step that ended and for the run; what is open stands in items. A try of the function itself
// that failed on the way to a step belongs to that step; those that led to no step belong to the function's last request.
import type { HistoryRow, ItemRow, RunRecord, StepKind } from '@pawl/storage'
import { readDetail, type StepDetail } from '../engine.ts'
import type { SpanStatus } from './span.ts'

/** One try. */
export interface Attempt {
  /** As the app was told, counted from 0. */
  readonly number: number
  readonly status: SpanStatus
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly output: string | null
}

/** A step with its tries, in order. */
export interface Step {
  readonly id: string
  readonly name: string
  readonly kind: StepKind
  readonly detail: StepDetail
  /** null while it is open. */
  readonly timedOut: boolean | null
  readonly attempts: readonly Attempt[]
}

export interface Tries {
  readonly steps: readonly Step[]
  /** Function-level tries that led to no step (yet), the open or last one included. */
  readonly own: readonly Attempt[]
  /** The discovery stands in the queue and has not failed: what it will find is not known. */
  readonly queued: ItemRow | null
}

interface Numbered {
  readonly seq: number
  readonly attempt: Attempt
}

/** A step while its tries are gathered. */
interface Draft {
  readonly id: string
  name: string
  kind: StepKind
  detail: StepDetail
  timedOut: boolean | null
  /** It has a result or an item of its own: nothing of the function's tries goes on in it. */
  settled: boolean
  readonly rows: Numbered[]
  /** Function-level tries before it, renumbered so that they count up to its own. */
  readonly before: Attempt[]
}

/** A row of what is still open comes after all that has ended. */
const OPEN_SEQ = Number.MAX_SAFE_INTEGER

/** Sorts the tries of a run. */
export function sortTries(record: RunRecord): Tries {
  const memos = new Map(record.steps.map((step) => [step.step, step.memo]))
  const drafts = new Map<string, Draft>()
  const own: Numbered[] = []
  for (const { row, error } of record.history) {
    if (row.kind === 'run') continue
    if (row.kind === 'attempt') {
      const failed = { seq: row.seq, attempt: failedAttempt(row, error) }
      if (row.step === '') own.push(failed)
      else draftOf(drafts, row.step, row.name).rows.push(failed)
    } else endDraft(draftOf(drafts, row.step, row.name), row, memos.get(row.step))
  }
  const discovery = record.items.find((item) => item.step === '' && item.kind === 'call')
  for (const item of record.items) if (item.step !== '' && isBranch(item)) openDraft(drafts, item)
  const left = giveAway(own, [...drafts.values()])
  const open = discovery !== undefined && discovery.attempt > 0 ? openAttempt(discovery) : undefined
  const heir = open && unsettled(drafts.values())
  if (open !== undefined && heir !== undefined) heir.rows.push({ seq: OPEN_SEQ, attempt: open })
  return {
    steps: [...drafts.values()].map(finished),
    own: open === undefined || heir !== undefined ? left : [...left, open],
    queued: discovery !== undefined && open === undefined ? discovery : null,
  }
}

function draftOf(drafts: Map<string, Draft>, id: string, name: string): Draft {
  const known = drafts.get(id)
  if (known !== undefined) return known
  const made: Draft = { id, name, kind: 'run', detail: {}, timedOut: null, settled: false, rows: [], before: [] }
  drafts.set(id, made)
  return made
}

function failedAttempt(row: HistoryRow, error: string | null): Attempt {
  const { attempt: number, queuedAt, startedAt, endedAt } = row
  return {
    number,
    status: 'FAILED',
    queuedAt,
    startedAt,
    endedAt,
    output: error === null ? null : `{"error":${error}}`,
  }
}

function endDraft(draft: Draft, row: HistoryRow, memo: string | undefined): void {
  const detail = readDetail(row.detail)
  draft.name = row.name
  draft.kind = row.stepKind ?? 'run'
  draft.detail = detail
  draft.timedOut = detail.timedOut ?? row.status === 'timed_out'
  draft.settled = true
  // A sleep lasts exactly as long as it was asked for, whenever the server came to it.
  const endedAt =
    draft.kind === 'sleep' && row.status === 'completed'
      ? Math.min(row.endedAt, detail.sleepUntil ?? row.endedAt)
      : row.endedAt
  draft.rows.push({
    seq: row.seq,
    attempt: {
      number: row.attempt,
      status: endStatus(row, draft.kind),
      queuedAt: row.queuedAt,
      startedAt: Math.min(row.startedAt, endedAt),
      endedAt,
      output: memo === undefined || memo === 'null' ? null : memo,
    },
  })
}

function endStatus(row: HistoryRow, kind: StepKind): SpanStatus {
  switch (row.status) {
    case 'completed':
      return 'COMPLETED'
    case 'cancelled':
      return 'CANCELLED'
    case 'timed_out':
      return kind === 'invoke' ? 'FAILED' : 'COMPLETED'
    case 'failed':
    case 'errored':
      return 'FAILED'
  }
}

function isBranch(item: ItemRow): boolean {
  return item.kind === 'call' || item.kind === 'sleep' || item.kind === 'wait' || item.kind === 'gateway'
}

function openDraft(drafts: Map<string, Draft>, item: ItemRow): void {
  const detail = readDetail(item.detail)
  const draft = draftOf(drafts, item.step, detail.name ?? item.step)
  if (draft.settled) return
  draft.name = detail.name ?? draft.name
  draft.kind = detail.kind ?? 'run'
  draft.detail = detail
  draft.settled = true
  draft.rows.push({ seq: OPEN_SEQ, attempt: openAttempt(item, draft.kind) })
}

/** The try that is open or due. Sleeps, waits and invokes are under way from the moment they are planned. */
function openAttempt(item: ItemRow, kind: StepKind = 'run'): Attempt {
  const { attempt: number, queuedAt } = item
  const base = { number, queuedAt, endedAt: null, output: null }
  if (item.kind === 'sleep' || (item.kind === 'wait' && kind === 'invoke')) {
    return { ...base, status: 'RUNNING', startedAt: item.startedAt ?? queuedAt }
  }
  if (item.kind === 'wait') return { ...base, status: 'WAITING', startedAt: item.startedAt ?? queuedAt }
  if (item.state === 'leased') return { ...base, status: 'RUNNING', startedAt: item.startedAt ?? queuedAt }
  return { ...base, status: 'WAITING', startedAt: null }
}

/** Gives each chain of failed function-level tries to the step it led to. @returns those that led to none. */
function giveAway(own: readonly Numbered[], drafts: readonly Draft[]): Attempt[] {
  if (own.length === 0) return []
  const left: Attempt[] = []
  // Few steps of many: those that failed, and all in the order in which they were found.
  const failed = drafts.filter((draft) => draft.rows.some(({ attempt }) => attempt.status === 'FAILED'))
  const found = drafts.flatMap(({ rows: [first] }, index) => (first === undefined ? [] : [{ first, index }]))
  found.sort((a, b) => (isEarlier(a.first, b.first) ? -1 : isEarlier(b.first, a.first) ? 1 : a.index - b.index))
  for (const chain of chainsOf(own)) {
    const attempts = chain.map(({ attempt }) => attempt)
    const step = interrupted(chain, failed) ?? drafts[reached(chain, found)]
    if (step === undefined) left.push(...attempts)
    else step.before.push(...attempts)
  }
  return left
}

/** Tries in a row: the number grows by one from each to the next. */
function chainsOf(own: readonly Numbered[]): Numbered[][] {
  const chains: Numbered[][] = []
  for (const one of own) {
    const chain = chains.at(-1)
    if (chain?.at(-1)?.attempt.number === one.attempt.number - 1) chain.push(one)
    else chains.push([one])
  }
  return chains
}

/** The step whose own try failed in the request just before the chain, and which has to be run again. */
function interrupted(chain: readonly Numbered[], drafts: readonly Draft[]): Draft | undefined {
  const [first] = chain
  if (first === undefined) return undefined
  return drafts.find((draft) => {
    if (endedBefore(draft, first.seq)) return false
    const before = draft.rows.findLast((row) => row.seq < first.seq)
    return before?.attempt.status === 'FAILED' && before.attempt.number === first.attempt.number - 1
  })
}

function endedBefore(draft: Draft, seq: number): boolean {
  const last = draft.rows.at(-1)
  return draft.settled && last !== undefined && last.seq < seq
}

interface Found {
  readonly first: Numbered
  readonly index: number
}

/** The first step that was found after the chain, or -1. */
function reached(chain: readonly Numbered[], found: readonly Found[]): number {
  const last = chain.at(-1)
  if (last === undefined) return -1
  const failedAt = last.attempt.endedAt ?? 0
  // They stand in the order of their queueing: what was queued before the failure is passed over at once.
  let low = 0
  let high = found.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((found[middle]?.first.attempt.queuedAt ?? 0) < failedAt) low = middle + 1
    else high = middle
  }
  for (let at = low; at < found.length; at++) {
    const one = found[at]
    if (one !== undefined && one.first.seq >= last.seq) return one.index
  }
  return -1
}

function isEarlier(a: Numbered, b: Numbered): boolean {
  if (a.attempt.queuedAt !== b.attempt.queuedAt) return a.attempt.queuedAt < b.attempt.queuedAt
  const startOf = (row: Numbered): number => row.attempt.startedAt ?? Number.MAX_SAFE_INTEGER
  return startOf(a) !== startOf(b) ? startOf(a) < startOf(b) : a.seq < b.seq
}

/** A step that failed inside a discovery and is run again by the next one: it has neither a result nor an item. */
function unsettled(drafts: Iterable<Draft>): Draft | undefined {
  return [...drafts].find((draft) => !draft.settled)
}

function finished(draft: Draft): Step {
  const { id, name, kind, detail, timedOut } = draft
  return { id, name, kind, detail, timedOut, attempts: inOrder(draft) }
}

/**
 * All tries of a step. Those of the function before it keep their numbers where the step's own go on from them; a step
 * that has an item of its own counts from 0 again, and is shown as counting on.
 */
function inOrder(draft: Draft): Attempt[] {
  const own = draft.rows.map((row) => row.attempt)
  const taken = new Set(own.map((attempt) => attempt.number))
  const counts = Math.max(-1, ...draft.before.map((attempt) => attempt.number)) + 1
  const shift = draft.before.some((attempt) => taken.has(attempt.number)) ? counts : 0
  const shifted = own.map((attempt) => ({ ...attempt, number: attempt.number + shift }))
  return [...draft.before, ...shifted].sort((a, b) => a.number - b.number)
}
