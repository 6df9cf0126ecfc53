// How a string of a payload is written on the page. Signs that would change the direction or the look of what stands
// around them are written as escapes, so that a payload can never make the page say something else.

/** Direction marks, zero-width signs, separators and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to make visible.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The string with quotes and visible escapes. */
export function visibleString(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** An address that may be opened; undefined for anything but `http` and `https`. */
export function linkOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || /\s/.test(text)) return undefined
  try {
    const url = new URL(text)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
  } catch {
    return undefined
  }
}

/** Epoch milliseconds of a text that is an RFC 3339 instant; undefined for any other. */
export function instantOfText(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)$/i.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
