// How a pause is shown, on functions and on apps. A function rests through a pause of its own or through its app's.
import type { AppRow, FunctionRow } from '@pawl/storage'
import { z } from 'zod'
import type { PauseRecord } from '../engine.ts'
import { instant, optionalInstant } from './instant.ts'

/** A pause on `/v2`. */
export const Pause = z
  .object({
    since: z.string(),
    by: z.string().meta({ description: 'Who paused it, such as `api`.' }),
    until: z.string().optional().meta({ format: 'date-time', description: 'It ends by itself then.' }),
    new: z.enum(['skip', 'hold']).meta({ description: 'What becomes of what triggers it meanwhile.' }),
    running: z.enum(['hold', 'finish', 'cancel']).meta({ description: 'What becomes of live runs.' }),
    target: z.enum(['function', 'app']).meta({ description: 'What was paused.' }),
  })
  .meta({ id: 'Pause' })

/** The pause that a function, or an app without `fn`, rests through; undefined when it does not rest. */
export function pauseOf({ app, fn }: { readonly app: AppRow; readonly fn?: FunctionRow }): unknown {
  const own = fn?.pause ?? null
  const text = own ?? app.pause
  if (text === null) return undefined
  // Written by the engine only.
  const { since, by, until, new: fresh, running } = JSON.parse(text) as PauseRecord
  const shown = { since: instant(since), by, until: optionalInstant(until) }
  return { ...shown, new: fresh, running, target: own === null ? 'app' : 'function' }
}
