import { describe, expect, it } from 'vitest'
import { EventNames } from './event-names.ts'

describe('the names of events that are counted', () => {
  it('are the first hundred of a minute, and one for the rest', () => {
    const names = new EventNames()
    for (let n = 0; n < 100; n++) expect(names.tallyOf(`e${n}`, 5)).toBe(`event:e${n}`)
    expect(names.tallyOf('new', 59_999)).toBe('event:*')
    expect(names.tallyOf('e7', 59_999)).toBe('event:e7')
  })

  it('are counted anew in the next minute', () => {
    const names = new EventNames()
    for (let n = 0; n < 100; n++) names.tallyOf(`e${n}`, 5)
    expect(names.tallyOf('new', 60_000)).toBe('event:new')
  })
})
