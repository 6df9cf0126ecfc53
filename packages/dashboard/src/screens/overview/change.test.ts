import { describe, expect, it } from 'vitest'
import { changeOf } from './change.ts'

describe('the change of a figure', () => {
  it('is relative to the range before', () => {
    expect(changeOf({ value: 150, before: 100 })).toEqual({ direction: 'up', by: 0.5, tone: 'plain' })
  })

  it('of a share is the difference in points, and more failures are bad', () => {
    const change = changeOf({ value: 0.03, before: 0.01, isShare: true, isBadWhenUp: true })
    expect(change).toMatchObject({ direction: 'up', tone: 'bad' })
    expect(change?.by).toBeCloseTo(0.02)
  })

  it('is good when what is bad becomes less', () => {
    expect(changeOf({ value: 100, before: 200, isBadWhenUp: true })).toMatchObject({ direction: 'down', tone: 'good' })
  })

  it('is told as none when it is too small to see', () => {
    expect(changeOf({ value: 1001, before: 1000 })?.direction).toBe('same')
    expect(changeOf({ value: 0, before: 0 })?.direction).toBe('same')
  })

  it('is not told where nothing was counted before', () => {
    expect(changeOf({ value: 5, before: null })).toBeUndefined()
    expect(changeOf({ value: 5, before: 0 })).toBeUndefined()
    expect(changeOf({ value: null, before: 5 })).toBeUndefined()
  })
})
