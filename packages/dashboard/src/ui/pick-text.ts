// Takes one value out of a JSON text without parsing it, so that a payload is shown in the spelling it was stored in.

import { indexJson, keyOf, OBJECT } from './json-index.ts'

/** The text of the value under a key of the outermost object; the whole text when there is none. */
export function pickText(text: string, key: string): string {
  const index = indexJson(text)
  if (index === undefined || index.isCut || index.kind[0] !== OBJECT) return text
  for (let node = 1; node < index.count; node = index.next[node] ?? index.count) {
    if (keyOf(index, node) === key) return text.slice(index.start[node], index.end[node])
  }
  return text
}
