// The runner of migrations over a target that only notes, and the statements that the program carries.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Migration, migrate } from './migrate.ts'
import { embedMigrations } from './sqlite/migrations/embed.ts'
import { MIGRATIONS } from './sqlite/migrations/index.ts'

const STEPS: readonly Migration[] = [1, 2, 3].map((number) => ({ number, name: `000${number}`, sql: `-- ${number}` }))

/** A target that notes what is applied to it. */
function target(version: number, failsAt = 0) {
  const applied: number[] = []
  return {
    applied,
    version: async () => version,
    apply: async ({ number }: Migration) => {
      if (number === failsAt) throw new Error('no')
      applied.push(number)
    },
  }
}

describe('migrations', () => {
  test('those after the schema that is there are applied, in order', async () => {
    const empty = target(0)
    expect(await migrate(empty, STEPS)).toEqual([1, 2, 3])
    expect(empty.applied).toEqual([1, 2, 3])
    expect(await migrate(target(2), STEPS)).toEqual([3])
    expect(await migrate(target(3), STEPS)).toEqual([])
  })

  test('one that fails stops the others', async () => {
    const failing = target(0, 2)
    await expect(migrate(failing, STEPS)).rejects.toThrow('no')
    expect(failing.applied).toEqual([1])
  })

  test('a newer schema is refused and left alone', async () => {
    const newer = target(4)
    await expect(migrate(newer, STEPS)).rejects.toMatchObject({ code: 'storage_newer' })
    expect(newer.applied).toEqual([])
  })

  test('the program carries the statements of the .sql files', () => {
    const embedded = readFileSync(new URL('./sqlite/migrations/index.ts', import.meta.url), 'utf8')
    expect(embedded).toBe(embedMigrations())
  })

  test('they are numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1))
    for (const { number, name } of MIGRATIONS) expect(Number(name.slice(0, 4))).toBe(number)
  })
})
