// The words of the metrics page, and of the charts wherever they are shown.

import { formatDuration } from '../../ui/format.ts'

export const messages = {
  title: 'Metrics',
  filters: 'Filters of the charts',
  functions: 'Functions',
  app: 'App',
  zoomedOut: 'Back to the last 24 hours',
  hint: 'Drag across a chart to zoom in; click a value to open what is behind it.',
  notRead: 'The metrics could not be read.',
  perBucket: (what: string, bucketMs: number) => `${what} per ${bucketText(bucketMs)}`,
  perMinute: (what: string) => `${what} per minute`,
  ended: {
    title: 'Runs by status',
    what: 'runs',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
    skipped: 'Skipped',
  },
  failureRate: { title: 'Failure rate', unit: '% of runs that completed or failed', rate: 'Failed', guide: '1 %' },
  throughput: { title: 'Throughput', what: 'runs', queued: 'Queued', started: 'Started', ended: 'Ended' },
  queueDelay: { title: 'Queue delay', unit: 'from queued to the first call' },
  duration: { title: 'Duration', unit: 'from start to end' },
  histogram: { title: 'Durations', unit: 'runs by how long they took', label: 'Runs' },
  percentiles: { p50: 'Median', p95: '95 %', p99: '99 %' },
  running: {
    title: 'Steps running',
    titleOf: 'Steps running against limit',
    unit: 'steps at work, on average',
    steps: 'Running',
    full: 'At the limit',
    limit: 'Limit',
  },
  backlog: {
    title: 'Backlog',
    unit: 'steps that wait, on average',
    ready: 'Ready',
    blocked: 'Held by a limit or pause',
    sleeping: 'Sleeping',
  },
  requests: {
    title: 'Requests to apps',
    what: 'requests',
    ok: 'Answered',
    error: 'App failed',
    transport: 'No usable answer',
  },
  latency: { title: 'App latency', unit: 'of one request' },
  refused: { title: 'Refused and put off', what: 'events' },
  reasons: {
    filter_false: 'Filter was false',
    bad_expression: 'Expression failed',
    duplicate: 'Same id again',
    rate_limited: 'Rate limited',
    debounced: 'Debounced',
    batched: 'In a batch',
    singleton: 'Singleton was busy',
    paused: 'Paused',
    drained: 'Drained',
    missed_tick: 'Schedule missed',
    throttled: 'Throttled',
  } as Readonly<Record<string, string>>,
  events: { title: 'Events received', what: 'events', rest: 'Other names' },
} as const

/** The length of a bucket as one says it after "per": `minute`, `5 m`, `hour`. */
function bucketText(ms: number): string {
  if (ms === 60_000) return 'minute'
  if (ms === 3_600_000) return 'hour'
  return ms === 86_400_000 ? 'day' : formatDuration(ms)
}
