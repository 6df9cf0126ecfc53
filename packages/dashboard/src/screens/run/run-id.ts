// What the id of a run tells without asking: a ULID begins with its time, 48 bits of milliseconds in ten characters of
// Crockford's base 32. Pure.

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i

/** When a ULID was made, epoch milliseconds; undefined when the text is none. */
export function timeOfId(id: string): number | undefined {
  if (!ULID.test(id)) return undefined
  let time = 0
  for (const digit of id.slice(0, 10).toUpperCase()) time = time * 32 + DIGITS.indexOf(digit)
  return time
}

const DAY_MS = 86_400_000

export type Absence =
  /** Older than what is kept. */
  | { readonly kind: 'expired'; readonly madeAt: number; readonly removedBy: number }
  | { readonly kind: 'unknown'; readonly madeAt: number }
  /** Not the id of a run at all. */
  | { readonly kind: 'malformed' }

/** Why there is no run with this id, as far as the id tells. */
export function whyAbsent(id: string, now: number, retentionDays: number | undefined): Absence {
  const madeAt = timeOfId(id)
  if (madeAt === undefined) return { kind: 'malformed' }
  if (retentionDays === undefined) return { kind: 'unknown', madeAt }
  const removedBy = madeAt + retentionDays * DAY_MS
  return removedBy < now ? { kind: 'expired', madeAt, removedBy } : { kind: 'unknown', madeAt }
}
