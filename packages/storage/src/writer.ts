// The one writer above the databases. It gathers the operations of a turn, lets them decide one after another over what
// the database read for all of them, and commits them as one group; while one group commits the next gathers. Nothing is
// told to anybody before its group has committed.
//
//   commit() ─▶ queue ─ turn ─▶ gather ≤ 256 ─▶ all plain? ── yes ─▶ decide ──────────────▶ finish ─▶ answer
//                                                  └── no ─▶ begin ─▶ refuse, decide, overlay ─┘
//   A group that errs is halved and run again; one whose answer was lost is looked up by its number.
import type { Database, Group, Write, Written } from './contract/database.ts'
import type { Key } from './contract/rows.ts'
import type { Decision, Facts, Operation, Outcome, Store } from './contract/store.ts'
import { DECIDE_LATER } from './decide-later.ts'
import { StorageError } from './errors.ts'
import { GroupFacts } from './facts.ts'
import { KEYS_EXHAUSTED, KeyStock } from './keys.ts'
import { isPlain, mergeNeeds } from './needs.ts'
import { PlainFacts } from './plain-facts.ts'
import { raisesRegistry } from './registry-changes.ts'
import { Watchers } from './watchers.ts'

/** Operations in a group. */
const GROUP_MAX = 256
/** Row changes after which a group takes no further operation: about 15 ms of writing on SQLite. */
const CHANGES_MAX = 5_000

/** The answer of a store that one process has to itself. */
const NOTHING_RELEASED = { released: 0 } as const

export interface StoreOptions {
  readonly database: Database
  /** When a turn is taken: `setImmediate` in the server, the simulator's own in tests. */
  readonly turn: (take: () => void) => void
}

/**
 * Puts the writer above a database.
 *
 * @returns A store whose `close` commits what is queued and then closes the database.
 */
export function createStore({ database, turn }: StoreOptions): Store {
  const watchers = new Watchers(database.shared)
  const writer = new Writer(database, turn, watchers)
  return {
    commit: (operation) => writer.commit(operation),
    state: database.state,
    lists: database.lists,
    process: database.process,
    isShared: database.shared !== undefined,
    heartbeat: async () => (await database.shared?.heartbeat()) ?? NOTHING_RELEASED,
    hint: () => database.shared?.hint(),
    onHint: (listener) => database.shared?.onHint(listener),
    watch: (listener) => watchers.add(listener),
    close: () => writer.close().finally(() => watchers.close()),
  }
}

type Status = 'waiting' | 'decided' | 'stale' | 'moved' | 'failed' | 'later'

interface Entry {
  readonly operation: Operation<unknown>
  resolve(outcome: Outcome<unknown>): void
  reject(error: unknown): void
  status: Status
  /** The decision's result, or what `decide` threw. */
  result: unknown
}

/** What one attempt at a group has decided. */
interface Draft {
  readonly entries: readonly Entry[]
  readonly writes: Write[]
  /** The entries of `writes`, in their order. */
  readonly decided: Entry[]
  changes: number
}

class Writer {
  readonly #database: Database
  readonly #turn: (take: () => void) => void
  readonly #watchers: Watchers
  readonly #keys: KeyStock
  readonly #plainFacts: PlainFacts
  #queue: Entry[] = []
  #isArmed = false
  #isBusy = false
  #groupNumber = 0
  /** As last told by the database; null before its first answer. */
  #registryVersion: number | null = null
  #now = 0
  #closing: Promise<void> | null = null
  #onIdle: (() => void) | null = null

  constructor(database: Database, turn: (take: () => void) => void, watchers: Watchers) {
    this.#database = database
    this.#turn = turn
    this.#watchers = watchers
    this.#keys = new KeyStock(database)
    this.#plainFacts = new PlainFacts(() => this.#keys.draw())
  }

