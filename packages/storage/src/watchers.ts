// Who watches the store, in this process and in others, and what they are told: the keys of what a group has written, put
// together only while somebody listens. What is told here is told after the group's commit and its answers.
import type { Change } from './contract/changes.ts'
import type { Database } from './contract/database.ts'
import type { Key } from './contract/rows.ts'
import type { StoreChange } from './contract/store.ts'

/** Keys of one kind that are told at once; whoever shows more reads again. */
const TOLD_MAX = 1_000

type Listener = (change: StoreChange) => void

export class Watchers {
  readonly #shared: Database['shared']
  readonly #listeners = new Set<Listener>()
  #unsubscribe: (() => void) | null = null

  constructor(shared: Database['shared']) {
    this.#shared = shared
  }

  /** Whether anybody, here or elsewhere, is to be told. */
  get isWatched(): boolean {
    return this.#listeners.size > 0 || this.#shared?.isWatched() === true
  }

  add(listener: Listener): () => void {
    // A function given twice is two watchers.
    const own: Listener = (change) => listener(change)
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#unsubscribe = this.#shared?.subscribe(this.#tellHere) ?? null
    return () => {
      if (!this.#listeners.delete(own) || this.#listeners.size > 0) return
      this.#unsubscribe?.()
      this.#unsubscribe = null
    }
  }

  /** Tells what operations that have committed changed. */
  tell(committed: readonly (readonly Change[])[]): void {
    const change = gather(committed)
    if (change === undefined) return
    this.#tellHere(change)
    if (this.#shared?.isWatched() === true) this.#shared.publish(change)
  }

  close(): void {
    this.#listeners.clear()
    this.#unsubscribe?.()
    this.#unsubscribe = null
  }

  readonly #tellHere = (change: StoreChange): void => {
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch {
        // The commit stands and is answered, whatever becomes of the telling: whoever watches reports its own errors.
      }
    }
  }
}

interface Gathered {
  readonly runs: Set<Key>
  readonly events: Set<Key>
  readonly bulks: Set<Key>
  readonly jobs: Set<Key>
  readonly sessions: Set<Key>
  readonly requests: Set<Key>
  registry: boolean
  isCut: boolean
}

/** Undefined when nothing was written that anybody watches. */
function gather(committed: readonly (readonly Change[])[]): StoreChange | undefined {
  const gathered = nothingGathered()
  for (const changes of committed) for (const change of changes) note(change, gathered)
  const { runs, events, bulks, jobs, sessions, requests, registry } = gathered
  const keys = [runs, events, bulks, jobs, sessions, requests]
  const isCut = gathered.isCut || keys.some(({ size }) => size > TOLD_MAX)
  if (keys.every(({ size }) => size === 0) && !registry && !isCut) return undefined
  return {
    runs: told(runs),
    events: told(events),
    bulks: told(bulks),
    jobs: told(jobs),
    sessions: told(sessions),
    requests: told(requests),
    registry,
    isCut,
  }
}

function nothingGathered(): Gathered {
  return {
    runs: new Set(),
    events: new Set(),
    bulks: new Set(),
    jobs: new Set(),
    sessions: new Set(),
    requests: new Set(),
    registry: false,
    isCut: false,
  }
}

function told(keys: ReadonlySet<Key>): Key[] {
  return [...keys].slice(0, TOLD_MAX)
}

/** An item that changes alone, such as one that leaves a line, changes why its run waits. */
function note(change: Change, gathered: Gathered): void {
  if ('put' in change) {
    if (change.put === 'run') gathered.runs.add(change.row.key)
    else if (change.put === 'event') gathered.events.add(change.row.key)
    else if (change.put === 'bulk') gathered.bulks.add(change.row.key)
    else if (change.put === 'item' && change.row.run !== null) gathered.runs.add(change.row.run)
    else if (change.put === 'app' || change.put === 'function') gathered.registry = true
    else noteRecord(change, gathered)
  } else if ('set' in change) {
    if (change.set === 'run') gathered.runs.add(change.key)
    else if (change.set === 'item' && change.row.run !== null) gathered.runs.add(change.row.run)
    else if (change.set === 'bulk') gathered.bulks.add(change.row.key)
    else if (change.set === 'app' || change.set === 'function') gathered.registry = true
    else noteRecord(change, gathered)
  } else if ('end' in change && change.end === 'everything') gathered.isCut = true
}

type Record = Extract<Change, { readonly put: string } | { readonly set: string }>

/** A run of a job changes the job, an item changes its session, and so does a request. */
function noteRecord(change: Record, { jobs, sessions, requests }: Gathered): void {
  if (isAbout(change, 'job')) jobs.add(change.row.key)
  else if (isAbout(change, 'jobRun')) jobs.add(change.row.job)
  else if (isAbout(change, 'session')) sessions.add(change.row.key)
  else if (isAbout(change, 'sessionItem')) sessions.add(change.row.session)
  else if (isAbout(change, 'request')) {
    requests.add(change.row.key)
    sessions.add(change.row.session)
  }
}

type About<Noun> = Extract<Record, { readonly put: Noun } | { readonly set: Noun }>

function isAbout<Noun extends string>(change: Record, noun: Noun): change is About<Noun> {
  return ('put' in change ? change.put : change.set) === noun
}
