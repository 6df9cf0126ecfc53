import { describe, expect, test } from 'vitest'
import { csvLine } from './csv.ts'

describe('a line of CSV', () => {
  test.each([
    [['a', 1, null, undefined, 'b'], 'a,1,,,b'],
    [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"'],
    [[' padded '], '" padded "'],
  ])('%j', (cells, line) => expect(csvLine(cells)).toBe(`${line}\r\n`))

  test.each(['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1', '  =1', '-2+3+cmd|calc'])('begins no formula: %j', (text) => {
    const line = csvLine([text])
    expect(line.replace(/^"/, '').startsWith("'")).toBe(true)
  })

  test('leaves numbers as they are', () => expect(csvLine([-1, 0.5])).toBe('-1,0.5\r\n'))
})
