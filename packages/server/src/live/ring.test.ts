import type { StoreChange } from '@pawl/storage'
import { describe, expect, test } from 'vitest'
import { Gathered, Ring } from './ring.ts'

function change(given: Partial<StoreChange>): StoreChange {
  return {
    runs: [],
    events: [],
    bulks: [],
    jobs: [],
    sessions: [],
    requests: [],
    registry: false,
    isCut: false,
    ...given,
  }
}

describe('gathered changes', () => {
  test('name each key once and keep what any of them said', () => {
    const gathered = new Gathered(10)
    gathered.add(change({ runs: [1, 2], events: [5] }))
    gathered.add(change({ runs: [2, 3], bulks: [7], registry: true }))
    expect(gathered.change()).toEqual(change({ runs: [1, 2, 3], events: [5], bulks: [7], registry: true }))
    gathered.add(change({ isCut: true }))
    expect(gathered.change().isCut).toBe(true)
  })

  test('beyond the bound name the newest, and say that they are cut', () => {
    const gathered = new Gathered(3)
    gathered.add(change({ runs: [1, 2, 3, 4, 5] }))
    expect(gathered.change()).toMatchObject({ runs: [3, 4, 5], isCut: true })
  })
})

describe('the ring', () => {
  test('gives what came after a number', () => {
    const ring = new Ring(3)
    for (const key of [1, 2, 3]) ring.push(0, change({ runs: [key] }))
    expect(ring.after(0)?.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(ring.after(2)?.map(({ seq }) => seq)).toEqual([3])
    expect(ring.after(3)).toEqual([])
  })

  test('knows what it has forgotten, and what never was', () => {
    const ring = new Ring(3)
    for (const key of [1, 2, 3, 4, 5]) ring.push(0, change({ runs: [key] }))
    expect(ring.after(1)).toBeUndefined()
    expect(ring.after(2)?.map(({ seq }) => seq)).toEqual([3, 4, 5])
    expect(ring.after(6)).toBeUndefined()
  })

  test('tells nobody who was there before a cut that nothing was missed', () => {
    const ring = new Ring(3)
    ring.push(0, change({}))
    ring.cut()
    expect(ring.after(1)).toBeUndefined()
    expect(ring.after(ring.seq)).toEqual([])
    ring.push(0, change({}))
    expect(ring.after(1)).toBeUndefined()
    expect(ring.after(2)).toHaveLength(1)
  })
})
