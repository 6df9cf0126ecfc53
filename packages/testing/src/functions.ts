// How an app of several functions is drawn for a world, and how it registers.
import { FLOW_STOCK } from './flow-stock.ts'
import { putProgram } from './programs.ts'
import type { Random } from './random.ts'
import { APP_NAME, APP_URL, type SimFunction, slugOf } from './sim-function.ts'
import { STOCK } from './stock.ts'

/**
 * Draws the app: each function of the stock with some probability, and a program or two; in some worlds more of those under
 * flow control and fewer of the others, so that they meet each other's load.
 */
export function drawFunctions(random: Random, version: number): readonly SimFunction[] {
  const functions: SimFunction[] = []
  const add = (fn: Omit<SimFunction, 'checkpointing'>) => {
    const isOn = version >= 2 && random.chance(0.5)
    const checkpointing = isOn ? { buffered: random.pick([1, 1, 2, 3]), runMsMax: random.pick([200, 10_000]) } : null
    functions.push({ ...fn, checkpointing })
  }
  const isFlow = random.chance(0.6)
  for (const put of STOCK) if (random.chance(isFlow ? 0.12 : 0.33)) put({ random, add })
  if (isFlow) for (const put of FLOW_STOCK) if (random.chance(0.25)) put({ random, add })
  const programs = isFlow ? random.whole(0, 1) : random.whole(1, 2)
  for (let number = functions.length === 0 ? 1 : programs; number > 0; number--) putProgram({ random, add }, number)
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
