import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCondition } from './arbitrary.ts'
import { compileExpression, compileRest } from './compile.ts'
import { print } from './print.ts'

describe('print', () => {
  const same = [
    'event.data.a == "x" && event.data.n > 5.0',
    '(event.data.a || event.data.b) && !(event.data.c && event.data.d)',
    'event.data.a - (event.data.b - event.data.c) * -(2 + 1)',
    '(event.data.a ? event.data.b : event.data.c) ? 1 : event.data.d ? 2 : 3',
    'event.data.a == event.data.b == (event.data.c != event.data.d) == event.data.e < 1.0',
    'event.data["a-b"]["in"].list[0].exists(i, i.matches("^a\\\\.b$"))',
    '{"k": [1, 2u, -3, 1.5, null, true]}[event.data.k][0]',
    'has(event.data["a b"].c) && [event.data.a].map(x, x > 1.0, x * 2)[0] in [1, 2]',
    'event.data.list.filter(a, a.all(b, b == a)) == []',
  ]
  for (const text of same) {
    it(`writes ${text} as it was`, () => {
      expect(print(compileExpression(text).tree)).toBe(text)
    })
  }

  it('reads back as the same tree', () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        const text = print(compileExpression(condition).tree)
        expect(print(compileExpression(text).tree)).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  it('writes missing as a path that no event has', () => {
    expect(print({ kind: 'literal', value: undefined })).toBe('vars.missing')
    expect(compileRest('vars.missing == null').tree.kind).toBe('compare')
  })
})
