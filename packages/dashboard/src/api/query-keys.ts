// The names under which answers are kept. The first word is the kind, so that everything of a kind can be found when a
// change comes in; ids and filters follow.

import type { QueryKey } from '@tanstack/react-query'
import type { RunFilter } from './types.ts'

export const queryKeys = {
  info: ['info'],
  overview: (range: string) => ['overview', range],
  runs: (filter: RunFilter) => ['runs', filter],
  allRuns: ['runs'],
  runCount: (filter: RunFilter, atMost: number) => ['run-count', filter, atMost],
  run: (id: string) => ['run', id],
  trace: (id: string) => ['trace', id],
  payload: (of: 'runs' | 'events', id: string, part: string) => ['payload', of, id, part],
  events: (filter: object) => ['events', filter],
  allEvents: ['events'],
  event: (id: string) => ['event', id],
  eventNames: ['event-names'],
  functions: (filter: object) => ['functions', filter],
  fn: (appId: string, functionId: string) => ['function', appId, functionId],
  failures: (appId: string, functionId: string, range: object) => ['function', appId, functionId, 'failures', range],
  versions: (appId: string, functionId: string) => ['function', appId, functionId, 'versions'],
  limits: (appId: string, functionId: string) => ['function', appId, functionId, 'limits'],
  schedules: ['schedules'],
  apps: (filter: object) => ['apps', filter],
  app: (appId: string) => ['app', appId],
  appSyncs: (appId: string) => ['app', appId, 'syncs'],
  metrics: (filter: object) => ['metrics', filter],
  bulks: ['bulks'],
  bulk: (id: string) => ['bulk', id],
  jobs: ['jobs'],
  job: (id: string) => ['job', id],
  jobRuns: (id: string, filter: object) => ['job-runs', id, filter],
  jobRun: (id: string) => ['job-run', id],
  preview: (schedule: object) => ['job-preview', schedule],
  sessions: (filter: object) => ['sessions', filter],
  allSessions: ['sessions'],
  session: (id: string) => ['session', id],
  sessionItems: (id: string) => ['session-items', id],
  requests: (filter: object) => ['requests', filter],
  allRequests: ['requests'],
  request: (id: string) => ['request', id],
  requestCount: ['request-count'],
} as const satisfies Record<string, QueryKey | ((...parts: never[]) => QueryKey)>

/** Kinds that apps and functions make up: read again when the registry changes. */
export const registryKinds: ReadonlySet<unknown> = new Set([
  'functions',
  'function',
  'apps',
  'app',
  'schedules',
  'overview',
])
