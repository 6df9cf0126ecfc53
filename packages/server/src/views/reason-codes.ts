// The codes of the reasons why a run does not move, once for the list's short form and the long one.
import type { WhyReason } from '../engine.ts'

export const REASON_CODES = [
  'executing',
  'queued',
  'concurrency',
  'throttle',
  'paused',
  'app_unreachable',
  'sleeping',
  'scheduled',
  'retry',
  'waiting_for_event',
  'waiting_for_signal',
  'invoking',
] as const satisfies readonly WhyReason['code'][]
