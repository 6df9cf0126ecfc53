// The apps and functions of a filled store: twenty functions of three apps, started by events, by the clock, by batches and
// by each other, in shares that differ by a hundred, so that lists meet frequent and rare ones.
import { type Json, readFunction, writeCanonical } from '@pawl/protocol'
import type { AppRow, Change, FunctionRow, Key } from '@pawl/storage'

export interface FillFunction {
  readonly app: string
  readonly id: string
  /** Its share of all runs, in parts of the sum. */
  readonly share: number
  /** The second is the rare one. */
  readonly events: readonly string[]
  readonly cron?: string
  readonly isBatch?: boolean
  readonly steps: readonly string[]
  /** Of a hundred ended runs. */
  readonly failed: number
}

const f = (app: string, id: string, share: number, over: Partial<FillFunction> = {}): FillFunction => {
  return { app, id, share, events: [`${app}/${id}`], steps: ['load', 'save'], failed: 3, ...over }
}

export const FILL_FUNCTIONS: readonly FillFunction[] = [
  f('shop', 'order-placed', 200, {
    events: ['shop/order.placed', 'shop/order.imported'],
    steps: ['charge', 'pack', 'ship'],
  }),
  f('shop', 'order-paid', 150, { events: ['shop/order.placed'], steps: ['receipt'] }),
  f('shop', 'cart-abandoned', 100, { failed: 1 }),
  f('shop', 'stock-changed', 80, { isBatch: true, steps: [] }),
  f('shop', 'refund', 2, { failed: 20 }),
  f('shop', 'price-sync', 60, { cron: '*/5 * * * *', events: [] }),
  f('shop', 'nightly-report', 1, {
    cron: 'TZ=Europe/Vienna 0 3 * * *',
    events: [],
    steps: ['collect', 'render', 'send'],
  }),
  f('mail', 'send', 150, { failed: 6, steps: ['render', 'send'] }),
  f('mail', 'bounce', 20),
  f('mail', 'digest', 40, { cron: '0 * * * *', events: [] }),
  f('mail', 'welcome', 30, { steps: ['send', 'wait-a-day', 'follow-up'] }),
  f('mail', 'unsubscribe', 5, { failed: 0 }),
  f('mail', 'import-list', 1, { failed: 30, steps: ['parse', 'validate', 'store'] }),
  f('billing', 'invoice', 60, { steps: ['number', 'render', 'send'] }),
  f('billing', 'dunning', 20, { failed: 10 }),
  f('billing', 'charge', 60, { failed: 8, steps: ['authorize', 'capture'] }),
  f('billing', 'ledger', 15, { cron: '* * * * *', events: [] }),
  f('billing', 'tax', 4),
  f('billing', 'payout', 1, { failed: 40 }),
  f('billing', 'audit', 1, { failed: 0, steps: [] }),
]

export interface FilledFunction extends FillFunction {
  readonly key: Key
  readonly appKey: Key
  readonly slug: string
}

/** The rows of all apps and functions. `key` draws keys, `at` is when they were registered. */
export function registryRows(
  key: () => Key,
  at: number,
): { readonly changes: Change[]; readonly functions: FilledFunction[] } {
  const changes: Change[] = []
  const functions: FilledFunction[] = []
  for (const [app, own] of Object.entries(Object.groupBy(FILL_FUNCTIONS, (fn) => fn.app))) {
    const appKey = key()
    changes.push({ put: 'app', row: appRow(appKey, app, at) })
    changes.push({ put: 'sync', row: syncRow(key(), appKey, { at, count: own?.length ?? 0 }) })
    for (const fn of own ?? []) {
      const row = functionRow(key(), appKey, fn, at)
      changes.push({ put: 'function', row })
      changes.push({ put: 'functionVersion', row: { fn: row.key, version: 1, at, config: row.config } })
      functions.push({ ...fn, key: row.key, appKey, slug: row.slug })
    }
  }
  return { changes, functions }
}

function appRow(key: Key, name: string, at: number): AppRow {
  const sdk = { sdkLanguage: 'js', sdkVersion: '4.0.0', framework: 'hono', platform: '', appVersion: '' }
  // Nobody listens there: what is filled is looked at, and does not run.
  const url = 'http://127.0.0.1:9/api/inngest'
  const fine = { checksum: name, errorCode: null, errorMessage: null, archivedAt: null, pause: null }
  return { key, name, url, ...sdk, ...fine, createdAt: at, syncedAt: at }
}

function syncRow(key: Key, app: Key, { at, count }: { readonly at: number; readonly count: number }) {
  const plain = { errorCode: null, errorMessage: null, sdkVersion: '4.0.0', appVersion: '', detail: null }
  return { key, app, at, status: 'success' as const, functionCount: count, ...plain }
}

function functionRow(key: Key, app: Key, fn: FillFunction, at: number): FunctionRow {
  const url = `http://127.0.0.1:9/api/inngest?fnId=${fn.app}-${fn.id}&stepId=step`
  const step = { id: 'step', name: 'step', runtime: { type: 'http', url }, retries: { attempts: 4 } }
  const triggers: Json[] = fn.cron === undefined ? fn.events.map((event) => ({ event })) : [{ cron: fn.cron }]
  const batch: Record<string, Json> = fn.isBatch === true ? { batchEvents: { maxSize: 10, timeout: '2s' } } : {}
  const raw: Json = { id: `${fn.app}-${fn.id}`, name: fn.id, triggers, steps: { step }, ...batch }
  const { config, faults } = readFunction(raw, fn.app, { checkExpression: () => null, checkCron: () => null })
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  const none = { stepsMax: null, stateBytesMax: null, archivedAt: null, pause: null }
  // The configuration is plain data.
  const text = writeCanonical(config as unknown as Json)
  return { key, app, slug: config.slug, name: config.name, config: text, version: 1, createdAt: at, ...none }
}
