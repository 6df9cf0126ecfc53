// What the world outside the server has seen: every call and every step body that the app began, what was acknowledged to
// whom, and what may excuse a run that fails. It is compared with the store at once, and again when the world ends.
import { dataMemo } from '@pawl/protocol'
import type { CallContextBody, ParsedCall } from './call-body.ts'
import type { DiscoveryChecks } from './discovery-checks.ts'
import type { Mirror, MirrorRun } from './mirror.ts'
import type { SlotChecks } from './slot-checks.ts'
import type { Report } from './violation.ts'

export interface LedgerChecks {
  readonly discoveries: DiscoveryChecks
  readonly slots: SlotChecks
}

export class Ledger {
  /** Step bodies begun, by run ULID and step. */
  readonly bodies = new Map<string, number>()
  /** Why a run may fail or be called again besides what its script does, by ULID. */
  readonly excuses = new Map<string, string>()
  /** Functions that were given a limit of steps, by key. */
  readonly limited = new Set<number>()
  /** Runs whose cancel was asked for. */
  readonly cancels = new Set<string>()
  /** Functions of which runs were cancelled in bulk, or by a pause. */
  readonly bulkCancels = new Set<number>()
  readonly pauseCancels = new Set<number>()
  /** Somebody has paused a function, or the app. */
  hasPauses = false
  /** Runs by function and the idempotency key of their invoke. */
  readonly invoked = new Map<string, string>()
  /** Sessions by name, as they were told. */
  readonly sessions = new Map<string, string>()
  /** Who was told that their answer counts, by request. */
  readonly decided = new Map<string, string>()
  calls = 0
  #people = 0
  #bodyCount = 0
  readonly #mirror: Mirror
  readonly #discoveries: DiscoveryChecks
  readonly #slots: SlotChecks
  readonly #report: Report

  constructor(mirror: Mirror, { discoveries, slots }: LedgerChecks, report: Report) {
    this.#mirror = mirror
    this.#slots = slots
    this.#discoveries = discoveries
    this.#report = report
  }

  /** A name for somebody who answers once. */
  newPerson(): string {
    this.#people += 1
    return `person ${this.#people}`
  }

  excuse(runId: string, why: string): void {
    if (!this.excuses.has(runId)) this.excuses.set(runId, why)
  }

  /** The server sends a call. What it tells must be what the store knew when the call was leased, or later. */
  dispatched(call: ParsedCall): void {
    this.calls += 1
    const { ctx } = call
    const run = this.#mirror.runsById.get(ctx.run_id)
    const lease = this.#leaseOf(ctx)
    if (run === undefined || lease === undefined)
      return this.#report('I7', `a call of run ${ctx.run_id} goes out under ${ctx.qi_id}, which was never leased`)
    const what = `the call of run ${ctx.run_id} under ${ctx.qi_id}`
    if (lease.item.run !== run.row.key) this.#report('I7', `${what} was leased for another run`)
    if (lease.item.attempt !== ctx.attempt)
      this.#report('I15', `${what} says attempt ${ctx.attempt}, not ${lease.item.attempt}`)
    if (lease.item.step !== call.target) this.#report('I7', `${what} aims at ${call.target}, not ${lease.item.step}`)
    this.#slots.checkCall(lease.item)
    if (call.target === '') this.#discoveries.sent(ctx.run_id, call.stack.length)
    this.#checkStack(call, run, what)
    for (const [step, memo] of run.steps) {
      const isKnown = memo.seq <= lease.seq
      if (isKnown && memo.row.position >= 0 && step === call.target)
        this.#report('I7', `${what} aims at a step that had a result`)
      if (isKnown && !call.useApi && !call.body.includes(`"${step}":${memo.row.memo}`))
        this.#report('I7', `${what} does not bring the result of step ${step}`)
    }
  }

  #checkStack({ stack, useApi, steps }: ParsedCall, run: MirrorRun, what: string): void {
    stack.forEach((step, position) => {
      if (run.stack[position] !== step) this.#report('I6', `${what} has another stack than the store, at ${position}`)
      if (!useApi && !steps.has(step))
        this.#report('I6', `${what} names step ${step} in its stack and brings no result`)
    })
  }

  /** A sender was told that its event is stored. */
  accepted(eventId: string): void {
    if (!this.#mirror.eventsById.has(eventId)) this.#report('I1', `event ${eventId} was acknowledged and is not stored`)
  }

  /** A step body begins in the app. @returns its number, which makes its result unlike any other. */
  bodyBegins(ctx: CallContextBody, step: string): number {
    const name = `${ctx.run_id} ${step}`
    this.bodies.set(name, (this.bodies.get(name) ?? 0) + 1)
    const memo = this.#mirror.runsById.get(ctx.run_id)?.steps.get(step)
    const lease = this.#leaseOf(ctx)
    if (memo !== undefined && memo.row.position >= 0 && lease !== undefined && memo.seq <= lease.seq)
      this.#report('I7', `step ${step} of run ${ctx.run_id} runs again, under a call that began after its result`)
    this.#bodyCount += 1
    return this.#bodyCount
  }

  /** A checkpoint was acknowledged: the app goes on with these values. */
  kept(
    runId: string,
    ops: readonly { readonly id: string; readonly data: unknown }[],
    canonical: (value: unknown) => string,
  ): void {
    const run = this.#mirror.runsById.get(runId)
    for (const op of ops) {
      const memo = run?.steps.get(op.id)?.row.memo
      if (memo !== dataMemo(canonical(op.data)))
        this.#report('I6', `run ${runId} was told that step ${op.id} is kept, and the store has ${memo ?? 'nothing'}`)
    }
  }

  #leaseOf(ctx: CallContextBody) {
    const [item = 0, epoch = 0] = ctx.qi_id.split('.').map(Number)
    return this.#mirror.lease(item, epoch)
  }
}
