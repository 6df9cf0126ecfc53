import { describe, expect, it } from 'vitest'
import { normalizeAppUrl, normalizeUrl } from './url.ts'

describe('normalizeUrl', () => {
  it.each([
    ['http://127.0.0.1:3000/api/inngest', 'http://localhost:3000/api/inngest'],
    ['http://0.0.0.0:3000/x', 'http://localhost:3000/x'],
    ['http://[::1]:3000/x', 'http://localhost:3000/x'],
    ['HTTP://Example.com:80/x', 'http://example.com/x'],
    ['https://example.com:443/x', 'https://example.com/x'],
    ['http://app:8080/x?fnId=a-b&stepId=step&deployId=1', 'http://app:8080/x?fnId=a-b&stepId=step'],
    ['http://app/x?a=b%20c#top', 'http://app/x?a=b%20c'],
    ['wss://connect/?fnId=a&stepId=step', 'wss://connect/?fnId=a&stepId=step'],
  ])('makes %s into %s', (url, expected) => {
    expect(normalizeUrl(url)).toBe(expected)
    expect(normalizeUrl(expected)).toBe(expected)
  })

  it.each(['', 'localhost:3000', '/api', 'ftp://x/', 'file:///etc/passwd', 'http://a/\r\nx: y', 'http://a/\u0000'])(
    'refuses %j',
    (url) => {
      expect(normalizeUrl(url)).toBeNull()
    },
  )

  it('drops what belongs to single calls from the URL of an app', () => {
    const url = 'http://127.0.0.1:3000/api?fnId=a&stepId=step&step=step&deployId=1&probe=trust&keep=1'
    expect(normalizeAppUrl(url)).toBe('http://localhost:3000/api?keep=1')
  })
})
