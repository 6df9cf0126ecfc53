// An event on its way through the matching station: its row, its text, and its value for expressions.
import type { EventRow } from '@pawl/storage'
import type { EventValue } from './event-value.ts'

export interface Incoming {
  /** The row without its key and its time of receipt, which the decision gives. */
  readonly row: Omit<EventRow, 'key' | 'receivedAt' | 'isRepeat'>
  /** The sender's own ID: remembered for a day, per function. */
  readonly senderId: string | null
  /** Canonical text; for events without a body, put together. */
  readonly text: string
  readonly value: EventValue
}
