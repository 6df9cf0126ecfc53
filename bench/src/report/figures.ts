// Every line of the table: what it is called, its unit, how many digits mean something, and the goal where there is one.
// Parts record under these IDs; a line without samples is left out.

import { FLAVOURS } from '../stand/flavours.ts'

/** One line of the table. */
export interface Figure {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly digits: number
  readonly goal?: string
  /** The line shows how much more this figure is than the ceiling's, instead of a figure of its own. */
  readonly beyondCeiling?: string
}

/** Lines under one heading. */
export interface Section {
  readonly heading: string
  readonly figures: readonly Figure[]
}

/** The null app's section, for every table that has its loads. */
export const NULL_APP_SECTION: Section = {
  heading: 'Null app: prebuilt answers, so that the server is what is measured',
  figures: [
    { id: 'null.ten.cpu', title: 'step, 64 runs in flight: server CPU', unit: 'ms', digits: 3, goal: '≤ 0.10' },
    {
      id: 'null.ten.database',
      title: 'step, 64 runs in flight: PostgreSQL CPU',
      unit: 'ms',
      digits: 3,
      goal: '≤ 0.05',
    },
    { id: 'null.ten.rate', title: 'step, 64 runs in flight', unit: 'steps/s', digits: 0 },
    { id: 'null.ten.p50', title: 'step → step, 64 runs in flight, p50', unit: 'ms', digits: 2 },
    { id: 'null.ten.p99', title: 'step → step, 64 runs in flight, p99', unit: 'ms', digits: 2 },
    { id: 'null.alone.cpu', title: 'step, one run alone: server CPU', unit: 'ms', digits: 3 },
    { id: 'null.alone.p50', title: 'step → step, one run alone, p50', unit: 'ms', digits: 2, goal: '≤ 0.6' },
    { id: 'null.alone.p99', title: 'step → step, one run alone, p99', unit: 'ms', digits: 2 },
    { id: 'null.alone.start', title: 'event → first call, one run alone, p50', unit: 'ms', digits: 2 },
    { id: 'null.noop100.cpu', title: 'noop run, 100 events a POST: server CPU', unit: 'ms', digits: 3, goal: '≤ 0.20' },
    { id: 'null.noop100.database', title: 'noop run, 100 events a POST: PostgreSQL CPU', unit: 'ms', digits: 3 },
    { id: 'null.noop100.rate', title: 'noop run, 100 events a POST', unit: 'runs/s', digits: 0 },
    { id: 'null.noop1.cpu', title: 'noop run, one event a POST: server CPU', unit: 'ms', digits: 3 },
    { id: 'null.noop1.database', title: 'noop run, one event a POST: PostgreSQL CPU', unit: 'ms', digits: 3 },
    { id: 'null.noop1.rate', title: 'noop run, one event a POST', unit: 'runs/s', digits: 0 },
    { id: 'null.checkpointed.cpu', title: 'checkpointed step: server CPU', unit: 'ms', digits: 3, goal: '≤ 0.09' },
    { id: 'null.checkpointed.database', title: 'checkpointed step: PostgreSQL CPU', unit: 'ms', digits: 3 },
    { id: 'null.checkpointed.rate', title: 'checkpointed step', unit: 'steps/s', digits: 0 },
    { id: 'null.checkpointed.p50', title: 'checkpoint POST → 200, 64 in flight, p50', unit: 'ms', digits: 2 },
  ],
}

const sdkApps: readonly Section[] = FLAVOURS.map(({ id, title }) => ({
  heading: `${title}, 64 in flight; the ceiling is the app called directly`,
  figures: [
    { id: `sdk.${id}.noop.rate`, title: 'noop', unit: 'runs/s', digits: 0 },
    { id: `sdk.${id}.ten.rate`, title: 'ten sequential steps', unit: 'steps/s', digits: 0, goal: 'share ≥ 0.90' },
    {
      id: `sdk.${id}.ten.cpu`,
      title: 'ten sequential steps: server CPU a step',
      unit: 'ms',
      digits: 3,
      goal: '≤ 0.20',
    },
    { id: `sdk.${id}.ten.app`, title: 'ten sequential steps: app CPU a step', unit: 'ms', digits: 3 },
  ],
}))

/** The two flavours that fan out: checkpointing plays no part there. */
export const FAN_FLAVOURS = FLAVOURS.filter((flavour) => flavour.checkpointing === 'off')

/** The two flavours of which latency is measured. */
export const LATENCY_FLAVOURS = FLAVOURS.filter((flavour) => flavour.version === '4')

