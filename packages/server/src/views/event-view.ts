// Events as the two REST surfaces show them. On v1 the data goes out as the stored canonical text; rows of v2 carry none.
import { isReservedName, type Json, parseJson, sliceObject } from '@pawl/protocol'
import type { EventRow, EventView, StoredEvent } from '@pawl/storage'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { RawJson } from '../http/raw-json.ts'
import type { Directory } from '../lists/directory.ts'
import { ACCOUNT_ID, ENVIRONMENT_ID } from './environment.ts'
import { instant } from './instant.ts'
import { STATUS_V2 } from './run-view.ts'

/** An event on `/v1`. */
export const EventV1 = z
  .object({
    internal_id: z.string().meta({ description: 'ULID of the stored event.' }),
    account_id: z.string(),
    environment_id: z.string(),
    source: z.string(),
    source_id: z.null(),
    received_at: z.string(),
    id: z.string().meta({ description: 'The sender’s ID, else the internal one.' }),
    name: z.string(),
    data: z.record(z.string(), z.unknown()),
    ts: z.int(),
    v: z.string().optional(),
    is_repeat: z.literal(true).optional().meta({ description: 'A resend of an event that was stored before.' }),
  })
  .meta({ id: 'EventV1' })

const SHOWN = new Set(['data', 'v'])

/** Renders an event. */
export function eventV1(ctx: Pick<ServerContext, 'engine'>, { row, event }: EventView): unknown {
  const text = textOf(ctx, event)
  const members = text === undefined ? new Map<string, string>() : sliceObject(text, SHOWN)
  const v = members.get('v')
  return {
    internal_id: row.id,
    account_id: ACCOUNT_ID,
    environment_id: ENVIRONMENT_ID,
    source: '',
    source_id: null,
    received_at: instant(row.receivedAt),
    id: row.eventId,
    name: row.name,
    data: new RawJson(members.get('data') ?? '{}'),
    ts: row.ts,
    v: v === undefined ? undefined : new RawJson(v),
    is_repeat: row.isRepeat ? true : undefined,
  }
}

const RunOfEvent = z.object({
  id: z.string(),
  functionId: z.string().meta({ description: 'Slug.' }),
  functionName: z.string(),
  status: z.enum(Object.values(STATUS_V2)),
})

/** An event on `/v2`, without its data. */
export const EventRowV2 = z
  .object({
    id: z.string().meta({ description: 'ULID of the stored event.' }),
    eventId: z.string().meta({ description: 'The sender’s ID, else the ULID: what functions see.' }),
    name: z.string(),
    ts: z.string(),
    receivedAt: z.string(),
    isRepeat: z.literal(true).optional().meta({ description: 'A resend of an event that was stored before.' }),
    isInternal: z.literal(true).optional(),
    sizeBytes: z.int().optional(),
    runs: z.array(RunOfEvent).optional().meta({ description: 'Runs that it started, twenty at most.' }),
  })
  .meta({ id: 'EventRowV2' })

/** Renders a row; the directory has the names of the functions whose runs it shows. */
export function eventRowV2({ row, size, runs }: EventView, directory: Directory): Readonly<Record<string, unknown>> {
  const shown = runs.map(({ id, fn, status }) => {
    const place = directory.functions.get(fn)
    const functionId = place?.fn.slug ?? ''
    return { id, functionId, functionName: place?.fn.name ?? functionId, status: STATUS_V2[status] }
  })
  return {
    ...eventHeadV2(row),
    sizeBytes: size ?? undefined,
    runs: shown.length === 0 ? undefined : shown,
  }
}

/** What the row of the event itself tells, as the stream sends it too. */
export function eventHeadV2(row: EventRow): Readonly<Record<string, unknown>> {
  return {
    id: row.id,
    eventId: row.eventId,
    name: row.name,
    ts: instant(row.ts),
    receivedAt: instant(row.receivedAt),
    isRepeat: row.isRepeat ? true : undefined,
    isInternal: isReservedName(row.name) ? true : undefined,
  }
}

/** The event as expressions see it. */
export function eventValue(ctx: Pick<ServerContext, 'engine'>, event: StoredEvent | null): Json | undefined {
  const text = textOf(ctx, event)
  return text === undefined ? undefined : parseJson(text)
}

/** The event's canonical text; undefined when its body, or the run it tells of, was deleted. */
export function textOf(ctx: Pick<ServerContext, 'engine'>, event: StoredEvent | null): string | undefined {
  if (event === null || (event.text === null && event.ofRun === null)) return undefined
  return event.text ?? ctx.engine.eventText(event)
}
