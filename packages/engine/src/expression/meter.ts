/**
 * What bounds one evaluation: a count of steps that only goes down. Every node costs a step, and work that grows with
 * the data (long texts, lists, patterns) costs steps by its size, so that no expression can hold up the matcher.
 */
import { limitError } from './error.ts'

/** Steps of one evaluation. */
export const STEPS_MAX = 10_000
/** Most items a macro, `in`, or a comparison walks. */
const LOOP_MAX = 1_000
/** UTF-16 units of text that pass as one step; the longest text an event can hold is then a third of the budget. */
const TEXT_PER_STEP = 1_024

/** What an evaluation carries: the instant it happens at, and the steps it has left. */
export interface Meter {
  readonly now: number
  steps: number
}

/** Takes steps off; throws when none are left. */
export function charge(meter: Meter, steps: number): void {
  meter.steps -= steps
  if (meter.steps < 0) throw limitError(`the evaluation takes more than ${STEPS_MAX} steps`)
}

/** Takes off what handling a text of this length costs. */
export function chargeText(meter: Meter, length: number): void {
  if (length >= TEXT_PER_STEP) charge(meter, Math.floor(length / TEXT_PER_STEP))
}

/** Refuses to walk more than 1,000 items. */
export function checkLoop(count: number): void {
  if (count > LOOP_MAX) throw limitError(`a loop over ${count} items; at most ${LOOP_MAX} are allowed`)
}
