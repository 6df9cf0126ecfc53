// The loop that takes work up: it claims when something is ready or due and a place is free, starts a handler for what was
// leased, and rests until the next instant that matters. Where other processes work on the same store it also looks, now
// and then and at a hint, for what they have left. It knows no handler by name; the engine gives it a table.
import type { ItemRow, Key, Mark } from '@pawl/storage'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { keepTrying } from '../keep-trying.ts'
import type { Effects, Leased } from '../runs/draft.ts'
import { Holds } from './holds.ts'
import { takesSeat } from './seats.ts'

export interface QueueHandlers {
  /** Claims up to so many items. @returns how many were found. */
  claim(readyMax: number, dueMax: number): Promise<Committed<number>>
  /** Works on what was leased until it rests. When it rejects, the lease is put back for later. */
  handle(leased: Leased, mark: Mark): Promise<void>
}

/** After the store could not be read, and after an item's handler failed; in milliseconds. */
const RECOVERY_MS = 1_000
/** Least time between two hints to other processes, in milliseconds: whoever misses one finds the work at its next look. */
const HINT_PAUSE_MS = 100
/** Processes that know of the same instant claim so much apart, at most, in milliseconds: else all would search for one item. */
const SPREAD_MS = 15

export class QueueWorker {
  readonly #ctx: EngineContext
  readonly #handlers: QueueHandlers
  readonly #holds = new Holds()
  #running = false
  #pumping: Promise<void> | null = null
  #wanted = false
  /** Something stands in the ready index, as far as is known. */
  #ready = false
  #nextDue: number | null = null
  /** Reads of the time index under way, each with the earliest instant expected since: what was written may not be in it. */
  readonly #readings = new Set<{ expected: number | null }>()
  #disarm: (() => void) | null = null
  /** Probes that were due by then have had a claim of their own. */
  #probedUntil = 0
  #hasHinted = false
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

  /** What this process works on. */
  get holds(): Holds {
    return this.#holds
  }

  start(): void {
    this.#running = true
    const { store } = this.#ctx
    if (store.isShared) store.onHint(() => this.found())
    this.wake()
  }

  /** Claims nothing more, lets what is open finish up to `graceMs`, then gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.#running = false
    this.#disarm?.()
    await this.#pumping
    await this.#whenIdle(graceMs)
    await Promise.all(this.#holds.items().map((item) => this.#giveBackOrLeave(item)))
  }

  /** Looks for work as soon as possible. */
  wake(): void {
    this.#wanted = true
    if (this.#pumping === null && this.#running) this.#pumping = this.#pump()
  }

  /** Another process says, or has left behind, that something is ready. */
  found(): void {
    this.#ready = true
    if (this.#ctx.seats.free > 0) this.wake()
  }

  /** Takes up all that follows from a committed operation. @returns the lease of the caller's own item, if it goes on. */
  follow(effects: Effects, mark: Mark, own?: Key): Leased | undefined {
    let mine: Leased | undefined
    for (const leased of effects.leased) {
      if (leased.item.key === own) mine = leased
      else this.#begin(leased, mark)
    }
    if (mine !== undefined) this.#holds.goOn(mine.item)
    if (effects.ready) this.#onReady()
    if (effects.due !== null) this.#expect(effects.due)
    return mine
  }

  /** The item that is worked on under this key, if any. */
  working(key: Key): ItemRow | undefined {
    return this.#holds.get(key)
  }

  /** The leased item as a checkpoint of the same call may have left it meanwhile. */
  current(item: ItemRow): ItemRow {
    const held = this.#holds.get(item.key)
    // Under another epoch it is another call's, of this process too: the late one must not end in its name.
    return held?.epoch === item.epoch ? held : item
  }

  /** A checkpoint changed the item of an open call. */
  replace(item: ItemRow): void {
    this.#holds.replace(item)
  }

  /** Gives a lease back without spending an attempt; `counted`: the claim counts as one that came to nothing. */
  async giveBack(item: ItemRow, counted = false): Promise<void> {
    const isHeld = (found: ItemRow) => found.epoch === item.epoch
    await this.#release(item.key, isHeld, (found) => (counted ? found.claims : Math.max(0, found.claims - 1)))
  }

  async #giveBackOrLeave(item: ItemRow): Promise<void> {
    try {
      await this.giveBack(item)
    } catch (error) {
      this.#ctx.log.warn({ item: item.key, error: String(error) }, 'a lease could not be given back; it ends by itself')
    }
  }

  /** A handler failed: the item is tried later, and its claim counts, so that one that always fails is given up. */
  async #recover(item: ItemRow, error: unknown): Promise<void> {
    this.#ctx.log.error({ item: item.key, error: String(error) }, 'the work on an item failed; it is tried again')
    // It stays leased meanwhile, for what sleeps has to give up its slots.
    if (this.#running) await new Promise<void>((resolve) => void this.#ctx.clock.setTimer(RECOVERY_MS, resolve))
    // Nobody else works on an item of this process, whatever its epoch has come to.
    const isOurs = (found: ItemRow) => found.owner === this.#ctx.store.process
    await keepTrying(this.#ctx, () => this.#release(item.key, isOurs, (found) => found.claims))
  }

  async #release(key: Key, isHeld: (found: ItemRow) => boolean, claimsOf: (found: ItemRow) => number): Promise<void> {
    const committed = await commit(this.#ctx, {
      needs: { items: [key] },
      decide: (draft, facts) => {
        const found = facts.item(key)
        if (found === undefined || found.state !== 'leased' || !isHeld(found)) return
        // What needs no place for a call is found through the time index, also while every place is taken. What was
        // admitted keeps its slots, and is ready.
        const place = takesSeat(found)
          ? ({ state: 'ready' } as const)
          : ({ state: 'sleeping', due: draft.now } as const)
        const row: ItemRow = { ...found, ...place, owner: 0, epoch: found.epoch + 1, claims: claimsOf(found) }
        draft.push({ set: 'item', row })
      },
    })
    if (typeof committed !== 'string') this.follow(committed.effects, committed.mark)
  }

