// One event as `/v2` shows it: its row, what became of it for each function that listens, and what it did to runs that
// were there before it.
import type { EventView, ListReads } from '@pawl/storage'
import { z } from 'zod'
import type { WhyEvent } from '../engine.ts'
import type { Directory } from '../lists/directory.ts'
import { EventRowV2, eventRowV2 } from './event-view.ts'
import { Outcome, outcomeDetail } from './why-view.ts'

/** One event on `/v2`. */
export const EventAloneV2 = EventRowV2.extend({
  outcomes: z
    .array(
      z.object({
        functionId: z.string().meta({ description: 'Slug.' }),
        functionName: z.string(),
        outcome: Outcome,
        runId: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()).nullable(),
      }),
    )
    .optional(),
  effects: z
    .array(
      z.object({
        runId: z.string(),
        functionId: z.string().meta({ description: 'Slug.' }),
        functionName: z.string(),
        how: z.enum(['resumed', 'cancelled']),
      }),
    )
    .optional()
    .meta({ description: 'Runs that it resumed or cancelled, 100 at most.' }),
}).meta({ id: 'EventAloneV2' })

export interface EventFacts {
  readonly outcomes: readonly WhyEvent[]
  readonly effects: Awaited<ReturnType<ListReads['effects']>>
  readonly directory: Directory
}

export function eventAloneV2(view: EventView, { outcomes, effects, directory }: EventFacts): unknown {
  const names = new Map([...directory.functions.values()].map(({ fn }) => [fn.slug, fn.name]))
  const shownOutcomes = outcomes.map(({ function: slug, outcome, runId, detail }) => ({
    functionId: slug,
    functionName: names.get(slug) ?? slug,
    outcome,
    runId,
    detail: outcomeDetail(detail),
  }))
  const shownEffects = effects.map(({ runId, fn, how }) => {
    const place = directory.functions.get(fn)
    const functionId = place?.fn.slug ?? ''
    return { runId, functionId, functionName: place?.fn.name ?? functionId, how }
  })
  return {
    ...eventRowV2(view, directory),
    outcomes: shownOutcomes.length === 0 ? undefined : shownOutcomes,
    effects: shownEffects.length === 0 ? undefined : shownEffects,
  }
}
