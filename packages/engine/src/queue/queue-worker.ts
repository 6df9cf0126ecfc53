// The loop that takes work up: it claims when something is ready or due and a place is free, starts a handler for what was
// leased, and rests until the next instant that matters. It knows no handler by name; the engine gives it a table.
import type { ItemRow, Key, Mark } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { keepTrying } from '../keep-trying.ts'
import type { Effects, Leased } from '../runs/draft.ts'

export interface QueueHandlers {
  /** Claims up to so many items. @returns how many were found. */
  claim(readyMax: number, dueMax: number): Promise<Committed<number>>
  /** Works on what was leased until it rests. When it rejects, the lease is put back for later. */
  handle(leased: Leased, mark: Mark): Promise<void>
}

/** After the store could not be read, and after an item's handler failed; in milliseconds. */
const RECOVERY_MS = 1_000

export class QueueWorker {
  readonly #ctx: EngineContext
  readonly #handlers: QueueHandlers
  /** The item that each handler works on now. */
  readonly #working = new Map<Key, ItemRow>()
  #running = false
  #pumping: Promise<void> | null = null
  #wanted = false
  /** Something stands in the ready index, as far as is known. */
  #ready = false
  #nextDue: number | null = null
  /** The earliest instant expected since the time index was last read: what was written meanwhile may not be in it. */
  #expectedMeanwhile: number | null = null
  #disarm: (() => void) | null = null
  #idle: (() => void)[] = []

  constructor(ctx: EngineContext, handlers: QueueHandlers) {
    this.#ctx = ctx
    this.#handlers = handlers
  }

  get running(): boolean {
    return this.#running
  }

  /** Another run is ready and no place is free. */
  get crowded(): boolean {
    return this.#ready && this.#ctx.seats.free <= 0
  }

  get workingCount(): number {
    return this.#working.size
  }

  start(): void {
    this.#running = true
    this.wake()
  }

  /** Claims nothing more, lets what is open finish up to `graceMs`, then gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.#running = false
    this.#disarm?.()
    await this.#pumping
    await this.#whenIdle(graceMs)
    await Promise.all([...this.#working.values()].map((item) => this.giveBack(item)))
  }

  /** Looks for work as soon as possible. */
  wake(): void {
    this.#wanted = true
    if (this.#pumping === null && this.#running) this.#pumping = this.#pump()
  }

  /** Takes up all that follows from a committed operation. @returns the lease of the caller's own item, if it goes on. */
  follow(effects: Effects, mark: Mark, own?: Key): Leased | undefined {
    let mine: Leased | undefined
    for (const leased of effects.leased) {
      if (leased.item.key === own) mine = leased
      else this.#begin(leased, mark)
    }
    if (mine !== undefined) this.#working.set(mine.item.key, mine.item)
    if (effects.ready) this.#ready = true
    if (effects.ready && this.#ctx.seats.free > 0) this.wake()
    if (effects.due !== null) this.#expect(effects.due)
    return mine
  }

  /** The item that is worked on under this key, if any. */
  working(key: Key): ItemRow | undefined {
    return this.#working.get(key)
  }

  /** A checkpoint changed the item of an open call. */
  replace(item: ItemRow): void {
    if (this.#working.has(item.key)) this.#working.set(item.key, item)
  }

  /** Gives a lease back without spending an attempt; `counted`: the claim counts as one that came to nothing. */
  async giveBack(item: ItemRow, counted = false): Promise<void> {
    const isHeld = (found: ItemRow) => found.epoch === item.epoch
    await this.#release(item.key, isHeld, (found, now) => ({
      // What needs no place for a call is found through the time index, also while every place is taken.
      ...(takesSeat(found) ? { state: 'ready' as const } : { state: 'sleeping' as const, due: now }),
      claims: counted ? found.claims : Math.max(0, found.claims - 1),
    }))
  }

