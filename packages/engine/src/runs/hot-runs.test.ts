import type { StepRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { eventRow, runRow } from '../scenarios/rows.ts'
import { HotRuns, hotFrom, hotFromBirth } from './hot-runs.ts'

function step(hash: string, position: number, memo = '{"data":1}'): StepRow {
  return { run: 100, step: hash, position, memo, input: null }
}

function touch(rev: number, steps: readonly StepRow[] = [], ended = false) {
  return { key: 100, id: 'R', fn: 2, state: runRow({ rev }), steps, ended }
}

describe('a hot run', () => {
  it('has its memos in the order of hashes and its stack in the order of ends', () => {
    const hot = hotFrom(
      {
        row: runRow(),
        events: [{ row: eventRow(), text: '{"name":"e"}', ofRun: null }],
        steps: [step('a', 2), step('b', 0), step('c', -1, '{"input":[1]}'), step('d', 1)],
      },
      () => '',
    )
    expect(hot.events).toEqual(['{"name":"e"}'])
    expect(hot.memos.map(([hash]) => hash)).toEqual(['a', 'b', 'c', 'd'])
    expect(hot.stack).toEqual(['b', 'd', 'a'])
    expect([...hot.results.keys()].sort()).toEqual(['a', 'b', 'd'])
  })

  it('moves along with what was committed on it', () => {
    const runs = new HotRuns(1_000_000)
    runs.keep(hotFromBirth(runRow(), ['{}']))
    runs.apply(touch(2, [step('m', 0), step('b', 1)]))
    runs.apply(touch(3, [step('z', 2), step('a', 3)]))
    const hot = runs.get(100, 3)
    expect(hot?.memos.map(([hash]) => hash)).toEqual(['a', 'b', 'm', 'z'])
    expect(hot?.stack).toEqual(['m', 'b', 'z', 'a'])
    expect(runs.get(100, 2)).toBeUndefined()
  })

  it('takes a result in the place of edited arguments', () => {
    const runs = new HotRuns(1_000_000)
    runs.keep(hotFrom({ row: runRow(), events: [], steps: [step('a', -1, '{"input":[1]}')] }, () => ''))
    runs.apply(touch(2, [step('a', 0, '{"data":2}')]))
    expect(runs.get(100, 2)).toMatchObject({ memos: [['a', '{"data":2}']], stack: ['a'] })
  })

  it('is dropped when something else was committed in between, and when it ends', () => {
    const runs = new HotRuns(1_000_000)
    runs.keep(hotFromBirth(runRow(), []))
    runs.apply(touch(3))
    expect(runs.peek(100)).toBeUndefined()
    runs.keep(hotFromBirth(runRow(), []))
    runs.apply(touch(2, [], true))
    expect(runs.peek(100)).toBeUndefined()
  })
})

describe('the memory of hot runs', () => {
  const run = (key: number, chars = 1_000) => hotFromBirth(runRow({ key }), ['x'.repeat(chars)])

  it('is bounded, and what was used last stays', () => {
    const runs = new HotRuns(7_000)
    for (const key of [1, 2, 3]) runs.keep(run(key))
    expect(runs.get(1, 1)).toBeDefined()
    runs.keep(run(4))
    expect([1, 2, 3, 4].map((key) => runs.peek(key) !== undefined)).toEqual([true, false, true, true])
  })

  it('counts what a run takes besides its texts', () => {
    const runs = new HotRuns(100_000)
    for (let key = 0; key < 1_000; key++) runs.keep(run(key, 1))
    const kept = Array.from({ length: 1_000 }, (_, key) => runs.peek(key)).filter((hot) => hot !== undefined)
    expect(kept.length).toBeLessThan(100)
    expect(kept.length).toBeGreaterThan(10)
  })

  it('gives way for one that is larger than all of it, which is used all the same', () => {
    const runs = new HotRuns(5_000)
    runs.keep(run(1))
    runs.keep(run(2, 50_000))
    expect([runs.peek(1), runs.peek(2) === undefined]).toEqual([undefined, false])
    runs.keep(run(3))
    expect([runs.peek(2), runs.peek(3) === undefined]).toEqual([undefined, false])
  })

  it('is given back with a run that grew', () => {
    const runs = new HotRuns(20_000)
    runs.keep(run(100))
    runs.apply(touch(2, [step('a', 0, 'x'.repeat(10_000))]))
    runs.drop(100)
    for (const key of [1, 2, 3, 4, 5, 6, 7, 8]) runs.keep(run(key))
    expect(runs.peek(1)).toBeDefined()
    runs.clear()
    expect(runs.peek(1)).toBeUndefined()
  })
})
