// Names of keys that past events had, for completion in the editor; and what keeps a text from being sent. Pure.

import { messages } from './messages.ts'

/**
 * Keys of the object at `path` inside of `data`.
 *
 * @param paths as the API tells them, such as `data.user.id`.
 */
export function keysAt(paths: readonly string[], path: readonly string[]): readonly string[] {
  const start = ['data', ...path, ''].join('.')
  const keys = paths
    .filter((each) => each.startsWith(start))
    .map((each) => each.slice(start.length).split('.')[0] ?? '')
  return [...new Set(keys)].filter((key) => key !== '')
}

/** Why the window cannot send what is in it; undefined when it can. */
export function whyNotSendable(name: string, dataText: string): string | undefined {
  if (name === '') return messages.nameMissing
  if (name.startsWith('inngest/')) return messages.nameReserved
  try {
    const data: unknown = JSON.parse(dataText)
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? undefined : messages.notObject
  } catch {
    return messages.notJson
  }
}

/** Whether a number stands in the text that a double may not hold. */
export function hasLongNumber(text: string): boolean {
  return /[:[,]\s*-?\d{16,}/.test(text)
}
