// A few dozen worlds in the ordinary test run; the long runs are `npm run simulate`.
import { afterAll, describe, expect, it } from 'vitest'
import { DiskFolder } from './disk.ts'
import { runSeed } from './run-seed.ts'

const folder = new DiskFolder()
afterAll(() => folder.remove())

describe('a simulated world', () => {
  it.each(Array.from({ length: 6 }, (_, share) => 1 + share * 10))(
    'keeps every promise, ten seeds from %i on',
    async (from) => {
      for (let seed = from; seed < from + 10; seed++) {
        const { violation, trace } = await runSeed(folder, seed)
        expect(violation, `seed ${seed}\n${trace.slice(-40).join('\n')}`).toBeNull()
      }
    },
  )

  it('lives the same life again from the same seed', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const first = await runSeed(folder, seed)
      const second = await runSeed(folder, seed)
      expect(second.hash).toBe(first.hash)
    }
  })

  it('lives another life from another seed', async () => {
    const hashes = new Set<string>()
    for (let seed = 1; seed <= 5; seed++) hashes.add((await runSeed(folder, seed)).hash)
    expect(hashes.size).toBe(5)
  })
})
