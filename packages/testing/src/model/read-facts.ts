// Reads what a group needs, statement by statement, each of which sees what has committed by then. What the group has locked
// does not change in between; what it could not lock at once is left out.
import type { FactsData, Fence, ItemRow, Key, Mark, Needs } from '@pawl/storage'
import { searchExpired } from './expired-search.ts'
import { FoundRows } from './found-rows.ts'
import { itemLock, limitLock, runLock } from './lock-names.ts'
import type { ModelServer, Transaction } from './model-server.ts'
import { subjectLock } from './record-locks.ts'
import { covers } from './snapshots.ts'
import type { Tables } from './tables.ts'
import { searchDue, searchLine, searchReady } from './turns.ts'

export interface Reading {
  readonly server: ModelServer
  readonly transaction: Transaction
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
  /** The functions that this process has served last, in the ready index ('') and in each line: searches go on from there. */
  readonly last: Map<string, Key>
  /** The time that the process has told already. */
  readonly floor: number
  /** Time passes between two statements. */
  readonly pace: () => Promise<void>
}

export type Read = Omit<FactsData, 'now' | 'registryVersion'>

/** Thrown when something was found that is not locked: the group begins again. */
export const UNSETTLED = Symbol('unsettled')

const NO_EXPIRED = { events: [], runs: [] }

/** @throws UNSETTLED */
export async function readFacts(reading: Reading): Promise<Read> {
  const { server, transaction, needs, pace } = reading
  const { tables } = server
  const heads = await lineHeads(reading)
  const candidates = await claim(reading)
  const found = new FoundRows(tables, {
    isLocked: (run) => transaction.held.has(runLock(run)),
    take: (lock) => server.locks.take(transaction, lock),
  })
  findRows(found, tables, needs)
  await pace()
  // What each item has come to since it was found is read under its run's lock.
  const time = Math.max(reading.floor, server.wall())
  const ready = candidates.flatMap((candidate) => {
    const item = tables.items.get(candidate.key)
    return item !== undefined && isStill(item, candidate, time) ? [item] : []
  })
  for (const item of ready) found.bring(item)
  const named = (needs.named ?? []).flatMap((name) => tables.named(name) ?? [])
  for (const item of named) found.bring(item)
  const lines = heads.map(({ name, keys, isWhole }) => {
    const items = keys.flatMap((key) => tables.items.get(key) ?? []).filter(({ line }) => line === name)
    for (const item of items) found.addItem(item)
    return { name, items: items.map(({ key }) => key), isWhole: isWhole && items.length === keys.length }
  })
  found.records.find(needs)
  if (found.isUnsettled) throw UNSETTLED
  // What stands in the ready index holds its slots already.
  const limits = await readLimits(reading, found, [...found.items, ...ready.filter(({ state }) => state !== 'ready')])
  return {
    ...namedFacts(reading, time),
    ready,
    waits: found.waits,
    searched: found.searched,
    runs: found.runs,
    items: found.items,
    memos: found.memos,
    ...found.records.facts,
    named,
    limits,
    lines,
    expired: needs.expired === undefined ? NO_EXPIRED : searchExpired(tables, needs.expired),
  }
}

interface Heads {
  readonly name: string
  readonly keys: readonly Key[]
  readonly isWhole: boolean
}

/** The heads of the lines, as far as nobody is busy with them. */
async function lineHeads(reading: Reading): Promise<readonly Heads[]> {
  const { server, needs, last } = reading
  if (needs.limits === undefined || needs.limits.length === 0) return []
  const found = needs.limits.map((search) => {
    const line = searchLine(server.tables, search, last.get(search.name) ?? 0)
    const items: ItemRow[] = []
    for (const item of line) if (items.length < search.take) items.push(...lock(reading, item))
    last.set(search.name, items.at(-1)?.fn ?? last.get(search.name) ?? 0)
    return { name: search.name, items, length: line.length }
  })
  await reading.pace()
  return found.map(({ name, items, length }) => {
    const keys = items.filter((item) => lockParent(reading, item)).map(({ key }) => key)
    return { name, keys, isWhole: keys.length === length }
  })
}

/** The item, when it could be locked at once. */
function lock({ server, transaction }: Reading, item: ItemRow): readonly ItemRow[] {
  const name = item.run === null ? itemLock(item.key) : runLock(item.run)
  return server.locks.take(transaction, name) ? [item] : []
}

/** The end of a run is told to the one that invoked it. */
function lockParent({ server, transaction }: Reading, { run }: ItemRow): boolean {
  const parent = run === null ? null : (server.tables.runs.get(run)?.parentRun ?? null)
  return parent === null || !server.tables.runs.has(parent) || server.locks.take(transaction, runLock(parent))
}