  commit<R>(operation: Operation<R>): Promise<Outcome<R>> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== null) return reject(new StorageError('storage_closed', 'The store was closed.'))
      // The result that it is resolved with is what this operation's own `decide` returned.
      const answer = resolve as (outcome: Outcome<unknown>) => void
      this.#queue.push({ operation, resolve: answer, reject, status: 'waiting', result: undefined })
      if (!this.#isArmed && !this.#isBusy) this.#arm()
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    if (this.#isBusy || this.#queue.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    await this.#keys.idle()
    await this.#database.close()
  }

  #arm(): void {
    this.#isArmed = true
    this.#turn(this.#take)
  }

  readonly #take = (): void => {
    this.#isArmed = false
    this.#isBusy = true
    void this.#run(this.#gather(), true).then(this.#rest)
  }

  /** After a group: arms the turn of what has gathered meanwhile. */
  readonly #rest = (): void => {
    this.#isBusy = false
    if (this.#queue.length > 0) this.#arm()
    else this.#onIdle?.()
  }

  /** Takes a group off the queue. Of two plain operations on one run the second waits: the first moves the run's row. */
  #gather(): Entry[] {
    const queue = this.#queue
    const group: Entry[] = []
    const waiting: Entry[] = []
    const runs = new Set<Key>()
    for (const entry of queue) {
      const run = entry.operation.fence?.run ?? null
      const isLocking = run !== null && isPlain(entry.operation)
      if (group.length === GROUP_MAX || (isLocking && runs.has(run))) waiting.push(entry)
      else {
        group.push(entry)
        if (isLocking) runs.add(run)
      }
    }
    this.#queue = waiting
    return group
  }

  /** Commits the group and answers its operations. Never rejects. */
  async #run(entries: readonly Entry[], mayRepeat: boolean): Promise<void> {
    try {
      await this.#attempt(entries)
    } catch (error) {
      if (error instanceof NotCommitted && mayRepeat) await this.#run(entries, false)
      else if (error instanceof NotCommitted) rejectAll(entries, notCommitted(error))
      else if (error instanceof StorageError || entries.length === 1) rejectAll(entries, error)
      else {
        const half = entries.length >> 1
        await this.#run(entries.slice(0, half), mayRepeat)
        await this.#run(entries.slice(half), mayRepeat)
      }
    }
  }

  async #attempt(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) entry.status = 'waiting'
    const draft: Draft = { entries, writes: [], decided: [], changes: 0 }
    if (this.#keys.isEmpty) await this.#keys.refill()
    this.#keys.settle()
    const isAlone = this.#registryVersion !== null && entries.every(({ operation }) => isPlain(operation))
    if (isAlone) await this.#decideAlone(draft)
    else await this.#decideOverFacts(draft)
    if (draft.writes.length > 0) await this.#finish(draft)
    else if (!isAlone) await this.#database.rollback()
    this.#answerRefused(draft)
    this.#keys.topUp()
  }

  /** Decides operations that need nothing: their fences and revisions are checked by `finish`. */
  async #decideAlone(draft: Draft): Promise<void> {
    const facts = this.#plainFacts
    facts.now = this.#database.now?.() ?? this.#now
    facts.registryVersion = this.#registryVersion ?? 0
    for (const entry of draft.entries) {
      const decision = this.#decide(entry, facts, draft) ?? (await this.#decideWithMoreKeys(entry, facts, draft))
      if (decision !== null) add(draft, entry, decision)
    }
  }

  async #decideOverFacts(draft: Draft): Promise<void> {
    const operations = draft.entries.map((entry) => entry.operation)
    const needs = mergeNeeds(operations)
    const fences = operations.map((operation) => operation.fence ?? null)
    const revs = operations.map((operation) => operation.given?.rev ?? null)
    const data = await this.#database.begin(needs, fences, revs)
    this.#registryVersion = data.registryVersion
    this.#now = data.now
    try {
      const facts = new GroupFacts(data, needs, () => this.#keys.draw())
      await this.#decideInOrder(draft, facts, data)
    } catch (error) {
      await this.#database.rollback().catch(() => {})
      throw error
    }
  }

  async #decideInOrder(draft: Draft, facts: GroupFacts, data: Guards): Promise<void> {
    const { entries } = draft
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index] as Entry
      const isFenced = data.fences[index] === true
      entry.status = refuse(entry.operation, facts, { isFenced, isRevised: data.revs[index] === true })
      if (entry.status !== 'waiting') continue
      const decision = this.#decide(entry, facts, draft) ?? (await this.#decideWithMoreKeys(entry, facts, draft))
      if (decision === null) continue
      add(draft, entry, decision)
      if (index < entries.length - 1) facts.apply(decision.changes)
    }
  }

  /** Null when the operation was not decided; its status then says why: `waiting` is for more keys. */
  #decide(entry: Entry, facts: Facts, draft: Draft): Decision<unknown> | null {
    try {
      if (draft.changes >= CHANGES_MAX) throw DECIDE_LATER
      if (facts instanceof GroupFacts) facts.answer(entry.operation.needs)
      const decision = entry.operation.decide(facts)
      entry.status = 'decided'
      entry.result = decision.result
      return decision
    } catch (error) {
      entry.status = error === KEYS_EXHAUSTED ? 'waiting' : error === DECIDE_LATER ? 'later' : 'failed'
      entry.result = error
      return null
    }
  }

  async #decideWithMoreKeys(entry: Entry, facts: Facts, draft: Draft): Promise<Decision<unknown> | null> {
    let decision: Decision<unknown> | null = null
    while (decision === null && entry.status === 'waiting') {
      await this.#keys.refill()
      decision = this.#decide(entry, facts, draft)
    }
    this.#keys.settle()
    return decision
  }

  async #finish(draft: Draft): Promise<void> {
    const group: Group = { number: ++this.#groupNumber, writes: draft.writes }
    const written = await this.#database.finish(group).catch((error: unknown) => this.#ask(group.number, error))
    this.#now = written.now
    const { registryVersion } = written
    if (registryVersion !== undefined) this.#registryVersion = Math.max(registryVersion, this.#registryVersion ?? 0)
    for (const [index, entry] of draft.decided.entries()) this.#answer(entry, draft.writes[index], { written, index })
    if (this.#watchers.isWatched) this.#tell(draft.writes, written)
  }

  #tell(writes: readonly Write[], { results }: Written): void {
    this.#watchers.tell(writes.flatMap(({ changes }, index) => (results[index] === 'done' ? [changes] : [])))
  }

  #answer(entry: Entry, write: Write | undefined, { written, index }: Answered): void {
    const result = written.results[index]
    if (result === 'stale' || result === 'moved') return entry.resolve(result)
    if (this.#registryVersion !== null && write !== undefined && raisesRegistry(write.changes)) this.#registryVersion++
    const { now, mark } = written
    entry.resolve({ done: entry.result, now, mark, registry: this.#registryVersion ?? 0 })
  }

  /** A commit's answer may be lost: the process's row says what became of the group. */
  async #ask(groupNumber: number, error: unknown): Promise<Written> {
    if (!(error instanceof StorageError) || error.code !== 'outcome_unknown') throw error
    const written = await this.#database.written(groupNumber).catch((cause: unknown) => {
      throw new StorageError('outcome_unknown', 'The answer to a commit was lost and the store cannot be asked.', {
        cause,
      })
    })
    if (written === null) throw new NotCommitted(error)
    return written
  }

  #answerRefused({ entries }: Draft): void {
    const later: Entry[] = []
    for (const entry of entries) {
      if (entry.status === 'stale' || entry.status === 'moved') entry.resolve(entry.status)
      else if (entry.status === 'failed') entry.reject(entry.result)
      else if (entry.status === 'later') later.push(entry)
    }
    if (later.length > 0) this.#queue = [...later, ...this.#queue]
  }
}

