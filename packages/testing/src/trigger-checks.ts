// I1: what every stored event was for every function that listened to its name when it was accepted: a run, or a recorded
// skip, and only one of them.
import { isRerunEvent } from '@pawl/engine'
import type { FunctionConfig } from '@pawl/protocol'
import type { EventRow, FunctionRow, Key, SkipRow } from '@pawl/storage'
import { configOf } from './flow-rules.ts'
import type { Mirror } from './mirror.ts'
import type { Report } from './violation.ts'

export class TriggerChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  /** Functions whose configuration changed or that were away for a time: nobody can say what an event found. */
  readonly #unsteady = new Set<Key>()
  readonly #patterns = new Map<string, readonly string[]>()
  /** Functions that listened when the event was stored, by event. */
  readonly #listened = new Map<Key, readonly Key[]>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** A function is about to be stored. */
  changes(row: FunctionRow): void {
    const before = this.#mirror.functions.get(row.key)
    // A function that comes later than the app's others was not there for some events.
    if (before === undefined) return this.#mirror.apps.has(row.app) ? void this.#unsteady.add(row.key) : undefined
    if (before.archivedAt !== row.archivedAt || before.config !== row.config) this.#unsteady.add(row.key)
  }

  /** An event is about to be stored. */
  stores(row: EventRow): void {
    if (row.isRepeat || isRerunEvent(row)) return
    const listening = [...this.#mirror.functions.values()].filter(
      (fn) => fn.archivedAt === null && this.#listens(fn, row.name),
    )
    this.#listened.set(
      row.key,
      listening.map((fn) => fn.key),
    )
  }

  isSteady(fn: Key): boolean {
    return !this.#unsteady.has(fn)
  }

  checkAll(): void {
    this.#checkKeys()
    const counts = new Map<string, number>()
    for (const { row } of this.#mirror.runs.values()) {
      if (row.original !== null) continue
      const name = `${row.event} ${row.fn}`
      // The run of a debounce or a batch: the event itself was gathered.
      if (isGathered(this.#mirror.skips.get(name))) continue
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    for (const name of this.#mirror.skips.keys()) counts.set(name, (counts.get(name) ?? 0) + 1)
    for (const [name, count] of counts) {
      if (count > 1) this.#report('I1', `event and function ${name} came to ${count} runs or skips`)
    }
    for (const [event, functions] of this.#listened) {
      for (const fn of functions) {
        if (this.isSteady(fn) && !counts.has(`${event} ${fn}`))
          this.#report(
            'I1',
            `event ${event} (${this.#mirror.events.get(event)?.row.name}) came to nothing for function ${fn}`,
          )
      }
    }
  }

  /** A sender's ID, and a key of the function's own, start a function once within a day. */
  #checkKeys(): void {
    const seen = new Map<string, string>()
    for (const { row } of this.#mirror.runs.values()) {
      const event = this.#mirror.events.get(row.event)
      const fn = this.#mirror.functions.get(row.fn)
      if (row.original !== null || row.status === 'skipped') continue
      if (event === undefined || fn === undefined || event.text === null) continue
      // A debounce takes the newest of several, also of the same ID.
      if (configOf(fn).debounce !== null) continue
      const isOnce = fn.slug.endsWith('-once')
      const { data } = JSON.parse(event.text) as { data: { key?: unknown } }
      const names = [
        ...(event.row.eventId === event.row.id || row.cron !== null ? [] : [`${fn.slug} event ${event.row.eventId}`]),
        ...(isOnce ? [`${fn.slug} key ${JSON.stringify(data.key)}`] : []),
      ]
      for (const name of names) {
        const before = seen.get(name)
        if (before !== undefined) this.#report('I1', `${name} started runs ${before} and ${row.id}`)
        seen.set(name, row.id)
      }
    }
  }

  #listens(fn: FunctionRow, name: string): boolean {
    let patterns = this.#patterns.get(fn.config)
    if (patterns === undefined) {
      const { triggers } = JSON.parse(fn.config) as FunctionConfig
      patterns = triggers.flatMap((trigger) => ('event' in trigger ? [trigger.event] : []))
      this.#patterns.set(fn.config, patterns)
    }
    return patterns.some((pattern) => pattern === name || (pattern.endsWith('/*') && isBelow(pattern, name)))
  }
}

/** The event waits, or has waited, in a window. */
export function isGathered(skip: SkipRow | undefined): boolean {
  return skip?.reason === 'debounced' || skip?.reason === 'batched'
}

function isBelow(pattern: string, name: string): boolean {
  return name.startsWith(pattern.slice(0, -1)) && !name.startsWith('inngest/')
}
