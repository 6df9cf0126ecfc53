import { describe, expect, it } from 'vitest'
import { itemRow } from '../scenarios/rows.ts'
import { Holds } from './holds.ts'

const leased = (key: number, epoch: number) => itemRow({ key, epoch, state: 'leased' })

describe('what a process works on', () => {
  it('is the item as the handler’s own commits and checkpoints have left it', () => {
    const holds = new Holds()
    const hold = holds.begin(leased(1, 3))
    holds.goOn(leased(1, 4))
    holds.replace({ ...leased(1, 4), attempt: 2 })
    expect(holds.get(1)).toMatchObject({ epoch: 4, attempt: 2 })
    holds.end(hold)
    expect([holds.get(1), holds.count]).toEqual([undefined, 0])
  })

  it('is not changed by a checkpoint of another lease', () => {
    const holds = new Holds()
    holds.begin(leased(1, 4))
    holds.replace({ ...leased(1, 3), attempt: 2 })
    expect(holds.get(1)).toMatchObject({ epoch: 4, attempt: 0 })
  })

  it('is under the newer lease when the same item was claimed anew, whichever handler ends first', () => {
    for (const first of ['old', 'new'] as const) {
      const holds = new Holds()
      const old = holds.begin(leased(1, 3))
      const next = holds.begin(leased(1, 5))
      expect([holds.get(1)?.epoch, holds.count]).toEqual([5, 1])
      holds.end(first === 'old' ? old : next)
      expect(holds.get(1)?.epoch).toBe(first === 'old' ? 5 : undefined)
      holds.end(first === 'old' ? next : old)
      expect(holds.count).toBe(0)
    }
  })

  it('is no longer what was lost, unless the handler has a lease from its own commit after all', () => {
    const holds = new Holds()
    holds.begin(leased(1, 3))
    expect(holds.lose(1, 2)).toBeUndefined()
    expect(holds.lose(1, 3)?.key).toBe(1)
    expect([holds.get(1), holds.count]).toEqual([undefined, 0])
    holds.goOn(leased(1, 4))
    expect([holds.get(1)?.epoch, holds.count]).toEqual([4, 1])
  })

  it('stays with the handler whose own commit it was, beside a lost one of the same item', () => {
    const holds = new Holds()
    holds.begin(leased(1, 3))
    const next = holds.begin(leased(1, 5))
    holds.goOn(leased(1, 6))
    expect(holds.get(1)?.epoch).toBe(6)
    holds.end(next)
    expect(holds.count).toBe(0)
  })
})