  /** A handler failed: the item is tried later, and its claim counts, so that one that always fails is given up. */
  async #recover(item: ItemRow, error: unknown): Promise<void> {
    this.#ctx.log.error({ item: item.key, error: String(error) }, 'the work on an item failed; it is tried again')
    // Nobody else works on an item of this process, whatever its epoch has come to.
    const isOurs = (found: ItemRow) => found.owner === this.#ctx.store.process
    await keepTrying(this.#ctx, () =>
      this.#release(item.key, isOurs, (_found, now) => ({ state: 'sleeping', due: now + RECOVERY_MS })),
    )
  }

  async #release(
    key: Key,
    isHeld: (found: ItemRow) => boolean,
    change: (found: ItemRow, now: number) => Partial<ItemRow>,
  ): Promise<void> {
    const committed = await commit(this.#ctx, {
      needs: { items: [key] },
      decide: (draft, facts) => {
        const found = facts.item(key)
        if (found === undefined || found.state !== 'leased' || !isHeld(found)) return
        const row: ItemRow = { ...found, owner: 0, epoch: found.epoch + 1, ...change(found, draft.now) }
        draft.push({ set: 'item', row })
      },
    })
    if (typeof committed !== 'string') this.follow(committed.effects, committed.mark)
  }

  #begin(leased: Leased, mark: Mark): void {
    const { item } = leased
    this.#working.set(item.key, item)
    void this.#handlers
      .handle(leased, mark)
      .catch((error: unknown) => this.#recover(item, error))
      .catch((error: unknown) => this.#ctx.log.error({ item: item.key, error: String(error) }, 'a lease was left'))
      .finally(() => this.#end(item))
  }

  #end(item: ItemRow): void {
    this.#working.delete(item.key)
    if (takesSeat(item)) this.#ctx.seats.release()
    if (this.#working.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    // A claim that is under way may have been made without this place.
    if (this.#ready || this.#pumping !== null) this.wake()
  }

  async #pump(): Promise<void> {
    try {
      while (this.#wanted && this.#running) {
        this.#wanted = false
        await this.#claimOnce()
      }
    } catch (error) {
      this.#ctx.log.warn({ error: String(error) }, 'the queue could not be read; trying again')
      // Whatever is due, the store is not asked again before.
      this.#wanted = false
      this.#nextDue = this.#ctx.time.now() + RECOVERY_MS
    } finally {
      this.#pumping = null
      this.#arm()
    }
  }

  async #claimOnce(): Promise<void> {
    const { seats, limits, store, time } = this.#ctx
    const readyMax = Math.max(0, Math.min(seats.free, limits.claimMax))
    const committed = await this.#handlers.claim(readyMax, limits.claimMax)
    this.#ready = false
    this.#expectedMeanwhile = null
    if (committed === 'stale' || committed === 'moved') this.#wanted = true
    // Before anything else can fail: what was leased has no other holder.
    else this.follow(committed.effects, committed.mark)
    const next = await store.state.nextDue()
    this.#ready ||= next.ready
    this.#nextDue = earlier(next.due, this.#expectedMeanwhile)
    if (typeof committed === 'string') return
    const moreDue = next.due !== null && next.due <= time.now()
    if (moreDue || (next.ready && seats.free > 0 && committed.result > 0)) this.#wanted = true
  }

  /** Something is due at this instant. */
  #expect(due: number): void {
    this.#expectedMeanwhile = earlier(due, this.#expectedMeanwhile)
    if (this.#nextDue !== null && this.#nextDue <= due) return
    this.#nextDue = due
    this.#arm()
  }

  #arm(): void {
    this.#disarm?.()
    this.#disarm = null
    if (!this.#running || this.#pumping !== null) return
    const probes = this.#ctx.circuits.open().map(({ probeAt }) => probeAt)
    const next = Math.min(this.#nextDue ?? Number.POSITIVE_INFINITY, ...probes)
    if (next === Number.POSITIVE_INFINITY) return
    const wait = next - this.#ctx.time.now()
    if (wait <= 0) return this.wake()
    this.#disarm = this.#ctx.clock.setTimer(Math.min(wait, this.#ctx.tickMs), () => void this.#lookAtTime())
  }

  /** The store's time may have gone on further than this process has seen: it was suspended, or the clock was set. */
  async #lookAtTime(): Promise<void> {
    try {
      this.#ctx.time.observe((await this.#ctx.store.state.clock()).now)
    } catch {
      // The next claim says what is wrong with the store.
    }
    this.#arm()
  }

  async #whenIdle(graceMs: number): Promise<void> {
    if (this.#working.size === 0) return
    await new Promise<void>((resolve) => {
      const disarm = this.#ctx.clock.setTimer(graceMs, resolve)
      this.#idle.push(() => {
        disarm()
        resolve()
      })
    })
  }
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** Calls and gateway requests hold a place; `match` and `cron` do not. */
function takesSeat(item: ItemRow): boolean {
  return item.kind === 'call' || item.kind === 'gateway'
}
