// How a figure differs from the same over the range before, and whether that is good. Pure.

export interface Change {
  readonly direction: 'up' | 'down' | 'same'
  /** Relative: 0.5 is half as much again. Of shares the difference itself. */
  readonly by: number
  readonly tone: 'good' | 'bad' | 'plain'
}

export interface ChangeAsk {
  readonly value: number | null
  readonly before: number | null
  /** A share is compared by its difference: from 1 % to 2 % is one point. */
  readonly isShare?: boolean
  /** More of it is bad, such as failures; absent: neither good nor bad. */
  readonly isBadWhenUp?: boolean
}

/** Differences below these do not count: half a percent of a figure, a twentieth of a point of a share. */
const LEAST = { relative: 0.005, share: 0.0005 } as const

/** Undefined where there is nothing to compare. */
export function changeOf({ value, before, isShare, isBadWhenUp }: ChangeAsk): Change | undefined {
  if (value === null || before === null) return undefined
  if (!isShare && before === 0) return value === 0 ? { direction: 'same', by: 0, tone: 'plain' } : undefined
  const by = isShare ? value - before : (value - before) / before
  if (Math.abs(by) < (isShare ? LEAST.share : LEAST.relative)) return { direction: 'same', by: 0, tone: 'plain' }
  const isUp = by > 0
  const tone = isBadWhenUp === undefined ? 'plain' : isUp === isBadWhenUp ? 'bad' : 'good'
  return { direction: isUp ? 'up' : 'down', by: Math.abs(by), tone }
}
