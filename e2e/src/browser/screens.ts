/**
 * Every screen that has an address, with what a test must know to look at it: where it is, what it reads first, the words
 * by which one sees that the data is there, and those by which one sees that there is none.
 */
import type { DemoRuns } from './demo.ts'

export interface Screen {
  readonly name: string
  path(runs: DemoRuns): string
  /** Seen in the main part when the data is there. */
  readonly shows: string
  /** The request that it cannot do without. */
  readonly reads: RegExp
  /** Seen when a list has no rows. */
  readonly empty?: string
  /** A path of the same screen with an ID that does not exist, and what is said then. */
  readonly absent?: { readonly path: string; readonly says: RegExp }
}

const ABSENT = '01JAAAAAAAAAAAAAAAAAAAAAAA'

export const SCREENS: readonly Screen[] = [
  { name: 'overview', path: () => '/', shows: 'Failing functions', reads: /\/v2\/overview/ },
  { name: 'runs', path: () => '/runs', shows: 'order-placed', reads: /\/v2\/runs\?/, empty: 'No run yet' },
  {
    name: 'run',
    path: (runs) => `/runs/${runs.completed}`,
    shows: 'print label',
    reads: /\/v2\/runs\/[0-9A-Z]{26}(\?|$)/,
    absent: { path: `/runs/${ABSENT}`, says: new RegExp(ABSENT) },
  },
  { name: 'events', path: () => '/events', shows: 'shop/order.placed', reads: /\/v2\/events\?/, empty: 'No event yet' },
  {
    name: 'event',
    path: (runs) => `/events/${runs.event}`,
    shows: 'send-receipt',
    reads: /\/v2\/events\/[0-9A-Z]{26}(\?|$)/,
    absent: { path: `/events/${ABSENT}`, says: new RegExp(`no event with the id ${ABSENT}`) },
  },
  {
    name: 'functions',
    path: () => '/functions',
    shows: 'order-placed',
    reads: /\/v2\/functions/,
    empty: 'No app has registered functions yet.',
  },
  {
    name: 'function',
    path: () => '/functions/shop/order-placed',
    shows: 'Recent failures',
    reads: /\/v2\/apps\/shop\/functions\/order-placed(\?|$)/,
    absent: { path: '/functions/shop/no-such', says: /no such function/ },
  },
  {
    name: 'schedules',
    path: () => '/schedules',
    shows: 'nightly-report',
    reads: /\/v2\/schedules/,
    empty: 'Nothing runs by the clock yet',
  },
  { name: 'apps', path: () => '/apps', shows: 'Reachable', reads: /\/v2\/apps\?/, empty: 'No app is connected' },
  {
    name: 'app',
    path: () => '/apps/shop',
    shows: 'Reachability',
    reads: /\/v2\/apps\/shop(\?|$)/,
    absent: { path: '/apps/no-such', says: /no-such/ },
  },
  { name: 'charts', path: () => '/charts', shows: 'Throughput', reads: /\/v2\/metrics/ },
  {
    name: 'bulk',
    path: () => '/bulk',
    shows: 'New operation',
    reads: /\/v2\/bulk-operations/,
    empty: 'No bulk operation yet',
    absent: { path: `/bulk?id=${ABSENT}`, says: /There is no such operation/ },
  },
]

/** What stands above a screen and has no address of its own. */
export interface Overlay {
  readonly name: string
  /** The screen under it, and what opens it there. */
  readonly path: string
  readonly key?: string
  readonly dialog: string
}

export const OVERLAYS: readonly Overlay[] = [
  { name: 'send', path: '/events', key: 'e', dialog: 'Send event' },
  { name: 'palette', path: '/runs', key: 'Control+k', dialog: 'Search and commands' },
  { name: 'keys', path: '/runs', key: '?', dialog: 'Keyboard shortcuts' },
  { name: 'bulk-new', path: '/bulk?new=true', dialog: 'New bulk operation' },
  { name: 'connect', path: '/apps?connect=true', dialog: 'Connect an app' },
  { name: 'pause', path: '/functions/shop/order-placed?do=pause', dialog: 'Pause order-placed' },
]
