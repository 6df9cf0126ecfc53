// What expressions see as `event` or `async`: an event as its value.
import type { Json } from '@pawl/protocol'

export type EventValue = { readonly [name: string]: Json }

/** Reads the value that expressions see from an event's canonical text. */
export function eventValue(text: string): EventValue {
  // Canonical text of our own making: an object with `data`, `id`, `name`, `ts`, `user` and at most `v` and `meta`.
  return JSON.parse(text) as EventValue
}
