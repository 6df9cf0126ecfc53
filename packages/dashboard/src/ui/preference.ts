// Choices that the browser remembers (theme, zone, widths, columns), as one small store over `localStorage`. A value that
// cannot be read or does not parse counts as absent; where storage is refused, the choice lasts as long as the page.

import { useSyncExternalStore } from 'react'

const PREFIX = 'pawl:'
const values = new Map<string, unknown>()
const listeners = new Map<string, Set<() => void>>()

export interface Preference<T> {
  get(): T
  set(value: T): void
  subscribe(listener: () => void): () => void
}

/**
 * A remembered choice. `parse` turns what was stored into a value, or gives undefined, so that an old or foreign entry
 * cannot break the page.
 */
export function preference<T>(name: string, fallback: T, parse: (stored: unknown) => T | undefined): Preference<T> {
  const read = (): T => {
    if (!values.has(name)) values.set(name, parse(readStored(name)) ?? fallback)
    return values.get(name) as T
  }
  return {
    get: read,
    set(value) {
      if (Object.is(read(), value)) return
      values.set(name, value)
      writeStored(name, value)
      notify(name)
    },
    subscribe(listener) {
      const known = listeners.get(name) ?? new Set()
      listeners.set(name, known.add(listener))
      return () => known.delete(listener)
    },
  }
}

/** The value and its setter, for a component. */
export function usePreference<T>(of: Preference<T>): readonly [T, (value: T) => void] {
  return [useSyncExternalStore(of.subscribe, of.get), of.set]
}

/** For `parse`: one of these texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): (stored: unknown) => T | undefined {
  return (stored) => texts.find((text) => text === stored)
}

/** For `parse`: true or false. */
export function yesNo(stored: unknown): boolean | undefined {
  return typeof stored === 'boolean' ? stored : undefined
}

/** For `parse`: a finite number. */
export function aNumber(stored: unknown): number | undefined {
  return typeof stored === 'number' && Number.isFinite(stored) ? stored : undefined
}

function notify(name: string) {
  for (const listener of listeners.get(name) ?? []) listener()
}

function readStored(name: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + name)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function writeStored(name: string, value: unknown) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Storage is full or refused: the choice holds for this page.
  }
}

if (typeof window !== 'undefined') {
  window.addEventListener('storage', (event) => {
    if (event.key === null || !event.key.startsWith(PREFIX)) return
    const name = event.key.slice(PREFIX.length)
    values.delete(name)
    notify(name)
  })
}
