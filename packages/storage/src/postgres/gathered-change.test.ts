// What is told of changes: each key once, and within what a notice may be long.
import { describe, expect, test } from 'vitest'
import type { StoreChange } from '../contract/store.ts'
import { Gathered, readChange } from './gathered-change.ts'

const NOTHING: StoreChange = {
  runs: [],
  events: [],
  bulks: [],
  jobs: [],
  sessions: [],
  requests: [],
  registry: false,
  isCut: false,
}

function toldOf(...changes: readonly Partial<StoreChange>[]): StoreChange | null {
  const gathered = new Gathered()
  for (const change of changes) gathered.add({ ...NOTHING, ...change })
  return readChange(gathered.text(7))
}

describe('gathered changes', () => {
  test('each key is told once, and what was told of anything stays', () => {
    expect(
      toldOf(
        { runs: [5, 36], registry: true, jobs: [7], requests: [9] },
        { runs: [36, 4], events: [9_007_199_254_740_991], bulks: [1], sessions: [8, 7] },
      ),
    ).toEqual({
      runs: [5, 36, 4],
      events: [9_007_199_254_740_991],
      bulks: [1],
      jobs: [7],
      sessions: [8, 7],
      requests: [9],
      registry: true,
      isCut: false,
    })
  })

  test('nothing is empty, and one flag is not', () => {
    const gathered = new Gathered()
    gathered.add(NOTHING)
    expect(gathered.isEmpty).toBe(true)
    gathered.add({ ...NOTHING, isCut: true })
    expect(gathered.isEmpty).toBe(false)
  })

  test('what is longer than a notice may be is told as cut, without keys', () => {
    const keys = Array.from({ length: 1_500 }, (_, index) => 10_000_000 + index)
    expect(toldOf({ runs: keys, registry: true })).toEqual({ ...NOTHING, registry: true, isCut: true })
    expect(
      toldOf({
        events: keys.concat(
          keys.map((key) => key * 2),
          keys.map((key) => key * 3),
        ),
      })?.isCut,
    ).toBe(true)
    expect(toldOf({ isCut: true }, { runs: [1] })).toEqual({ ...NOTHING, isCut: true })
  })

  test('a text is shorter than what PostgreSQL takes, whatever the keys', () => {
    for (const length of [1, 1_000, 1_316, 1_317, 3_900, 4_000]) {
      const gathered = new Gathered()
      gathered.add({ ...NOTHING, runs: Array.from({ length }, (_, index) => 1_000_000 + index) })
      expect(gathered.text(9_007_199_254_740_991).length).toBeLessThan(7_900)
    }
  })

  test.each(['', 'w 7', 'c 7 00 r 1', 'c 7 00 r 1 e ! b  j  s  q ', 'd 7 00 r 1 e  b  j  s  q '])(
    '%j is no change',
    (text) => {
      expect(readChange(text)).toBeNull()
    },
  )
})
