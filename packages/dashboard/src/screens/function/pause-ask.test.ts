import { describe, expect, it } from 'vitest'
import { pauseAsk, usualPause } from './pause-ask.ts'

const at = { now: Date.parse('2026-01-01T10:00:00Z'), zone: 'utc' } as const

describe('a pause', () => {
  it('ends by itself after an hour and cancels nothing, unless asked otherwise', () => {
    expect(pauseAsk(usualPause, at)).toEqual({ for: '1h', new: 'skip', running: 'hold' })
  })

  it('lasts until somebody resumes', () => {
    expect(pauseAsk({ ...usualPause, length: 'open' }, at)).toEqual({ new: 'skip', running: 'hold' })
  })

  it('lasts until a time in the future', () => {
    const form = { ...usualPause, length: 'until', running: 'cancel', new: 'hold' } as const
    expect(pauseAsk({ ...form, until: '2026-01-01T12:30' }, at)).toEqual({
      until: '2026-01-01T12:30:00.000Z',
      new: 'hold',
      running: 'cancel',
    })
    expect(pauseAsk({ ...form, until: '2026-01-01T09:00' }, at)).toBeUndefined()
    expect(pauseAsk({ ...form, until: '' }, at)).toBeUndefined()
  })
})
