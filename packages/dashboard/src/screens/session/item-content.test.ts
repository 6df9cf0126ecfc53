import { expect, test } from 'vitest'
import type { SessionItem } from '../../api/index.ts'
import { itemsBeforeRequest, partsOf, webAddress } from './item-content.ts'

test('a message is its text, whatever object it came in', () => {
  expect(partsOf({ type: 'message', content: 'Hello' })).toEqual({ text: 'Hello' })
  expect(partsOf({ type: 'message', content: { text: 'Hello', tokens: 4 } })).toEqual({
    text: 'Hello',
    value: { tokens: 4 },
  })
  expect(partsOf({ type: 'log', content: { level: 'warn', message: 'Slow' } })).toEqual({ name: 'warn', text: 'Slow' })
  expect(partsOf({ type: 'custom', content: [1] })).toEqual({ value: [1] })
})

test('a tool call is its name and what it was called with', () => {
  expect(partsOf({ type: 'tool_call', content: { name: 'search', arguments: { q: 'x' } } })).toEqual({
    name: 'search',
    value: { q: 'x' },
  })
  expect(partsOf({ type: 'tool_result', content: { name: 'search', result: 'none' } })).toEqual({
    name: 'search',
    text: 'none',
  })
})

test('an artifact is a link only when it is an address of the web', () => {
  expect(partsOf({ type: 'artifact', content: { name: 'Report', url: 'https://example.com/r' } })).toEqual({
    text: 'Report',
    href: 'https://example.com/r',
  })
  expect(webAddress('javascript:alert(1)')).toBeUndefined()
  expect(partsOf({ type: 'artifact', content: { url: 'javascript:alert(1)' } }).href).toBeUndefined()
})

test('a decision says what became of which request', () => {
  const content = { action: 'resolved', requestId: 'r1', status: 'approved', respondedBy: 'ana', arguments: { n: 1 } }
  expect(partsOf({ type: 'decision', content })).toEqual({
    value: { n: 1 },
    decision: { requestId: 'r1', action: 'resolved', status: 'approved', by: 'ana' },
  })
})

test('the context of a question are the items before it', () => {
  const item = (seq: number, over: Partial<SessionItem> = {}): SessionItem => ({
    id: String(seq),
    seq,
    type: 'message',
    content: 'x',
    createdAt: '2026-11-24T00:00:00Z',
    ...over,
  })
  const asked = item(3, { type: 'decision', content: { action: 'requested', requestId: 'r1', prompt: '?' } })
  const items = [item(1), item(2), asked, item(4)]
  expect(itemsBeforeRequest(items, 'r1')?.map(({ seq }) => seq)).toEqual([1, 2])
  expect(itemsBeforeRequest(items, 'r2')).toBeUndefined()
})
