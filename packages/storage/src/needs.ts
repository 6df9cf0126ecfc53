// Merges the needs of a group's operations into the one question that `begin` asks the database. Here it is also said
// which operations need nothing, for a group of only those is a `finish` alone.
import type { Key } from './contract/rows.ts'
import type { ExpiredSearch, LimitSearch, Needs, Operation, ReadySearch, WaitSearch } from './contract/store.ts'

/** The most items that one group may claim from one index. */
const CLAIM_MAX = 1_000
/** The most items at the head of one line that one group may bring. */
const HEADS_MAX = 500

/** Whether the operation is decided on hot state alone: its fence and revision are then checked inside `finish`. */
export function isPlain(operation: Operation<unknown>): boolean {
  return operation.given?.registry === undefined && !asksAnything(operation.needs)
}

/** One set of needs for all operations; values that two of them name are named once. */
export function mergeNeeds(operations: readonly Operation<unknown>[]): Needs {
  const asking: Needs[] = []
  for (const operation of operations) if (asksAnything(operation.needs)) asking.push(operation.needs)
  const [first] = asking
  if (first === undefined) return {}
  if (operations.length === 1) return first
  const items = slotHolders(operations)
  if (asking.length === 1 && items.length === 0) return first
  return merge(items.length === 0 ? asking : [...asking, { items }])
}

/**
 * An operation that has a limit in its needs frees or takes a slot with the item of its lease. Whether that one held it
 * is to be known when an operation after it asks what is held.
 */
function slotHolders(operations: readonly Operation<unknown>[]): Key[] {
  const items: Key[] = []
  for (const { needs, fence } of operations) {
    if (fence !== undefined && needs.limits !== undefined && needs.limits.length > 0) items.push(fence.item)
  }
  return items
}

function asksAnything(needs: Needs): boolean {
  for (const name in needs) {
    const value = needs[name as keyof Needs]
    if (value === undefined || value === false) continue
    if (Array.isArray(value) && value.length === 0) continue
    return true
  }
  return false
}

function merge(asking: readonly Needs[]): Needs {
  return {
    storing: union(asking, (needs) => needs.storing),
    waitingFor: union(asking, (needs) => needs.waitingFor),
    eventIds: union(asking, (needs) => needs.eventIds),
    idempotency: unionBy(
      asking,
      (needs) => needs.idempotency,
      ({ fn, key }) => `${fn} ${key}`,
    ),
    signals: union(asking, (needs) => needs.signals),
    waits: mergeWaits(asking),
    since: unionBy(
      asking,
      (needs) => needs.since,
      ({ name, mark }) => `${typeof mark} ${mark} ${name}`,
    ),
    ready: mergeReady(asking),
    backlog: union(asking, (needs) => needs.backlog),
    runs: union(asking, (needs) => needs.runs),
    items: union(asking, (needs) => needs.items),
    steps: unionBy(
      asking,
      (needs) => needs.steps,
      ({ run, step }) => `${run} ${step}`,
    ),
    itemsOf: union(asking, (needs) => needs.itemsOf),
    named: union(asking, (needs) => needs.named),
    limits: mergeLimits(asking),
    windows: unionBy(
      asking,
      (needs) => needs.windows,
      ({ name, periodMs }) => `${periodMs} ${name}`,
    ),
    singletons: union(asking, (needs) => needs.singletons),
    jobs: union(asking, (needs) => needs.jobs),
    jobRuns: union(asking, (needs) => needs.jobRuns),
    sessions: union(asking, (needs) => needs.sessions),
    sessionNames: union(asking, (needs) => needs.sessionNames),
    sessionItems: unionBy(asking, (needs) => needs.sessionItems, nameInSession),
    requests: union(asking, (needs) => needs.requests),
    requestNames: unionBy(asking, (needs) => needs.requestNames, nameInSession),
    pendingOf: union(asking, (needs) => needs.pendingOf),
    crons: union(asking, (needs) => needs.crons),
    registry: asking.some((needs) => needs.registry === true),
    expired: mergeExpired(asking),
  }
}

function nameInSession({ session, name }: { readonly session: Key; readonly name: string }): string {
  return `${session} ${name}`
}

function union<T>(asking: readonly Needs[], pick: (needs: Needs) => readonly T[] | undefined): readonly T[] {
  const values = new Set<T>()
  for (const needs of asking) for (const value of pick(needs) ?? []) values.add(value)
  return [...values]
}

function unionBy<T>(
  asking: readonly Needs[],
  pick: (needs: Needs) => readonly T[] | undefined,
  identity: (value: T) => string,
): readonly T[] {
  const values = new Map<string, T>()
  for (const needs of asking) for (const value of pick(needs) ?? []) values.set(identity(value), value)
  return [...values.values()]
}

/**
 * Of searches for waits on one name only those that name the same stored event as the first: waits that were found do not
 * say for which. Who asked for the others is put off to a later group, where in the end it comes first.
 */
function mergeWaits(asking: readonly Needs[]): readonly WaitSearch[] {
  const first = new Map<string, WaitSearch>()
  const merged: WaitSearch[] = []
  for (const { waits } of asking) {
    for (const search of waits ?? []) {
      if (!first.has(search.name)) first.set(search.name, search)
      if (first.get(search.name)?.stored === search.stored) merged.push(search)
    }
  }
  return merged
}

/** Each limit once, with a head long enough for all operations together. */
function mergeLimits(asking: readonly Needs[]): readonly LimitSearch[] {
  const takes = new Map<string, number>()
  for (const { limits } of asking) {
    for (const { name, take } of limits ?? []) takes.set(name, Math.min(HEADS_MAX, (takes.get(name) ?? 0) + take))
  }
  return Array.from(takes, ([name, take]) => ({ name, take }))
}

/** Enough for all claims together; only a function that every claim leaves alone is left alone. */
function mergeReady(asking: readonly Needs[]): ReadySearch | undefined {
  let merged: ReadySearch | undefined
  for (const { ready } of asking) {
    if (ready === undefined) continue
    const before: ReadySearch | undefined = merged
    merged =
      before === undefined
        ? ready
        : {
            readyMax: Math.min(CLAIM_MAX, before.readyMax + ready.readyMax),
            dueMax: Math.min(CLAIM_MAX, before.dueMax + ready.dueMax),
            skip: before.skip.filter((fn) => ready.skip.includes(fn)),
          }
  }
  return merged
}

/** The careful cutoffs: what one search would keep is kept. */
function mergeExpired(asking: readonly Needs[]): ExpiredSearch | undefined {
  let merged: ExpiredSearch | undefined
  for (const { expired } of asking) {
    if (expired === undefined) continue
    const before: ExpiredSearch | undefined = merged
    merged =
      before === undefined
        ? expired
        : {
            eventsBefore: Math.min(before.eventsBefore, expired.eventsBefore),
            runsBefore: Math.min(before.runsBefore, expired.runsBefore),
            max: Math.max(before.max, expired.max),
          }
  }
  return merged
}
