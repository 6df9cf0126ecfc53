import { expect, it } from 'vitest'
import { readQuery } from './query-text.ts'

const rules = { roots: ['event', 'output', 'error', 'run'], wordsIn: 'error.message' }

it('an id is told from everything else, in lower case too', () => {
  expect(readQuery(' 01ja0000000000000000000000 ', rules)).toEqual({ kind: 'id', id: '01JA0000000000000000000000' })
  expect(readQuery('01JA', rules).kind).toBe('words')
})

it.each(['event.data.id == "x"', 'output["a"]', 'x == 1', '!has(run.cron)', 'run .status != "FAILED"'])(
  '%s is an expression, sent as it was typed',
  (text) => expect(readQuery(text, rules)).toEqual({ kind: 'expression', expression: text }),
)

it('bare words are looked for one by one in the error message, whatever their case', () => {
  expect(readQuery('Connection refused', rules)).toEqual({
    kind: 'words',
    expression: 'error.message.matches("(?i)Connection") && error.message.matches("(?i)refused")',
  })
})

it('a quoted text is one phrase, and signs stand for themselves', () => {
  expect(readQuery('"run.now (5%) == x"', rules)).toEqual({
    kind: 'words',
    expression: String.raw`error.message.matches("(?i)run\\.now \\(5%\\) == x")`,
  })
})

it('a word that only begins like a root is no expression', () => {
  expect(readQuery('runner failed.', rules).kind).toBe('words')
  expect(readQuery('my.event.x failed', rules).kind).toBe('words')
  expect(readQuery('   ', rules)).toEqual({ kind: 'none' })
})
