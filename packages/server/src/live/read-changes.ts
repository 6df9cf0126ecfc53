// Turns the keys of what has changed into the rows that lists show: each read once, by key, whoever is told of it.
import { isReservedName } from '@pawl/protocol'
import type { EventRow, JobRow, Key, RequestView, RunView, SessionView, StoreChange } from '@pawl/storage'
import { shownJobs } from '../lists/jobs.ts'
import type { ServerOptions } from '../options.ts'
import { instant } from '../views/instant.ts'
import { runRowV2 } from '../views/run-view.ts'
import { requestRowV2, sessionRowV2 } from '../views/session-view.ts'

/** Bulk operations that are looked through for the changed ones: there are few, and the live ones are the newest. */
const BULKS_MAX = 50
const BULKS_REMEMBERED_MAX = 1_000
/** A job whose request is larger is named by nobody: who shows it reads it again. Characters. */
const JOB_REQUEST_MAX = 16 * 1024

/** The IDs of bulk operations by their keys. Each is asked for once: a live one changes several times a second. */
export class BulkIds {
  readonly #lists: ServerOptions['lists']
  /** null: not among the newest. */
  readonly #known = new Map<Key, string | null>()

  constructor(lists: ServerOptions['lists']) {
    this.#lists = lists
  }

  /** Those that can be told. */
  async of(keys: readonly Key[]): Promise<readonly string[]> {
    if (keys.some((key) => !this.#known.has(key))) await this.#look(keys)
    return keys.flatMap((key) => this.#known.get(key) ?? [])
  }

  async #look(keys: readonly Key[]): Promise<void> {
    if (this.#known.size > BULKS_REMEMBERED_MAX) this.#known.clear()
    for (const key of keys) this.#known.set(key, null)
    for (const { row } of await this.#lists.bulks({ limit: BULKS_MAX })) this.#known.set(row.key, row.id)
  }
}

/** What a message tells, without its number. Lists that are empty and flags that are false are left out. */
export type ChangeRows = Readonly<Record<string, unknown>>

export interface Reading {
  readonly bulkIds: BulkIds
  /** Whether whoever is told cannot have known of a run. */
  readonly isNew: (run: RunView) => boolean
}

/** Reads the rows of a change. */
export async function readChanges(
  ctx: Pick<ServerOptions, 'engine' | 'lists'>,
  change: StoreChange,
  { bulkIds, isNew }: Reading,
): Promise<ChangeRows> {
  const [runs, events, bulks, jobs, sessions, requests] = await Promise.all([
    change.runs.length === 0 ? [] : ctx.lists.runsByKey(change.runs),
    change.events.length === 0 ? [] : ctx.lists.eventsByKey(change.events),
    change.bulks.length === 0 ? [] : bulkIds.of(change.bulks),
    change.jobs.length === 0 ? [] : ctx.lists.jobsByKey(change.jobs),
    change.sessions.length === 0 ? [] : ctx.lists.sessionsByKey(change.sessions),
    change.requests.length === 0 ? [] : ctx.lists.requestsByKey(change.requests),
  ])
  const { now } = ctx.engine.clock()
  const smallJobs = inOrder(jobs).filter(({ request }) => request.length <= JOB_REQUEST_MAX)
  // A job or session that is not there any more is missing in lists too: they are to be read again.
  const isMissing =
    bulks.length < change.bulks.length ||
    smallJobs.length < change.jobs.length ||
    sessions.length < change.sessions.length ||
    requests.length < change.requests.length
  return {
    runs: filled(rowsInOrder(runs).map((run) => ({ ...runRowV2(ctx, run), isNew: isNew(run) ? true : undefined }))),
    events: filled([...events].sort((a, b) => a.key - b.key).map(eventRow)),
    bulks: filled(bulks),
    jobs: filled(await shownJobs(ctx, smallJobs)),
    sessions: filled(rowsInOrder(sessions).map((view) => sessionRowV2(view, now))),
    requests: filled(rowsInOrder(requests).map(requestRowV2)),
    registry: change.registry ? true : undefined,
    isCut: change.isCut || isMissing ? true : undefined,
  }
}

function eventRow(row: EventRow): unknown {
  return {
    id: row.id,
    eventId: row.eventId,
    name: row.name,
    ts: instant(row.ts),
    receivedAt: instant(row.receivedAt),
    isInternal: row.ofRun !== null || isReservedName(row.name) ? true : undefined,
  }
}

function rowsInOrder<View extends RunView | SessionView | RequestView>(views: readonly View[]): readonly View[] {
  return [...views].sort((a, b) => a.row.key - b.row.key)
}

function inOrder(rows: readonly JobRow[]): readonly JobRow[] {
  return [...rows].sort((a, b) => a.key - b.key)
}

function filled<T>(rows: readonly T[]): readonly T[] | undefined {
  return rows.length === 0 ? undefined : rows
}
