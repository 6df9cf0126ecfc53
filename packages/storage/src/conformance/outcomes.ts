// What an event made besides runs: skips, and idempotency keys.
import { describe, expect, test } from 'vitest'
import type { IdempotencyRow } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { anEvent, START } from './rows.ts'
import { done, writing } from './world.ts'

const FN = 3

function aKey(over: Partial<IdempotencyRow> = {}): IdempotencyRow {
  return { fn: FN, key: 'order-1', run: 10, expiresAt: START + 1_000, ...over }
}

export function describeOutcomes(here: Here): void {
  const runOf = (key: string) => here().read({ idempotency: [{ fn: FN, key }] }, (facts) => facts.idempotency(FN, key))

  describe('skips and idempotency', () => {
    test('a skip is kept with its event and goes with it', async () => {
      const [event = 0, other = 0] = await here().keys(2)
      const skip = (of: number) => ({ event: of, fn: FN, reason: 'filter', detail: '{"at":1}' })
      await here().put(
        { put: 'event', row: anEvent({ key: event }), body: '{}' },
        { put: 'event', row: anEvent({ key: other }), body: '{}' },
        { put: 'skip', row: skip(event) },
        { put: 'skip', row: skip(other) },
      )
      expect(await here().store.lists.skips(event)).toEqual([skip(event)])
      await here().put({ end: 'event', key: event })
      expect(await here().store.lists.skips(event)).toEqual([])
      expect(await here().store.lists.skips(other)).toEqual([skip(other)])
      expect(await here().store.state.events([event])).toEqual([])
    })

    test('an idempotency key names its run until it expires', async () => {
      await here().put({ put: 'idempotency', row: aKey() })
      expect(await runOf('order-1')).toBe(10)
      expect(await runOf('order-2')).toBeUndefined()
      here().clock.advance(1_000)
      expect(await runOf('order-1')).toBeUndefined()
    })

    test('a key is replaced when it has expired, and refused before', async () => {
      await here().put({ put: 'idempotency', row: aKey() })
      await expect(here().put({ put: 'idempotency', row: aKey({ run: 11 }) })).rejects.toThrow('idempotency key')
      here().clock.advance(1_000)
      await here().put({ put: 'idempotency', row: aKey({ run: 11, expiresAt: START + 5_000 }) })
      expect(await runOf('order-1')).toBe(11)
    })

    test('expired keys are deleted, the oldest first, as many as asked for', async () => {
      const rows = [3, 1, 2, 9].map((at) => aKey({ key: `k${at}`, expiresAt: START + at }))
      await here().put(...rows.map((row) => ({ put: 'idempotency' as const, row })))
      const end = (max: number) => here().put({ end: 'expired', before: START + 5, max })
      await end(2)
      // What expired and is there yet may not be put again before its time: the clock stands before it.
      const left = await here().read({ idempotency: rows.map(({ fn, key }) => ({ fn, key })) }, (facts) =>
        rows.filter(({ key }) => facts.idempotency(FN, key) !== undefined).map(({ key }) => key),
      )
      expect(left).toEqual(['k3', 'k9'])
      await end(2)
      expect(await runOf('k3')).toBeUndefined()
      expect(await runOf('k9')).toBe(10)
    })

    test('of one group, the second operation sees the key of the first', async () => {
      const admit = (run: number) =>
        writing({ idempotency: [{ fn: FN, key: 'order-1' }] }, (facts) => {
          const known = facts.idempotency(FN, 'order-1')
          const changes = known === undefined ? [{ put: 'idempotency' as const, row: aKey({ run }) }] : []
          return { changes, result: known ?? run }
        })
      expect((await here().group(admit(20), admit(21))).map(done)).toEqual([20, 20])
    })
  })
}
