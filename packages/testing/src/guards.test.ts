// Each guard matters: with one of them broken by hand the same worlds find a broken promise, within a bounded number of
// seeds. Without this nobody knows whether the simulator would notice.
import { afterAll, describe, expect, it } from 'vitest'
import { answerFirst, type BrokenGuard, dropFence, dropRevision, finishInTwoParts } from './broken-guards.ts'
import { DiskFolder } from './disk.ts'
import { runSeed } from './run-seed.ts'
import type { Settings } from './settings.ts'
import type { Violation } from './violation.ts'

/** The rarest of them is found by one seed in fifty or so. */
const SEEDS_MAX = 400
const TIMEOUT_MS = 120_000

const folder = new DiskFolder()
afterAll(() => folder.remove())

async function firstViolation(
  brokenGuard: BrokenGuard,
  adjust: (drawn: Settings) => Settings = (drawn) => drawn,
): Promise<Violation | null> {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { violation } = await runSeed(folder, seed, { brokenGuard, adjust })
    if (violation !== null) return violation
  }
  return null
}

/** Two writers on one ground are rare: many requests come twice, and no run stays hot. */
function doubled(drawn: Settings): Settings {
  const rates = { ...drawn.rates, network: 0.4 }
  return { ...drawn, isHealthy: false, rates, limits: { ...drawn.limits, hotBytesMax: 1 }, storageMsMax: 5 }
}

describe('the simulator', () => {
  it('finds out that leases are not checked', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(dropFence))?.invariant).toBe('I16')
  })

  it('finds out that revisions of runs are not checked', { timeout: TIMEOUT_MS }, async () => {
    expect(await firstViolation(dropRevision, doubled)).not.toBeNull()
  })

  it('finds out that commits are answered before they are made', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(answerFirst))?.invariant).toMatch(/^I(1|7|12)$/)
  })

  it('finds out that an operation is written in two parts', { timeout: TIMEOUT_MS }, async () => {
    expect((await firstViolation(finishInTwoParts))?.invariant).toMatch(/^I\d+$/)
  })

  it('finds nothing in the same worlds while every guard stands', { timeout: TIMEOUT_MS }, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { violation } = await runSeed(folder, seed, { adjust: doubled })
      expect(violation, `seed ${seed}`).toBeNull()
    }
  })
})
