// The wall clock, in one place.

/** Epoch milliseconds. */
export function now(): number {
  return Date.now()
}
