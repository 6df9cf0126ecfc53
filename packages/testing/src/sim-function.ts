// What a function of the fake app is: its configuration as an SDK sends it, its script, and what its runs may come to, so
// that a run that fails without a reason is seen.
import type { Script, ScriptContext } from './script.ts'

export const APP_NAME = 'sim'
export const APP_URL = 'http://app.test/api/inngest'

/** Events that clients send. */
export const EVENT_NAMES = ['order/made', 'order/paid', 'order/cancelled', 'user/seen', 'stock/low'] as const

export interface SimFunction {
  /** Without the app's name. */
  readonly id: string
  /** The parts of the configuration besides name and URL, as an SDK sends them. */
  readonly config: Readonly<Record<string, unknown>>
  /** A run may fail although nothing is wrong with the world. */
  readonly mayFail: boolean
  /** An SDK with checkpointing: steps in a buffer before it is sent, and how long one call may last. */
  readonly checkpointing: { readonly buffered: number; readonly runMsMax: number } | null
  readonly script: (ctx: ScriptContext) => Script
}

export function slugOf(fn: Pick<SimFunction, 'id'>): string {
  return `${APP_NAME}-${fn.id}`
}
