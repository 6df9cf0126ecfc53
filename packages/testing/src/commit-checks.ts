// Checks every committed operation against what was there before it, and every run that it touched after it: what must
// hold in each committed state is looked at in each committed state.
import { readDetail } from '@pawl/engine'
import type { Change, Fence, Group, HistoryRow, ItemRow, Key, RunRow, RunState, Write, Written } from '@pawl/storage'
import type { AttemptLimits } from './attempt-limits.ts'
import type { DiscoveryChecks } from './discovery-checks.ts'
import { configOf } from './flow-rules.ts'
import type { JobChecks } from './job-checks.ts'
import type { MatchChecks } from './match-checks.ts'
import type { Mirror, MirrorRun } from './mirror.ts'
import type { Seen } from './model/model-server.ts'
import type { SessionChecks } from './session-checks.ts'
import type { SlotChecks } from './slot-checks.ts'
import { isGathered, type TriggerChecks } from './trigger-checks.ts'
import type { Report } from './violation.ts'
import type { WaitChecks } from './wait-checks.ts'
import type { WindowChecks } from './window-checks.ts'

export interface CommitChecks {
  readonly mirror: Mirror
  readonly attempts: AttemptLimits
  readonly waits: WaitChecks
  readonly triggers: TriggerChecks
  readonly matches: MatchChecks
  readonly discoveries: DiscoveryChecks
  readonly slots: SlotChecks
  readonly windows: WindowChecks
  readonly sessions: SessionChecks
  readonly jobs: JobChecks
  /** The fixed delay before a retry, or null for the table. */
  readonly retryDelayMs: number | null
  readonly claimsMax: number
  readonly report: Report
}

/** A commit that is taken over, with its instant. */
interface Checks extends CommitChecks {
  readonly now: number
}

interface Taken {
  readonly written: Written
  readonly seen: Seen
}

/** Takes over a group that has committed, operation by operation. */
export function takeOver(commitChecks: CommitChecks, group: Group, { written, seen }: Taken): void {
  const checks: Checks = { ...commitChecks, now: written.now }
  checks.mirror.seq += 1
  checks.mirror.seen = seen
  group.writes.forEach((write, index) => {
    if (written.results[index] !== 'done') return
    const touched = new Set<Key>()
    if (write.fence !== null) checkFence(checks, write.fence)
    checkKept(checks, write)
    for (const change of write.changes) noteFunction(checks, change)
    checks.discoveries.before(write.changes, write.fence)
    for (const change of inOrder(write.changes)) {
      checkChange(checks, change, touched)
      if ('put' in change && change.put === 'event') checks.triggers.stores(change.row)
      checks.slots.takes(change)
      checks.sessions.before(change)
      checks.mirror.apply(change)
    }
    checks.slots.after()
    checks.windows.after(write.changes, write.fence, written.now)
    checks.waits.after(write.changes, write.fence)
    checks.matches.after(write.changes)
    checks.sessions.after(write.changes)
    checks.jobs.after(write.changes, written.now)
    for (const change of write.changes) if ('put' in change && change.put === 'run') checkBirth(checks, change.row)
    for (const key of touched) checkRun(checks, key)
  })
}

function noteFunction({ triggers }: Checks, change: Change): void {
  if ('put' in change && change.put === 'function') triggers.changes(change.row)
  if ('set' in change && change.set === 'function') triggers.changes(change.row)
}

/** New runs first: an operation may write what belongs to a run before the run itself. */
function inOrder(changes: readonly Change[]): readonly Change[] {
  const isBirth = (change: Change) => 'put' in change && change.put === 'run'
  return [...changes.filter(isBirth), ...changes.filter((change) => !isBirth(change))]
}

function checkChange(checks: Checks, change: Change, touched: Set<Key>): void {
  const { mirror, report } = checks
  if ('set' in change && change.set === 'run') {
    touched.add(change.key)
    checkState(checks, change.key, change.state)
  } else if ('put' in change && change.put === 'run') {
    touched.add(change.row.key)
    if (mirror.runsById.has(change.row.id)) report('I1', `run ${change.row.id} was made twice`)
  } else if ('put' in change && change.put === 'item') {
    if (mirror.items.has(change.row.key)) report('I16', `item ${change.row.key} was put twice`)
    checkItem(checks, change.row, touched)
  } else if ('set' in change && change.set === 'item') {
    checkItem(checks, change.row, touched)
  } else if ('put' in change && change.put === 'step') {
    touched.add(change.row.run)
    const before = mirror.runs.get(change.row.run)?.steps.get(change.row.step)
    if (before !== undefined && before.row.position >= 0)
      report('I6', `step ${change.row.step} of run ${change.row.run} got a second result`)
  } else if ('put' in change && change.put === 'history') {
    touched.add(change.row.run)
    const history = mirror.runs.get(change.row.run)?.history ?? []
    if (change.row.seq !== history.length + 1)
      report('I5', `history of run ${change.row.run} goes from ${history.length} to ${change.row.seq}`)
    if (history.at(-1)?.kind === 'run') report('I4', `run ${change.row.run} has history after its end`)
    checkEnd(checks, change.row)
  } else if ('put' in change && change.put === 'wait') {
    touched.add(change.row.run)
  } else if ('put' in change && change.put === 'skip') {
    const name = `${change.row.event} ${change.row.fn}`
    if (mirror.skips.has(name))
      report('I1', `event ${change.row.event} was skipped twice for function ${change.row.fn}`)
  } else if ('end' in change && change.end === 'item') {
    const run = mirror.items.get(change.key)?.run
    if (run !== undefined && run !== null) touched.add(run)
  }
}

