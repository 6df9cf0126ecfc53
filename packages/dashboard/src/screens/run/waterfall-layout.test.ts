import { describe, expect, test } from 'vitest'
import { runOf, span, T0 } from './span-kit.ts'
import { buildTree } from './span-tree.ts'
import { busyRanges, gapsOf, makeScale, medianStepMs, ticksOf } from './time-scale.ts'
import { countSteps, findNode, type LayoutOptions, layoutRows, moveBy, slowFrom } from './waterfall-layout.ts'

const all: LayoutOptions = { turned: new Set(), words: '', only: [], slowMs: Number.POSITIVE_INFINITY }
const failed = [
  span('Attempt 0', { from: 100, until: 110, status: 'FAILED' }),
  span('Attempt 1', { from: 150, until: 160 }),
]
const tree = buildTree(
  runOf([
    span('load cart', { from: 0, until: 10 }),
    span('charge', { from: 100, until: 160, children: failed }),
    span('page', { from: 200, until: 210 }),
    span('page', { from: 210, until: 220 }),
    span('page', { from: 220, until: 900 }),
    span('wait', { from: 900, stepOp: 'WAIT_FOR_EVENT', status: 'WAITING' }),
  ]),
  { runId: 'R', name: 'Order' },
)
const names = (options: Partial<LayoutOptions>) => layoutRows(tree, { ...all, ...options }).map(({ node }) => node.name)
const rows = layoutRows(tree, all)
const idOf = (name: string) => rows.find(({ node }) => node.name === name)?.node.id ?? ''

describe('the rows', () => {
  test('show loops unfolded and attempts folded', () => {
    expect(names({})).toEqual(['Order', 'load cart', 'charge', 'page', 'page', 'page', 'page', 'wait'])
  })

  test('turn by what the reader turned', () => {
    expect(names({ turned: new Set([idOf('charge'), idOf('page')]) })).toEqual([
      'Order',
      'load cart',
      'charge',
      'Attempt 0',
      'Attempt 1',
      'page',
      'wait',
    ])
  })

  test('that match a search bring what leads to them', () => {
    expect(names({ words: ' PAGE ' })).toEqual(['Order', 'page', 'page', 'page', 'page'])
    expect(layoutRows(tree, { ...all, words: 'page' }).map((row) => row.isHit)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
    expect(names({ words: 'nothing like it' })).toEqual(['Order'])
  })

  test('that failed are those that failed and went on, too', () => {
    expect(names({ only: ['failed'] })).toEqual(['Order', 'charge'])
  })

  test('that run are those that wait, too', () => {
    expect(names({ only: ['running'] })).toEqual(['Order', 'wait'])
  })

  test('that are slow are the slowest twentieth', () => {
    const slowMs = slowFrom(tree)
    expect(slowMs).toBe(680)
    expect(names({ only: ['slow'], slowMs })).toEqual(['Order', 'page', 'page'])
    expect(countSteps(tree, slowMs)).toEqual({ all: 6, failed: 1, running: 1, slow: 1 })
  })

  test('of several kinds add up', () => {
    expect(names({ only: ['failed', 'running'] })).toEqual(['Order', 'charge', 'wait'])
  })

  test('know their place among their own', () => {
    expect(rows.map(({ place, setSize }) => `${place}/${setSize}`)).toEqual([
      '1/1',
      '1/4',
      '2/4',
      '3/4',
      '1/3',
      '2/3',
      '3/3',
      '4/4',
    ])
  })
})

describe('the keys', () => {
  test('go down, up, and to the ends', () => {
    expect(moveBy('ArrowDown', rows, 1)).toEqual({ focus: 2 })
    expect(moveBy('ArrowUp', rows, 1)).toEqual({ focus: 0 })
    expect(moveBy('ArrowUp', rows, 0)).toBeUndefined()
    expect(moveBy('End', rows, 1)).toEqual({ focus: 7 })
    expect(moveBy('Home', rows, 5)).toEqual({ focus: 0 })
  })

  test('unfold with Right, then go in; fold with Left, then go out', () => {
    expect(moveBy('ArrowRight', rows, 2)).toMatchObject({ turn: { name: 'charge' } })
    expect(moveBy('ArrowRight', rows, 3)).toEqual({ focus: 4 })
    expect(moveBy('ArrowLeft', rows, 3)).toMatchObject({ turn: { name: 'page' } })
    expect(moveBy('ArrowLeft', rows, 5)).toEqual({ focus: 3 })
    expect(moveBy('ArrowRight', rows, 1)).toBeUndefined()
  })
})

test('10,000 steps are laid out well within a frame or two', () => {
  const steps = Array.from({ length: 10_000 }, (_, n) =>
    span(`step ${n % 7}`, { queued: n * 20, from: n * 20 + 2, until: n * 20 + 12 }),
  )
  const root = runOf(steps, { until: 200_000 })
  const began = performance.now()
  const big = buildTree(root, { runId: 'R', name: 'Big' })
  const built = performance.now()
  const slowMs = slowFrom(big)
  const shown = layoutRows(big, { ...all, words: 'step 3', only: ['slow'], slowMs })
  const window = { from: T0, until: T0 + 200_000 }
  const gaps = gapsOf(busyRanges(big, window.until), window, medianStepMs(big))
  const scale = makeScale({ window, gaps, breakWidth: 0.03 })
  ticksOf(scale, T0, 0.1)
  const done = performance.now()
  expect(shown.length).toBeGreaterThan(1000)
  expect(findNode(big, shown.at(-1)?.node.id ?? '')).toBe(shown.at(-1)?.node)
  // Two cores that others use too: ten times what it takes alone.
  expect(built - began).toBeLessThan(500)
  expect(done - built).toBeLessThan(500)
})
