import { expect, it } from 'vitest'
import { instantOfText, linkOf, visibleString } from './json-text.ts'

it('signs that turn the direction of text are written as escapes', () => {
  expect(visibleString('a\u202eb\u0000"\n')).toBe('"a\\u202eb\\u0000\\"\\n"')
  expect(visibleString('שלום é 😀')).toBe('"שלום é 😀"')
})

it.each([
  ['https://example.com/a?b=1', 'https://example.com/a?b=1'],
  ['javascript:alert(1)', undefined],
  ['https://exa mple.com', undefined],
  ['data:text/html,x', undefined],
  ['see https://example.com', undefined],
])('%s leads to %s', (text, link) => {
  expect(linkOf(text)).toBe(link)
})

it('instants are recognised, dates of birth and version numbers are not', () => {
  expect(instantOfText('2026-11-24T14:00:00.5Z')).toBe(Date.UTC(2026, 10, 24, 14, 0, 0, 500))
  expect(instantOfText('1990-01-01')).toBeUndefined()
  expect(instantOfText('2026-13-45T00:00:00Z')).toBeUndefined()
})