/** I17: of a singleton there is one live run; and the rules that may cancel a run stand beside it. */
function checkBirth({ mirror, matches, report }: Checks, { key, id, singleton, endedAt }: RunRow): void {
  matches.checkBirth(key)
  if (singleton === null || endedAt !== null) return
  for (const { row } of mirror.runs.values()) {
    if (row.key !== key && row.singleton === singleton && row.endedAt === null)
      report('I17', `run ${id} was made beside run ${row.id}, which holds the singleton "${singleton}"`)
  }
}

/** I16: whoever writes under a lease holds it; nobody else has claimed the item, called again or given it back. */
function checkFence({ mirror, report }: Checks, { item, epoch }: Fence): void {
  const held = mirror.items.get(item)
  if (held?.epoch === epoch && held.state === 'leased') return
  const now = held === undefined ? 'is gone' : `is ${held.state} at epoch ${held.epoch}`
  report('I16', `a write was committed under epoch ${epoch} of item ${item}, which ${now}`)
}

/** No timer goes off before its time, unless somebody ends it. */
function checkEnd({ report }: Checks, row: HistoryRow): void {
  if (row.kind !== 'step' || row.status === 'cancelled') return
  const { sleepUntil, until, byHand } = readDetail(row.detail)
  if (byHand === true) return
  const due = row.stepKind === 'sleep' ? sleepUntil : row.status === 'timed_out' ? until : undefined
  if (due !== undefined && row.endedAt < due)
    report('EARLY', `step ${row.name} of run ${row.run} ended at ${row.endedAt}, due ${due}`)
}

/** I15: steps that a call has kept on its way give the next one all its attempts. */
function checkKept({ report }: Checks, { fence, changes }: Write): void {
  if (fence === null || !changes.some((change) => 'put' in change && change.put === 'step')) return
  for (const change of changes) {
    if (!('set' in change) || change.set !== 'item' || change.row.key !== fence.item) continue
    const { row } = change
    if (row.state === 'leased' && row.epoch === fence.epoch && row.attempt > 0)
      report('I15', `item ${row.key} has kept steps of its call, and is still at attempt ${row.attempt}`)
  }
}

function checkState({ mirror, report }: Checks, key: Key, state: RunState): void {
  const before = mirror.runs.get(key)
  if (before === undefined) return report('STORE', `run ${key} was written before it was made`)
  const { row } = before
  if (state.rev !== row.rev + 1) report('I4', `run ${row.id} goes from revision ${row.rev} to ${state.rev}`)
  if (row.endedAt !== null) report('I4', `run ${row.id} was written after it was ${row.status}`)
  if (state.stack < row.stack || state.history < row.history)
    report('I5', `positions of run ${row.id} go back: stack ${row.stack} to ${state.stack}`)
}

function checkItem(checks: Checks, row: ItemRow, touched: Set<Key>): void {
  const { mirror, report, now } = checks
  if (row.run !== null) touched.add(row.run)
  const before = mirror.items.get(row.key)
  if (row.state === 'leased' && row.owner === 0) report('I16', `item ${row.key} is leased to nobody`)
  if (row.state !== 'leased' && row.owner !== 0) report('I16', `item ${row.key} is ${row.state} and has an owner`)
  if (row.fn !== null && row.attempt > checks.attempts.retries(row.fn))
    report(
      'I15',
      `item ${row.key} is at attempt ${row.attempt}, its function has ${checks.attempts.retries(row.fn)} retries`,
    )
  if (row.run !== null && row.state === 'leased' && row.claims > checks.claimsMax)
    report('I15', `item ${row.key} is claimed for the ${row.claims}th time with nothing to show for it`)
  if (before === undefined) return
  if (row.epoch < before.epoch) report('I16', `epoch of item ${row.key} goes from ${before.epoch} to ${row.epoch}`)
  const isSameWork = row.step === before.step && row.kind === before.kind
  if (isSameWork && row.attempt > before.attempt + 1)
    report('I15', `attempt of item ${row.key} goes from ${before.attempt} to ${row.attempt}`)
  if (isSameWork && row.attempt > before.attempt && row.state === 'leased')
    report('I15', `a claim raised the attempt of item ${row.key} to ${row.attempt}`)
  if (
    isSameWork &&
    row.run !== null &&
    row.attempt > before.attempt &&
    row.due - row.queuedAt < leastDelay(checks, before.attempt)
  )
    report('EARLY', `item ${row.key} is tried again after ${row.due - row.queuedAt} ms, attempt ${before.attempt}`)
  if (row.run !== null && before.state === 'leased' && row.state !== 'leased' && row.epoch === before.epoch)
    report('I16', `item ${row.key} is ${row.state} at the epoch ${row.epoch} of the call that it left`)
  if (row.state === 'leased' && before.state !== 'leased' && mirror.lease(row.key, row.epoch) !== undefined)
    report('I16', `item ${row.key} is leased again at epoch ${row.epoch}`)
  if (isSameWork && before.state === 'sleeping' && row.state === 'leased' && before.due > now)
    report('EARLY', `item ${row.key} was claimed at ${now}, due ${before.due}`)
}

