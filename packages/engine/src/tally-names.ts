// The names under which the engine counts, once, so that who writes and who reads cannot differ. Each is counted in the
// commit that makes it true, for the minute of that commit. What follows a `:` is a part: a status, a class of a
// histogram, an event's name.

/** Counters of a function. */
export const TALLIES = {
  /** Runs made, of any way to start; skipped ones too. */
  queued: 'queued',
  /** Runs whose first call began. */
  started: 'started',
  /** `ended:completed`, `ended:failed`, `ended:cancelled`, `ended:skipped`. */
  ended: 'ended:',
  /** Histogram of the time from a run's queueing (or its due time, where that is later) to its first call. */
  delay: 'delay:',
  /** Histogram of the time from a run's start to its end, by completed and failed runs. */
  duration: 'duration:',
  /** Answers of apps: `request:ok`, `request:error` (the app told of a failure), `request:transport` (no usable answer). */
  request: 'request:',
  /** Histogram of the time a call of the app took. */
  latency: 'latency:',
  /** Steps that ended with a memo. */
  steps: 'steps',
  /** Attempts that failed and are tried again. */
  retries: 'retries',
  /** Events that started no run of a function that listens: `refused:<reason>`, the reasons of `WhyEvent.outcome`. */
  refused: 'refused:',
  /** Starts that met a full throttle and had to wait. */
  throttled: 'throttled',
} as const

/** Counters of no function (`fn` 0). */
export const STORE_TALLIES = {
  /** `event:<name>`; names past the first hundred of a process's minute count as `event:*`. */
  event: 'event:',
} as const

/** Samples, taken once a minute by one process: of each function that has any. */
export const SAMPLES = {
  ready: 'now:ready',
  leased: 'now:leased',
  sleeping: 'now:sleeping',
  blocked: 'now:blocked',
} as const

/**
 * Class of a duration in a histogram: four to each doubling, from 1 ms on. Class 0 holds what is below 1 ms; class n
 * ends at 2^(n/4) ms, so that a percentile is told within 19 %.
 */
export function histogramClass(ms: number): number {
  return ms < 1 ? 0 : Math.min(CLASS_MAX, Math.floor(Math.log2(ms) * CLASSES_PER_DOUBLING) + 1)
}

/** Upper end of a class, in milliseconds. */
export function classEnd(histogram: number): number {
  return histogram === 0 ? 1 : 2 ** (histogram / CLASSES_PER_DOUBLING)
}

const CLASSES_PER_DOUBLING = 4
/** 2^38 ms are about nine years. */
const CLASS_MAX = 152
