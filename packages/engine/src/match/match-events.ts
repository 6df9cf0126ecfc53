// Stations 2 to 4 for a list of events, as needs and a decision: each event's matches become runs or recorded skips, and
// the waits that its values find are resumed or cancel their runs. One operation makes at most a page of runs and resumed
// waits; where it stops is a cursor, and the rest goes on from a `match` item written in the same transaction.
import type { Facts, Key, Needs, WaitRow, WaitSearch } from '@pawl/storage'
import { valueAt } from '../expression/index.ts'
import { type Admission, admissionNeeds, prepareAdmission } from '../flow/admission.ts'
import { admitEvent, type FlowContext } from '../flow/admit-event.ts'
import type { Incoming } from '../incoming.ts'
import type { RegistryCache } from '../registry-cache.ts'
import type { Draft } from '../runs/draft.ts'
import { resumeStep } from '../runs/end-branch.ts'
import { finishRun, type MatchCursor } from '../runs/finish-run.ts'
import { runUlid } from '../runs/schedule-run.ts'
import { restHolds } from '../waits/bind-condition.ts'
import { type MatchVerdict, matchTriggers } from './match-triggers.ts'

export type MatchContext = FlowContext

/** The verdict on one function; what stands between event and run, where it matched. */
export type PreparedVerdict =
  | (Extract<MatchVerdict, { matched: true }> & { readonly admission: Admission })
  | Extract<MatchVerdict, { matched: false }>

/** One event with everything that can be worked out before the operation. */
export interface PreparedEvent {
  readonly event: Incoming
  readonly cursor: MatchCursor
  readonly verdicts: readonly PreparedVerdict[]
  readonly search: WaitSearch | null
}

export function prepareEvent(
  registry: RegistryCache,
  event: Incoming,
  options: {
    readonly now: number
    readonly cursor: MatchCursor
    readonly page: number
    /** The event's key, where an earlier operation has stored it. */
    readonly stored?: Key
  },
): PreparedEvent {
  const { now, cursor } = options
  const listeners = registry.listeners(event.row.name).filter((fn) => fn.row.key > cursor.fn)
  const verdicts = matchTriggers(listeners, event, now).map(
    (verdict): PreparedVerdict =>
      verdict.matched
        ? { ...verdict, admission: prepareAdmission(verdict.fn, event, { now, source: 'event' }) }
        : verdict,
  )
  return { event, cursor, verdicts, search: waitSearch(registry, event, options) }
}

function waitSearch(
  registry: RegistryCache,
  event: Incoming,
  { cursor, page, stored }: { readonly cursor: MatchCursor; readonly page: number; readonly stored?: Key },
): WaitSearch | null {
  const paths = registry.waitPaths(event.row.name)
  if (paths === undefined) return null
  const keys = [{ path: '', value: '' }]
  for (const path of paths) {
    const value = path === '' ? null : valueAt(event.value, path)
    if (value !== null) keys.push({ path, value })
  }
  return { name: event.row.name, keys, stored, after: cursor.wait, max: page + 1 }
}

/** What the decision on these events must read. */
export function matchNeeds(prepared: readonly PreparedEvent[]): Needs {
  const admissions = prepared.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict) => (verdict.matched ? [verdict.admission] : [])),
  )
  return {
    ...admissionNeeds(admissions),
    storing: [...new Set(prepared.map(({ event }) => event.row.name))],
    waits: prepared.flatMap(({ search }) => search ?? []),
  }
}

/** What one operation may still do: counts down runs made and waits resumed. */
export interface Page {
  left: number
  /** Waits by event name, as they were when the decision began: looked up once, however many events have the name. */
  readonly waits: Map<string, readonly WaitRow[]>
}

export function startPage(size: number): Page {
  return { left: size, waits: new Map() }
}

