// Says that a process lives, and gives back what processes hold that have not said so for longer than a lease.
import type { ItemRow, Key } from '@pawl/storage'
import { itemLock, runLock } from './lock-names.ts'
import { type ModelServer, Transaction } from './model-server.ts'

export interface Pulse {
  readonly process: Key
  readonly floor: number
  /** Since the last heartbeat of this process. */
  readonly sinceLastMs: number
}

/** @returns how many items were given back. */
export function beatAndRelease(server: ModelServer, { process, floor, sinceLastMs }: Pulse): number {
  const { tables } = server
  const { leaseMs } = server.options
  const raw = server.raw()
  server.putProcess({ ...server.process(process), heartbeatAt: raw })
  // Where nobody could reach the database, everybody seems to be dead.
  const isSteady = sinceLastMs < leaseMs / 2
  const isAlive = (owner: Key) => {
    const row = tables.processes.get(owner)
    return row !== undefined && (!isSteady || row.heartbeatAt > raw - leaseMs)
  }
  const held = tables.items.filter((item) => item.state === 'leased' && !isAlive(item.owner))
  const due = Math.max(floor, server.wall())
  const transaction = new Transaction()
  const released: ItemRow[] = []
  for (const item of held) {
    // What somebody is writing to is left for the next time.
    const isFree = item.run === null || server.locks.take(transaction, runLock(item.run))
    if (!isFree || !server.locks.take(transaction, itemLock(item.key))) continue
    const row: ItemRow = { ...item, state: 'ready', owner: 0, epoch: item.epoch + 1, due }
    tables.items.set(item.key, row)
    released.push(row)
  }
  server.commit(transaction)
  if (released.length > 0) server.options.watch.released(released)
  return released.length
}
