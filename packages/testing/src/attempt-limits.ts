// How often a function may be tried again, read once for each configuration that was ever stored.
import type { FunctionConfig } from '@pawl/protocol'
import type { Key } from '@pawl/storage'
import type { Mirror } from './mirror.ts'

export class AttemptLimits {
  readonly #mirror: Mirror
  readonly #retries = new Map<string, number>()

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  retries(fn: Key): number {
    const text = this.#mirror.functions.get(fn)?.config ?? ''
    let found = this.#retries.get(text)
    if (found === undefined) {
      found = text === '' ? 0 : (JSON.parse(text) as FunctionConfig).retries
      this.#retries.set(text, found)
    }
    return found
  }
}