  #begin(leased: Leased, mark: Mark): void {
    const { item } = leased
    const hold = this.#holds.begin(item)
    void this.#handlers
      .handle(leased, mark)
      .catch((error: unknown) => this.#recover(item, error))
      .catch((error: unknown) => this.#ctx.log.error({ item: item.key, error: String(error) }, 'a lease was left'))
      .finally(() => {
        this.#holds.end(hold)
        this.#onEnd(item)
      })
  }

  #onEnd(item: ItemRow): void {
    if (takesSeat(item)) this.#ctx.seats.release()
    if (this.#holds.count === 0) for (const resolve of this.#idle.splice(0)) resolve()
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
    if (committed === 'stale' || committed === 'moved') this.#wanted = true
    // Before anything else can fail: what was leased has no other holder.
    else this.follow(committed.effects, committed.mark)
    const next = await this.#readNext()
    this.#ready ||= next.ready
    if (this.crowded) this.#hint()
    if (typeof committed === 'string') return
    const moreDue = next.due !== null && next.due <= time.now()
    // What is due and was not found is being taken by another process: it is not searched for without a pause.
    if (moreDue && committed.result === 0 && store.isShared) this.#nextDue = time.now() + this.#spread()
    else if (moreDue || (next.ready && seats.free > 0 && committed.result > 0)) this.#wanted = true
  }

  /** Something was put into the ready index: whoever has a place takes it. */
  #onReady(): void {
    this.#ready = true
    if (this.#running && this.#ctx.seats.free > 0) this.wake()
    else this.#hint()
  }

  /** Other processes may have a place. */
  #hint(): void {
    const { store, clock } = this.#ctx
    if (!store.isShared || this.#hasHinted) return
    this.#hasHinted = true
    clock.setTimer(HINT_PAUSE_MS, () => {
      this.#hasHinted = false
    })
    store.hint()
  }

  async #readNext(): Promise<{ readonly due: number | null; readonly ready: boolean }> {
    const reading: { expected: number | null } = { expected: null }
    this.#readings.add(reading)
    try {
      const next = await this.#ctx.store.state.nextDue()
      this.#nextDue = earlier(next.due, reading.expected)
      return next
    } finally {
      this.#readings.delete(reading)
    }
  }

  /** Something is due at this instant. */
  #expect(due: number): void {
    for (const reading of this.#readings) reading.expected = earlier(due, reading.expected)
    if (this.#nextDue !== null && this.#nextDue <= due) return
    this.#nextDue = due
    this.#arm()
  }

  #arm(): void {
    this.#disarm?.()
    this.#disarm = null
    if (!this.#running || this.#pumping !== null) return
    const { circuits, clock, store, tickMs, random } = this.#ctx
    const now = this.#ctx.time.now()
    const probes = circuits.open().map(({ probeAt }) => probeAt)
    // One claim looks for what to probe with; where there is nothing, whatever becomes ready wakes the queue by itself.
    if (probes.some((at) => at <= now && at > this.#probedUntil)) {
      this.#probedUntil = now
      return this.wake()
    }
    const next = Math.min(this.#nextDue ?? Number.POSITIVE_INFINITY, ...probes.filter((at) => at > now))
    if (next === Number.POSITIVE_INFINITY && !store.isShared) return
    const wait = next - now
    if (wait <= 0) return this.wake()
    // Processes that were started together look at different times.
    const restMs = store.isShared ? tickMs * (0.75 + random() / 2) : tickMs
    const spreadMs = store.isShared ? this.#spread() : 0
    this.#disarm = clock.setTimer(Math.min(wait + spreadMs, restMs), () => void this.#look())
  }

  #spread(): number {
    return 1 + this.#ctx.random() * SPREAD_MS
  }

  /**
   * The store's time may have gone on further than this process has seen: it was suspended, or the clock was set. Other
   * processes may have changed functions and apps, put something to sleep, or left something ready.
   */
  async #look(): Promise<void> {
    const { store, time, refreshRegistry } = this.#ctx
    try {
      const [clock, next] = await Promise.all([
        store.state.clock(),
        store.isShared ? this.#readNext() : null,
        store.isShared ? refreshRegistry() : null,
      ])
      // Development's offset goes away with a reset, and time with it goes back: also one that another process has asked for.
      if (clock.offsetMs === time.offsetMs) time.observe(clock.now)
      else time.restart(clock.now, clock.offsetMs)
      if (next?.ready === true) this.found()
    } catch {
      // The next claim says what is wrong with the store.
      if (store.isShared) this.#nextDue = time.now() + RECOVERY_MS
    }
    this.#arm()
  }

  async #whenIdle(graceMs: number): Promise<void> {
    if (this.#holds.count === 0) return
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