const latency: readonly Section[] = LATENCY_FLAVOURS.map(({ id, title }) => ({
  heading: `Latency, ${title}; the ceiling is a direct call of the app`,
  figures: [...latencyLines(id), ...beyondLines(id)],
}))

function latencyLines(id: string): readonly Figure[] {
  return (['idle', 'paced'] as const).flatMap((pace) => {
    const when = pace === 'idle' ? 'idle' : 'at 50 events/s'
    return [
      { id: `latency.${id}.${pace}.start.p50`, title: `send() → first line, ${when}, p50`, unit: 'ms', digits: 2 },
      { id: `latency.${id}.${pace}.start.p99`, title: `send() → first line, ${when}, p99`, unit: 'ms', digits: 2 },
      { id: `latency.${id}.${pace}.step.p50`, title: `step end → next step, ${when}, p50`, unit: 'ms', digits: 2 },
      { id: `latency.${id}.${pace}.step.p99`, title: `step end → next step, ${when}, p99`, unit: 'ms', digits: 2 },
    ]
  })
}

function beyondLines(id: string): readonly Figure[] {
  const line = (what: 'start' | 'step', title: string) => {
    const beyondCeiling = `latency.${id}.idle.${what}.p50`
    return { id: `latency.${id}.idle.${what}.beyond`, beyondCeiling, title, unit: 'ms', digits: 2 }
  }
  return [
    line('start', 'send() → first line, idle, p50, beyond a direct call'),
    { ...line('step', 'step end → next step, idle, p50, beyond a direct call'), goal: '≤ 0.6' },
  ]
}

const resources: Section = {
  heading: 'Resources',
  figures: [
    { id: 'boot', title: 'start of the process → /health answers', unit: 'ms', digits: 0 },
    { id: 'idle.rss', title: 'memory after boot, idle', unit: 'MiB', digits: 0 },
    { id: 'idle.cpu', title: 'CPU while idle, a second', unit: 'ms', digits: 1 },
    { id: 'load.null.rss', title: 'memory, most under load of the null app', unit: 'MiB', digits: 0, goal: '≤ 200' },
    { id: 'load.null.server', title: 'null app, steps: cores of the server', unit: 'cores', digits: 2 },
    { id: 'load.null.app', title: 'null app, steps: cores of the app and load', unit: 'cores', digits: 2 },
    { id: 'load.sdk.rss', title: 'memory, most under load of the SDK app', unit: 'MiB', digits: 0, goal: '≤ 200' },
    { id: 'load.sdk.server', title: 'SDK app, steps: cores of the server', unit: 'cores', digits: 2 },
    { id: 'load.sdk.app', title: 'SDK app, steps: cores of the app', unit: 'cores', digits: 2 },
    { id: 'load.sdk.bench', title: 'SDK app, steps: cores of the bench', unit: 'cores', digits: 2 },
  ],
}

const fanOut: Section = {
  heading: 'Fan-out, one event at a time: event → end of the last call',
  figures: [
    { id: 'fan.null.fan.p50', title: 'one event → 20 functions, null app, p50', unit: 'ms', digits: 2 },
    { id: 'fan.null.fan.cpu', title: 'one event → 20 functions, null app: server CPU', unit: 'ms', digits: 2 },
    { id: 'fan.null.parallel.p50', title: '100 parallel steps, null app, p50', unit: 'ms', digits: 2 },
    { id: 'fan.null.parallel.cpu', title: '100 parallel steps, null app: server CPU', unit: 'ms', digits: 2 },
    ...FAN_FLAVOURS.flatMap(({ id, title }) => [
      {
        id: `fan.${id}.fan.p50`,
        title: `one event → 20 functions, ${title}, p50`,
        unit: 'ms',
        digits: 2,
        goal: '≤ 1.3 ×',
      },
      {
        id: `fan.${id}.parallel.p50`,
        title: `100 parallel steps, ${title}, p50`,
        unit: 'ms',
        digits: 2,
        goal: '≤ 1.3 ×',
      },
    ]),
  ],
}

/** What a sync cost, for every table. */
export const DISK: Section = {
  heading: 'The disk, just before each measurement: where it differs between two columns, so do their latencies',
  figures: [{ id: 'sync', title: 'fdatasync of 4 KiB', unit: 'ms', digits: 2 }],
}

/** Sections of the normal table, in order. */
export const SECTIONS: readonly Section[] = [NULL_APP_SECTION, ...sdkApps, fanOut, ...latency, resources, DISK]
