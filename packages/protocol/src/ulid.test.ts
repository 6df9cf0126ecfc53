import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUlidFactory, isUlid, seededUlid, seededUlids, ulid, ulidTime } from './ulid.ts'

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const entropies = fc.uint8Array({ minLength: 10, maxLength: 10 })
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The number that a ULID stands for: 130 bits, of which the upper two are zero. */
function numberOf(id: string): bigint {
  return [...id].reduce((number, character) => number * 32n + BigInt(ALPHABET.indexOf(character)), 0n)
}

describe('ulid', () => {
  it('holds its time and its entropy', () => {
    fc.assert(
      fc.property(times, entropies, (time, entropy) => {
        const id = ulid(time, entropy)
        expect(isUlid(id)).toBe(true)
        expect(ulidTime(id)).toBe(time)
        expect(numberOf(id)).toBe((BigInt(time) << 80n) + BigInt(`0x${Buffer.from(entropy).toString('hex')}`))
      }),
    )
  })

  it('sorts by time', () => {
    fc.assert(
      fc.property(times, times, entropies, entropies, (a, b, x, y) => {
        fc.pre(a < b)
        expect(ulid(a, x) < ulid(b, y)).toBe(true)
      }),
    )
  })

  it.each([
    '',
    '01ARZ3NDEKTSV4RRFFQ69G5FA',
    '01arz3ndektsv4rrffq69g5fav',
    '81ARZ3NDEKTSV4RRFFQ69G5FAV',
    '01ARZ3NDEKTSV4RRFFQ69G5FAU',
  ])('takes %j for none', (text) => {
    expect(isUlid(text)).toBe(false)
    expect(ulidTime(text)).toBeNaN()
  })
})

describe('createUlidFactory', () => {
  it('ascends by one within a millisecond, over every carry', () => {
    fc.assert(
      fc.property(
        times,
        fc.constantFrom('00', 'ff'),
        fc.constantFrom('00000000', 'fffffffe', 'ffffffff'),
        (time, high, low) => {
          const entropy = Buffer.from(`12${high.repeat(5)}${low}`, 'hex')
          const next = createUlidFactory(() => entropy)
          const ids = [next(time), next(time), next(time)]
          expect(ids.map(ulidTime)).toEqual([time, time, time])
          const [first = 0n, second, third] = ids.map(numberOf)
          expect([second, third]).toEqual([first + 1n, first + 2n])
        },
      ),
    )
  })

  it('draws once a millisecond', () => {
    let draws = 0
    const next = createUlidFactory((bytes) => {
      draws++
      return new Uint8Array(bytes).fill(draws)
    })
    next(1)
    next(1)
    expect(next(2)).toBe(ulid(2, new Uint8Array(10).fill(2)))
    expect(draws).toBe(2)
  })
})

describe('seededUlid', () => {
  it('adds the place to the last four bytes of the entropy', () => {
    fc.assert(
      fc.property(times, entropies, fc.integer({ min: 1, max: 5000 }), (time, entropy, place) => {
        const expected = Buffer.from(entropy)
        expected.writeUInt32BE((expected.readUInt32BE(6) + place) % 2 ** 32, 6)
        const header = `${time},${Buffer.from(entropy).toString('base64')}`
        expect(seededUlid(header, place)).toBe(ulid(time, expected))
        expect(seededUlids(header)?.(place)).toBe(ulid(time, expected))
      }),
    )
  })

  it.each([
    '',
    '1',
    '1,',
    ',AAAAAAAAAAAAAA==',
    '1,AAAAAAAAAAAA',
    '1,AAAAAAAAAAAAAAAA',
    '-1,AAAAAAAAAAAAAA==',
    '1.5,AAAAAAAAAAAAAA==',
    '281474976710656,AAAAAAAAAAAAAA==',
    '1,AAAAAAAAAAAAA_==',
  ])('ignores the malformed seed %j', (header) => {
    expect(seededUlid(header, 1)).toBeNull()
  })
})
