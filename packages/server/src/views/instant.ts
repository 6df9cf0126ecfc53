// Instants as the API writes them.

/** RFC 3339 with milliseconds, UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

/** As `instant`; absent when there is none. */
export function optionalInstant(ms: number | null | undefined): string | undefined {
  return ms === null || ms === undefined ? undefined : instant(ms)
}
