// Reads what a group needs. Every row that is found brings what belongs to it (the rule stands at `Needs`), each row
// once. It runs inside the group's transaction, so nothing of it can change before the group has committed.
import type { FactsData } from '../contract/database.ts'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Fence, Needs } from '../contract/store.ts'
import type { ExpiredReads } from './expired-search.ts'
import { Found } from './found-rows.ts'
import type { LineReads } from './line-search.ts'
import type { ReadyReads } from './ready-search.ts'
import { storedEvent } from './stored-events.ts'
import type { Tables } from './tables.ts'

export interface FactsReads {
  readonly tables: Tables
  readonly ready: ReadyReads
  readonly lines: LineReads
  readonly expired: ExpiredReads
}

export interface Question {
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
  readonly now: number
  readonly registryVersion: number
}

const NONE: readonly never[] = []

export function readFacts({ tables, ready, lines, expired }: FactsReads, question: Question): FactsData {
  const { needs, fences, revs, now, registryVersion } = question
  const { events, outcomes, items, limits, registry } = tables
  const found = new Found(tables)
  const claimable = needs.ready === undefined ? NONE : ready.search(needs.ready, now)
  for (const item of claimable) found.bring(item)
  const searched = findRows(found, tables, needs)
  const heads = (needs.limits ?? NONE).map((search) => ({ name: search.name, ...lines.search(search) }))
  for (const head of heads) for (const item of head.items) found.addItem(item)
  const named = (needs.named ?? NONE).map((name) => items.byName(name)).filter((row) => row !== undefined)
  for (const item of named) found.addItem(item)
  found.records.find(needs)
  const known = readLimits(found, tables, { heads, claimable })
  return {
    now,
    registryVersion,
    fences: fences.map((fence) => fence !== null && items.hasEpoch(fence.item, fence.epoch)),
    revs: revs.map((rev, index) => rev !== null && hasRev(tables, fences[index], rev)),
    events: (needs.eventIds ?? NONE).map((id) => events.byUlid(id)).filter((row) => row !== undefined),
    idempotency: (needs.idempotency ?? NONE).flatMap(({ fn, key }) => {
      const run = outcomes.idempotency(fn, key, now)
      return run === undefined ? [] : [{ fn, key, run }]
    }),
    since: (needs.since ?? NONE).map(({ name, mark }) => ({
      name,
      events: events.since(name, Number(mark)).map((row) => storedEvent(tables, row)),
    })),
    ready: claimable,
    backlog: (needs.backlog ?? NONE).filter((fn) => items.hasReady(fn)),
    named,
    limits: known,
    lines: heads.map(({ name, items, isWhole }) => ({ name, items: items.map(({ key }) => key), isWhole })),
    windows: (needs.windows ?? NONE).map(({ name, periodMs }) => ({
      name,
      count: limits.window(name, now - periodMs),
    })),
    waits: [...found.waits.values()],
    searched,
    runs: [...found.runs.values()],
    items: [...found.items.values()],
    memos: found.memos,
    jobs: [...found.records.jobs.values()],
    jobRuns: [...found.records.jobRuns.values()],
    sessions: [...found.records.sessions.values()],
    sessionItems: found.records.sessionItems,
    requests: [...found.records.requests.values()],
    crons: (needs.crons ?? NONE).flatMap((fn) => items.crons(fn)),
    apps: needs.registry === true ? registry.apps() : NONE,
    functions: needs.registry === true ? registry.functions() : NONE,
    expired: needs.expired === undefined ? { events: NONE, runs: NONE } : expired.search(needs.expired),
  }
}

/** @returns the waits that the searches found. */
function findRows(found: Found, { waits, items, runs }: Tables, needs: Needs): readonly Key[] {
  for (const name of needs.signals ?? NONE) found.addWait(waits.signal(name))
  const searched: Key[] = []
  for (const search of needs.waits ?? NONE) {
    for (const wait of waits.search(search)) {
      found.addWait(wait)
      searched.push(wait.key)
    }
  }
  for (const run of needs.runs ?? NONE) found.addRun(run)
  for (const item of needs.items ?? NONE) found.addItem(items.byKey(item))
  for (const { run, step } of needs.steps ?? NONE) found.addStep(run, step)
  for (const run of needs.itemsOf ?? NONE) found.addItemsOf(run)
  for (const name of needs.singletons ?? NONE) found.addHolder(runs.bySingleton(name))
  return searched
}

interface Seen {
  readonly heads: readonly { readonly name: string }[]
  readonly claimable: readonly ItemRow[]
}

/** Limits that were asked for, and those that an item has brought, with their timers. */
function readLimits(found: Found, { items, limits }: Tables, { heads, claimable }: Seen): FactsData['limits'] {
  const names = new Set<string>()
  for (const { name } of heads) names.add(name)
  for (const item of found.items.values()) for (const name of item.limits) names.add(name)
  for (const item of claimable) for (const name of item.limits) names.add(name)
  const known: FactsData['limits'][number][] = []
  for (const name of names) {
    const timer = items.byName(name)
    found.addItem(timer)
    known.push({ name, held: limits.held(name), tat: limits.tat(name), timer: timer?.key ?? null })
  }
  return known
}

function hasRev({ runs }: Tables, fence: Fence | null | undefined, rev: number): boolean {
  return fence?.run != null && runs.rev(fence.run) === rev
}
