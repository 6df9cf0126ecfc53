// Takes the data out of an event's payload, for an editor. Pure.

/** `data`, indented; undefined when the payload is cut or is no event. */
export function dataOf(
  payload: { readonly text: string; readonly until: number; readonly totalBytes: number } | undefined,
): string | undefined {
  if (payload === undefined || payload.until < payload.totalBytes) return undefined
  try {
    const event: unknown = JSON.parse(payload.text)
    const isEvent = typeof event === 'object' && event !== null && 'data' in event
    return isEvent ? JSON.stringify(event.data, null, 2) : undefined
  } catch {
    return undefined
  }
}
