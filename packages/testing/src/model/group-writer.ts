// Writes a group on the server: takes the locks and looks at the guards where no `begin` has, then writes what was not
// refused and becomes visible. Between the two others go on, and what they read does not show it.
import type { Change, FactsData, Group, Key, Write, Written } from '@pawl/storage'
import { itemLock, runLock } from './lock-names.ts'
import type { ModelServer, Seen, Transaction } from './model-server.ts'
import { touchedRecords } from './record-locks.ts'
import { LinkLost, type Session } from './session.ts'
import { isOfRegistry, writeChange } from './write-change.ts'

export interface GroupWork {
  readonly server: ModelServer
  readonly session: Session
  readonly process: Key
  readonly group: Group
  /** The facts that it was decided over; null for a group that did not begin. */
  readonly facts: Pick<FactsData, 'now'> | null
  /** The time that the process has told already. */
  readonly floor: number
}

const NOTHING: ReadonlySet<string> = new Set()

type Result = Written['results'][number]

/** @throws Error when a change does not fit; nothing of the group is written then. */
export async function writeGroup(work: GroupWork): Promise<Written> {
  const { server, session, group, facts } = work
  const transaction = session.transaction ?? session.begin()
  if (group.writes.some(({ changes }) => changes.some(isOfRegistryAlone)))
    await server.locks.wait(transaction, 'registry', 'alone')
  const results = facts === null ? await checkGuards(server, transaction, group.writes) : allDone(group)
  const now = facts?.now ?? Math.max(work.floor, server.wall())
  // A group that has begun knows the registry's version already.
  const registryVersion = facts === null ? server.tables.registryVersion : undefined
  const kept = group.writes.filter(({ changes }, index) => results[index] === 'done' && changes.length > 0)
  if (kept.length === 0) {
    const mark = server.mark(transaction)
    session.rollback()
    return { results, now, mark, registryVersion }
  }
  server.number(transaction)
  for (const [name, mode] of touchedRecords(
    server.tables.records,
    kept.flatMap(({ changes }) => changes),
  ))
    await server.locks.wait(transaction, name, mode)
  for (const item of touchedItems(server, kept)) await server.locks.wait(transaction, itemLock(item))
  // The process's row is written with the group, so that an older connection of the process is shut out.
  await server.locks.wait(transaction, processLock(work.process))
  refuseOldSession(work)
  const mark = server.mark(transaction)
  const whenWritten = server.options.watch.seq()
  const seen = { whenRead: transaction.readAt ?? whenWritten, whenWritten }
  await server.options.pace('written', work.process, NOTHING)
  if (transaction.isOver) throw new LinkLost()
  return commit(work, transaction, { results, now, mark, registryVersion, seen })
}

export function processLock(process: Key): string {
  return `process ${process}`
}

function allDone(group: Group): readonly Result[] {
  return group.writes.map(() => 'done')
}

/** What is only added disturbs nobody who knows the registry; apps and functions do. */
function isOfRegistryAlone(change: Change): boolean {
  return isOfRegistry(change) && !('put' in change && (change.put === 'waitPath' || change.put === 'functionVersion'))
}

function refuseOldSession({ server, session, process }: GroupWork): void {
  if (server.process(process).session !== session.number) throw new LinkLost()
}

/** An update locks its row too, whoever has locked the run. */
function touchedItems({ tables }: ModelServer, writes: readonly Write[]): readonly Key[] {
  const items = writes.flatMap(({ changes }) =>
    changes.flatMap((change) => {
      if ('set' in change) return change.set === 'item' ? [change.row.key] : []
      if (!('end' in change)) return []
      if (change.end === 'item') return [change.key]
      return change.end === 'items' ? tables.itemsOf(change.run).map(({ key }) => key) : []
    }),
  )
  return sorted(items)
}

/** Locks runs and items in their order, and compares them with what each operation expects. */
async function checkGuards(
  { tables, locks }: ModelServer,
  transaction: Transaction,
  writes: readonly Write[],
): Promise<readonly Result[]> {
  const revs = writes.map(revsOf)
  for (const run of sorted(revs.flat().map(({ run }) => run))) await locks.wait(transaction, runLock(run))
  const items = writes.flatMap(({ fence }) => (fence === null ? [] : [fence.item]))
  for (const item of sorted(items)) await locks.wait(transaction, itemLock(item))
  return writes.map(({ fence }, index) => {
    if (fence !== null && tables.items.get(fence.item)?.epoch !== fence.epoch) return 'stale'
    const hasMoved = revs[index]?.some(({ run, rev }) => tables.runs.get(run)?.rev !== rev)
    return hasMoved === true ? 'moved' : 'done'
  })
}

/** Revisions that an operation expects of runs. */
function revsOf({ fence, rev, changes }: Write): readonly { readonly run: Key; readonly rev: number }[] {
  const sets = changes.flatMap((change) =>
    'set' in change && change.set === 'run' ? [{ run: change.key, rev: change.state.rev - 1 }] : [],
  )
  return rev === null ? sets : [{ run: fence?.run ?? 0, rev }, ...sets]
}

function sorted(keys: readonly Key[]): readonly Key[] {
  return [...new Set(keys)].sort((a, b) => a - b)
}

interface Decided extends Written {
  readonly seen: Seen
}

/** Everything from here on is one instant. */
function commit(work: GroupWork, transaction: Transaction, decided: Decided): Written {
  const { server, session, group, process } = work
  const { tables } = server
  let { now } = decided
  const take = (lock: string) => server.locks.take(transaction, lock)
  const context = { tables, process, take, xid: server.number(transaction), mark: decided.mark }
  try {
    for (const [index, { changes }] of group.writes.entries()) {
      if (decided.results[index] !== 'done') continue
      for (const change of changes) writeChange({ ...context, now }, change)
    }
  } catch (error) {
    tables.log.takeBack()
    throw error
  }
  for (const [index, { changes }] of group.writes.entries()) {
    if (decided.results[index] === 'done') takeCounters(server, changes)
  }
  if (group.writes.some(({ changes }) => changes.some(setsClock))) now = server.wall()
  const row = server.process(process)
  const { results, mark, registryVersion } = decided
  tables.processes.set(process, {
    ...row,
    heartbeatAt: server.raw(),
    newestAt: now,
    groupNumber: group.number,
    results,
  })
  const written: Written = { results, now, mark, registryVersion }
  session.commit(transaction)
  server.options.watch.committed(group, written, decided.seen)
  return written
}

export function setsClock(change: Change): boolean {
  return ('set' in change && change.set === 'clockOffset') || ('end' in change && change.end === 'everything')
}

function takeCounters({ tables }: ModelServer, changes: readonly Change[]): void {
  if (changes.some(isOfRegistry)) tables.registryVersion += 1
  for (const change of changes) {
    if ('set' in change && change.set === 'clockOffset') tables.clockOffset = change.ms
    if (!('end' in change) || change.end !== 'everything') continue
    tables.clockOffset = 0
    tables.newestAt = 0
    for (const row of tables.processes.values()) tables.processes.set(row.key, { ...row, newestAt: 0 })
  }
}
