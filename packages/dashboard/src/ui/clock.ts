// The present moment as the server sees it. The browser's clock may be off, and development's clock can be set forward,
// so that "4 m ago" must be told from the server's time. Views that show relative times share one ticking timer.

import { useSyncExternalStore } from 'react'
import type { Zone } from './format.ts'
import { oneOf, preference, usePreference } from './preference.ts'

let offsetMs = 0
let tickAt = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** Epoch milliseconds by the browser's own clock, for how long something took. */
export function browserNow(): number {
  return Date.now()
}

/** Epoch milliseconds by the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs
}

/** Takes over the server's time from an answer that was just received. */
export function setServerTime(now: number) {
  // Half a second is within what the network and the render take.
  const offset = now - Date.now()
  if (Math.abs(offset - offsetMs) < 500) return
  offsetMs = Math.abs(offset) < 500 ? 0 : offset
  tick()
}

/** The present moment, renewed once a second while the page is seen. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => tickAt)
}

/** The present moment rounded down to `ms`, so that a view renders only as often as what it shows can change. */
export function useNowEvery(ms: number): number {
  return useSyncExternalStore(subscribe, () => Math.floor(tickAt / ms) * ms)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick() {
  if (typeof document !== 'undefined' && document.hidden) return
  tickAt = serverNow()
  for (const listener of listeners) listener()
}

/** Whether times are shown in UTC or in the browser's zone. */
export const zonePreference = preference<Zone>('zone', 'local', oneOf('utc', 'local'))

/** The zone in which times are shown. */
export function useZone(): Zone {
  return usePreference(zonePreference)[0]
}