/** Decides on one stored event. @returns null when it is done, else where to go on; the page is full then. */
export function matchEvent(
  ctx: MatchContext,
  draft: Draft,
  facts: Facts,
  work: { readonly prepared: PreparedEvent; readonly key: Key; readonly receivedAt: number; readonly page: Page },
): MatchCursor | null {
  const { prepared, page } = work
  let fn = prepared.cursor.fn
  for (const verdict of prepared.verdicts) {
    if (page.left <= 0) return { ...prepared.cursor, fn }
    const came = startOrSkip(ctx, draft, facts, { verdict, ...work })
    if (came === 'later') {
      // What comes after it shall find it done: the rest goes on in a further operation, in order.
      page.left = 0
      return { ...prepared.cursor, fn }
    }
    if (came === 'run') page.left -= 1
    fn = verdict.fn.row.key
  }
  const waits = openWaits(facts, prepared, page)
  let wait = prepared.cursor.wait
  for (const row of waits) {
    if (page.left <= 0) return { fn, wait }
    if (wake(ctx, draft, row, work)) page.left -= 1
    wait = row.key
  }
  // A full page of found waits may not have been all of them.
  if (prepared.search === null || waits.length < prepared.search.max) return null
  page.left = 0
  return { fn, wait }
}

interface EventWork {
  readonly prepared: PreparedEvent
  readonly key: Key
  readonly receivedAt: number
}

/** What came of one verdict: a run was made, nothing was, or it has to be decided in a further operation. */
function startOrSkip(
  ctx: MatchContext,
  draft: Draft,
  facts: Facts,
  work: EventWork & { readonly verdict: PreparedVerdict },
): 'run' | 'none' | 'later' {
  const { verdict, key } = work
  const fn = verdict.fn.row.key
  if (!verdict.matched) {
    const detail = verdict.detail === '' ? null : verdict.detail
    draft.push({ put: 'skip', row: { event: key, fn, reason: verdict.reason, detail } })
    return 'none'
  }
  const { event } = work.prepared
  const came = admitEvent(ctx, draft, facts, {
    admission: verdict.admission,
    candidate: {
      event: { key, name: event.row.name, value: event.value, text: event.text, ts: event.row.ts },
      runId: runUlid(work.receivedAt, verdict.fn.id, event.row.id),
    },
  })
  if (came.kind === 'later') return 'later'
  return came.kind === 'started' || came.kind === 'skipped' ? 'run' : 'none'
}

/** The waits that this event's own values found; a group's facts hold those of its other events too. */
function openWaits(facts: Facts, prepared: PreparedEvent, page: Page): readonly WaitRow[] {
  const { search } = prepared
  if (search === null) return []
  const found = page.waits.get(search.name) ?? facts.waits(search.name)
  page.waits.set(search.name, found)
  const values = new Map(search.keys.map(({ path, value }) => [path, value]))
  return found.filter((wait) => wait.key > search.after && values.get(wait.path) === wait.value).slice(0, search.max)
}

/** @returns true when the wait was resolved. */
function wake(ctx: MatchContext, draft: Draft, wait: WaitRow, work: EventWork): boolean {
  const run = draft.run(wait.run)
  if (run === undefined || run.ended || run.state.endedAt !== null || wait.until < work.receivedAt) return false
  // The event that started a run neither resumes nor cancels it.
  if (run.row.event === work.key) return false
  const { event } = work.prepared
  if (!restHolds(wait.rest, event.value, draft.now)) return false
  draft.noteEffect(work.key, wait.run, wait.kind === 'cancel' ? 'cancelled' : 'resumed')
  if (wait.kind === 'cancel') {
    finishRun(ctx, draft, run, {
      status: 'cancelled',
      text: null,
      attempt: 0,
      startedAt: run.state.startedAt ?? run.row.queuedAt,
      cause: 'event',
      open: draft.ground.itemsOf(wait.run),
    })
    return true
  }
  resumeStep(draft, run, {
    wait,
    memo: event.text,
    status: 'completed',
    detail: { foundEvent: event.row.id, timedOut: false },
  })
  return true
}
