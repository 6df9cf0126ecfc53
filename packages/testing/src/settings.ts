// What is drawn once for each world: small limits, so that boundaries are common; how slow and how faulty everything is;
// and the few faults that are forced at a named point, so that the rare ones are met often.
import { ENGINE_LIMITS, type EngineLimits } from '@pawl/engine'
import { drawPlannedFaults, type PlannedFault } from './points.ts'
import type { Random } from './random.ts'

/** Probabilities of what goes wrong by itself, each for one occasion. */
export interface FaultRates {
  /** A call of the database fails. */
  readonly storage: number
  /** A commit's answer is lost. */
  readonly noAnswer: number
  /** An HTTP request or its answer is lost, late or doubled. */
  readonly network: number
  /** The app dies, hangs or answers garbage in a call. */
  readonly app: number
}

export interface Settings {
  readonly isHealthy: boolean
  readonly rates: FaultRates
  readonly planned: readonly PlannedFault[]
  /** Servers on one store. With one, the store is a SQLite file or the model; with more, the model. */
  readonly servers: number
  readonly isModel: boolean
  /** How far each server's own clock is off, in milliseconds. */
  readonly skewsMs: readonly number[]
  /** Crashes, pauses and steps of the wall clock at random instants. */
  readonly crashes: number
  readonly pauses: number
  readonly clockSteps: number
  /** The database server goes down and comes back. */
  readonly restarts: number
  /** The server is stopped in order while these calls are open, counted from 1. */
  readonly stopsAtCall: readonly number[]
  /** Calls of the first function kill the server. */
  readonly hasPoison: boolean
  readonly limits: EngineLimits
  readonly callsMax: number
  readonly retryDelayMs: number | null
  /** A turn of the writer comes at most so late: 0 makes groups small. */
  readonly turnMsMax: number
  readonly storageMsMax: number
  /** The database clones what goes in and out, as one in a worker does. */
  readonly clones: boolean
  /** Instants between 0 and this one get the clients' operations, in milliseconds. */
  readonly busyMs: number
  readonly operations: number
}

/**
 * Whether all servers tell the same time. After a backward step of the database's clock each goes on from what it has told
 * itself, so that for a while one is ahead of another; what is compared by instants is then not looked at.
 */
export function hasOneTime({ servers, clockSteps }: Settings): boolean {
  return servers === 1 || clockSteps === 0
}

export function drawSettings(random: Random): Settings {
  const isHealthy = random.chance(0.12)
  const rate = (values: readonly number[]) => (isHealthy ? 0 : random.pick(values))
  const count = (values: readonly number[]) => (isHealthy ? 0 : random.pick(values))
  const isModel = random.chance(0.6)
  const servers = isModel ? random.pick([1, 2, 2, 3, 3, 4]) : 1
  return {
    isHealthy,
    rates: {
      storage: rate([0, 0, 0.003, 0.02]),
      noAnswer: rate([0, 0, 0.005, 0.03]),
      network: rate([0, 0.02, 0.1]),
      app: rate([0, 0.02, 0.08]),
    },
    planned: isHealthy ? [] : drawPlannedFaults(random, isModel),
    servers,
    isModel,
    skewsMs: Array.from({ length: servers }, () => random.pick([0, 0, 700, -90_000, 21_600_000])),
    crashes: count(servers > 1 ? [0, 0, 1, 2, 3] : [0, 0, 0, 1, 2]),
    pauses: count(servers > 1 ? [0, 0, 1, 2] : [0, 0, 0, 1]),
    restarts: isModel ? count([0, 0, 0, 0, 1]) : 0,
    stopsAtCall: isHealthy ? [] : Array.from({ length: random.pick([0, 0, 1, 2]) }, () => random.whole(1, 30)),
    clockSteps: count([0, 0, 0, 0, 1]),
    hasPoison: !isHealthy && random.chance(0.03),
    limits: drawLimits(random),
    callsMax: random.whole(1, 4),
    retryDelayMs: random.pick([null, 500, 2_000]),
    turnMsMax: random.pick([0, 0, 1, 6]),
    storageMsMax: random.pick([0.2, 1, 5]),
    clones: random.chance(0.1),
    busyMs: random.pick([2_000, 20_000, 90_000]),
    operations: random.whole(4, 9),
  }
}

function drawLimits(random: Random): EngineLimits {
  return {
    ...ENGINE_LIMITS,
    matchPage: random.whole(2, 5),
    streakMax: random.whole(1, 3),
    claimMax: random.whole(1, 5),
    hotBytesMax: random.pick([1_500, 8_000, ENGINE_LIMITS.hotBytesMax]),
    inlineBytesMax: random.pick([1_400, ENGINE_LIMITS.inlineBytesMax, ENGINE_LIMITS.inlineBytesMax]),
    circuitFailures: random.whole(2, 10),
    leaseMs: random.pick([3_000, 9_000, ENGINE_LIMITS.leaseMs]),
    claimsMax: random.pick([3, ENGINE_LIMITS.claimsMax, ENGINE_LIMITS.claimsMax]),
    sessionItemsMax: random.pick([12, ENGINE_LIMITS.sessionItemsMax]),
    sessionPendingMax: random.pick([2, ENGINE_LIMITS.sessionPendingMax]),
  }
}