interface Answered {
  readonly written: Written
  readonly index: number
}

interface Guards {
  readonly fences: readonly boolean[]
  readonly revs: readonly boolean[]
}

/** Refuses an operation whose lease is gone or whose ground has moved: in the store, or by this group before it. */
function refuse(
  { fence, given }: Operation<unknown>,
  facts: GroupFacts,
  { isFenced, isRevised }: { readonly isFenced: boolean; readonly isRevised: boolean },
): 'stale' | 'moved' | 'waiting' {
  if (fence !== undefined && !(isFenced && facts.holds(fence))) return 'stale'
  if (given?.registry !== undefined && given.registry !== facts.registryVersion) return 'moved'
  if (given?.rev === undefined) return 'waiting'
  const revisedTo = fence?.run == null ? undefined : facts.revisedTo(fence.run)
  const hasRev = revisedTo === undefined ? isRevised : revisedTo === given.rev
  return hasRev ? 'waiting' : 'moved'
}

function add(draft: Draft, entry: Entry, { changes }: Decision<unknown>): void {
  const { fence, given } = entry.operation
  draft.writes.push({ fence: fence ?? null, rev: given?.rev ?? null, changes })
  draft.decided.push(entry)
  draft.changes += changes.length
}

function rejectAll(entries: readonly Entry[], error: unknown): void {
  for (const entry of entries) entry.reject(entry.status === 'failed' ? entry.result : error)
}

/** The commit's answer was lost, and the store says that there was no commit. */
class NotCommitted extends Error {
  override readonly name = 'NotCommitted'

  constructor(cause: unknown) {
    super('The group was not committed', { cause })
  }
}

function notCommitted(error: NotCommitted): StorageError {
  return new StorageError('storage_error', 'The group was not committed; try again.', { cause: error.cause })
}
