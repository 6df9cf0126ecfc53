// All crons as the lists of schedules show them: what is armed, for which function, when it is due, and whether it is late.
// A few reads, whatever their number.
import type { ItemRow } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { nextTick, parseCron } from '../engine.ts'
import { pauseOf } from '../views/pause-view.ts'
import { type Directory, type FunctionPlace, readDirectory } from './directory.ts'

export interface ScheduleFacts {
  readonly place: FunctionPlace
  readonly expression: string
  readonly timezone: string
  /** As the API shows it; undefined when it does not rest. */
  readonly pause: unknown
  /** null: it never runs again. */
  readonly nextRunAt: number | null
  /** It should have run then and has not. */
  readonly lateSince: number | null
}

/** A tick is taken up within a second or so; a server under load gets a minute before it is said to be late. */
const LATE_MS = 60_000

/** By the time of their next run. */
export async function readSchedules(ctx: ServerContext, now: number): Promise<readonly ScheduleFacts[]> {
  const [items, directory] = await Promise.all([ctx.lists.crons(), readDirectory(ctx)])
  return items
    .flatMap((item) => factsOf(item, directory, now) ?? [])
    .sort((a, b) => (a.nextRunAt ?? Number.MAX_SAFE_INTEGER) - (b.nextRunAt ?? Number.MAX_SAFE_INTEGER))
}

function factsOf(item: ItemRow, directory: Directory, now: number): ScheduleFacts | undefined {
  const place = item.fn === null ? undefined : directory.functions.get(item.fn)
  if (place === undefined || place.fn.archivedAt !== null || place.app.archivedAt !== null) return undefined
  const cron = parseCron(item.step)
  const isPast = item.due <= now
  return {
    place,
    expression: item.step,
    timezone: cron.timeZone,
    pause: pauseOf(place),
    nextRunAt: isPast ? nextTick(cron, now) : item.due,
    lateSince: item.due < now - LATE_MS ? item.due : null,
  }
}
