// Every bound of the engine, with its unit and its reason. The protocol's own bounds (sizes of events and answers) stand
// in the protocol package.

export const ENGINE_LIMITS = {
  /** Runs made and waits resumed in one transaction; the rest of an event goes on from a cursor. Bounds the longest commit. */
  matchPage: 500,
  /** Steps in one run, unless the function has its own limit. */
  stepsMax: 1_000,
  /** History rows for each step that a run may have: its attempts, and a few more. More means that it turns in circles. */
  historyPerStep: 25,
  /** Bytes of one run's events and memos. */
  stateBytesMax: 32 * 1024 * 1024,
  /** Bytes of a call's body above which the SDK is told to fetch the state. */
  inlineBytesMax: 4 * 1024 * 1024,
  /** Longest sleep, wait or invoke, in milliseconds: 366 days. */
  waitMsMax: 366 * 86_400_000,
  /** An event ID or idempotency key is remembered for a day, in milliseconds. */
  idempotencyMs: 86_400_000,
  /** Claims of one item without a committed outcome, after which its run fails as `poisoned`. */
  claimsMax: 10,
  /** Within this time others take up the work of a server that has died. Milliseconds; the same for all servers of a store. */
  leaseMs: 30_000,
  /** Calls of one run in a row while others wait for a place; then it goes through the ready index again. */
  streakMax: 5,
  /** Memory for hot runs, in bytes. */
  hotBytesMax: 64 * 1024 * 1024,
  /** Items claimed in one operation. */
  claimMax: 200,
  /** Transport failures in a row after which an app counts as unreachable. */
  circuitFailures: 10,
  /** Delay before the first probe of an unreachable app; doubles up to the maximum. Milliseconds. */
  circuitProbeMs: 1_000,
  circuitProbeMsMax: 30_000,
  /** A missed cron tick older than this is not caught up. Milliseconds. */
  cronCatchUpMs: 86_400_000,
  /** Finished runs and events are kept so long. Milliseconds: 30 days. */
  retentionMs: 30 * 86_400_000,
  /** Items of one session, and its requests that are pending at a time. */
  sessionItemsMax: 10_000,
  sessionPendingMax: 100,
  /** Sessions are kept so long after their end. Milliseconds: 90 days. */
  sessionRetentionMs: 90 * 86_400_000,
  /** Runs of jobs are kept so long, in milliseconds; of each job the newest so many at most, and so many whatever their age. */
  jobRunsMs: 30 * 86_400_000,
  jobRunsMost: 1_000,
  jobRunsLeast: 50,
  /** Rows that retention deletes in one operation. */
  retentionBatch: 500,
  /** Characters of an error text that are kept with a failed attempt. */
  errorCharsMax: 8 * 1024,
} as const

export type EngineLimits = { readonly [K in keyof typeof ENGINE_LIMITS]: number }
