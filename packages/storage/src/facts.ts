// What a group's operations decide over: what `begin` read, overlaid with what earlier operations of the same group have
// decided since. An operation must see neither more nor less than if those had been committed one by one; where that
// cannot be told from what was read, it is decided later.
import type { Change } from './contract/changes.ts'
import type { FactsData } from './contract/database.ts'
import type {
  AppRow,
  EventRow,
  FunctionRow,
  ItemRow,
  JobRow,
  JobRunRow,
  Key,
  RequestRow,
  RunRow,
  SessionItemRow,
  SessionRow,
  WaitRow,
} from './contract/rows.ts'
import type { Facts, Fence, LimitState, LineHead, Needs, StoredEvent } from './contract/store.ts'
import { DECIDE_LATER } from './decide-later.ts'
import { EventFacts } from './event-facts.ts'
import { JobFacts } from './job-facts.ts'
import { LimitFacts } from './limit-facts.ts'
import { isNamed, jobTimer, requestDeadline } from './named-items.ts'
import { raisesRegistry } from './registry-changes.ts'
import { factsOf, fileByRun, type RunFacts } from './run-facts.ts'
import { RunRows } from './run-rows.ts'
import { SessionFacts } from './session-facts.ts'
import { WaitFacts } from './wait-facts.ts'

const NO_NEEDS: Needs = {}

export class GroupFacts implements Facts {
  readonly now: number
  readonly key: () => Key
  #registryVersion: number
  /** The needs of the operation that decides now. */
  #own: Needs = NO_NEEDS
  /** Set by a reset or a page of retention in this group: what was read may not hold any more. */
  #wiped = false

  readonly #data: FactsData
  readonly #events: EventFacts
  readonly #idempotency = new Map<string, Key | null>()
  readonly #signals = new Map<string, WaitRow | null>()
  readonly #waits: WaitFacts
  readonly #waitsByKey = new Map<Key, WaitRow>()
  readonly #backlog = new Map<Key, boolean>()
  readonly #runs: RunRows
  /** Runs all of whose items this group has ended. */
  readonly #emptied = new Set<Key>()
  readonly #items = new Map<Key, ItemRow | null>()
  readonly #byRun: Map<Key, RunFacts>
  readonly #named = new Map<string, ItemRow | null>()
  readonly #limits: LimitFacts
  readonly #jobs: JobFacts
  readonly #sessions: SessionFacts
  readonly #crons = new Map<Key, Map<Key, ItemRow>>()
  readonly #apps = new Map<Key, AppRow>()
  readonly #functions = new Map<Key, FunctionRow>()
  readonly #ended = new Set<Key>()

  /** @param needs  The merged needs that `data` answers. */
  constructor(data: FactsData, needs: Needs, key: () => Key) {
    this.now = data.now
    this.key = key
    this.#registryVersion = data.registryVersion
    this.#data = data
    this.#events = new EventFacts(data, needs)
    this.#runs = new RunRows(data, needs)
    this.#limits = new LimitFacts(data, needs)
    this.#jobs = new JobFacts(data, needs)
    this.#sessions = new SessionFacts(data, needs)
    this.#waits = new WaitFacts(needs.waits ?? [], searchedOf(data))
    this.#byRun = fileByRun(data, needs)
    this.#markAbsent(data, needs)
    this.#fileFound(data)
  }

  get registryVersion(): number {
    return this.#registryVersion
  }

