// Starts against a throttle and against a rate limit. A throttle delays: over every window of time there may be as many starts as
// its formula gives, and while there is work there must be. A rate limit drops: what it admitted in any period may not be more
// than its limit, and what it dropped it must have dropped because the period was full.

import { overlapMs, type Span } from './call-log.ts'
import type { SentEvent } from './judge-windows.ts'
import { atMost, type Finding, none } from './verdict.ts'

/** Starts of a throttle: `limit + burst` at once, then one every `periodMs / limit`. */
export interface Throttle {
  readonly limit: number
  readonly burst: number
  readonly periodMs: number
}

/** Within one start, which a call that was on its way for longer than another can make. */
const STARTS_OFF_MAX = 1

/** The most and the least starts in any window, against the formula. `starts` in order, from a backlog that lasts to the last. */
export function judgeThrottle(
  starts: readonly number[],
  throttle: Throttle,
  disturbed: readonly Span[],
): readonly Finding[] {
  const everyMs = throttle.periodMs / throttle.limit
  const atOnce = throttle.limit + throttle.burst
  let above = Number.NEGATIVE_INFINITY
  let below = 0
  for (const [first, from] of starts.entries()) {
    for (let last = first; last < starts.length; last += 1) {
      const to = starts[last] ?? 0
      const windows = Math.floor((to - from) / everyMs)
      above = Math.max(above, last - first + 1 - (atOnce + windows))
      const behind = windows - (last - first)
      if (behind > below && overlapMs(disturbed, { from, to }) === 0) below = behind
    }
  }
  return [
    atMost('starts above the formula, over every window', Math.max(0, above), STARTS_OFF_MAX),
    atMost('starts behind it', below, STARTS_OFF_MAX),
  ]
}

/** An event that was offered to a rate limit: it was decided upon at some moment between its POST and the answer. */
export interface Offer extends SentEvent {
  readonly wasAdmitted: boolean
}

/** Instants are stored in whole milliseconds. */
const ROUNDING_MS = 2

/**
 * Counts only what lies in a window for certain for the limit, and all that can lie in it for what was dropped. An event that was
 * sent again may have been decided upon at any time after.
 */
export function judgeRateLimit(
  offers: readonly Offer[],
  { limit, periodMs }: { readonly limit: number; readonly periodMs: number },
): readonly Finding[] {
  const admitted = offers
    .filter((offer) => offer.wasAdmitted)
    .map(({ sentAt, acknowledgedAt, wasSentAgain }) => ({
      sentAt,
      acknowledgedAt: wasSentAgain ? Number.POSITIVE_INFINITY : acknowledgedAt,
    }))
  const dropped = offers.filter((offer) => !offer.wasAdmitted && !offer.wasSentAgain)
  const certain = (from: number) =>
    admitted.filter(({ sentAt, acknowledgedAt }) => sentAt >= from && acknowledgedAt < from + periodMs - ROUNDING_MS)
  const possible = (offer: Offer) =>
    admitted.filter(
      ({ sentAt, acknowledgedAt }) =>
        acknowledgedAt >= offer.sentAt - periodMs - ROUNDING_MS && sentAt <= offer.acknowledgedAt,
    )
  const most = Math.max(0, ...admitted.map(({ sentAt }) => certain(sentAt).length))
  return [
    atMost('admitted in any period', most, limit),
    none(
      'dropped while the period had room:',
      dropped.filter((offer) => possible(offer).length < limit),
    ),
  ]
}