/** Looks for work, and locks what is free of it: the run of each item, and the parent that is told of its end. */
async function claim(reading: Reading): Promise<readonly ItemRow[]> {
  const { server, needs, last, floor, pace } = reading
  const { tables } = server
  const search = needs.ready
  if (search === undefined) return []
  const ready = searchReady(tables, search, last.get('') ?? 0).flatMap((item) => lock(reading, item))
  last.set('', ready.at(-1)?.fn ?? last.get('') ?? 0)
  const due = searchDue(tables, search, Math.max(floor, server.wall())).flatMap((item) => lock(reading, item))
  await pace()
  return [...ready, ...due].filter((item) => lockParent(reading, item) && lockSubject(reading, item))
}

/** What the item is named for. */
function lockSubject({ server, transaction }: Reading, item: ItemRow): boolean {
  const lock = subjectLock(server.tables.records, item)
  return lock === undefined || server.locks.take(transaction, lock)
}

/** The item is what it was when it was found. */
function isStill(item: ItemRow, candidate: ItemRow, now: number): boolean {
  if (item.state !== candidate.state || item.step !== candidate.step) return false
  return item.state === 'ready' || item.due <= now
}

function findRows(found: FoundRows, tables: Tables, needs: Needs): void {
  for (const name of needs.signals ?? []) found.addWait(tables.signal(name))
  for (const search of needs.waits ?? []) {
    for (const wait of tables.searchWaits(search)) {
      found.addWait(wait)
      found.searched.push(wait.key)
    }
  }
  for (const run of needs.runs ?? []) found.addRun(run)
  for (const item of needs.items ?? []) found.addItem(tables.items.get(item))
  for (const { run, step } of needs.steps ?? []) found.addStep(run, step)
  for (const run of needs.itemsOf ?? []) found.addItemsOf(run)
  for (const name of needs.singletons ?? []) {
    const holder = tables.singleton(name)
    if (holder !== undefined) found.addHolder(holder.key)
  }
}

/** Limits of the needs, and those that the items name, as far as they can be had at once. Counted once they are locked. */
async function readLimits(
  { server, transaction, needs, pace }: Reading,
  found: FoundRows,
  items: readonly ItemRow[],
): Promise<FactsData['limits']> {
  const { tables, locks } = server
  const names = new Set((needs.limits ?? []).map(({ name }) => name))
  const brought = [...new Set(items.flatMap((item) => item.limits ?? []))].sort()
  for (const name of brought) if (locks.take(transaction, limitLock(name))) names.add(name)
  if (names.size === 0) return []
  await pace()
  const isAsked = new Set((needs.limits ?? []).map(({ name }) => name))
  return [...names].flatMap((name) => {
    const timer = tables.named(name)
    // Who moves the timer at this very moment is not waited for.
    if (timer !== undefined && !locks.take(transaction, itemLock(timer.key))) {
      if (isAsked.has(name)) throw UNSETTLED
      return []
    }
    found.addItem(timer)
    return [{ name, held: tables.held(name), tat: tables.rates.get(name)?.tat ?? null, timer: timer?.key ?? null }]
  })
}

type NamedFacts = Pick<
  Read,
  'fences' | 'revs' | 'events' | 'idempotency' | 'since' | 'backlog' | 'windows' | 'crons' | 'apps' | 'functions'
>

function namedFacts({ server, needs, fences, revs }: Reading, now: number): NamedFacts {
  const { tables } = server
  const isReady = (fn: Key) => tables.items.find((item) => item.fn === fn && item.state === 'ready') !== undefined
  return {
    fences: fences.map((fence) => fence !== null && tables.items.get(fence.item)?.epoch === fence.epoch),
    revs: revs.map((rev, index) => rev !== null && tables.runs.get(fences[index]?.run ?? 0)?.rev === rev),
    events: (needs.eventIds ?? []).flatMap((id) => tables.eventByUlid(id)?.row ?? []),
    idempotency: (needs.idempotency ?? []).flatMap(({ fn, key }) => {
      const row = tables.idempotency.get(`${fn} ${key}`)
      return row === undefined || row.expiresAt <= now ? [] : [{ fn, key, run: row.run }]
    }),
    since: (needs.since ?? []).map(({ name, mark }) => ({ name, events: eventsSince(tables, name, mark) })),
    backlog: (needs.backlog ?? []).filter(isReady),
    windows: (needs.windows ?? []).map(({ name, periodMs }) => ({
      name,
      count: tables.admissions.filter((row) => row.name === name && row.at > now - periodMs).length,
    })),
    crons: (needs.crons ?? []).flatMap((fn) => tables.crons(fn)),
    apps: needs.registry === true ? tables.apps.values() : [],
    functions: needs.registry === true ? tables.functions.values() : [],
  }
}

function eventsSince(tables: Tables, name: string, mark: Mark) {
  return tables.events
    .filter(({ row, xid }) => row.name === name && !row.isRepeat && !covers(mark, xid))
    .sort((a, b) => a.row.receivedAt - b.row.receivedAt || a.row.key - b.row.key)
    .map((event) => tables.storedEvent(event))
}
