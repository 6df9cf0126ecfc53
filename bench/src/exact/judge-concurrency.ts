// Was a limit on open calls ever passed, and was it used while there was work? A slot is used while a call is open at the app.
// Stretches in which the leases of a killed or stopped server run out are left out of the use, since it keeps its slots meanwhile;
// they are not left out of the limit.

import { type Call, overlapMs, runsOf, type Span } from './call-log.ts'
import { atLeast, atMost, type Finding } from './verdict.ts'

const USED_MIN = 0.95

/** A limit, and what counts against it. */
export interface Limit {
  readonly title: string
  readonly limit: number
  /** Puts what counts together into groups that each have the limit. */
  groupOf(call: { readonly fn: string; readonly key: number }): string | number
  /** What holds a slot: each call while it is open, or each run from its first call to its last. */
  readonly counts: 'calls' | 'runs'
}

/** The most that was ever open at once in one group. */
export function judgeLimit(calls: readonly Call[], limit: Limit): Finding {
  const most = Math.max(0, ...[...groupsOf(calls, limit).values()].map(mostAtOnce))
  return atMost(`${limit.title}: most at once`, most, limit.limit)
}

/** The share of the slots that was in use, over all groups, each from its first start to its last: so long was there work. */
export function judgeUse(calls: readonly Call[], limit: Limit, disturbed: readonly Span[]): Finding {
  const groups = [...groupsOf(calls, limit).values()]
  const shares = groups.map((spans) => {
    const within = { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ from }) => from)) }
    return {
      usedMs: overlapMs(spans, within, disturbed),
      slotMs: limit.limit * overlapMs([within], within, disturbed),
    }
  })
  const total = (pick: (share: (typeof shares)[number]) => number) => shares.reduce((sum, each) => sum + pick(each), 0)
  const [usedMs, slotMs] = [total((share) => share.usedMs), total((share) => share.slotMs)]
  const { holds, says } = atLeast(`${limit.title}: used`, usedMs / slotMs, USED_MIN)
  const handOffs = groups.reduce((sum, spans) => sum + Math.max(0, spans.length - limit.limit), 0)
  return {
    holds,
    says: `${says}; a slot is empty for ${((slotMs - usedMs) / handOffs).toFixed(1)} ms between two calls`,
  }
}

/**
 * The same for a limit that a second one stands above: there is work for all of its slots only while so many groups of the
 * second have some left.
 */
export function judgeUseBelow(
  calls: readonly Call[],
  { outer, inner, disturbed }: { readonly outer: Limit; readonly inner: Limit; readonly disturbed: readonly Span[] },
): Finding {
  const lastStarts = [...groupsOf(calls, inner).values()].map((spans) => Math.max(...spans.map(({ from }) => from)))
  const enough = lastStarts.sort((a, b) => b - a)[outer.limit - 1] ?? 0
  return judgeUse(
    calls.filter((call) => call.arrivedAt <= enough),
    outer,
    disturbed,
  )
}

function groupsOf(calls: readonly Call[], { groupOf, counts }: Limit): Map<string | number, readonly Span[]> {
  const holders =
    counts === 'calls'
      ? calls.map(({ fn, key, arrivedAt, endedAt }) => ({ fn, key, from: arrivedAt, to: endedAt }))
      : runsOf(calls).map(({ fn, key, startedAt, endedAt }) => ({ fn, key, from: startedAt, to: endedAt }))
  return Map.groupBy(holders, groupOf)
}

function mostAtOnce(spans: readonly Span[]): number {
  // Of two at the same moment the end comes first: the slot was free.
  const moments = spans.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ])
  moments.sort((a, b) => a.at - b.at || a.by - b.by)
  let open = 0
  let most = 0
  for (const { by } of moments) {
    open += by
    most = Math.max(most, open)
  }
  return most
}
