// Which charts there are, and how each is made of the metrics that were read: form, units, names, colours, and what a
// click on a bucket opens. Pure; the page of a function shows some of the same charts.

import type { Metrics, Percentiles, RunStatus, Series } from '../../api/types.ts'
import type { ChartSeries, Unit } from '../../charts/series.ts'
import { messages } from './messages.ts'

export type ChartId =
  | 'ended'
  | 'failureRate'
  | 'throughput'
  | 'queueDelay'
  | 'duration'
  | 'running'
  | 'backlog'
  | 'requests'
  | 'latency'
  | 'refused'
  | 'events'

/** What is behind a bucket: a list of runs or of events. */
export type Slice =
  | {
      readonly of: 'runs'
      readonly timeField: 'queuedAt' | 'startedAt' | 'endedAt'
      readonly status?: readonly RunStatus[]
    }
  | { readonly of: 'events'; readonly name?: string; readonly startedNothing?: true }

export interface ChartSpec {
  readonly id: ChartId
  readonly form: 'bars' | 'lines' | 'areas'
  readonly isStacked?: boolean
  readonly title: string
  readonly unitLabel: string
  readonly unit: Unit
  readonly series: readonly ChartSeries[]
  readonly hasLog?: boolean
  /** Of the series that was clicked, or of all. Absent: a click opens nothing. */
  readonly slice?: (seriesId: string | undefined) => Slice
}

/** The share of failed runs from which one should look, drawn as a guide. */
const FAILURE_GUIDE = 0.01
const MINUTE_MS = 60_000

const STATUSES: Readonly<Record<string, RunStatus>> = {
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  skipped: 'SKIPPED',
}

/** All charts that these metrics have, in the order of the page. */
export function chartSpecs(metrics: Metrics): readonly ChartSpec[] {
  return [
    endedChart(metrics),
    failureRateChart(metrics),
    throughputChart(metrics),
    delayChart('queueDelay', metrics.queueDelay, 'startedAt'),
    delayChart('duration', metrics.duration, 'endedAt'),
    runningChart(metrics),
    backlogChart(metrics),
    requestsChart(metrics),
    latencyChart(metrics),
    refusedChart(metrics),
    ...eventsChart(metrics),
  ]
}

/** How runs ended, as stacked bars; the overview has the same. */
export function endedChart({ ended, bucketMs }: Pick<Metrics, 'ended' | 'bucketMs'>): ChartSpec {
  const t = messages.ended
  return {
    id: 'ended',
    form: 'bars',
    title: t.title,
    unitLabel: messages.perBucket(t.what, bucketMs),
    unit: 'count',
    series: (['completed', 'failed', 'cancelled', 'skipped'] as const).map((id) => ({
      id,
      label: t[id],
      values: ended[id],
      colour: `--status-${id}-solid`,
    })),
    slice: (seriesId) => {
      const status = STATUSES[seriesId ?? '']
      return { of: 'runs', timeField: 'endedAt', status: status === undefined ? Object.values(STATUSES) : [status] }
    },
  }
}

function failureRateChart({ failureRate }: Metrics): ChartSpec {
  const t = messages.failureRate
  return {
    id: 'failureRate',
    form: 'lines',
    title: t.title,
    unitLabel: t.unit,
    unit: 'share',
    series: [
      { id: 'rate', label: t.rate, values: failureRate, colour: '--status-failed-solid' },
      guide(
        'guide',
        t.guide,
        failureRate.map(() => FAILURE_GUIDE),
      ),
    ],
    slice: () => ({ of: 'runs', timeField: 'endedAt', status: ['FAILED'] }),
  }
}

function throughputChart({ throughput, bucketMs }: Metrics): ChartSpec {
  const t = messages.throughput
  return {
    id: 'throughput',
    form: 'lines',
    title: t.title,
    unitLabel: messages.perMinute(t.what),
    unit: 'rate',
    series: [
      {
        id: 'queued',
        label: t.queued,
        values: perMinute(throughput.queued, bucketMs),
        colour: '--status-queued-solid',
      },
      {
        id: 'started',
        label: t.started,
        values: perMinute(throughput.started, bucketMs),
        colour: '--status-running-solid',
      },
      {
        id: 'ended',
        label: t.ended,
        values: perMinute(throughput.ended, bucketMs),
        colour: '--status-completed-solid',
      },
    ],
    slice: () => ({ of: 'runs', timeField: 'queuedAt' }),
  }
}

function delayChart(id: 'queueDelay' | 'duration', values: Percentiles, timeField: 'startedAt' | 'endedAt'): ChartSpec {
  return {
    id,
    form: 'lines',
    title: messages[id].title,
    unitLabel: messages[id].unit,
    unit: 'duration',
    hasLog: true,
    series: percentileSeries(values, ['p50', 'p95', 'p99']),
    slice: () => ({ of: 'runs', timeField }),
  }
}

