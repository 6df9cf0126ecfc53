import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutPiece, readRange } from './cut.ts'

describe('pieces', () => {
  test('in a row are the whole, and each is a text', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), (text, count) => {
        const bytes = Buffer.from(text)
        const pieces: string[] = []
        for (let from = 0; from < bytes.length; ) {
          const piece = cutPiece(bytes, from, count)
          expect(piece.from).toBe(from)
          expect(piece.until).toBeGreaterThan(from)
          pieces.push(strict.decode(bytes.subarray(piece.from, piece.until)))
          from = piece.until
        }
        expect(pieces.join('')).toBe(bytes.toString())
      }),
    )
  })

  test('begin at the border before a place inside of a character', () => {
    const bytes = Buffer.from('aé😀b')
    expect(cutPiece(bytes, 2, 1)).toEqual({ from: 1, until: 3 })
    expect(cutPiece(bytes, 5, 3)).toEqual({ from: 3, until: 8 })
    expect(cutPiece(bytes, 3, 4)).toEqual({ from: 3, until: 7 })
    expect(cutPiece(bytes, 8, 4)).toEqual({ from: 8, until: 8 })
    expect(cutPiece(bytes, 99, 4)).toEqual({ from: 8, until: 8 })
  })
})

describe('a range', () => {
  test.each([
    ['bytes=0-3', { from: 0, until: 4 }],
    ['bytes=4-', { from: 4, until: 10 }],
    ['bytes=4-99', { from: 4, until: 10 }],
    ['bytes=-3', { from: 7, until: 10 }],
    ['bytes=-99', { from: 0, until: 10 }],
    ['bytes=9-9', { from: 9, until: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', null],
    ['bytes=0-1,3-4', null],
    ['bytes=-', null],
    ['lines=0-3', null],
    [undefined, null],
  ])('%s of ten bytes is understood', (header, expected) => {
    expect(readRange(header, 10)).toEqual(expected)
  })
})
