// The jobs, sessions and requests that a group has found, each once, and what each brings (the rule stands at `Needs`). What
// the needs name is locked in the first flight; what an item that was found is named for is only tried, and so are the
// timers and deadlines that the rows bring.
import type { FactsData } from '../contract/database.ts'
import type { ItemRow, JobRow, JobRunRow, Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import type { Needs } from '../contract/store.ts'
import { jobTimer, requestDeadline, type Subject, subjectNamed, subjectOf } from '../named-items.ts'
import { encodeArray } from './arrays.ts'
import type { Connection, Flight, Value } from './connection.ts'
import { type ItemCells, NAMED, toItem } from './item-table.ts'
import { JOB_RUNS_BY_KEY, JOB_RUNS_BY_ULID, type JobCells, toJob, toJobRun } from './job-table.ts'
import { TRY_NAMED } from './locks.ts'
import {
  jobLocks,
  LOCK_JOBS,
  LOCK_SESSIONS,
  type RecordNames,
  SUBJECTS,
  sessionLocks,
  TRY_JOBS,
  TRY_SESSIONS,
} from './record-locks.ts'
import {
  REQUESTS,
  SESSION_ITEMS_NAMED,
  type SessionCells,
  toRequest,
  toSession,
  toSessionItem,
} from './session-table.ts'

type Answer<Cells> = Promise<Cells[]> | readonly never[]
type Facts = Pick<FactsData, 'jobs' | 'jobRuns' | 'sessions' | 'sessionItems' | 'requests'>

const NONE: readonly never[] = []

/** The locks of a group's needs, in a flight. */
export interface LockedRecords {
  readonly sessions: Answer<SessionCells>
  readonly jobs: Answer<JobCells>
}

/** Puts the locks into the flight; they may wait. */
export function lockRecords(flight: Flight, needs: Needs): LockedRecords {
  const names = namesIn(needs.named ?? NONE)
  const sessions = sessionLocks(needs, names)
  const jobs = jobLocks(needs, names)
  return {
    sessions: sessions === null ? NONE : flight.ask(LOCK_SESSIONS, sessions),
    jobs: jobs === null ? NONE : flight.ask(LOCK_JOBS, jobs),
  }
}

/** Whether the needs lock or read any of these. */
export function needsRecords({ jobs, jobRuns, sessions, sessionNames, requests, pendingOf, named }: Needs): boolean {
  if ([jobs, jobRuns, sessions, sessionNames, requests, pendingOf].some((needed) => (needed ?? NONE).length > 0))
    return true
  return Object.values(namesIn(named ?? NONE)).some((names) => names.length > 0)
}

export class FoundRecords {
  readonly #jobs = new Map<Key, JobRow>()
  readonly #jobRuns = new Map<Key, JobRunRow>()
  readonly #sessions = new Map<Key, SessionRow>()
  readonly #sessionItems: SessionItemRow[] = []
  readonly #requests = new Map<Key, RequestRow>()
  /** Sessions and jobs are locked; what is asked of them is read after that. */
  readonly #knownIds = new Set<string>()
  #runKeys = new Set<Key>()
  #ids: Record<Subject['of'], Set<string>> = { job: new Set(), jobRun: new Set(), request: new Set() }
  /** Timers and deadlines that rows have brought. */
  #timers = new Set<string>()
  readonly #knownTimers = new Set<string>()
  /** Something that was brought is locked by somebody else: the group begins again. */
  isUnsettled = false

  get facts(): Facts {
    return {
      jobs: [...this.#jobs.values()],
      jobRuns: [...this.#jobRuns.values()],
      sessions: [...this.#sessions.values()],
      sessionItems: this.#sessionItems,
      requests: [...this.#requests.values()],
    }
  }

  /** Puts the reads of what the needs name into the flight that has locked it. */
  askRows(flight: Flight, needs: Needs, locked: LockedRecords): () => Promise<void> {
    const names = namesIn(needs.named ?? NONE)
    // Those are read with the other items.
    for (const name of needs.named ?? NONE) this.#knownTimers.add(name)
    const { sessionItems = NONE, requests = NONE, requestNames = NONE, pendingOf = NONE, jobRuns = NONE } = needs
    const items = sessionItems.length === 0 ? NONE : flight.ask(SESSION_ITEMS_NAMED, nameValues(sessionItems))
    const isAsked = requests.length + requestNames.length + pendingOf.length + names.requests.length > 0
    const found = isAsked
      ? flight.ask(REQUESTS, [
          encodeArray('int8', requests),
          ...nameValues(requestNames),
          encodeArray('text', names.requests),
          encodeArray('int8', pendingOf),
        ])
      : NONE
    const runs = jobRuns.length === 0 ? NONE : flight.ask(JOB_RUNS_BY_KEY, [encodeArray('int8', jobRuns)])
    const runsNamed =
      names.jobRuns.length === 0 ? NONE : flight.ask(JOB_RUNS_BY_ULID, [encodeArray('text', names.jobRuns)])
    return async () => {
      for (const cells of await locked.sessions) this.#addSession(toSession(cells))
      for (const cells of await locked.jobs) this.#addJob(toJob(cells))
      for (const cells of await items) this.#sessionItems.push(toSessionItem(cells))
      for (const cells of await found) this.#addRequest(toRequest(cells))
      for (const cells of [...(await runs), ...(await runsNamed)]) this.#addRun(toJobRun(cells))
    }
  }

  /** Locks what items are named for, as far as it is to be had at once, and leaves out the items of the rest. */
  async take(connection: Connection, items: readonly ItemRow[]): Promise<readonly ItemRow[]> {
    const ids = idsOf(items)
    if (ids.every((of) => of.length === 0)) return items
    const owners = await this.#try(connection.flight(), ids)
    const isFree = (item: ItemRow) => {
      const subject = subjectOf(item)
      const owner = subject === undefined ? undefined : owners.get(subject.id)
      return subject === undefined || owner === undefined || this.#isLocked(subject.of, owner)
    }
    const free = items.filter(isFree)
    // Their own timers are here already.
    for (const { step } of free) this.#knownTimers.add(step)
    return free
  }

  /** What the name of an item says that it is about. */
  bring(item: ItemRow): void {
    const subject = subjectOf(item)
    this.#knownTimers.add(item.step)
    this.#timers.delete(item.step)
    if (subject === undefined || this.#knownIds.has(subject.id)) return
    this.#knownIds.add(subject.id)
    this.#ids[subject.of].add(subject.id)
  }

  get hasQuestions(): boolean {
    const { job, jobRun, request } = this.#ids
    return this.#runKeys.size + this.#timers.size + job.size + jobRun.size + request.size > 0
  }

  /** Puts the questions into a flight; the answer takes the rows in once it has landed, and items to `add`. */
  ask(flight: Flight, add: (item: ItemRow) => void): () => Promise<void> {
    const ids = this.#ids
    this.#ids = { job: new Set(), jobRun: new Set(), request: new Set() }
    const lists = [[...ids.job], [...ids.jobRun], [...ids.request]] as const
    const subjects = lists.every((list) => list.length === 0) ? null : this.#askSubjects(flight, lists)
    const runs = [...this.#runKeys]
    this.#runKeys = new Set()
    const byKey = runs.length === 0 ? NONE : flight.ask(JOB_RUNS_BY_KEY, [encodeArray('int8', runs)])
    const timers = this.#askTimers(flight)
    return async () => {
      await subjects?.()
      for (const cells of await byKey) this.#addRun(toJobRun(cells))
      for (const item of await timers()) add(item)
    }
  }

  /** Whoever moves a timer at this moment is not waited for. */
  #askTimers(flight: Flight): () => Promise<readonly ItemRow[]> {
    const names = [...this.#timers]
    this.#timers = new Set()
    for (const name of names) this.#knownTimers.add(name)
    if (names.length === 0) return async () => NONE
    const values = [encodeArray('text', names)]
    const before = flight.ask(NAMED, values)
    const locked = flight.ask(TRY_NAMED, values)
    const found: Answer<ItemCells> = flight.ask(NAMED, values)
    return async () => {
      const free = new Set((await locked).map(([key]) => key))
      if ((await before).some(([key]) => !free.has(key))) this.isUnsettled = true
      return (await found).filter(([key]) => free.has(key)).map((cells) => toItem(cells))
    }
  }

  /** Of items that the needs name by key: what cannot be locked at once makes the group begin again. */
  #askSubjects(flight: Flight, ids: Ids): () => Promise<void> {
    const tried = this.#askTry(flight, ids)
    return async () => {
      const owners = await tried()
      for (const [at, of] of (['job', 'jobRun', 'request'] as const).entries()) {
        for (const id of ids[at] ?? NONE) {
          const owner = owners.get(id)
          if (owner !== undefined && !this.#isLocked(of, owner)) this.isUnsettled = true
        }
      }
    }
  }

  async #try(flight: Flight, ids: Ids): Promise<ReadonlyMap<string, Key>> {
    const tried = this.#askTry(flight, ids)
    await flight.land()
    return tried()
  }

  /** @returns once it has landed, by what each of the IDs is locked. */
  #askTry(flight: Flight, ids: Ids): () => Promise<ReadonlyMap<string, Key>> {
    const [jobs, jobRuns, requests] = ids.map((list) => encodeArray('text', list)) as [Value, Value, Value]
    const owners = flight.ask(SUBJECTS, [jobs, jobRuns, requests])
    const sessions = ids[2].length === 0 ? NONE : flight.ask(TRY_SESSIONS, [requests])
    const locked = ids[0].length + ids[1].length === 0 ? NONE : flight.ask(TRY_JOBS, [jobs, jobRuns])
    const runs = ids[1].length === 0 ? NONE : flight.ask(JOB_RUNS_BY_ULID, [jobRuns])
    const none = encodeArray('int8', NONE)
    const asked =
      ids[2].length === 0 ? NONE : flight.ask(REQUESTS, [none, none, encodeArray('text', NONE), requests, none])
    return async () => {
      for (const cells of await sessions) this.#addSession(toSession(cells))
      for (const cells of await locked) this.#addJob(toJob(cells))
      for (const run of (await runs).map(toJobRun)) if (this.#jobs.has(run.job)) this.#addRun(run)
      for (const row of (await asked).map(toRequest)) if (this.#sessions.has(row.session)) this.#addRequest(row)
      return new Map(await owners)
    }
  }

  #isLocked(of: Subject['of'], owner: Key): boolean {
    return of === 'request' ? this.#sessions.has(owner) : this.#jobs.has(owner)
  }

  #addJob(row: JobRow): void {
    if (this.#jobs.has(row.key)) return
    this.#jobs.set(row.key, row)
    this.#knownIds.add(row.id)
    if (row.live !== null && !this.#jobRuns.has(row.live)) this.#runKeys.add(row.live)
    this.#addTimer(jobTimer(row.id))
  }

  #addRun(row: JobRunRow): void {
    this.#jobRuns.set(row.key, row)
    this.#knownIds.add(row.id)
    this.#runKeys.delete(row.key)
    // It came while locks were waited for.
    if (!this.#jobs.has(row.job)) this.isUnsettled = true
  }

  #addSession(row: SessionRow): void {
    this.#sessions.set(row.key, row)
  }

  #addRequest(row: RequestRow): void {
    if (this.#requests.has(row.key)) return
    this.#requests.set(row.key, row)
    this.#knownIds.add(row.id)
    if (!this.#sessions.has(row.session)) this.isUnsettled = true
    this.#addTimer(requestDeadline(row.id))
  }

  #addTimer(name: string): void {
    if (!this.#knownTimers.has(name)) this.#timers.add(name)
  }
}

type Ids = readonly [jobs: readonly string[], jobRuns: readonly string[], requests: readonly string[]]

function idsOf(items: readonly ItemRow[]): Ids {
  const ids = { job: new Set<string>(), jobRun: new Set<string>(), request: new Set<string>() }
  for (const item of items) {
    const subject = subjectOf(item)
    if (subject !== undefined) ids[subject.of].add(subject.id)
  }
  return [[...ids.job], [...ids.jobRun], [...ids.request]]
}

/** What names of items say that they are about: an item that is named has to find its row locked. */
function namesIn(named: readonly string[]): RecordNames {
  const names = { jobs: [] as string[], jobRuns: [] as string[], requests: [] as string[] }
  for (const name of named) {
    const subject = subjectNamed(name)
    if (subject?.of === 'job') names.jobs.push(subject.id)
    else if (subject?.of === 'jobRun') names.jobRuns.push(subject.id)
    else if (subject?.of === 'request') names.requests.push(subject.id)
  }
  return names
}

function nameValues(named: readonly { readonly session: Key; readonly name: string }[]): readonly Value[] {
  const sessions = named.map(({ session }) => session)
  return [
    encodeArray('int8', sessions),
    encodeArray(
      'text',
      named.map(({ name }) => name),
    ),
  ]
}
