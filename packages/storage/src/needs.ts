// Merges the needs of a group's operations into the one question that `begin` asks the database. Here it is also said
// which operations need nothing, for a group of only those is a `finish` alone.
import type { ExpiredSearch, Needs, Operation, ReadySearch } from './contract/store.ts'

/** The most items that one group may claim from one index. */
const CLAIM_MAX = 1_000

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
  return asking.length === 1 ? first : merge(asking)
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
    waits: asking.flatMap((needs) => needs.waits ?? []),
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
    crons: union(asking, (needs) => needs.crons),
    registry: asking.some((needs) => needs.registry === true),
    expired: mergeExpired(asking),
  }
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
