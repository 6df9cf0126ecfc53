// Goes on with the matching of stored events: of internal ones, and of what a request left beyond its first page.
import type { Facts, Mark, StoredEvent } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { eventValue } from '../event-value.ts'
import type { Incoming } from '../incoming.ts'
import type { Draft, Effects, Leased } from '../runs/draft.ts'
import { storedEventText } from '../runs/finish-events.ts'
import { FIRST, type MatchCursor, type MatchDetail, putMatchItem } from '../runs/finish-run.ts'
import { matchEvent, matchNeeds, type PreparedEvent, prepareEvent, startPage } from './match-events.ts'

export interface MatchHooks {
  follow(effects: Effects, mark: Mark): unknown
}

/** Works on one `match` item: a page in one operation; what is left is a new item of the same kind. */
export async function runMatchItem(ctx: EngineContext, hooks: MatchHooks, leased: Leased): Promise<void> {
  const { item } = leased
  // The engine wrote it.
  const detail = JSON.parse(item.detail ?? '{"events":[],"fn":0,"wait":0}') as MatchDetail
  const { matchPage } = ctx.limits
  const pageKeys = detail.events.slice(0, matchPage)
  for (;;) {
    const events = await ctx.store.state.events(pageKeys)
    const now = ctx.time.now()
    const all = events.map((event) =>
      prepareEvent(ctx.registry, incomingOf(ctx, event), {
        now,
        cursor: event.row.key === detail.events[0] ? detail : FIRST,
        page: matchPage,
        stored: event.row.key,
      }),
    )
    const prepared = distinctSearches(all)
    // Those that are gone meanwhile are left out.
    const rest = [...events.slice(prepared.length).map(({ row }) => row.key), ...detail.events.slice(pageKeys.length)]
    const committed = await commit(ctx, {
      needs: matchNeeds(prepared),
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        draft.push({ end: 'item', key: item.key })
        matchPageOf(ctx, draft, facts, { prepared, rows: events, rest })
      },
    })
    if (committed === 'stale') return
    if (committed === 'moved') {
      await ctx.refreshRegistry()
      continue
    }
    hooks.follow(committed.effects, committed.mark)
    return
  }
}

/** The first events, of each name that waits look for one: which waits an event may wake depends on when it was stored. */
function distinctSearches(prepared: readonly PreparedEvent[]): readonly PreparedEvent[] {
  const names = new Set<string>()
  const end = prepared.findIndex(({ search }) => {
    if (search === null) return false
    const isKnown = names.has(search.name)
    names.add(search.name)
    return isKnown
  })
  return end < 0 ? prepared : prepared.slice(0, end)
}

function incomingOf(ctx: EngineContext, event: StoredEvent): Incoming {
  const text = storedEventText(event, (fn) => ctx.registry.fn(fn)?.row.slug ?? '')
  const { key: _key, receivedAt: _receivedAt, isRepeat: _isRepeat, ...row } = event.row
  const senderId = row.eventId === row.id || row.ofRun !== null ? null : row.eventId
  return { row, senderId, text, value: eventValue(text) }
}

function matchPageOf(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  work: {
    readonly prepared: readonly PreparedEvent[]
    readonly rows: readonly StoredEvent[]
    readonly rest: readonly number[]
  },
): void {
  const page = startPage(ctx.limits.matchPage)
  const later: number[] = []
  let resume: MatchCursor | undefined
  for (const [index, prepared] of work.prepared.entries()) {
    const row = work.rows[index]?.row
    if (row === undefined) continue
    if (page.left <= 0) {
      later.push(row.key)
      continue
    }
    const cursor: MatchCursor | null = matchEvent(ctx, draft, facts, {
      prepared,
      key: row.key,
      receivedAt: row.receivedAt,
      page,
    })
    if (cursor === null) continue
    resume = cursor
    later.push(row.key)
  }
  later.push(...work.rest)
  if (later.length > 0) putMatchItem(draft, later, resume)
}
