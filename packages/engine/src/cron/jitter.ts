/**
 * How long after its nominal time a tick is really due. The offset is a hash of function and tick: the same after a
 * restart and in every process, and spread evenly over the functions that share a schedule.
 */
import { hash } from 'node:crypto'

/** Milliseconds from 0 up to, and without, `jitterMs`. */
export function jitterFor(functionId: string, tickMs: number, jitterMs: number): number {
  if (jitterMs <= 0) return 0
  // 48 bits are exact in a double.
  const sample = Number.parseInt(hash('sha256', `${tickMs} ${functionId}`, 'hex').slice(0, 12), 16)
  return Math.floor((sample / 2 ** 48) * jitterMs)
}