function runningChart({ running: { steps, limit } }: Metrics): ChartSpec {
  const t = messages.running
  const all: ChartSeries = { id: 'steps', label: t.steps, values: steps, colour: '--status-running-solid' }
  const base = { id: 'running', form: 'areas', isStacked: false, unitLabel: t.unit, unit: 'count' } as const
  if (limit === null) return { ...base, title: t.title, series: [all] }
  // Drawn over the area in another colour, where the limit held work back.
  const full = steps.map((value) => (value !== null && value >= limit ? value : null))
  return {
    ...base,
    title: t.titleOf,
    series: [
      all,
      { id: 'full', label: t.full, values: full, colour: '--status-paused-solid' },
      guide(
        'limit',
        t.limit,
        steps.map(() => limit),
      ),
    ],
  }
}

function backlogChart({ backlog }: Metrics): ChartSpec {
  const t = messages.backlog
  return {
    id: 'backlog',
    form: 'areas',
    isStacked: true,
    title: t.title,
    unitLabel: t.unit,
    unit: 'count',
    series: [
      { id: 'ready', label: t.ready, values: backlog.ready, colour: '--status-queued-solid' },
      { id: 'blocked', label: t.blocked, values: backlog.blocked, colour: '--status-paused-solid' },
      { id: 'sleeping', label: t.sleeping, values: backlog.sleeping, colour: '--status-waiting-solid' },
    ],
  }
}

function requestsChart({ requests, bucketMs }: Metrics): ChartSpec {
  const t = messages.requests
  return {
    id: 'requests',
    form: 'bars',
    title: t.title,
    unitLabel: messages.perMinute(t.what),
    unit: 'rate',
    series: [
      { id: 'ok', label: t.ok, values: perMinute(requests.ok, bucketMs), colour: '--status-completed-solid' },
      { id: 'error', label: t.error, values: perMinute(requests.error, bucketMs), colour: '--status-failed-solid' },
      {
        id: 'transport',
        label: t.transport,
        values: perMinute(requests.transport, bucketMs),
        colour: '--status-paused-solid',
      },
    ],
  }
}

function latencyChart({ latency }: Metrics): ChartSpec {
  const t = messages.latency
  return {
    id: 'latency',
    form: 'lines',
    title: t.title,
    unitLabel: t.unit,
    unit: 'duration',
    hasLog: true,
    series: percentileSeries(latency, ['p50', 'p95']),
  }
}

function refusedChart({ refused, bucketMs }: Metrics): ChartSpec {
  const t = messages.refused
  return {
    id: 'refused',
    form: 'bars',
    title: t.title,
    unitLabel: messages.perBucket(t.what, bucketMs),
    unit: 'count',
    series: Object.entries(refused).map(([id, values]) => ({ id, label: messages.reasons[id] ?? id, values })),
    slice: () => ({ of: 'events', startedNothing: true }),
  }
}

function eventsChart({ events, bucketMs }: Metrics): readonly ChartSpec[] {
  if (events === undefined) return []
  const t = messages.events
  return [
    {
      id: 'events',
      form: 'bars',
      title: t.title,
      unitLabel: messages.perMinute(t.what),
      unit: 'rate',
      series: Object.entries(events).map(([name, values]) => ({
        id: name,
        label: name === '*' ? t.rest : name,
        values: perMinute(values, bucketMs),
        ...(name === '*' ? { colour: '--chart-rest' } : {}),
      })),
      slice: (seriesId) => ({
        of: 'events',
        ...(seriesId === undefined || seriesId === '*' ? {} : { name: seriesId }),
      }),
    },
  ]
}

function percentileSeries(values: Percentiles, ids: readonly (keyof Percentiles)[]): readonly ChartSeries[] {
  const colours = { p50: '--chart-1', p95: '--chart-2', p99: '--chart-5' } as const
  return ids.map((id) => ({ id, label: messages.percentiles[id], values: values[id], colour: colours[id] }))
}

function guide(id: string, label: string, values: Series): ChartSeries {
  return { id, label, values, isGuide: true, colour: '--text-muted' }
}

/** Counts of a bucket as a rate; what is still counting has no other measure than the whole bucket. */
export function perMinute(values: Series, bucketMs: number): Series {
  const minutes = bucketMs / MINUTE_MS
  return values.map((value) => (value === null ? null : value / minutes))
}

/** The value below which a share of what was counted lies: the upper end of its class. Null of nothing. */
export function percentileOf(classes: Metrics['durationClasses'], share: number): number | null {
  const all = classes.reduce((sum, { count }) => sum + count, 0)
  let below = 0
  for (const { untilMs, count } of classes) {
    below += count
    if (all > 0 && below >= all * share) return untilMs
  }
  return null
}

/** The sum of a series; null where it has no value at all. */
export function sumOf(values: Series): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** The newest value of a series. */
export function newestOf(values: Series): number | null {
  return values.findLast((value) => value !== null) ?? null
}
