/**
 * The ledger's own check, on ledgers made by hand: it must see a body that ran in vain, and not see what is allowed.
 */
import { describe, expect, it } from 'vitest'
import { hashedId } from '../harness/step-id.ts'
import { type LedgerEntry, repeatedBodies } from './crash-ledger.ts'

const A = hashedId('a')
const call = (n: number, ...steps: string[]): LedgerEntry => ({ kind: 'call', call: n, runId: 'r', steps })
const begin = (n: number, step = 'a'): LedgerEntry => ({ kind: 'begin', call: n, runId: 'r', step })
const ack = (n: number, ...steps: string[]): LedgerEntry => ({ kind: 'ack', call: n, runId: 'r', steps })

describe('bodies that ran although their result was taken', () => {
  it('are none when each body runs before its result is taken', () => {
    expect(repeatedBodies([call(1), begin(1), call(2, A), begin(2, 'b')])).toEqual([])
  })

  it('are none when a call is made again before the result is taken', () => {
    expect(repeatedBodies([call(1), begin(1), call(2), begin(2), call(3, A)])).toEqual([])
  })

  it('are none when an older call goes on after a newer one was taken', () => {
    expect(repeatedBodies([call(1), call(2), begin(2), ack(2, A), begin(1)])).toEqual([])
  })

  it('are seen when a later call does not bring the step along', () => {
    expect(repeatedBodies([call(1), begin(1), call(2, A), call(3), begin(3)])).toHaveLength(1)
    expect(repeatedBodies([call(1), begin(1), ack(1, A), call(2), begin(2)])).toHaveLength(1)
  })

  it('are seen when they run again in the call in which they were taken', () => {
    expect(repeatedBodies([call(1), begin(1), ack(1, A), begin(1)])).toHaveLength(1)
    expect(repeatedBodies([call(1, A), begin(1)])).toHaveLength(1)
  })
})
