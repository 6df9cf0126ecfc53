// Waits of callers for the answer to a request. Nothing polls: the store tells of every commit, here and at other processes;
// the store is watched only while somebody waits. What was told may have been lost, so the row is read again now and then.
import type { Key, RequestRow, StoreChange } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { readRequest } from './respond.ts'

/** In milliseconds. */
const READ_AGAIN_MS = 5_000

export class RequestWaiters {
  readonly #ctx: EngineContext
  readonly #waiting = new Map<Key, Set<() => void>>()
  #unwatch: (() => void) | null = null
  #stopped = false

  constructor(ctx: EngineContext) {
    this.#ctx = ctx
  }

  /** @throws EngineError `request_not_found` */
  async waitFor(id: string, timeoutMs: number, signal: AbortSignal): Promise<RequestRow> {
    const { clock } = this.#ctx
    const end = clock.monotonic() + timeoutMs
    const { key } = await readRequest(this.#ctx, id)
    for (;;) {
      // Listening begins before the row is read: what commits in between rings.
      const bell = this.#listen(key)
      try {
        const row = await readRequest(this.#ctx, id)
        const leftMs = end - clock.monotonic()
        if (row.status !== 'pending' || leftMs <= 0 || signal.aborted || this.#stopped) return row
        await this.#rung(bell, Math.min(leftMs, READ_AGAIN_MS), signal)
      } finally {
        this.#leave(key, bell)
      }
    }
  }

  /** Everybody who waits is answered. */
  stop(): void {
    this.#stopped = true
    this.#ring({ isCut: true, requests: [] })
  }

  #listen(key: Key): Bell {
    const bell = new Bell()
    const bells = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, bells.add(bell.ring))
    this.#unwatch ??= this.#ctx.store.watch((change) => this.#ring(change))
    return bell
  }

  #leave(key: Key, bell: Bell): void {
    const bells = this.#waiting.get(key)
    bells?.delete(bell.ring)
    if (bells?.size === 0) this.#waiting.delete(key)
    if (this.#waiting.size > 0) return
    this.#unwatch?.()
    this.#unwatch = null
  }

  #ring({ requests, isCut }: Pick<StoreChange, 'requests' | 'isCut'>): void {
    for (const key of isCut ? [...this.#waiting.keys()] : requests)
      for (const ring of this.#waiting.get(key) ?? []) ring()
  }

  async #rung(bell: Bell, delayMs: number, signal: AbortSignal): Promise<void> {
    const disarm = this.#ctx.clock.setTimer(delayMs, bell.ring)
    signal.addEventListener('abort', bell.ring)
    await bell.rung
    disarm()
    signal.removeEventListener('abort', bell.ring)
  }
}

/** Rings once. */
class Bell {
  readonly rung: Promise<void>
  readonly ring: () => void

  constructor() {
    let ring = () => {}
    this.rung = new Promise<void>((resolve) => (ring = resolve))
    this.ring = ring
  }
}
