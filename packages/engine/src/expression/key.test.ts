import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileExpression } from './compile.ts'
import { pathsOf, scalarKey, valueAt } from './key.ts'
import type { Json } from './value.ts'

describe('valueAt', () => {
  const event: Json = {
    name: 'a/b',
    data: { s: 'x', n: 1.0, b: false, nul: null, list: [{ id: 'i' }], map: {}, 'a-b': -0, in: 1e21 },
  }

  it('gives the canonical text of a scalar', () => {
    const paths = ['name', 'data.s', 'data.n', 'data.b', 'data.list[0].id', 'data["a-b"]', 'data["in"]']
    expect(paths.map((path) => valueAt(event, path))).toEqual(['"a/b"', '"x"', '1', 'false', '"i"', '0', '1e+21'])
  })

  it('gives null for what is absent, null, a list or a map', () => {
    const paths = ['data.x', 'data.s.length', 'data.nul', 'data.list', 'data.map', 'data.constructor', 'x.y.z']
    expect(paths.map((path) => valueAt(event, path))).toEqual(paths.map(() => null))
  })

  it('gives null for what is no path', () => {
    expect(['', 'data[', 'data + 1', 'a() == b', '["x"]'].map((path) => valueAt(event, path))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ])
  })
})

describe('scalarKey', () => {
  it('is the same for equal scalars and differs for others', () => {
    const scalar = fc.oneof(fc.string(), fc.string({ minLength: 500, maxLength: 600 }), fc.double(), fc.boolean())
    fc.assert(
      fc.property(scalar, scalar, (left, right) => {
        expect(scalarKey(left) === scalarKey(right)).toBe(left === right || (Number.isNaN(left) && Number.isNaN(right)))
      }),
    )
  })

  it('keeps 512 units as they are and makes a digest of more', () => {
    expect(scalarKey('x'.repeat(510))).toBe(`"${'x'.repeat(510)}"`)
    expect(scalarKey('x'.repeat(511))).toHaveLength('sha256:'.length + 64)
  })
})

describe('pathsOf', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['event.data.id == async.data.id', ['data.id']],
    ['async.data.a == 1 && event.data.b + 1 == async.data.b && async.data.a == 2', ['data.a', 'data.b']],
    ['async.data.a == 1 || async.data.b == 2', ['data.a', 'data.b']],
    ['event.data.x ? async.data.a == 1 : async.data.b > 2', ['data.a']],
    ['!(async.data.a == 1) && [1].exists(i, i == async.data.b)', []],
    ['async.data.a > 1 && async == event', []],
    ['async.data[event.data.k] == 1', []],
  ]
  for (const [text, paths] of cases) {
    it(`finds ${JSON.stringify(paths)} in ${text}`, () => {
      expect(pathsOf(compileExpression(text))).toEqual(paths)
    })
  }
})
