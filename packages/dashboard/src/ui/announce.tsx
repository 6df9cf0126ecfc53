// One polite voice for screen readers: "12 new runs", "Cancelled 40 of 120". No more than one message in 5 s; of those
// that come faster, the newest is spoken when the time is up.

import { useSyncExternalStore } from 'react'

const EVERY_MS = 5000
let spoken = ''
let spokenAt = Number.NEGATIVE_INFINITY
let next: string | undefined
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

/** Says something to assistive software, when there is room for it. */
export function announce(text: string) {
  next = text
  if (timer !== undefined) return
  timer = setTimeout(speak, Math.max(50, spokenAt + EVERY_MS - performance.now()))
}

function speak() {
  timer = undefined
  if (next === undefined) return
  // The same words again are spoken again only if the text differs.
  spoken = spoken === next ? `${next}\u00a0` : next
  next = undefined
  spokenAt = performance.now()
  for (const listener of listeners) listener()
}

/** Once at the root of the page. */
export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => spoken,
  )
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}
