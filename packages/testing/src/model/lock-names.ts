// What a group locks before it reads, as names, in the order in which it takes them: the registry, event names, keys that
// may be absent, limits, sessions, jobs (`record-locks.ts`), runs, items; each sorted. Runs and items are searched for, and what a search finds was true before
// its locks were waited for.
import type { Fence, Key, Needs } from '@pawl/storage'
import type { LockMode } from './locks.ts'
import type { Tables } from './tables.ts'

export type Lock = readonly [name: string, mode: LockMode]

/** The registry, shared or alone; names on which events are stored, shared; names on which a wait is opened, alone. */
export function nameLocks(needs: Needs): readonly Lock[] {
  const names = new Map<string, LockMode>()
  for (const name of needs.storing ?? []) names.set(`name ${name}`, 'shared')
  for (const name of needs.waitingFor ?? []) names.set(`name ${name}`, 'alone')
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1))
  return [['registry', needs.registry === true ? 'alone' : 'shared'], ...sorted]
}

/** Keys that may be absent: who inserts one waits for whoever did before. */
export function keyLocks(needs: Needs): readonly Lock[] {
  const { eventIds, idempotency, signals, singletons, named, windows, sessionNames } = needs
  const names = [
    ...(eventIds ?? []).map((id) => `key event ${id}`),
    ...(idempotency ?? []).map(({ fn, key }) => `key idempotency ${fn} ${key}`),
    ...(signals ?? []).map((name) => `key signal ${name}`),
    ...(singletons ?? []).map((name) => `key singleton ${name}`),
    ...(named ?? []).map((name) => `key named ${name}`),
    ...(sessionNames ?? []).map((name) => `key session ${name}`),
    ...(windows ?? []).map(({ name }) => `key window ${name}`),
  ]
  return alone(names)
}

export function limitLocks(needs: Needs): readonly Lock[] {
  return alone((needs.limits ?? []).map(({ name }) => limitLock(name)))
}

export function limitLock(name: string): string {
  return `limit ${name}`
}

export function runLock(run: Key): string {
  return `run ${run}`
}

export function itemLock(item: Key): string {
  return `item ${item}`
}

/** Runs that the needs name or find, those that may end with their parents. */
export function runsToLock(tables: Tables, needs: Needs, fences: readonly (Fence | null)[]): readonly Key[] {
  const whole = new Set<Key>([...(needs.runs ?? []), ...(needs.itemsOf ?? [])])
  const add = (run: Key | null | undefined) => run != null && whole.add(run)
  for (const key of needs.items ?? []) add(tables.items.get(key)?.run)
  for (const name of needs.signals ?? []) add(tables.signal(name)?.run)
  for (const search of needs.waits ?? []) for (const wait of tables.searchWaits(search)) add(wait.run)
  for (const name of needs.singletons ?? []) add(tables.singleton(name)?.key)
  const runs = new Set<Key>(whole)
  for (const run of whole) {
    const parent = tables.runs.get(run)?.parentRun
    if (parent != null) runs.add(parent)
  }
  for (const fence of fences) if (fence?.run != null) runs.add(fence.run)
  for (const { run } of needs.steps ?? []) runs.add(run)
  return [...runs].filter((run) => tables.runs.has(run)).sort((a, b) => a - b)
}

/** Items that stand for themselves; those of a run are locked by it. */
export function itemsToLock(tables: Tables, needs: Needs, fences: readonly (Fence | null)[]): readonly Key[] {
  const items = new Set<Key>(needs.items)
  for (const fence of fences) if (fence !== null && fence.run === null) items.add(fence.item)
  for (const name of [...(needs.named ?? []), ...(needs.limits ?? []).map((search) => search.name)]) {
    const item = tables.named(name)
    if (item !== undefined) items.add(item.key)
  }
  for (const fn of needs.crons ?? []) for (const item of tables.crons(fn)) items.add(item.key)
  return [...items].filter((item) => tables.items.get(item)?.run === null).sort((a, b) => a - b)
}

function alone(names: readonly string[]): readonly Lock[] {
  return [...new Set(names)].sort().map((name): Lock => [name, 'alone'])
}
