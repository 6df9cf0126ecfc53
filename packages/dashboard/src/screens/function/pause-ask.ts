// What the pause window asks of the server, made of its fields. Pure.

import type { PauseAsk } from '../../api/actions.ts'
import { instantOf } from '../../ui/time-range.ts'

export type PauseLength = 'open' | '15m' | '1h' | 'until'

export interface PauseForm {
  readonly length: PauseLength
  /** Text of the time field. */
  readonly until: string
  readonly new: 'skip' | 'hold'
  readonly running: 'hold' | 'finish' | 'cancel'
}

/** An hour, after which it ends by itself, and nothing that cannot be taken back. */
export const usualPause: PauseForm = { length: '1h', until: '', new: 'skip', running: 'hold' }

/** The body of the request; undefined while the time is missing or not in the future. */
export function pauseAsk(
  form: PauseForm,
  { now, zone }: { readonly now: number; readonly zone: 'utc' | 'local' },
): Omit<PauseAsk, 'appId' | 'functionId'> | undefined {
  const how = { new: form.new, running: form.running }
  if (form.length === 'open') return how
  if (form.length !== 'until') return { ...how, for: form.length }
  const until = instantOf(form.until, zone)
  return until === undefined || Date.parse(until) <= now ? undefined : { ...how, until }
}
