import { describe, expect, test } from 'vitest'
import { connectLines, readUrl } from './connect-lines.ts'

describe('the lines that connect an app', () => {
  test('set one variable in development, and the address and keys in production', () => {
    expect(connectLines('typescript', { mode: 'dev', origin: 'http://localhost:8288' }).start).toBe(
      'INNGEST_DEV=http://localhost:8288 \\\nnode app.ts',
    )
    const { start } = connectLines('go', { mode: 'start', origin: 'https://jobs.example.com/pawl' })
    expect(start).toContain('INNGEST_BASE_URL=https://jobs.example.com/pawl')
    expect(start).toContain('INNGEST_SIGNING_KEY=')
    expect(start).not.toContain('INNGEST_DEV')
  })

  test('serve at the address that the form suggests', () => {
    for (const language of ['typescript', 'python', 'go'] as const) {
      const { code, start, url } = connectLines(language, { mode: 'dev', origin: 'http://localhost:8288' })
      expect(`${code}${start}`).toContain(new URL(url).port)
    }
  })
})

describe('the URL of an app', () => {
  test('is taken with or without its scheme', () => {
    expect(readUrl(' localhost:3000/api/inngest ')).toBe('http://localhost:3000/api/inngest')
    expect(readUrl('https://app.example.com/api/inngest')).toBe('https://app.example.com/api/inngest')
  })

  test('is refused where it is none, or of another kind', () => {
    expect(['', 'my app', 'ftp://x', 'http://'].map(readUrl)).toEqual([undefined, undefined, undefined, undefined])
  })
})
