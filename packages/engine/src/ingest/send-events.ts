// Station 1: events that were sent are stored, all or nothing, together with everything they start or resume. The answer
// waits for the commit; there is no place in between where an accepted event could be lost.
import { type EventInput, eventText, seededUlids } from '@pawl/protocol'
import type { Facts } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { EventValue } from '../event-value.ts'
import type { Incoming } from '../incoming.ts'
import { matchEvent, matchNeeds, type PreparedEvent, prepareEvent, startPage } from '../match/match-events.ts'
import type { Draft } from '../runs/draft.ts'
import { FIRST, type MatchCursor, putMatchItem } from '../runs/finish-run.ts'

/** Stores events under new (or seeded) IDs and decides on each. @throws StorageError when nothing was written. */
export async function sendEvents(
  ctx: EngineContext,
  inputs: readonly EventInput[],
  seed: string | null,
): Promise<{ readonly ids: readonly string[]; readonly committed: Exclude<Committed<void>, string> | null }> {
  if (inputs.length === 0) return { ids: [], committed: null }
  const now = ctx.time.now()
  const seeded = seed === null ? null : seededUlids(seed)
  for (const { name } of inputs) tellUnheard(ctx, name)
  const incoming = inputs.map((input, index) => toIncoming(input, seeded?.(index + 1) ?? ctx.newUlid(now), now))
  for (;;) {
    const prepared = incoming.map((event) =>
      prepareEvent(ctx.registry, event, { now, cursor: FIRST, page: ctx.limits.matchPage }),
    )
    const needs = matchNeeds(prepared)
    const committed = await commit(ctx, {
      needs: seeded === null ? needs : { ...needs, eventIds: incoming.map((event) => event.row.id) },
      registry: ctx.registry.version,
      decide: (draft, facts) => storeEvents(ctx, draft, facts, { prepared, seeded: seeded !== null }),
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') return { ids: incoming.map((event) => event.row.id), committed }
  }
}

/** Names that were told already; a misspelt one is worth a line, not a line each time. */
const UNHEARD_MAX = 1_000

function tellUnheard(ctx: EngineContext, name: string): void {
  if (ctx.registry.mayConcern(name) || ctx.unheard.has(name) || ctx.unheard.size >= UNHEARD_MAX) return
  ctx.unheard.add(name)
  ctx.log.info({ event: name }, 'no function listens to this event; it is stored')
}

function toIncoming(input: EventInput, id: string, now: number): Incoming {
  const eventId = input.id ?? id
  const ts = input.ts ?? now
  const value: EventValue = {
    name: input.name,
    id: eventId,
    ts,
    data: input.data,
    user: {},
    ...(input.v === null ? {} : { v: input.v }),
  }
  return {
    row: { id, eventId, name: input.name, ts, ofRun: null },
    senderId: input.id,
    text: eventText(input, eventId, ts),
    value,
  }
}

interface StoreWork {
  readonly prepared: readonly PreparedEvent[]
  readonly seeded: boolean
}

function storeEvents(ctx: EngineContext, draft: Draft, facts: Facts, work: StoreWork): void {
  const page = startPage(ctx.limits.matchPage)
  const later: number[] = []
  let resume: MatchCursor | undefined
  for (const prepared of work.prepared) {
    const { event } = prepared
    const key = facts.key()
    const isRepeat = work.seeded && facts.event(event.row.id) !== undefined
    draft.push({ put: 'event', row: { ...event.row, key, receivedAt: draft.now, isRepeat }, body: event.text })
    if (isRepeat) continue
    if (page.left <= 0) {
      later.push(key)
      continue
    }
    const cursor = matchEvent(ctx, draft, facts, { prepared, key, receivedAt: draft.now, page })
    if (cursor === null) continue
    // It stops here only with a full page, so nothing of a later event was done before.
    resume = cursor
    later.push(key)
  }
  if (later.length > 0) putMatchItem(draft, later, resume)
}
