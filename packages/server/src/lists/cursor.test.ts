import { describe, expect, test } from 'vitest'
import { readCursor, writeCursor } from './cursor.ts'

describe('a cursor', () => {
  test('gives back its place, for its own order only', () => {
    const text = writeCursor('runs:queuedAt:desc', { value: 17, key: 4 })
    expect(text).toMatch(/^[\w-]+$/)
    expect(readCursor('runs:queuedAt:desc', text)).toEqual({ value: 17, key: 4 })
    expect(() => readCursor('runs:queuedAt:asc', text)).toThrow('cursor is not one that this list gave')
  })

  test('may be left out', () => {
    expect(readCursor('x', undefined)).toBeUndefined()
    expect(readCursor('x', '')).toBeUndefined()
  })

  test.each([
    'x',
    'null',
    '{}',
    '[1]',
    '{"o":"x","v":1}',
    '{"o":"x","v":"1","k":1}',
    '{"o":"x","v":1.5,"k":1}',
    '{"o":"x","v":1e99,"k":1}',
  ])('is refused when it holds %s', (json) => {
    expect(() => readCursor('x', Buffer.from(json).toString('base64url'))).toThrow('cursor is not one')
    expect(() => readCursor('x', json)).toThrow('cursor is not one')
  })
})
