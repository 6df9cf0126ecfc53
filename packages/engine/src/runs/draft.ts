// A draft gathers what one operation writes. Every write to a run begins with its row (the lock between branches, resume
// and cancel), so a run is changed only through its `RunDraft`, which hands out positions in the stack and in the history,
// counts open branches, and puts the row first. Pure: it reads the ground it was given and returns changes.
import type {
  Change,
  EffectRow,
  HistoryKind,
  HistoryStatus,
  ItemRow,
  Key,
  RunRow,
  RunState,
  StepKind,
  StepRow,
  WaitRow,
} from '@pawl/storage'
import type { StepDetail } from '../history/step-detail.ts'
import { Ledger, type LimitGround } from '../lines/ledger.ts'
import { readLimits } from '../lines/run-limits.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import { TALLIES } from '../tally-names.ts'
import type { RunTouch } from './hot-runs.ts'
import { Tallies } from './tallies.ts'

/** What a decision stands on: the facts of a group, or the hot state of one run. */
export interface Ground extends LimitGround {
  readonly now: number
  readonly registryVersion: number
  key(): Key
  run(key: Key): RunRow | undefined
  hasMemo(run: Key, step: string): boolean
  itemOf(run: Key, step: string): ItemRow | undefined
  waitOf(run: Key, step: string): WaitRow | undefined
  /** Every open item of a run, where the needs brought them. */
  itemsOf(run: Key): readonly ItemRow[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** An entry for the history, without what the draft itself knows. */
export interface Ended {
  readonly kind: HistoryKind
  readonly status: HistoryStatus
  readonly step: string
  readonly name: string
  readonly stepKind: StepKind | null
  readonly attempt: number
  readonly queuedAt: number
  readonly startedAt: number
  readonly detail: StepDetail | null
  readonly error: string | null
}

export class RunDraft {
  readonly row: RunRow
  readonly #ground: Ground
  readonly #ledger: Ledger
  readonly #tallies: Tallies
  readonly #state: Mutable<RunState>
  readonly #changes: Change[] = []
  readonly #items = new Map<string, ItemRow | null>()
  readonly #steps: StepRow[] = []
  #touched = false
  ended = false

  constructor(row: RunRow, parts: { readonly ground: Ground; readonly ledger: Ledger; readonly tallies: Tallies }) {
    this.row = row
    this.#ground = parts.ground
    this.#ledger = parts.ledger
    this.#tallies = parts.tallies
    this.#state = stateOf(row)
  }

  get state(): Readonly<RunState> {
    return this.#state
  }

  get steps(): readonly StepRow[] {
    return this.#steps
  }

  /** Changes the run's row. */
  set(part: Partial<RunState>): void {
    this.#touched = true
    Object.assign(this.#state, part)
  }

  push(change: Change): void {
    this.#changes.push(change)
  }

  hasMemo(step: string): boolean {
    return this.#steps.some((row) => row.step === step) || this.#ground.hasMemo(this.row.key, step)
  }

  itemOf(step: string): ItemRow | undefined {
    const drafted = this.#items.get(step)
    if (drafted !== undefined) return drafted ?? undefined
    return this.#ground.itemOf(this.row.key, step)
  }

  /** Records the result of a step. The first one stands: @returns false when there is one already. */
  memo(step: string, memo: string, input: string | null): boolean {
    if (this.hasMemo(step)) return false
    const row: StepRow = { run: this.row.key, step, position: this.#state.stack, memo, input }
    this.set({
      stack: this.#state.stack + 1,
      steps: this.#state.steps + 1,
      bytes: this.#state.bytes + Buffer.byteLength(memo),
    })
    this.#steps.push(row)
    this.#changes.push({ put: 'step', row })
    this.#tallies.add(this.row.fn, TALLIES.steps)
    return true
  }

  record(ended: Ended): void {
    const { error, detail, ...rest } = ended
    const seq = this.#state.history + 1
    this.set({ history: seq })
    const row = {
      ...rest,
      run: this.row.key,
      seq,
      endedAt: this.#ground.now,
      detail: detail === null ? null : JSON.stringify(detail),
    }
    this.#changes.push({ put: 'history', row, error })
  }

  putItem(row: ItemRow): void {
    this.#items.set(row.step, row)
    this.#changes.push({ put: 'item', row })
  }

  /**
   * Changes an item in place; `from` is the step it had before, when that changes. What can run keeps its slots; what rests
   * gives them up.
   */
  setItem(row: ItemRow, from: string = row.step): void {
    const before = this.itemOf(from)
    const canRun = row.state === 'ready' || row.state === 'leased'
    const kept = canRun || !row.holds ? row : { ...row, holds: false }
    if (before?.holds === true && !kept.holds) this.#ledger.free(before.limits)
    if (from !== kept.step) this.#items.set(from, null)
    this.#items.set(kept.step, kept)
    this.#changes.push({ set: 'item', row: kept })
  }

  endItem(row: ItemRow): void {
    if (this.itemOf(row.step)?.holds === true) this.#ledger.free(row.limits)
    if (row.line !== null) this.#ledger.abandon(row)
    this.#items.set(row.step, null)
    this.#changes.push({ end: 'item', key: row.key })
  }

  /** Ends every item. Of a run all of whose items are not known (`open` null) the limits are looked at afterwards. */
  endItems(open: readonly ItemRow[] | null): void {
    this.#changes.push({ end: 'items', run: this.row.key })
    const items = new Map<string, ItemRow | null>()
    for (const item of open ?? []) items.set(item.step, item)
    for (const [step, item] of this.#items) items.set(step, item)
    for (const item of items.values()) if (item?.holds === true) this.#ledger.free(item.limits)
    for (const item of items.values()) if (item !== null && item.line !== null) this.#ledger.abandon(item)
    this.#items.clear()
    if (this.row.flow === null) return
    const { steps, runs } = readLimits(this.row.flow)
    if (open === null) for (const name of steps) this.#ledger.handOver(name)
    // On hot state the one item that is known is not the one that holds the run's slot.
    if (runs !== null && !items.has('!slot')) this.#ledger.handOver(runs)
  }

  putWait(row: WaitRow): void {
    this.set({ waits: this.#state.waits + 1 })
    this.#changes.push({ put: 'wait', row })
  }

  /** The run's changes, its row first; nothing when nothing was drafted. */
  changes(): readonly Change[] {
    if (!this.#touched) return this.#changes
    this.#state.rev = this.row.rev + 1
    return [{ set: 'run', key: this.row.key, state: { ...this.#state } }, ...this.#changes]
  }

  /** What the hot state has to follow; null when the row did not change. */
  touch(): RunTouch | null {
    if (!this.#touched) return null
    const { key, id, fn } = this.row
    return { key, id, fn, state: this.#state, steps: this.#steps, ended: this.ended }
  }
}

function stateOf(row: RunRow): Mutable<RunState> {
  const {
    status,
    rev,
    startedAt,
    endedAt,
    stack,
    history,
    steps,
    bytes,
    open,
    racing,
    waits,
    version,
    forcePlan,
    finishEvent,
    retries,
  } = row
  return {
    status,
    rev,
    startedAt,
    endedAt,
    stack,
    history,
    steps,
    bytes,
    open,
    racing,
    waits,
    version,
    forcePlan,
    finishEvent,
    retries,
  }
}

/** An item that this process works on as soon as the operation has committed. */
export interface Leased {
  readonly item: ItemRow
  /** The revision of the run once this operation has committed; -1 for items without a run. */
  readonly rev: number
}

/** All that follows from an operation once it has committed. */
export interface Effects {
  readonly leased: readonly Leased[]
  readonly touched: readonly RunTouch[]
  /** The earliest instant at which something sleeping that was written is due, or null. */
  readonly due: number | null
  /** Something was put into the ready index. */
  readonly ready: boolean
  /** The functions of what was put there; null: of none. */
  readonly readyOf: ReadonlySet<Key | null>
  /** Items were written. */
  readonly touchesQueue: boolean
  /** Apps or functions were written. */
  readonly registryChanged: boolean
  /** Paths that waits compare from now on, and the version of the registry they were added to. */
  readonly waitPaths: readonly { readonly name: string; readonly path: string }[]
  readonly registryVersion: number
  /** Runs that were made and leased, with the texts of their events. */
  readonly births: readonly RunBorn[]
}

/** A run that this process made and works on at once: hot from the start. */
export interface RunBorn {
  readonly row: RunRow
  /** Texts of its events; null when it begins with memos too, and has to be loaded. */
  readonly events: readonly string[] | null
}

/** What a draft asks of the process that decides. */
export interface DraftHost {
  /** Key of this process. */
  readonly owner: Key
  /** A function as it is registered now. */
  fn(key: Key): FunctionEntry | undefined
  /** All functions as they are registered now. */
  functions(): Iterable<FunctionEntry>
  /** Whether there is a place for a call of this function of this app. */
  hasSeat(app: Key, fn: Key): boolean
  /** Takes the probe of an app that cannot be reached. @returns false when it can be, or the probe is not due. */
  takeProbe(app: Key): boolean
  /** Takes a place for a call of this function of this app; null for a probe. @returns false when there is none. */
  takeSeat(app: Key | null, fn: Key): boolean
  /** The counter of an event of this name that is stored now. */
  eventTally(name: string): string
}

/** One operation's drafts, for one run or for many. */
export class Draft {
  readonly ground: Ground
  /** Slots, starts and lines as this operation leaves them. */
  readonly ledger: Ledger
  /** What this operation counts. */
  readonly tallies = new Tallies()
  readonly #host: DraftHost
  readonly #runs = new Map<Key, RunDraft>()
  readonly #changes: Change[] = []
  readonly #leased: ItemRow[] = []
  readonly #births = new Map<Key, RunBorn>()
  readonly #remembered = new Map<string, Key>()
  readonly #admitted = new Map<string, number>()
  readonly #singletons = new Set<string>()
  readonly #named = new Map<string, ItemRow | null>()
  readonly #waitPaths: { readonly name: string; readonly path: string }[] = []
  readonly #effects = new Set<string>()
  #registryChanged = false

  constructor(ground: Ground, host: DraftHost) {
    this.ground = ground
    this.ledger = new Ledger(ground)
    this.#host = host
  }

  /** Key of this process, the owner of what it leases. */
  get owner(): Key {
    return this.#host.owner
  }

  fn(key: Key | null): FunctionEntry | undefined {
    return key === null ? undefined : this.#host.fn(key)
  }

  get now(): number {
    return this.ground.now
  }

  /** The draft of a run that exists; undefined when it is not there. */
  run(key: Key): RunDraft | undefined {
    const drafted = this.#runs.get(key)
    if (drafted !== undefined) return drafted
    const row = this.ground.run(key)
    if (row === undefined) return undefined
    const draft = new RunDraft(row, this)
    this.#runs.set(key, draft)
    return draft
  }

  push(change: Change): void {
    if ('put' in change && change.put === 'waitPath') this.#waitPaths.push(change)
    if ('put' in change && (change.put === 'app' || change.put === 'function')) this.#registryChanged = true
    if ('set' in change && (change.set === 'app' || change.set === 'function')) this.#registryChanged = true
    if ('put' in change && change.put === 'admission')
      this.#admitted.set(change.row.name, this.admitted(change.row.name) + 1)
    if ('put' in change && change.put === 'run' && change.row.singleton !== null)
      this.#singletons.add(change.row.singleton)
    if ('put' in change && change.put === 'skip')
      this.tallies.add(change.row.fn, `${TALLIES.refused}${change.row.reason}`)
    if ('put' in change && change.put === 'idempotency')
      this.#remembered.set(`${change.row.fn} ${change.row.key}`, change.row.run)
    this.#changes.push(change)
  }

  /** Keeps what an event did to a run that was there before it, once. */
  noteEffect(event: Key, run: Key, how: EffectRow['how']): void {
    const name = `${event} ${run} ${how}`
    if (this.#effects.has(name)) return
    this.#effects.add(name)
    this.#changes.push({ put: 'effect', row: { event, run, how } })
  }

  /** The run that this very operation has made under an idempotency key; facts tell of those before it. */
  remembered(fn: Key, key: string): Key | undefined {
    return this.#remembered.get(`${fn} ${key}`)
  }

  /** Events that this very operation has admitted under a rate limit. */
  admitted(name: string): number {
    return this.#admitted.get(name) ?? 0
  }

  /** Whether this very operation has made a run that holds the singleton. */
  madeSingleton(name: string): boolean {
    return this.#singletons.has(name)
  }

  /** The item of no run under this name, as this operation leaves it. */
  named(name: string, facts: { named(name: string): ItemRow | undefined }): ItemRow | undefined {
    const drafted = this.#named.get(name)
    return drafted === undefined ? facts.named(name) : (drafted ?? undefined)
  }

  /** Notes who has the name from now on. */
  setNamed(name: string, item: ItemRow | null): void {
    this.#named.set(name, item)
  }

  /** Whether this operation leases the item: its call begins after the commit, and sees all that is drafted here. */
  isLeasing(item: Key): boolean {
    return this.#leased.some((leased) => leased.key === item)
  }

  /** Notes that a run was made by this operation; `events` are kept hot where it may begin now. */
  born(row: RunRow, events: readonly string[] | null): void {
    this.#births.set(row.key, { row, events })
  }

  /** Whether a call of this function of this app could begin now. */
  hasSeat(app: Key, fn: Key): boolean {
    return this.#host.hasSeat(app, fn)
  }

  functions(): Iterable<FunctionEntry> {
    return this.#host.functions()
  }

  /** Runs that this operation has made so far. */
  get birthCount(): number {
    return this.#births.size
  }

  /** Takes a place for a call of this function, or for the one that probes whether its app can be reached again. */
  takeSeat(app: Key, fn: Key): boolean {
    return this.#host.takeSeat(this.#host.takeProbe(app) ? null : app, fn)
  }

  /** Marks an item, drafted as leased, for this process. */
  lease(item: ItemRow): void {
    this.#leased.push(item)
  }

  finish(): { readonly changes: readonly Change[]; readonly effects: Effects } {
    const drafts = [...this.#runs.values()]
    const changes = [...drafts.flatMap((draft) => draft.changes()), ...this.#changes]
    let due: number | null = null
    let touchesQueue = false
    const readyOf = new Set<Key | null>()
    for (const change of changes) {
      if ('put' in change && change.put === 'event' && !change.row.isRepeat)
        this.tallies.add(0, this.#host.eventTally(change.row.name))
      const row = itemIn(change)
      if (row === undefined) continue
      touchesQueue = true
      if (row.state === 'ready') readyOf.add(row.fn)
      if (row.state === 'sleeping' && (due === null || row.due < due)) due = row.due
    }
    const leased = this.#leased.map((item) => ({ item, rev: item.run === null ? -1 : this.#revOf(item.run) }))
    const touched = drafts.flatMap((draft) => draft.touch() ?? [])
    return {
      changes: [...changes, ...this.tallies.changes()],
      effects: {
        leased,
        touched,
        due,
        ready: readyOf.size > 0,
        readyOf,
        touchesQueue,
        registryChanged: this.#registryChanged,
        waitPaths: this.#waitPaths,
        registryVersion: this.ground.registryVersion,
        births: [...this.#births.values()],
      },
    }
  }

  #revOf(run: Key): number {
    return this.#births.get(run)?.row.rev ?? this.#runs.get(run)?.state.rev ?? this.ground.run(run)?.rev ?? -1
  }
}

function itemIn(change: Change): ItemRow | undefined {
  if ('put' in change && change.put === 'item') return change.row
  if ('set' in change && change.set === 'item') return change.row
  return undefined
}
