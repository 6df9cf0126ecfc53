import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

describe('readOptions', () => {
  it('measures everything in three rounds by default', () => {
    const options = readOptions([])
    expect(options).toMatchObject({ rounds: 3, quick: false, flat: false, stored: 100_000 })
    expect(options.only).toContain('floor')
  })

  it('takes one short round with --quick, unless told how many', () => {
    expect(readOptions(['--quick']).rounds).toBe(1)
    expect(readOptions(['--quick', '--rounds', '5']).rounds).toBe(5)
  })

  it('says which parts there are when one is misspelt', () => {
    expect(() => readOptions(['--only', 'sdk,flor'])).toThrow('there is no part "flor"; there are ceiling, sdk')
  })

  it.each(['0', '1.5', 'many', '51'])('refuses %s rounds', (rounds) => {
    expect(() => readOptions(['--rounds', rounds])).toThrow('--rounds takes 1 to 50')
  })
})
