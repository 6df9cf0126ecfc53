// Events as `/v1/events` shows them. The data goes out as the stored canonical text.
import { type Json, parseJson, sliceObject } from '@pawl/protocol'
import type { EventView, StoredEvent } from '@pawl/storage'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { RawJson } from '../http/raw-json.ts'
import { ACCOUNT_ID, ENVIRONMENT_ID } from './environment.ts'
import { instant } from './instant.ts'

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

/** The event as expressions see it. */
export function eventValue(ctx: Pick<ServerContext, 'engine'>, event: StoredEvent | null): Json | undefined {
  const text = textOf(ctx, event)
  return text === undefined ? undefined : parseJson(text)
}

/** The event's canonical text; undefined when its body, or the run it tells of, was deleted. */
function textOf(ctx: Pick<ServerContext, 'engine'>, event: StoredEvent | null): string | undefined {
  if (event === null || (event.text === null && event.ofRun === null)) return undefined
  return event.text ?? ctx.engine.eventText(event)
}
