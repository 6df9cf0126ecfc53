// Times in query strings: RFC 3339, a date, epoch seconds or milliseconds, or a time ago (`1h`, `2 days ago`).
import { parseDuration } from '@pawl/protocol'
import { HttpError } from '../http/http-errors.ts'

const ISO = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$/
const AGO = /^(\d+)\s*(second|minute|hour|day|week)s?(?:\s+ago)?$/i
const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/**
 * Reads an instant in epoch milliseconds; a time without zone is UTC.
 *
 * @throws HttpError `invalid_parameter` with the parameter's name.
 */
export function readTime(name: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined || text === '') return undefined
  const instant = fromText(text.trim(), now)
  if (instant === undefined || !Number.isSafeInteger(instant)) {
    throw new HttpError('invalid_parameter', `${name} is no time: use RFC 3339, such as 2026-01-31T12:00:00Z`, {
      path: name,
    })
  }
  return instant
}

function fromText(text: string, now: number): number | undefined {
  if (ISO.test(text)) return fromIso(text)
  // Ten digits are seconds until the year 2286.
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1_000
  if (/^\d{11,14}$/.test(text)) return Number(text)
  if (text === 'now') return now
  const words = AGO.exec(text)
  if (words !== null) return now - Number(words[1]) * (UNIT_MS[words[2]?.toLowerCase() ?? ''] ?? Number.NaN)
  const duration = parseDuration(text.replace(/^-/, '').replace(/\s+ago$/, ''))
  return duration === null ? undefined : now - duration
}

function fromIso(text: string): number | undefined {
  const zoned = /(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
  const written = text.replace(' ', 'T').toUpperCase()
  const instant = Date.parse(text.length === 10 || zoned ? written : `${written}Z`)
  return Number.isNaN(instant) ? undefined : instant
}
