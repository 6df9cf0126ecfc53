// The committed rows of jobs and sessions, as plain maps (see `tables.ts`), and what items are named for.
import type { ItemRow, JobRow, JobRunRow, Key, RequestRow, SecretRow, SessionItemRow, SessionRow } from '@pawl/storage'
import { LoggedMap, type UndoLog } from './logged-map.ts'

/** A row that an item brings. */
export interface Subject {
  readonly of: 'job' | 'jobRun' | 'request'
  readonly id: string
}

const SUBJECTS: Readonly<Record<string, Subject['of']>> = {
  job: 'job',
  jobRun: 'jobRun',
  request: 'request',
  callback: 'request',
}

/** What a name says that it is about; there may be no such row. */
export function subjectNamed(name: string): Subject | undefined {
  const [kind = '', id] = name.split(':')
  const of = SUBJECTS[kind]
  return of === undefined || id === undefined ? undefined : { of, id }
}

export function subjectOf({ run, kind, step }: ItemRow): Subject | undefined {
  return run === null && SUBJECTS[kind] !== undefined ? subjectNamed(step) : undefined
}

export class RecordTables {
  readonly jobs: LoggedMap<Key, JobRow>
  readonly jobRuns: LoggedMap<Key, JobRunRow>
  readonly excerpts: LoggedMap<Key, string>
  readonly secrets: LoggedMap<string, SecretRow>
  readonly sessions: LoggedMap<Key, SessionRow>
  /** By session and number. */
  readonly sessionItems: LoggedMap<string, SessionItemRow>
  readonly requests: LoggedMap<Key, RequestRow>

  constructor(log: UndoLog) {
    this.jobs = new LoggedMap(log)
    this.jobRuns = new LoggedMap(log)
    this.excerpts = new LoggedMap(log)
    this.secrets = new LoggedMap(log)
    this.sessions = new LoggedMap(log)
    this.sessionItems = new LoggedMap(log)
    this.requests = new LoggedMap(log)
  }

  /** Jobs stay, without a live run, and so do secrets. */
  wipe(): void {
    for (const map of [this.jobRuns, this.excerpts, this.sessions, this.sessionItems, this.requests]) map.clear()
    for (const job of this.jobs.filter(({ live }) => live !== null)) this.jobs.set(job.key, { ...job, live: null })
  }

  jobByUlid(id: string): JobRow | undefined {
    return this.jobs.find((row) => row.id === id)
  }

  jobRunByUlid(id: string): JobRunRow | undefined {
    return this.jobRuns.find((row) => row.id === id)
  }

  sessionNamed(name: string): SessionRow | undefined {
    return this.sessions.find((row) => row.name === name)
  }

  sessionByUlid(id: string): SessionRow | undefined {
    return this.sessions.find((row) => row.id === id)
  }

  sessionItem(session: Key, name: string): SessionItemRow | undefined {
    return this.sessionItems.find((row) => row.session === session && row.name === name)
  }

  requestNamed(session: Key, name: string): RequestRow | undefined {
    return this.requests.find((row) => row.session === session && row.name === name)
  }

  requestByUlid(id: string): RequestRow | undefined {
    return this.requests.find((row) => row.id === id)
  }

  pendingOf(session: Key): readonly RequestRow[] {
    return this.requests.filter((row) => row.session === session && row.status === 'pending')
  }
}
