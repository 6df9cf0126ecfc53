// I8: slots are held by items. Nobody is let in above a limit, whoever is called holds what its run needs, and nobody stands
// in a line whose limit has room without something on its way that will look at the line.
import type { Change, ItemRow, Key } from '@pawl/storage'
import { configOf, isThrottle, pauseLine, slotLimit } from './flow-rules.ts'
import type { Mirror } from './mirror.ts'
import type { Report } from './violation.ts'

export class SlotChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  /** Items that hold slots, by limit. */
  readonly #held = new Map<string, Set<Key>>()
  /** Names that an operation has let somebody in by, with who that was. */
  #taken: { readonly name: string; readonly item: ItemRow }[] = []
  /** Slots that the item had before the operation, by item. */
  readonly #slots = new Map<Key, readonly string[]>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** Slots held of a limit now. */
  held(name: string): number {
    return this.#held.get(name)?.size ?? 0
  }

  /** A change of an item is taken over, which is not in the mirror yet. */
  takes(change: Change): void {
    if (('put' in change && change.put === 'item') || ('set' in change && change.set === 'item')) {
      this.#checkForm(change.row)
      this.#file(change.row.key, change.row.holds ? change.row.limits : [], change.row)
    } else if ('end' in change && change.end === 'item') this.#file(change.key, [], null)
    else if ('end' in change && change.end === 'items') {
      for (const item of this.#mirror.runs.get(change.run)?.items.values() ?? []) this.#file(item.key, [], null)
    }
  }

  /** An operation was taken over. */
  after(): void {
    const byName = Map.groupBy(this.#taken, ({ name }) => name)
    for (const [name, taken] of byName) {
      this.#checkTaken(
        name,
        taken.map(({ item }) => item),
      )
    }
    this.#taken = []
    this.#checkLines()
  }

  #file(key: Key, names: readonly string[], item: ItemRow | null): void {
    const before = this.#slots.get(key) ?? []
    for (const name of before) if (!names.includes(name)) this.#held.get(name)?.delete(key)
    for (const name of names) {
      if (before.includes(name)) continue
      const holders = this.#held.get(name) ?? new Set()
      this.#held.set(name, holders.add(key))
      if (item !== null) this.#taken.push({ name, item })
    }
    if (names.length > 0) this.#slots.set(key, names)
    else this.#slots.delete(key)
  }

  #checkForm({ key, kind, state, line, holds }: ItemRow): void {
    if (state === 'blocked' && kind !== 'slot' && kind !== 'bulk' && line === null)
      this.#report('I20', `item ${key} is blocked by nothing`)
    if (state !== 'blocked' && line !== null) this.#report('I8', `item ${key} is ${state} and stands in line ${line}`)
    if (holds && state !== 'ready' && state !== 'leased' && kind !== 'slot')
      this.#report('I8', `item ${key} is ${state} and holds slots`)
  }

  /** Of several that were let in together, those with the smaller limits were let in first. */
  #checkTaken(name: string, taken: readonly ItemRow[]): void {
    const items = taken.filter(({ key }) => this.#slots.get(key)?.includes(name))
    const limits = items.map((item) => this.#limitOf(name, item)).sort((a, b) => a - b)
    const before = this.held(name) - items.length
    limits.forEach((limit, index) => {
      const number = before + index + 1
      if (number > limit) this.#report('I8', `somebody was let in by ${name} as number ${number} of ${limit}`)
    })
  }

  #limitOf(name: string, { key, fn }: ItemRow): number {
    const row = fn === null ? undefined : this.#mirror.functions.get(fn)
    const limit = row === undefined ? undefined : slotLimit(row, name)
    if (limit === undefined) this.#report('I8', `item ${key} holds a slot of ${name}, which is no limit of it`)
    return limit ?? Number.POSITIVE_INFINITY
  }

  /** A line whose head could pass has something on its way that looks at it. */
  #checkLines(): void {
    const { items, functions } = this.#mirror
    const lines = new Map<string, Set<Key>>()
    for (const { state, line, fn } of items.values()) {
      if (state !== 'blocked' || line === null || fn === null) continue
      lines.set(line, (lines.get(line) ?? new Set()).add(fn))
    }
    for (const [name, fns] of lines) {
      for (const fn of fns) {
        const why = this.#isFree(name, fn)
        if (why === null || this.#isLookedAt(name, fn) || this.#isStoodFor(name, fn)) continue
        const slug = functions.get(fn)?.slug
        this.#report('I20', `${slug} stands in line ${name}, ${why}, and nothing will move it`)
      }
    }
  }

  /** Why the function's items need not stand in the line, or must be looked at; null when they stand there rightly. */
  #isFree(name: string, fn: Key): string | null {
    const row = this.#mirror.functions.get(fn)
    if (row === undefined) return 'which has no function'
    if (name === pauseLine(fn)) {
      const isPaused = row.pause !== null || this.#mirror.apps.get(row.app)?.pause !== null
      return isPaused ? null : 'which is no longer paused'
    }
    if (isThrottle(row, name)) return 'which is a rate'
    const limit = slotLimit(row, name)
    if (limit === undefined) return 'which is no limit of it any more'
    const held = this.held(name)
    return held < limit ? `which has ${held} of ${limit} slots taken` : null
  }

  /** All of the function who stand there wait for a further limit, in whose line one of them stands for the others. */
  #isStoodFor(name: string, fn: Key): boolean {
    const standing = [...this.#mirror.items.values()].filter((item) => item.fn === fn && item.line !== null)
    const elsewhere = standing.filter((item) => item.line !== name && item.limits.includes(name))
    return standing
      .filter((item) => item.line === name)
      .every(({ limits }) => elsewhere.some(({ line }) => line !== null && limits.includes(line)))
  }

  #isLookedAt(name: string, fn: Key): boolean {
    for (const item of this.#mirror.items.values()) {
      if (item.kind !== 'line') continue
      if (item.step === name) return true
      const detail = JSON.parse(item.detail ?? '{}') as {
        readonly names?: readonly string[]
        readonly fn?: Key
        readonly after?: string
      }
      if (detail.names?.includes(name) === true) return true
      if (detail.fn === fn && (detail.after ?? '') < name) return true
    }
    return false
  }

  /** A call goes out: its item must hold what its run is limited by. */
  checkCall(item: ItemRow): void {
    const run = item.run === null ? undefined : this.#mirror.runs.get(item.run)?.row
    const fn = item.fn === null ? undefined : this.#mirror.functions.get(item.fn)
    // A limit that was taken off for a while has let in whoever stood there.
    if (run === undefined || fn === undefined || fn.version !== 1 || run.flow === null) return
    const { steps } = JSON.parse(run.flow) as { readonly steps: readonly string[] }
    for (const name of steps) {
      if (slotLimit(fn, name) === undefined || configOf(fn).concurrency.length === 0) continue
      const isHeld = item.holds && item.limits.includes(name)
      if (!isHeld) this.#report('I8', `run ${run.id} is called and holds no slot of ${name}`)
    }
  }
}
