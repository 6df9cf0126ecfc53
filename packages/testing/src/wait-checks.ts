// Waits: each is resolved at most once, by an event that came after the call which opened it began and before its deadline,
// never by its own run's trigger; and none ran into its deadline while such an event was there.
import { isRerunEvent, readDetail } from '@pawl/engine'
import type { Change, Fence, HistoryRow, Key } from '@pawl/storage'
import type { Mirror, MirrorEvent } from './mirror.ts'
import type { StepAsk } from './script.ts'
import type { Report } from './violation.ts'

type WaitAsk = Extract<StepAsk, { kind: 'wait' }>

export class WaitChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  /** What each wait was asked for, by run ULID and step. */
  readonly #asks = new Map<string, WaitAsk>()
  /** When the call began which opened the wait, by run and step. */
  readonly #openers = new Map<string, Begin>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** The app answered that a run waits. */
  asked(runId: string, step: string, ask: WaitAsk): void {
    this.#asks.set(`${runId} ${step}`, ask)
  }

  /** Whether the event is what the wait waits for; false for a wait that nobody knows the question of. */
  isFor(runId: string, step: string, event: MirrorEvent): boolean {
    const ask = this.#asks.get(`${runId} ${step}`)
    return ask !== undefined && matches(ask, event)
  }

  /** An operation was taken over, which was written under this lease. */
  after(changes: readonly Change[], fence: Fence | null): void {
    for (const change of changes) this.#noteOpener(change, fence)
    for (const change of changes) if ('put' in change && change.put === 'history') this.#resolved(change.row, fence)
  }

  #noteOpener(change: Change, fence: Fence | null): void {
    const row =
      'put' in change && change.put === 'item'
        ? change.row
        : 'set' in change && change.set === 'item'
          ? change.row
          : null
    if (row?.kind !== 'wait' || row.run === null || fence === null) return
    if (this.#openers.has(`${row.run} ${row.step}`)) return
    this.#openers.set(`${row.run} ${row.step}`, this.#begunAt(fence))
  }

  #begunAt(fence: Fence): Begin {
    const lease = this.#mirror.lease(fence.item, fence.epoch)
    return { seq: lease?.seq ?? 0, seen: lease?.seen ?? 0 }
  }

  #resolved(row: HistoryRow, fence: Fence | null): void {
    if (row.kind !== 'step' || row.stepKind !== 'wait') return
    const detail = readDetail(row.detail)
    const opener = this.#openers.get(`${row.run} ${row.step}`) ?? (fence === null ? NO_BEGIN : this.#begunAt(fence))
    if (detail.foundEvent !== undefined) this.#checkFound(row, detail.foundEvent, { opener, until: detail.until ?? 0 })
    else if (row.status === 'timed_out') this.#checkMissed(row, { opener, until: detail.until ?? 0 })
  }

  #checkFound(row: HistoryRow, found: string, span: Span): void {
    const event = this.#mirror.eventsById.get(found)
    const run = this.#mirror.runs.get(row.run)
    if (event === undefined || run === undefined)
      return this.#report('I11', `a wait found ${found}, which is not stored`)
    const what = `the wait ${row.name} of run ${run.row.id} was resolved by ${found}`
    if (event.row.key === run.row.event) this.#report('I11', `${what}, its own trigger`)
    if (event.seq <= span.opener.seen) this.#report('I11', `${what}, which came before its call began`)
    if (event.row.receivedAt > span.until) this.#report('I11', `${what}, which came after its deadline`)
    const ask = this.#asks.get(`${run.row.id} ${row.step}`)
    if (ask !== undefined && !matches(ask, event)) this.#report('I11', `${what}, which does not match`)
  }

  #checkMissed(row: HistoryRow, span: Span): void {
    const run = this.#mirror.runs.get(row.run)
    const ask = run === undefined ? undefined : this.#asks.get(`${run.row.id} ${row.step}`)
    // One that expires at once finds nothing, whatever came during its call.
    if (run === undefined || ask === undefined || ask.timeoutMs === 0) return
    for (const event of this.#mirror.events.values()) {
      if (event.row.name !== ask.event || event.row.isRepeat || event.row.key === run.row.event) continue
      if (isRerunEvent(event.row)) continue
      if (event.seq <= span.opener.seq || event.row.receivedAt >= span.until || !matches(ask, event)) continue
      if (this.#isOnItsWay(event.row.key)) continue
      this.#report('I11', `the wait ${row.name} of run ${run.row.id} missed event ${event.row.id}`)
    }
  }

  /** Its matching goes on from an item: it is received, and has not come to this wait yet. */
  #isOnItsWay(event: Key): boolean {
    for (const item of this.#mirror.items.values()) {
      if (item.kind === 'match' && (JSON.parse(item.detail ?? '{}') as { events: Key[] }).events.includes(event))
        return true
    }
    return false
  }
}

/** The lease of a call: the group that wrote it, and the last one that this had seen. */
interface Begin {
  readonly seq: number
  readonly seen: number
}

const NO_BEGIN: Begin = { seq: 0, seen: 0 }

interface Span {
  readonly opener: Begin
  readonly until: number
}

function matches(ask: WaitAsk, event: MirrorEvent): boolean {
  if (event.row.name !== ask.event) return false
  const { data } = JSON.parse(event.text ?? '{"data":{}}') as { data: Readonly<Record<string, unknown>> }
  if (ask.key !== null && data[ask.field ?? 'key'] !== ask.key) return false
  return ask.above === null || (typeof data.amount === 'number' && data.amount > ask.above)
}
