// The words of the list of functions.

import { formatNumber } from '../../ui/format.ts'

export const messages = {
  title: 'Functions',
  label: 'Functions',
  filters: 'Filters of functions',
  notRead: 'The functions could not be read.',
  search: 'Search by name, trigger or app',
  app: 'App',
  state: 'State',
  removedToo: 'Removed too',
  shown: (shown: number, all: number) =>
    shown === all ? `${formatNumber(all)} functions` : `${formatNumber(shown)} of ${formatNumber(all)}`,
  columns: {
    name: 'Name',
    app: 'App',
    triggers: 'Triggers',
    state: 'State',
    runs: 'Runs 24 h',
    failureRate: 'Failure rate',
    p95: 'p95 duration',
    backlog: 'Backlog',
    spark: 'Last 24 h',
  },
  states: { active: 'Active', paused: 'Paused', removed: 'Removed' },
  spark: (name: string, started: number) => `Runs of ${name} in the last 24 hours, hour by hour; ${started} started`,
  noTrigger: 'only invoked',
  moreTriggers: (count: number) => `+${count}`,
  backlog: (of: { ready: number; blocked: number; sleeping: number; leased: number }) =>
    `Steps: ${formatNumber(of.ready)} ready, ${formatNumber(of.blocked)} wait for a limit or a pause, ${formatNumber(of.sleeping)} sleep, ${formatNumber(of.leased)} at work`,
  narrow: (runs: string, failed: string | undefined) =>
    failed === undefined ? `${runs} runs` : `${runs} runs, ${failed} failed`,
  empty: {
    title: 'No app has registered functions yet.',
    text: 'Start your app with the server’s address. Its functions show here as soon as it is connected.',
    action: 'Show apps',
  },
  none: {
    title: 'No function matches.',
    text: (words: string) => `Nothing has “${words}” in its name, triggers or app.`,
    filtered: 'The filters leave nothing.',
    action: 'Clear filters',
  },
} as const
