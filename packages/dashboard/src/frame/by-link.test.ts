import { expect, test } from 'vitest'
import { isQuestionLink } from './by-link.ts'

test('a question with its token is a link, whatever stands before it', () => {
  expect(isQuestionLink('/requests/01J', '?token=abc')).toBe(true)
  expect(isQuestionLink('/pawl/requests/01J', '?token=abc')).toBe(true)
  expect(isQuestionLink('/requests/01J', '')).toBe(false)
  expect(isQuestionLink('/approvals', '?token=abc')).toBe(false)
})
