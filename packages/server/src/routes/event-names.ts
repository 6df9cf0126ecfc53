// `GET /v2/event-names`: which events came lately, and which paths their data has, for whoever writes a filter or sends
// one. Names come from the newest events; those that rarer names are crowded out by are found through the counters.
import { type Json, parseJson } from '@pawl/protocol'
import type { EventRow, EventView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { STORE_TALLIES } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { limitParameter } from '../http/query.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { HOUR_MS, lastBuckets } from '../metrics/buckets.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { textOf } from '../views/event-view.ts'
import { instant } from '../views/instant.ts'

const NAMES_MAX = 100
/** The newest events that are looked through. */
const RECENT = 1_000
/** Rarer names that are looked up one by one. */
const RARE_MAX = 25
const DAYS = 7
/** A longer text is not read for its paths. */
const TEXT_CHARACTERS_MAX = 256 * 1024
const PATHS_MAX = 50
const DEPTH_MAX = 4

const EventName = z.object({
  name: z.string(),
  lastReceivedAt: z.string(),
  lastEventId: z.string(),
  paths: z.array(z.string()).optional().meta({ description: 'Of its newest event, such as `data.userId`.' }),
})

export function eventNameRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/event-names'),
      rules: { scope: 'signing-key', surface: 'v2' },
      doc: { id: 'listEventNames', tag: 'Events', summary: 'List names of events received lately, the newest first.' },
      query: z.object({ limit: limitParameter(NAMES_MAX, 50) }),
      answers: { 200: dataV2(z.array(EventName)) },
      async handle({ query: { limit = 50 } }) {
        const now = storeNow(ctx)
        const newest = (await newestOfEach(ctx, now)).slice(0, limit)
        // The texts of so many names at most, each by its key.
        const views = await Promise.all(newest.map(({ id }) => ctx.lists.event(id)))
        return answerV2(
          newest.map((row, index) => shown(ctx, row, views[index])),
          now,
        )
      },
    }),
  ]
}

async function newestOfEach(ctx: ServerContext, now: number): Promise<readonly EventRow[]> {
  const { from, until, bucketMs } = lastBuckets(now, 24 * DAYS, HOUR_MS)
  const newest = new Map<string, EventRow>()
  const keep = (views: readonly EventView[]): void => {
    for (const { row } of views) if (!newest.has(row.name)) newest.set(row.name, row)
  }
  const [recent, tallies] = await Promise.all([
    ctx.lists.events({ includeInternal: false, limit: RECENT, withText: false }),
    ctx.lists.tallies({ from, until, bucketMs, names: [STORE_TALLIES.event], byFunction: false }),
  ])
  keep(recent)
  // Where fewer were there than were asked for, no name is missing.
  const counted = recent.length < RECENT ? [] : tallies.map(({ name }) => name.slice(STORE_TALLIES.event.length))
  const rare = [...new Set(counted)].filter((name) => name !== '*' && !newest.has(name)).slice(0, RARE_MAX)
  const found = await Promise.all(
    rare.map((name) => ctx.lists.events({ names: [name], includeInternal: false, limit: 1, withText: false })),
  )
  for (const views of found) keep(views)
  return [...newest.values()].sort((a, b) => b.receivedAt - a.receivedAt || b.key - a.key)
}

function shown(ctx: ServerContext, row: EventRow, view: EventView | undefined): z.infer<typeof EventName> {
  const text = view === undefined ? undefined : textOf(ctx, view.event)
  const paths = text === undefined || text.length > TEXT_CHARACTERS_MAX ? [] : pathsOf(parseJson(text))
  const head = { name: row.name, lastReceivedAt: instant(row.receivedAt), lastEventId: row.id }
  return paths.length === 0 ? head : { ...head, paths: [...paths] }
}

/** Paths of the values in an event's data, as an expression writes them behind `event.`. */
export function pathsOf(event: Json): readonly string[] {
  const paths: string[] = []
  const visit = (value: Json | undefined, path: string, depth: number): void => {
    if (paths.length >= PATHS_MAX || typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [key, member] of Object.entries(value as Readonly<Record<string, Json>>)) {
      if (!/^[A-Za-z_]\w*$/.test(key) || paths.length >= PATHS_MAX) continue
      paths.push(`${path}.${key}`)
      if (depth < DEPTH_MAX) visit(member, `${path}.${key}`, depth + 1)
    }
  }
  if (typeof event === 'object' && event !== null && !Array.isArray(event)) {
    visit((event as Readonly<Record<string, Json>>).data, 'data', 1)
  }
  return paths
}
