// Each guard matters: with one of them broken by hand the same worlds find a broken promise, within a bounded number of
// seeds. Without this nobody knows whether the simulator would notice.
import { afterAll, describe, expect, it } from 'vitest'
import {
  answerFirst,
  type BrokenGuard,
  countBeforeLock,
  dropCounters,
  dropFence,
  dropHandOff,
  dropNameLocks,
  dropRevision,
  finishInTwoParts,
  readJobsEarly,
  readRequestsEarly,
  readVersionEarly,
} from './broken-guards.ts'
import { DiskFolder } from './disk.ts'
import { runSeed } from './run-seed.ts'
import type { Settings } from './settings.ts'
import type { Violation } from './violation.ts'

/** The rarest of them is found by one seed in fifty or so. */
const SEEDS_MAX = 400
const TIMEOUT_MS = 120_000

type Adjust = (drawn: Settings) => Settings

const folder = new DiskFolder()
afterAll(() => folder.remove())

async function firstViolation(brokenGuard: BrokenGuard, adjust: Adjust = onFile): Promise<Violation | null> {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { violation } = await runSeed(folder, seed, { brokenGuard, adjust })
    if (violation !== null) return violation
  }
  return null
}

/** One server on a SQLite file. */
function onFile(drawn: Settings): Settings {
  return { ...drawn, isModel: false, servers: 1 }
}

/** Three servers on one store. */
function shared(drawn: Settings): Settings {
  return { ...drawn, isModel: true, servers: 3, skewsMs: [0, 0, 0] }
}

/** Two writers on one ground are rare: many requests come twice, and no run stays hot. */
function doubled(drawn: Settings): Settings {
  const rates = { ...drawn.rates, network: 0.4 }
  const limits = { ...drawn.limits, hotBytesMax: 1 }
  return { ...onFile(drawn), isHealthy: false, rates, limits, storageMsMax: 5 }
}

describe('the simulator', () => {
  it('finds out that leases are not checked', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(dropFence))?.invariant).toBe('I16')
    // Or the store itself refuses what is written twice.
    expect((await firstViolation(dropFence, shared))?.invariant).toMatch(/^(I16|ENGINE)$/)
  })

  it('finds out that revisions of runs are not checked', { timeout: TIMEOUT_MS }, async () => {
    expect(await firstViolation(dropRevision, doubled)).not.toBeNull()
    expect(await firstViolation(dropRevision, shared)).not.toBeNull()
  })

  it('finds out that commits are answered before they are made', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(answerFirst))?.invariant).toMatch(/^I(1|7|12)$/)
  })

  it('finds out that an operation is written in two parts', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(finishInTwoParts))?.invariant).toMatch(/^(I\d+|SESSION)$/)
  })

  it('finds out that slots are counted before their limit is locked', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(countBeforeLock, shared))?.invariant).toBe('I8')
  })

  it('finds out that a line is not handed over', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(dropHandOff, shared))?.invariant).toBe('I20')
  })

  it('finds out that counters are lost', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(dropCounters))?.invariant).toBe('I21')
  })

  it('finds out that events and new waits do not wait for each other', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(dropNameLocks, shared))?.invariant).toBe('I11')
  })

  it("finds out that the registry's version is read before its lock", { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(readVersionEarly, shared))?.invariant).toMatch(/^(I1|I11|P8|I8|I20)$/)
  })

  it('finds out that requests are read before their session is locked', { timeout: TIMEOUT_MS }, async () => {
    // Or the store itself refuses a second callback.
    expect((await firstViolation(readRequestsEarly, shared))?.invariant).toMatch(/^(I18|ENGINE)$/)
  })

  it('finds out that jobs are read before they are locked', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(readJobsEarly, shared))?.invariant).toMatch(/^(I19|STORE|ENGINE)$/)
  })

  it('finds nothing in the same worlds while every guard stands', { timeout: TIMEOUT_MS }, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      for (const adjust of [doubled, shared]) {
        const { violation } = await runSeed(folder, seed, { adjust })
        expect(violation, `seed ${seed}`).toBeNull()
      }
    }
  })
})
