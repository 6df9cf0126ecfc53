// An event whose matching is over has had its whole effect: no wait that it resolves is still open, and no run that it
// cancels is still live. This is looked at in the very commit that ends the matching, before another event can hide it.
import { isRerunEvent } from '@pawl/engine'
import type { Change, EventRow, Key, WaitRow } from '@pawl/storage'
import { configOf } from './flow-rules.ts'
import type { Mirror, MirrorEvent } from './mirror.ts'
import type { Report } from './violation.ts'
import type { WaitChecks } from './wait-checks.ts'

export class MatchChecks {
  readonly #mirror: Mirror
  readonly #waits: WaitChecks
  readonly #report: Report
  /** Events of each match item that is open. */
  readonly #open = new Map<Key, readonly Key[]>()

  constructor(mirror: Mirror, waits: WaitChecks, report: Report) {
    this.#mirror = mirror
    this.#waits = waits
    this.#report = report
  }

  /** An operation was taken over. */
  after(changes: readonly Change[]): void {
    const handled = new Set<Key>()
    for (const change of changes) {
      if ('put' in change && change.put === 'event' && isMatched(change.row)) handled.add(change.row.key)
      if ('put' in change && change.put === 'item' && change.row.kind === 'match')
        this.#open.set(change.row.key, (JSON.parse(change.row.detail ?? '{}') as { events: Key[] }).events)
      if (!('end' in change) || change.end !== 'item') continue
      for (const event of this.#open.get(change.key) ?? []) handled.add(event)
      this.#open.delete(change.key)
    }
    if (handled.size === 0) return
    const pending = new Set([...this.#open.values()].flat())
    for (const key of handled) {
      const event = this.#mirror.events.get(key)
      if (event !== undefined && !pending.has(key)) this.#checkHandled(event)
    }
  }

  #checkHandled(event: MirrorEvent): void {
    for (const wait of this.#mirror.waits.values()) {
      if (wait.name !== event.row.name || wait.until < event.row.receivedAt) continue
      // An event that has not seen a wait came before it.
      if ((this.#mirror.waitSeqs.get(wait.key) ?? 0) > event.seen) continue
      const run = this.#mirror.runs.get(wait.run)
      // Of one request, later events see the runs of earlier ones or not, as its pages fall.
      if (run === undefined || run.row.event === event.row.key || run.seq === event.seq) continue
      if (wait.kind === 'event' && this.#waits.isFor(run.row.id, wait.step, event))
        this.#report(
          'I11',
          `event ${event.row.id} was matched, and the wait ${wait.key} of run ${run.row.id} is still open`,
        )
      if (wait.kind === 'cancel' && this.#cancels(wait, event))
        this.#report('P8', `event ${event.row.id} was matched, and run ${run.row.id} is not cancelled`)
    }
  }

  /** The rules of the fake app compare the key of both events, or nothing. */
  #cancels(wait: WaitRow, event: MirrorEvent): boolean {
    const run = this.#mirror.runs.get(wait.run)
    const trigger = run === undefined ? undefined : this.#mirror.events.get(run.row.event)
    return wait.path === '' || keyOf(trigger) === keyOf(event)
  }

  /** The cancel rules of a function stand beside each run of it that was just made. */
  checkBirth(run: Key): void {
    const made = this.#mirror.runs.get(run)
    const fn = made === undefined ? undefined : this.#mirror.functions.get(made.row.fn)
    if (made === undefined || fn === undefined || made.row.endedAt !== null) return
    // A run that is repeated while its app is synced may still be made by the configuration before.
    if (made.row.original !== null && made.row.fnVersion !== fn.version) return
    const { cancel } = configOf(fn)
    const armed = [...made.waits.values()].filter((wait) => wait.kind === 'cancel').length
    if (armed !== cancel.length)
      this.#report('P8', `run ${made.row.id} has ${armed} of ${cancel.length} rules that cancel it`)
  }
}

function isMatched(row: EventRow): boolean {
  return !row.isRepeat && !isRerunEvent(row)
}

function keyOf(event: MirrorEvent | undefined): unknown {
  const { data } = JSON.parse(event?.text ?? '{"data":{}}') as { data: { key?: unknown } }
  return data.key ?? null
}