/** Delays after the first attempts, in milliseconds; jitter only adds to them (manual, "retries"). */
const BACKOFF_MS = [15_000, 30_000, 60_000, 120_000, 300_000]

function leastDelay({ retryDelayMs }: Checks, attempt: number): number {
  return retryDelayMs ?? BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 0
}

function checkRun(checks: Checks, key: Key): void {
  const { mirror, report } = checks
  const run = mirror.runs.get(key)
  if (run === undefined) return
  const { row } = run
  if (run.history.length !== row.history)
    report('I5', `run ${row.id} counts ${row.history} history rows and has ${run.history.length}`)
  if (run.stack.length !== row.stack || run.stack.includes(undefined as unknown as string))
    report('I6', `run ${row.id} counts ${row.stack} results and its stack has ${run.stack.length}`)
  const ts = row.original === null ? senderTime(mirror, row) : 0
  if (row.startedAt !== null && row.startedAt < ts)
    report('EARLY', `run ${row.id} began at ${row.startedAt}, before ${ts}`)
  if (row.endedAt !== null) checkEnded(checks, run)
  else checkLive(checks, run)
}

/**
 * When a sender wants the event's runs to begin; the server's own events want it at once, and those that have waited in a
 * window wait no longer.
 */
function senderTime(mirror: Mirror, { event: key, fn }: RunRow): number {
  const event = mirror.events.get(key)?.row
  if (isGathered(mirror.skips.get(`${key} ${fn}`))) return 0
  return event === undefined || event.name.startsWith('inngest/') ? 0 : event.ts
}

function checkEnded({ report, mirror }: Checks, run: MirrorRun): void {
  const { parentRun, parentStep } = run.row
  for (const wait of (parentRun === null ? undefined : mirror.runs.get(parentRun))?.waits.values() ?? [])
    if (wait.step === parentStep) report('I14', `run ${run.row.id} has ended, and its invoker still waits`)
  const { row, items, waits, history } = run
  if (items.size > 0) report('I3', `run ${row.id} is ${row.status} and has items ${stepsOf(items)}`)
  if (waits.size > 0) report('I3', `run ${row.id} is ${row.status} and has ${waits.size} open waits`)
  // One that was skipped at its birth never was anything else.
  if (row.status === 'skipped') return
  if (history.filter((entry) => entry.kind === 'run').length !== 1 || history.at(-1)?.kind !== 'run')
    report('I4', `run ${row.id} is ${row.status} without one final row at the end of its history`)
}

function checkLive(checks: Checks, run: MirrorRun): void {
  const { report, mirror } = checks
  const { row, items, waits, history } = run
  let open = 0
  let racing = 0
  let isMoving = false
  for (const item of items.values()) {
    if (item.kind === 'slot') continue
    if (item.kind !== 'timeout') isMoving = true
    if (item.step === '' || item.kind === 'timeout') continue
    if (item.race) racing += 1
    else open += 1
    if (run.stack.includes(item.step)) report('I7', `run ${row.id} has a result and an item of step ${item.step}`)
  }
  if (!isMoving) report('I2', `run ${row.id} is ${row.status} and nothing will move it`)
  if (open !== row.open || racing !== row.racing)
    report('I2', `run ${row.id} counts ${row.open} open and ${row.racing} racing, its items are ${stepsOf(items)}`)
  checks.discoveries.check(run)
  checkTimeouts(checks, run)
  if (history.at(-1)?.kind === 'run') report('I4', `run ${row.id} is ${row.status} with a final row in its history`)
  for (const wait of waits.values()) {
    if (wait.kind !== 'cancel' && (wait.item === null || !mirror.items.has(wait.item)))
      report('I2', `wait ${wait.key} of run ${row.id} has no item that holds its deadline`)
  }
  if (new Set(run.stack).size !== run.stack.length) report('I6', `the stack of run ${row.id} names a step twice`)
}

/** What ends a run in time stands beside it. */
function checkTimeouts({ mirror, triggers, report }: Checks, { row, items }: MirrorRun): void {
  const fn = mirror.functions.get(row.fn)
  if (fn === undefined || !triggers.isSteady(row.fn)) return
  const { timeouts } = configOf(fn)
  const isMissing =
    row.startedAt === null
      ? timeouts.startMs !== null && !items.has('!start')
      : timeouts.finishMs !== null && !items.has('!finish')
  if (isMissing) report('I2', `run ${row.id} has lost what ends it in time`)
}

function stepsOf(items: ReadonlyMap<string, ItemRow>): string {
  return [...items.values()].map((item) => `${item.kind} ${item.step.slice(0, 8)} ${item.state}`).join(', ')
}
