import { describe, expect, test } from 'vitest'
import { runOf, span, T0 } from './span-kit.ts'
import { buildTree } from './span-tree.ts'
import {
  busyRanges,
  clampWindow,
  coarseLength,
  gapsOf,
  horizonOf,
  instantAt,
  makeScale,
  medianStepMs,
  panBy,
  placeOf,
  readZoom,
  ticksOf,
  writeZoom,
  zoomBy,
} from './time-scale.ts'

const DAY = 86_400_000
const sleepy = buildTree(
  runOf(
    [
      span('before', { from: 0, until: 1000 }),
      span('nap', { from: 1000, until: 1000 + 3 * DAY, stepOp: 'SLEEP' }),
      span('after', { from: 1000 + 3 * DAY, until: 2000 + 3 * DAY }),
    ],
    { until: 2000 + 3 * DAY },
  ),
  { runId: 'R', name: 'Order' },
)
const all = { from: T0, until: T0 + 2000 + 3 * DAY }
const gaps = gapsOf(busyRanges(sleepy, all.until), all, medianStepMs(sleepy))
const scale = makeScale({ window: all, gaps, breakWidth: 0.1 })

describe('gaps', () => {
  test('are stretches in which nothing works, far longer than a step', () => {
    expect(gaps).toEqual([{ from: T0 + 1000, until: T0 + 1000 + 3 * DAY }])
  })

  test('of less than 20 steps stay', () => {
    const tree = buildTree(runOf([span('a', { from: 0, until: 100 }), span('b', { from: 2000, until: 2100 })]), {
      runId: 'R',
      name: 'x',
    })
    const range = { from: T0, until: T0 + 2100 }
    expect(gapsOf(busyRanges(tree, range.until), range, medianStepMs(tree))).toEqual([])
  })

  test('go on to the present while a run sleeps', () => {
    const tree = buildTree(runOf([span('a', { from: 0, until: 100 }), span('nap', { from: 100, stepOp: 'SLEEP' })]), {
      runId: 'R',
      name: 'x',
    })
    const range = { from: T0, until: T0 + DAY }
    expect(gapsOf(busyRanges(tree, range.until), range, medianStepMs(tree))).toEqual([
      { from: T0 + 100, until: T0 + DAY },
    ])
  })

  test('are not made of a run in which nothing has worked yet', () => {
    expect(gapsOf([], all, undefined)).toEqual([])
    expect(gapsOf([], all, 5)).toEqual([])
  })

  test('between steps at work are none while one step works through', () => {
    const tree = buildTree(runOf([span('a', { from: 0, until: 10 }), span('long', { from: 10 })]), {
      runId: 'R',
      name: 'x',
    })
    expect(busyRanges(tree, T0 + DAY)).toEqual([{ from: T0, until: T0 + DAY }])
  })
})

describe('the axis', () => {
  test('gives a break a fixed place and the steps the rest', () => {
    expect(
      scale.pieces.map((piece) => [piece.isFolded, Math.round(piece.x0 * 100), Math.round(piece.x1 * 100)]),
    ).toEqual([
      [false, 0, 45],
      [true, 45, 55],
      [false, 55, 100],
    ])
  })

  test('leads from an instant to its place and back', () => {
    for (const elapsed of [0, 300, 1000, 1000 + DAY, 1500 + 3 * DAY, 2000 + 3 * DAY]) {
      expect(Math.round(instantAt(scale, placeOf(scale, T0 + elapsed)) - T0)).toBe(elapsed)
    }
    expect(placeOf(scale, T0 - 5)).toBeLessThan(0)
    expect(placeOf(scale, all.until + 5)).toBeGreaterThan(1)
  })

  test('leaves the steps most of the room however many breaks there are', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ from: T0 + n * 1000 + 100, until: T0 + n * 1000 + 1000 }))
    const made = makeScale({ window: { from: T0, until: T0 + 50_000 }, gaps: many, breakWidth: 0.1 })
    const open = made.pieces.filter((piece) => !piece.isFolded).reduce((sum, piece) => sum + piece.x1 - piece.x0, 0)
    expect(open).toBeGreaterThan(0.55)
    expect(made.pieces.at(-1)?.x1).toBeCloseTo(1)
  })

  test('shows a window inside of a break', () => {
    const made = makeScale({ window: { from: T0 + 2 * DAY, until: T0 + 2 * DAY + 5000 }, gaps, breakWidth: 0.1 })
    expect(made.pieces).toMatchObject([{ isFolded: true, x0: 0, x1: 1 }])
  })

  test('has round ticks that do not stand in breaks and not too close', () => {
    const ticks = ticksOf(scale, T0, 0.1)
    expect(ticks.map((tick) => tick.sinceBreak ?? tick.elapsed)).toEqual([0, 500, 500, 1000])
    expect(ticks.at(-1)?.elapsed).toBe(3 * DAY + 2000)
    for (const [index, tick] of ticks.entries()) expect(tick.x - (ticks[index - 1]?.x ?? -1)).toBeGreaterThan(0.07)
  })

  test('has no ticks where there is no time', () => {
    expect(ticksOf(makeScale({ window: { from: T0, until: T0 }, gaps: [], breakWidth: 0 }), T0, 0.1)).toEqual([])
  })
})

test('a break is labelled in its largest unit', () => {
  expect([980, 37_400, 59_100, 3_400_000, 3 * DAY].map(coarseLength)).toEqual([
    '1\u202fs',
    '37\u202fs',
    '1\u202fm',
    '57\u202fm',
    '3\u202fd',
  ])
})

test('the axis of a live run reaches beyond the present and grows seldom', () => {
  const ends = Array.from({ length: 600 }, (_, second) => horizonOf(second * 1000))
  for (const [second, end] of ends.entries()) expect(end).toBeGreaterThanOrEqual(second * 1000 + 2000)
  expect(new Set(ends).size).toBeLessThan(30)
})

describe('the window', () => {
  test('round-trips through the address', () => {
    const window = { from: T0 + 1200, until: T0 + 3400 }
    expect(writeZoom(window, T0)).toBe('1200-3400')
    expect(readZoom('1200-3400', all)).toEqual(window)
  })

  test.each(['', 'x', '5-', '9-3', '7-7', '99999999999-999999999999'])('of %j is none', (text) => {
    expect(readZoom(text, all)).toBeUndefined()
  })

  test('stays within the run', () => {
    expect(clampWindow({ from: T0 - 50, until: T0 + 50 }, all)).toEqual({ from: T0, until: T0 + 100 })
    expect(panBy({ from: T0, until: T0 + 100 }, -0.5, all)).toEqual({ from: T0, until: T0 + 100 })
    expect(panBy({ from: T0, until: T0 + 100 }, 0.5, all)).toEqual({ from: T0 + 50, until: T0 + 150 })
  })

  test('zooms in on its middle and out to all', () => {
    const made = makeScale({ window: { from: T0, until: T0 + 1000 }, gaps: [], breakWidth: 0 })
    expect(zoomBy(made, 0.5, all)).toEqual({ from: T0 + 250, until: T0 + 750 })
    expect(zoomBy(scale, 4, all)).toEqual(all)
  })
})
