// What every station gets: one record, built once. Everything that is not a value (store, time, randomness, network, log)
// comes through here, so that a simulator can bring its own.
import type { Key, Store } from '@pawl/storage'
import type { Circuits } from './circuits.ts'
import type { Clock, StoreTime } from './clock.ts'
import type { Driver, Gateway } from './drivers/driver.ts'
import type { EventNames } from './event-names.ts'
import type { EngineLimits } from './limits.ts'
import type { Log } from './log.ts'
import type { Seats } from './queue/seats.ts'
import type { RegistryCache } from './registry-cache.ts'
import type { HotRuns } from './runs/hot-runs.ts'
import type { Seal } from './seal/seal.ts'

/** What a missed cron tick does on return: nothing, the last one runs, or each of them runs. */
export type CronCatchUp = 'skip' | 'latest' | 'all'

export interface EngineOptions {
  readonly store: Store
  readonly driver: Driver
  readonly gateway: Gateway
  readonly clock: Clock
  /** Random bytes for identifiers. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  readonly log: Log
  /** Calls open at the same time, at most. */
  readonly callsMax: number
  /** A fixed delay before each retry, instead of the table; null in production. */
  readonly retryDelayMs: number | null
  /** The first signs; all are known to apps. Empty in development. */
  readonly signingKeys: readonly string[]
  readonly cronCatchUp: CronCatchUp
  /** 32 bytes under which secrets are stored; without them no secret can be. */
  readonly instanceKey?: Uint8Array | null | undefined
  /** How long the queue rests at most while something sleeps, in milliseconds: a machine that was suspended is noticed. */
  readonly tickMs: number
  readonly limits: EngineLimits
}

export interface EngineContext extends EngineOptions {
  readonly time: StoreTime
  readonly registry: RegistryCache
  readonly circuits: Circuits
  readonly hot: HotRuns
  readonly seats: Seats
  readonly seal: Seal
  /** What is known of the store: whether it took the last operation. */
  readonly health: {
    storeOk: boolean
    /** When an operation last failed that may have committed without this process knowing; null once that is cleared up. */
    doubtfulAt: number | null
  }
  /** Reads the registry again when another operation or process has changed it. */
  readonly refreshRegistry: () => Promise<void>
  /** Names of events that no function listens to, as far as they were told in the log. */
  readonly unheard: Set<string>
  readonly eventNames: EventNames
  /** Whether this process has committed anything since it last saw nothing queued. */
  readonly activity: {
    isUnseen: boolean /** Calls of jobs that have ended since records were last deleted. */
    callsOfJobs: number
  }
  /** When an app's sync that changed nothing was last kept, by app. */
  readonly duplicates: Map<Key, number>
  /** A new ULID at this instant. */
  readonly newUlid: (now: number) => string
}
