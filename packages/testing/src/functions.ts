// What a function of the fake app is, and how an app of several is drawn for a world. Each function says what its runs may
// come to, so that a run that fails without a reason is seen.
import { putProgram } from './programs.ts'
import type { Random } from './random.ts'
import type { Script, ScriptContext } from './script.ts'
import { STOCK } from './stock.ts'

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

/** Draws the app: each function of the stock with some probability, and one or two programs. */
export function drawFunctions(random: Random, version: number): readonly SimFunction[] {
  const functions: SimFunction[] = []
  const add = (fn: Omit<SimFunction, 'checkpointing'>) => {
    const isOn = version >= 2 && random.chance(0.5)
    const checkpointing = isOn ? { buffered: random.pick([1, 1, 2, 3]), runMsMax: random.pick([200, 10_000]) } : null
    functions.push({ ...fn, checkpointing })
  }
  for (const put of STOCK) if (random.chance(0.33)) put({ random, add })
  for (let number = random.whole(1, 2); number > 0; number--) putProgram({ random, add }, number)
  return functions
}

/** The functions as an SDK registers them. */
export function registrationOf(functions: readonly SimFunction[]): Uint8Array {
  const request = {
    appName: APP_NAME,
    url: APP_URL,
    sdk: 'js:v4.24.0',
    framework: 'sim',
    deployType: 'ping',
    functions: functions.map((fn) => {
      const { retries, ...config } = fn.config
      const url = `${APP_URL}?fnId=${slugOf(fn)}&stepId=step`
      const step = { id: 'step', name: 'step', runtime: { type: 'http', url }, retries: { attempts: retries } }
      return { id: slugOf(fn), name: fn.id, ...config, steps: { step } }
    }),
  }
  return Buffer.from(JSON.stringify(request))
}