  /** From now on the facts are asked by an operation with these needs. */
  answer(needs: Needs): void {
    if (this.#wiped) throw DECIDE_LATER
    this.#own = needs
  }

  /** Whether the lease that `begin` found alive still is, after what the group has decided. */
  holds(fence: Fence): boolean {
    const item = this.#items.get(fence.item)
    if (item === undefined) return fence.run === null || !this.#emptied.has(fence.run)
    return item !== null && item.epoch === fence.epoch
  }

  /** The revision that the group has given to the run, or undefined when it has not touched it. */
  revisedTo(run: Key): number | undefined {
    return this.#runs.revisedTo(run)
  }

  event(id: string): EventRow | undefined {
    return known(this.#events.byId(id), 'event', id)
  }

  idempotency(fn: Key, key: string): Key | undefined {
    return known(this.#idempotency.get(`${fn} ${key}`), 'idempotency key', key)
  }

  signal(name: string): WaitRow | undefined {
    return known(this.#signals.get(name), 'signal', name)
  }

  waits(name: string): readonly WaitRow[] {
    return this.#waits.find(name, this.#own.waits ?? [])
  }

  since(name: string): readonly StoredEvent[] {
    const found = this.#events.since(name, this.#own.since)
    if (found === undefined) throw notAsked('events since a mark', name)
    return found
  }

  ready(): readonly ItemRow[] {
    const search = this.#own.ready
    if (search === undefined) throw notAsked('items to claim', '')
    const skip = new Set(search.skip)
    let readyLeft = search.readyMax
    let dueLeft = search.dueMax
    return this.#data.ready.filter((item) => {
      if (this.#items.get(item.key) !== item) return false
      if (item.state !== 'ready') return dueLeft-- > 0
      return !(item.fn !== null && skip.has(item.fn)) && readyLeft-- > 0
    })
  }

  backlog(fn: Key): boolean {
    const found = this.#backlog.get(fn)
    if (found === undefined) throw notAsked('backlog of function', fn)
    return found
  }

  run(key: Key): RunRow | undefined {
    return known(this.#runs.byKey(key), 'run', key)
  }

  item(key: Key): ItemRow | undefined {
    return known(this.#items.get(key), 'item', key)
  }

  hasMemo(run: Key, step: string): boolean {
    const found = this.#byRun.get(run)?.memos.get(step)
    if (found === undefined) throw notAsked('memo', `${run} ${step}`)
    return found
  }

  itemOf(run: Key, step: string): ItemRow | undefined {
    const facts = this.#byRun.get(run)
    const item = facts?.items.get(step)
    if (item === undefined && facts?.hasAllItems === true) return undefined
    return known(item, 'item of step', `${run} ${step}`)
  }

  itemsOf(run: Key): readonly ItemRow[] {
    const facts = this.#byRun.get(run)
    if (facts?.hasAllItems !== true) throw notAsked('items of run', run)
    return [...facts.items.values()].filter((item) => item !== null).sort((a, b) => a.key - b.key)
  }

  waitOf(run: Key, step: string): WaitRow | undefined {
    const facts = this.#byRun.get(run)
    const wait = facts?.waits.get(step)
    if (wait === undefined && facts?.hasAllItems === true) return undefined
    return known(wait, 'wait of step', `${run} ${step}`)
  }

  named(name: string): ItemRow | undefined {
    return known(this.#named.get(name), 'item named', name)
  }

  limit(name: string): LimitState | undefined {
    const state = this.#limits.state(name)
    return state === undefined ? undefined : { ...state, timer: this.#named.get(name) ?? null }
  }

  line(name: string): LineHead {
    const head = this.#limits.line(name, this.#own.limits ?? [])
    if (head !== undefined) return head
    if (this.#limits.state(name) === undefined) throw notAsked('line', name)
    return { items: [], isWhole: false }
  }

  window(name: string): number {
    const count = this.#limits.window(name, this.#own.windows)
    if (count === undefined) throw notAsked('window', name)
    return count
  }

  singleton(name: string): RunRow | undefined {
    return known(this.#runs.bySingleton(name), 'singleton', name)
  }

  job(key: Key): JobRow | undefined {
    return known(this.#jobs.job(key), 'job', key)
  }

  jobById(id: string): JobRow | undefined {
    return known(this.#jobs.jobById(id), 'job', id)
  }

  jobRun(key: Key): JobRunRow | undefined {
    return known(this.#jobs.run(key), "job's run", key)
  }

  jobRunById(id: string): JobRunRow | undefined {
    return known(this.#jobs.runById(id), "job's run", id)
  }

  session(key: Key): SessionRow | undefined {
    return known(this.#sessions.session(key), 'session', key)
  }

  sessionNamed(name: string): SessionRow | undefined {
    return known(this.#sessions.named(name), 'session named', name)
  }

  sessionItem(session: Key, name: string): SessionItemRow | undefined {
    return known(this.#sessions.item(session, name), 'item of session', `${session} ${name}`)
  }

  request(key: Key): RequestRow | undefined {
    return known(this.#sessions.request(key), 'request', key)
  }

  requestById(id: string): RequestRow | undefined {
    return known(this.#sessions.requestById(id), 'request', id)
  }

  requestNamed(session: Key, name: string): RequestRow | undefined {
    return known(this.#sessions.requestNamed(session, name), 'request named', `${session} ${name}`)
  }

  pendingOf(session: Key): readonly RequestRow[] {
    const found = this.#sessions.pendingOf(session)
    if (found === undefined) throw notAsked('pending requests of session', session)
    return found
  }

  crons(fn: Key): readonly ItemRow[] {
    const found = this.#crons.get(fn)
    if (found === undefined) throw notAsked('crons of function', fn)
    return [...found.values()]
  }

  apps(): readonly AppRow[] {
    if (this.#own.registry !== true) throw notAsked('apps', '')
    return [...this.#apps.values()]
  }

  functions(): readonly FunctionRow[] {
    if (this.#own.registry !== true) throw notAsked('functions', '')
    return [...this.#functions.values()]
  }

  expired(): { readonly events: readonly Key[]; readonly runs: readonly Key[] } {
    const search = this.#own.expired
    if (search === undefined) throw notAsked('expired rows', '')
    const left = (keys: readonly Key[]) => keys.filter((key) => !this.#ended.has(key)).slice(0, search.max)
    return { events: left(this.#data.expired.events), runs: left(this.#data.expired.runs) }
  }

  /** Lays one operation's changes over the facts. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change) this.#put(change)
      else if ('set' in change) this.#set(change)
      else if ('end' in change) this.#end(change)
      // What is counted is read by nobody who decides.
    }
    if (raisesRegistry(changes)) this.#registryVersion++
  }

  #put(change: Extract<Change, { put: unknown }>): void {
    switch (change.put) {
      case 'event':
        return this.#events.put(change.row, change.body)
      case 'run':
        this.#runs.put(change.row)
        // A run of this group has no items but those that the group puts.
        factsOf(this.#byRun, change.row.key).hasAllItems = true
        return
      case 'item':
        return this.#fileItem(change.row, null)
      case 'step':
        // An input-only memo is no result.
        if (change.row.position >= 0) factsOf(this.#byRun, change.row.run).memos.set(change.row.step, true)
        return
      case 'wait':
        return this.#fileWait(change.row)
      case 'idempotency':
        this.#idempotency.set(`${change.row.fn} ${change.row.key}`, change.row.run)
        return
      case 'app':
        this.#apps.set(change.row.key, change.row)
        return
      case 'function':
        this.#functions.set(change.row.key, change.row)
        return
      case 'rate':
        return this.#limits.setRate(change.row)
      case 'admission':
        return this.#limits.admit(change.row)
      case 'job':
        return this.#jobs.putJob(change.row)
      case 'jobRun':
        return this.#jobs.putRun(change.row)
      case 'session':
        return this.#sessions.putSession(change.row)
      case 'sessionItem':
        return this.#sessions.putItem(change.row)
      case 'request':
        return this.#sessions.putRequest(change.row)
      case 'secret':
      case 'bulk':
      case 'effect':
      case 'functionVersion':
      case 'sync':
      case 'runEvents':
      case 'output':
      case 'history':
      case 'skip':
      case 'waitPath':
        return
      default:
        return assertNever(change)
    }
  }

  #set(change: Extract<Change, { set: unknown }>): void {
    switch (change.set) {
      case 'run':
        return this.#runs.set(change.key, change.state)
      case 'item':
        return this.#fileItem(change.row, this.#items.get(change.row.key))
      case 'wait':
        this.#endWait(change.row.key)
        return this.#fileWait(change.row)
      case 'app':
        this.#apps.set(change.row.key, change.row)
        return
      case 'function':
        this.#functions.set(change.row.key, change.row)
        return
      case 'job':
        return this.#jobs.putJob(change.row)
      case 'jobRun':
        return this.#jobs.putRun(change.row)
      case 'session':
        return this.#sessions.setSession(change.row)
      case 'request':
        return this.#sessions.putRequest(change.row)
      case 'clockOffset':
      case 'bulk':
        return
      default:
        return assertNever(change)
    }
  }

  #end(change: Extract<Change, { end: unknown }>): void {
    switch (change.end) {
      case 'item':
        return this.#endItem(change.key)
      case 'items':
        return this.#endItemsOf(change.run)
      case 'wait':
        return this.#endWait(change.key)
      case 'waits':
        return this.#endWaitsOf(change.run)
      case 'event':
        this.#ended.add(change.key)
        return this.#events.end(change.key)
      case 'run':
        this.#ended.add(change.key)
        return this.#runs.end(change.key)
      case 'expired':
      case 'secret':
        return
      // The database chooses what goes: nothing of it was read.
      case 'records':
      case 'everything':
        this.#wiped = true
        return
      default:
        return assertNever(change)
    }
  }

  /** @param before  null for an item that is new, undefined for one that was not read. */
  #fileItem(row: ItemRow, before: ItemRow | null | undefined): void {
    if (before !== undefined && before !== null && before.step !== row.step) this.#dropStep(before)
    this.#items.set(row.key, row)
    this.#limits.follow(before, row, row.run === null || this.#runs.byKey(row.run) !== undefined)
    if (row.run !== null) factsOf(this.#byRun, row.run).items.set(row.step, row)
    else if (isNamed(row)) this.#named.set(row.step, row)
    if (row.fn === null) return
    if (row.state === 'ready') this.#backlog.set(row.fn, true)
    if (row.kind === 'cron') this.#crons.get(row.fn)?.set(row.key, row)
  }

  #endItem(key: Key): void {
    const row = this.#items.get(key)
    this.#items.set(key, null)
    if (row === undefined || row === null) return
    this.#limits.follow(row, null)
    this.#dropStep(row)
    if (row.kind === 'cron' && row.fn !== null) this.#crons.get(row.fn)?.delete(key)
  }

  #dropStep(row: ItemRow): void {
    if (row.run === null) {
      if (this.#named.get(row.step)?.key === row.key) this.#named.set(row.step, null)
      return
    }
    const items = this.#byRun.get(row.run)?.items
    if (items?.get(row.step)?.key === row.key) items.set(row.step, null)
  }

  #endItemsOf(run: Key): void {
    this.#emptied.add(run)
    for (const row of this.#byRun.get(run)?.items.values() ?? []) if (row !== null) this.#endItem(row.key)
  }

  #fileWait(row: WaitRow): void {
    this.#waitsByKey.set(row.key, row)
    this.#waits.put(row)
    factsOf(this.#byRun, row.run).waits.set(row.step, row)
    if (row.kind === 'signal' && row.name !== '') this.#signals.set(row.name, row)
  }

  #endWait(key: Key): void {
    const row = this.#waitsByKey.get(key)
    if (row === undefined) return
    this.#waitsByKey.delete(key)
    this.#waits.end(key)
    const waits = this.#byRun.get(row.run)?.waits
    if (waits?.get(row.step)?.key === key) waits.set(row.step, null)
    if (this.#signals.get(row.name)?.key === key) this.#signals.set(row.name, null)
  }

  #endWaitsOf(run: Key): void {
    for (const row of this.#byRun.get(run)?.waits.values() ?? []) if (row !== null) this.#endWait(row.key)
  }

  #markAbsent(data: FactsData, needs: Needs): void {
    for (const { fn, key } of needs.idempotency ?? []) this.#idempotency.set(`${fn} ${key}`, null)
    for (const name of needs.signals ?? []) this.#signals.set(name, null)
    for (const fn of needs.backlog ?? []) this.#backlog.set(fn, false)
    for (const item of needs.items ?? []) this.#items.set(item, null)
    for (const fn of needs.crons ?? []) this.#crons.set(fn, new Map())
    for (const name of needs.named ?? []) this.#named.set(name, null)
    for (const { id } of data.jobs) this.#named.set(jobTimer(id), null)
    for (const { id } of data.requests) this.#named.set(requestDeadline(id), null)
  }

  #fileFound(data: FactsData): void {
    for (const { fn, key, run } of data.idempotency) this.#idempotency.set(`${fn} ${key}`, run)
    for (const row of data.waits) {
      this.#waitsByKey.set(row.key, row)
      if (row.kind === 'signal' && this.#signals.has(row.name)) this.#signals.set(row.name, row)
    }
    for (const fn of data.backlog) this.#backlog.set(fn, true)
    for (const row of data.items) {
      this.#items.set(row.key, row)
      if (isNamed(row)) this.#named.set(row.step, row)
    }
    for (const row of data.named) {
      this.#items.set(row.key, row)
      this.#named.set(row.step, row)
    }
    for (const row of data.ready) {
      this.#items.set(row.key, row)
      if (isNamed(row)) this.#named.set(row.step, row)
    }
    for (const row of data.crons) {
      this.#items.set(row.key, row)
      if (row.fn !== null) this.#crons.get(row.fn)?.set(row.key, row)
    }
    for (const row of data.apps) this.#apps.set(row.key, row)
    for (const row of data.functions) this.#functions.set(row.key, row)
  }
}

function searchedOf({ waits, searched }: FactsData): readonly WaitRow[] {
  if (searched.length === 0) return []
  const keys = new Set(searched)
  return waits.filter((wait) => keys.has(wait.key))
}

/** Null is known to be absent; undefined was never asked for. */
function known<T>(value: T | null | undefined, noun: string, key: string | number): T | undefined {
  if (value === undefined) throw notAsked(noun, key)
  return value ?? undefined
}

function notAsked(noun: string, key: string | number): Error {
  return new Error(`Facts were asked for what was not in the needs: ${noun} ${key}`)
}

function assertNever(value: never): never {
  throw new Error(`Unexpected change: ${JSON.stringify(value)}`)
}
