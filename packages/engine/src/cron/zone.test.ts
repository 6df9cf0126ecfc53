import { describe, expect, it } from 'vitest'
import { offsetAt, stretchAt, zoneOf } from './zone.ts'

describe('zones', () => {
  it('an unknown name is no zone', () => {
    for (const name of ['Mars/Base', '', 'Local', '+02:00', 'Europe/../Paris', 'x'.repeat(300)])
      expect(zoneOf(name)).toBe(null)
  })

  it('offsets change at the second', () => {
    const zone = zoneOf('Europe/Paris')
    const change = Date.UTC(2027, 2, 28, 1)
    if (!zone) throw new Error('the zone is missing')
    expect([offsetAt(zone, change - 1), offsetAt(zone, change)]).toEqual([3_600_000, 7_200_000])
    expect(stretchAt(zone, change - 1).until).toBe(change)
    expect(stretchAt(zone, change)).toMatchObject({ from: change, changedAt: change, before: 3_600_000 })
    // Still known a week on, where the stretch itself begins anew.
    expect(stretchAt(zone, change + 7 * 86_400_000)).toMatchObject({ changedAt: change, before: 3_600_000 })
  })

  it('agrees with Intl through a year of half-hours, for zones of every kind', () => {
    for (const name of ['Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Casablanca', 'UTC']) {
      const zone = zoneOf(name)
      if (!zone) throw new Error(`${name} is missing`)
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
      const start = Date.UTC(2026, 0, 1)
      const wrong = Array.from({ length: 2_000 }, (_, index) => start + index * 15_768_000).filter(
        (ms) => Date.parse(`${format.format(ms).replace(' ', 'T')}Z`) - offsetAt(zone, ms) !== ms,
      )
      expect(wrong).toEqual([])
    }
  })
})
