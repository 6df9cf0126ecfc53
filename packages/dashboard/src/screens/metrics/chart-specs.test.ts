import { describe, expect, it } from 'vitest'
import type { Metrics } from '../../api/types.ts'
import { type ChartId, chartSpecs, newestOf, percentileOf, perMinute, sumOf } from './chart-specs.ts'
import { metricsWindow } from './metrics-window.ts'

const none = [null, null]
const percentiles = { p50: none, p95: none, p99: none }

function metrics(change: Partial<Metrics> = {}): Metrics {
  return {
    from: '',
    until: '',
    bucketMs: 300_000,
    at: [0, 300_000],
    ended: { completed: [4, 5], failed: [1, 0], cancelled: [0, 0], skipped: [0, 0] },
    failureRate: [0.2, 0],
    throughput: { queued: [10, 5], started: [10, 5], ended: [5, 5] },
    queueDelay: percentiles,
    duration: percentiles,
    durationClasses: [],
    running: { steps: [2, 6], limit: null },
    backlog: { ready: none, sleeping: none, blocked: none },
    requests: { ok: none, error: none, transport: none },
    latency: percentiles,
    refused: {},
    ...change,
  }
}

function chart(of: Metrics, id: ChartId) {
  return chartSpecs(of).find((spec) => spec.id === id)
}

describe('the charts', () => {
  it('of events are there unless functions are chosen', () => {
    expect(chart(metrics(), 'events')).toBeUndefined()
    const series = chart(metrics({ events: { 'a/b': [5, null], '*': [0, 1] } }), 'events')?.series
    expect(series?.map(({ label, values }) => [label, values])).toEqual([
      ['a/b', [1, null]],
      ['Other names', [0, 0.2]],
    ])
  })

  it('show a rate per minute and keep gaps', () => {
    expect(perMinute([10, null, 0], 300_000)).toEqual([2, null, 0])
  })

  it('draw the limit of one function, and where it was reached', () => {
    expect(chart(metrics(), 'running')?.series).toHaveLength(1)
    const [, full, limit] = chart(metrics({ running: { steps: [2, 6], limit: 6 } }), 'running')?.series ?? []
    expect(full?.values).toEqual([null, 6])
    expect(limit).toMatchObject({ isGuide: true, values: [6, 6] })
  })

  it('lead from a bar to the runs that ended so', () => {
    const slice = chart(metrics(), 'ended')?.slice
    expect(slice?.('failed')).toEqual({ of: 'runs', timeField: 'endedAt', status: ['FAILED'] })
    expect(slice?.(undefined)).toMatchObject({ status: ['COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'] })
  })
})

describe('figures out of series', () => {
  it('tell a percentile by the upper end of its class', () => {
    const classes = [
      { untilMs: 10, count: 50 },
      { untilMs: 20, count: 45 },
      { untilMs: 40, count: 5 },
    ]
    expect(percentileOf(classes, 0.5)).toBe(10)
    expect(percentileOf(classes, 0.95)).toBe(20)
    expect(percentileOf(classes, 0.99)).toBe(40)
    expect(percentileOf([], 0.5)).toBeNull()
  })

  it('are none where nothing is known', () => {
    expect(sumOf([null, null])).toBeNull()
    expect(sumOf([null, 2, 3])).toBe(5)
    expect(newestOf([1, 2, null])).toBe(2)
  })
})

describe('the window of the charts', () => {
  const now = Date.parse('2026-01-01T10:00:30Z')

  it('ends with the present minute and slides under one name', () => {
    expect(metricsWindow({ last: '1h' }, now)).toEqual({
      from: '2026-01-01T09:01:00.000Z',
      until: '2026-01-01T10:01:00.000Z',
      slide: '1h',
    })
  })

  it('stands still between two instants', () => {
    const range = { from: '2026-01-01T08:00:00.000Z', until: '2026-01-01T09:00:00.000Z' }
    expect(metricsWindow(range, now)).toEqual(range)
  })

  it('is a day where the address says nothing that can be used', () => {
    expect(metricsWindow({ last: 'all' }, now).from).toBe('2025-12-31T10:01:00.000Z')
  })
})
