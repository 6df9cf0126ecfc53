// The flow controls of a function as the checks read them: from the stored configuration, with the few expressions that the
// simulated app uses, worked out here once more, so that the engine's own reading is compared with another one.
import { hash } from 'node:crypto'
import type { FunctionConfig } from '@pawl/protocol'
import type { FunctionRow, Key } from '@pawl/storage'

export type EventData = Readonly<Record<string, unknown>>

/** What is in a limit's name besides the key's value. */
interface Prefix {
  readonly prefix: string
  readonly limit: number
}

/** Slots of a limit that gives no number of its own. */
const LIMIT_DEFAULT = 1_000

const configs = new Map<string, FunctionConfig>()

/** The configuration, parsed once. */
export function configOf(row: FunctionRow): FunctionConfig {
  let config = configs.get(row.config)
  if (config === undefined) {
    if (configs.size > 500) configs.clear()
    config = JSON.parse(row.config) as FunctionConfig
    configs.set(row.config, config)
  }
  return config
}

/** The value of a key for one event, as text that is the same for equal values. */
export function keyValue(key: string | null, data: EventData): string {
  if (key === null) return ''
  if (key === "'all'") return 'all'
  if (key === 'event.data.key') return String(data.key)
  throw new Error(`the checks do not know the key ${key}`)
}

/** The prefixes of the names of a function's limits, with how many each lets in. */
export function slotPrefixes(row: FunctionRow): readonly Prefix[] {
  return configOf(row).concurrency.map(({ limit, scope, key, counts }) => {
    const of = scope === 'fn' ? `fn${row.key}` : scope
    const by = key === null ? '' : hash('sha1', key, 'hex').slice(0, 12)
    return { prefix: `${counts}:${of}:${by}:`, limit: limit > 0 ? limit : LIMIT_DEFAULT }
  })
}

/** How many a function lets in by this name, or undefined when it has no such rule. */
export function slotLimit(row: FunctionRow, name: string): number | undefined {
  return slotPrefixes(row).find(({ prefix }) => name.startsWith(prefix))?.limit
}

/** Whether the name is one of a throttle of the function. */
export function isThrottle(row: FunctionRow, name: string): boolean {
  return configOf(row).throttle !== null && name.startsWith(`throttle:${row.key}:`)
}

/** The line in which items of a paused function stand. */
export function pauseLine(fn: Key): string {
  return `pause:${fn}`
}
