// I17 for debounces and batches: what is gathered in a window, event by event, is what its run begins with. Of a debounce the
// event with the greatest `ts` starts the run (of equal ones the last); a batch holds each event once, and no more of them
// than it may.
import type { Change, Fence, ItemRow, Key, RunRow } from '@pawl/storage'
import { configOf } from './flow-rules.ts'
import type { Mirror } from './mirror.ts'
import type { Report } from './violation.ts'

interface Window {
  readonly kind: 'debounce' | 'batch'
  readonly fn: Key
  readonly events: Key[]
  readonly openedAt: number
  lastAt: number
}

export class WindowChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  /** Open windows by their item. */
  readonly #windows = new Map<Key, Window>()
  /** Which item has a name now. */
  readonly #named = new Map<string, Key>()
  /** Events that some window has taken, by function. */
  readonly #gathered = new Set<string>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** Events that wait in a window. */
  get waiting(): number {
    let count = 0
    for (const { events } of this.#windows.values()) count += events.length
    return count
  }

  /** An operation is taken over. */
  after(changes: readonly Change[], fence: Fence | null, now: number): void {
    const fired = fence === null || fence.run !== null ? undefined : this.#windows.get(fence.item)
    /** The window that an item change of this operation was about last. */
    let current: Window | undefined
    for (const change of changes) {
      if (('put' in change && change.put === 'item') || ('set' in change && change.set === 'item')) {
        if (change.row.kind === 'debounce' || change.row.kind === 'batch') current = this.#file(change.row, now)
      } else if ('put' in change && change.put === 'skip') {
        const { event, fn, reason } = change.row
        if (reason === 'debounced' || reason === 'batched') this.#gather(this.#windowOf(fn, event, current), event, now)
      } else if ('put' in change && change.put === 'run' && fired !== undefined && change.row.fn === fired.fn) {
        this.#checkRun(change.row, fired, { changes, now })
      } else if ('end' in change && change.end === 'item') this.#windows.delete(change.key)
    }
  }

  #file(row: ItemRow, now: number): Window {
    let window = this.#windows.get(row.key)
    if (window === undefined) {
      window = { kind: row.kind as Window['kind'], fn: row.fn ?? 0, events: [], openedAt: now, lastAt: now }
      this.#windows.set(row.key, window)
    }
    this.#named.set(row.step, row.key)
    return window
  }

  /** The window that has taken the event: an older one of a debounce changes nothing about its item. */
  #windowOf(fn: Key, event: Key, current: Window | undefined): Window | undefined {
    const skip = this.#mirror.skips.get(`${event} ${fn}`)
    const { window = '' } = JSON.parse(skip?.detail ?? '{}') as { readonly window?: string }
    const named = this.#named.get(window)
    return named === undefined ? current : this.#windows.get(named)
  }

  #gather(window: Window | undefined, event: Key, now: number): void {
    if (window === undefined) return this.#report('I17', `event ${event} waits in a window that is not there`)
    const name = `${window.fn} ${event}`
    if (this.#gathered.has(name)) this.#report('I17', `event ${event} waits in two windows`)
    this.#gathered.add(name)
    window.events.push(event)
    window.lastAt = now
  }

  #checkRun(run: RunRow, window: Window, at: { readonly changes: readonly Change[]; readonly now: number }): void {
    if (window.kind === 'debounce') return this.#checkDebounce(run, window, at.now)
    const list = at.changes.find((change) => 'put' in change && change.put === 'runEvents' && change.run === run.key)
    const events = list !== undefined && 'put' in list && list.put === 'runEvents' ? list.events : [run.event]
    if (events.join() !== window.events.join())
      this.#report('I17', `batch ${run.id} has events ${events.join()}, gathered were ${window.events.join()}`)
    const fn = this.#mirror.functions.get(run.fn)
    const max = fn === undefined ? 0 : (configOf(fn).batch?.maxSize ?? 0)
    if (max > 0 && fn?.version === run.fnVersion && fn.version === 1 && events.length > max)
      this.#report('I17', `batch ${run.id} holds ${events.length} events, at most ${max} may be`)
  }

  #checkDebounce(run: RunRow, window: Window, now: number): void {
    let best: { readonly key: Key; readonly ts: number } | undefined
    for (const key of window.events) {
      const ts = this.#mirror.events.get(key)?.row.ts ?? 0
      if (best === undefined || ts >= best.ts) best = { key, ts }
    }
    if (best?.key !== run.event)
      this.#report('I17', `run ${run.id} began with event ${run.event}, the last of its window is ${best?.key}`)
    const fn = this.#mirror.functions.get(window.fn)
    const debounce = fn?.version === 1 ? configOf(fn).debounce : null
    if (debounce === null || debounce === undefined) return
    const cap = debounce.timeoutMs === null ? Number.POSITIVE_INFINITY : window.openedAt + debounce.timeoutMs
    if (now < Math.min(cap, window.openedAt + debounce.periodMs))
      this.#report('EARLY', `run ${run.id} began ${now - window.openedAt} ms after the first event of its debounce`)
  }
}
