import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

describe('readOptions', () => {
  it('measures all parts on SQLite in three rounds by default', () => {
    const options = readOptions([])
    expect(options).toMatchObject({ mode: 'parts', database: 'sqlite', rounds: 3, quick: false, stored: 1_000_000 })
    expect(options.parts).toContain('floor')
  })

  it('takes one short round with --quick, unless told how many', () => {
    expect(readOptions(['--quick']).rounds).toBe(1)
    expect(readOptions(['--quick', '--rounds', '5']).rounds).toBe(5)
    expect(readOptions(['exact', '--quick']).runs).toBe(200)
  })

  it('reads --only as parts, trials or peers, by the mode', () => {
    expect(readOptions(['--only', 'sdk,null']).parts).toEqual(['sdk', 'null'])
    expect(readOptions(['exact', '--only', 'one,throttle']).trials).toEqual(['one', 'throttle'])
    expect(readOptions(['peers', '--only', 'dbos']).peers).toEqual(['dbos'])
  })

  it('says what there is when a name is misspelt', () => {
    expect(() => readOptions(['--only', 'sdk,flor'])).toThrow('part "flor": there is none; there are ceiling, sdk')
    expect(() => readOptions(['exact', '--only', 'two'])).toThrow('trial "two": there is none; there are one, five')
    expect(() => readOptions(['fast'])).toThrow('mode "fast": there is none; there are parts, flat')
  })

  it('refuses several processes on SQLite', () => {
    expect(() => readOptions(['exact', '--processes', '3'])).toThrow('need --database postgres')
    expect(readOptions(['exact', '--processes', '3', '--database', 'postgres']).processes).toBe(3)
  })

  it.each(['0', '1.5', 'many', '51'])('refuses %s rounds', (rounds) => {
    expect(() => readOptions(['--rounds', rounds])).toThrow('--rounds takes 1 to 50')
  })
})
