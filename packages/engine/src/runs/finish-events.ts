// `inngest/function.finished` and kin. They are stored as rows without a body; here they are put together from the run
// they tell of, for the functions, waits and people that read them.
import type { EndedRun, EventRow, RunStatus, StoredEvent } from '@pawl/storage'

export const FINISHED_EVENT = 'inngest/function.finished'
export const FAILED_EVENT = 'inngest/function.failed'
export const CANCELLED_EVENT = 'inngest/function.cancelled'
export const INVOKED_EVENT = 'inngest/function.invoked'
export const TIMER_EVENT = 'inngest/scheduled.timer'

/** What functions see as the ID of an event that was edited for a rerun. */
export function rerunEventId(id: string): string {
  return `${id}.rerun`
}

/** An event that was made for one rerun: no other function sees it, and no wait looks back to it. */
export function isRerunEvent({ id, eventId }: Pick<EventRow, 'id' | 'eventId'>): boolean {
  return eventId === rerunEventId(id)
}

/** A run that one of these started emits none of them: no event about an event about an event. */
export function isFinishEvent(name: string): boolean {
  return name === FINISHED_EVENT || name === FAILED_EVENT || name === CANCELLED_EVENT
}

/** The names of the events that a run emits when it ends like this. */
export function finishEventNames(status: RunStatus): readonly string[] {
  if (status === 'failed') return [FINISHED_EVENT, FAILED_EVENT]
  if (status === 'cancelled') return [FINISHED_EVENT, CANCELLED_EVENT]
  return [FINISHED_EVENT]
}

/** The canonical text of an event as functions see it. */
export function storedEventText(event: StoredEvent, slugOf: (fn: number) => string): string {
  if (event.text !== null) return event.text
  const { eventId, name, ts } = event.row
  // Retention may have taken the run already, and left its event for the next batch.
  const data = event.ofRun === null ? '{}' : finishData(event.ofRun, slugOf(event.ofRun.row.fn))
  return `{"data":${data},"id":${JSON.stringify(eventId)},"name":${JSON.stringify(name)},"ts":${ts},"user":{}}`
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

function finishData(ended: EndedRun, slug: string): string {
  const { row, output, isError, events } = ended
  const members = [`"_inngest":{"status":"${STATUS_WORDS[row.status] ?? row.status}"}`]
  if (row.correlation !== null) members.push(`"correlation_id":${JSON.stringify(row.correlation)}`)
  if (output !== null && isError) members.push(`"error":${output}`)
  members.push(
    `"event":${events[0] ?? 'null'}`,
    `"events":[${events.join(',')}]`,
    `"function_id":${JSON.stringify(slug)}`,
  )
  if (output !== null) members.push(`"result":${output}`)
  members.push(`"run_id":"${row.id}"`)
  return `{${members.join(',')}}`
}
