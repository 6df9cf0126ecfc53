// The data of an event out of its stored text, for an editor. Pure.

import { pickText } from '../../ui/pick-text.ts'

/** JSON text of `data`, indented; `{}` where the event has none. */
export function dataTextOf(eventText: string): string {
  const text = pickText(eventText, 'data')
  if (text === eventText) return '{}'
  // Numbers that a double cannot hold would change: such a text stays as it is.
  if (/\d{16}/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
