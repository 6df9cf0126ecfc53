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
  /** Claims what the search finds. @returns how many items were found. */
  claim(search: ClaimSearch): Promise<Committed<number>>
  /** Works on what was leased until it rests. When it rejects, the lease is put back for later. */
  handle(leased: Leased, mark: Mark): Promise<void>
  /** At a stop: ends what must not be done again by somebody else. @returns false for what is given back. */
  giveUp(item: ItemRow): Promise<boolean>
}

export interface ClaimSearch {
  /** Items that are ready, and items that are due: so many of each, at most. */
  readonly readyMax: number
  readonly dueMax: number
  /** Functions for whose calls there is no place. */
  readonly full: readonly Key[]
}

/** After the store could not be read, and after an item's handler failed; in milliseconds. */
const RECOVERY_MS = 1_000
/** Least time between two hints to other processes, in milliseconds: whoever misses one finds the work at its next look. */
const HINT_PAUSE_MS = 100
/**
 * Items claimed in one operation while several functions have calls, where the store works in this process: a group of 13
 * operations makes turns of half the CPU, so that an event of another function waits less; a run costs a sixth more. Whoever
 * is alone is claimed in groups as large as there are places.
 */
const MIXED_CLAIM_MAX = 12
/** After a call of another function than the one before it, several count as having calls for so long; milliseconds. */
const MIXED_MS = 1_000
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
  /** So does something of a function that may take one of the places kept from busy ones, as far as is known. */
  #readyOfFew = true
  /** The function of the last call that began, and when it last was another than before, by the monotonic clock. */
  #lastFn: Key | null = null
  #mixedAt = Number.NEGATIVE_INFINITY
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

  /** Another run is ready, and no place is free but those that are kept for functions with few calls. */
  get crowded(): boolean {
    return this.#ready && this.#ctx.seats.open <= 0
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
    this.#readyOfFew = true
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
    if (effects.ready) this.#onReady(effects.readyOf)
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
      if (!(await this.#handlers.giveUp(item))) await this.giveBack(item)
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
    if (takesSeat(item)) this.#noteFunction(item.fn)
    void this.#handlers
      .handle(leased, mark)
      .catch((error: unknown) => this.#recover(item, error))
      .catch((error: unknown) => this.#ctx.log.error({ item: item.key, error: String(error) }, 'a lease was left'))
      .finally(() => {
        this.#holds.end(hold)
        this.#onEnd(item)
      })
  }

  #noteFunction(fn: Key | null): void {
    if (fn !== this.#lastFn && this.#lastFn !== null) this.#mixedAt = this.#ctx.clock.monotonic()
    this.#lastFn = fn
  }

  #onEnd(item: ItemRow): void {
    if (takesSeat(item)) this.#ctx.seats.release(item.fn ?? 0)
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
    const { seats, store, time } = this.#ctx
    const isForFew = seats.open <= 0
    // What comes up meanwhile says so again.
    if (isForFew) this.#readyOfFew = false
    const committed = await this.#handlers.claim(this.#search())
    this.#ready = false
    if (typeof committed === 'string' || committed.result > 0) this.#readyOfFew ||= isForFew
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
    else if (moreDue || (next.ready && committed.result > 0 && this.#hasPlace())) this.#wanted = true
  }

  /**
   * Busy functions take turns with all others at the places that are open to everybody. Those that are kept are looked for
   * without the busy ones, which may stand in the ready index a thousand times.
   */
  #search(): ClaimSearch {
    const { seats, limits, store, clock } = this.#ctx
    const dueMax = limits.claimMax
    const isMixed = !store.isShared && clock.monotonic() - this.#mixedAt < MIXED_MS
    const claimMax = isMixed ? MIXED_CLAIM_MAX : limits.claimMax
    if (seats.open > 0) return { readyMax: Math.min(seats.open, claimMax), dueMax, full: [] }
    return { readyMax: Math.max(0, Math.min(seats.free, claimMax)), dueMax, full: seats.full() }
  }

  /** Whether something of what is ready may find a place, as far as is known. */
  #hasPlace(): boolean {
    const { seats } = this.#ctx
    return seats.open > 0 || (seats.free > 0 && this.#readyOfFew)
  }

  /** Something was put into the ready index: whoever has a place takes it. */
  #onReady(fns: Effects['readyOf']): void {
    const { seats } = this.#ctx
    this.#ready = true
    // Whoever finds no place here is looked for when a call ends: at least one is open then.
    const hasPlace = seats.free > 0 && [...fns].some((fn) => fn === null || seats.isOpenTo(fn))
    if (hasPlace) this.#readyOfFew = true
    if (this.#running && hasPlace) this.wake()
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
