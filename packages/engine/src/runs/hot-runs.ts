// The hot state of runs: event and memo texts of runs that this process works on, so that a step costs no read. It is
// usable only at the revision it was kept at; anything doubtful drops it. Bounded in bytes, least recently used first out.
import type { Key, LoadedRun, RunRow, RunState, StepRow } from '@pawl/storage'
import { storedEventText } from './finish-events.ts'

export interface HotRun {
  row: RunRow
  /** Canonical texts of the triggering events. */
  readonly events: readonly string[]
  /** `[hash, memo]`, sorted by hash; input-only memos included. */
  readonly memos: (readonly [string, string])[]
  /** Hash → memo, of steps that have a result. */
  readonly results: Map<string, string>
  /** Hashes in order of completion. */
  readonly stack: string[]
  /** Estimated memory. */
  bytes: number
}

/** What an operation did to a run, for the hot state. */
export interface RunTouch {
  readonly key: Key
  readonly id: string
  readonly fn: Key
  readonly state: RunState
  readonly steps: readonly StepRow[]
  readonly ended: boolean
}

/** What a run and each of its memos take besides their texts, in bytes, estimated. */
const RUN_BYTES = 1_024
const MEMO_BYTES = 256

export class HotRuns {
  readonly #bytesMax: number
  readonly #runs = new Map<Key, HotRun>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The run at this revision, or undefined. */
  get(key: Key, rev: number): HotRun | undefined {
    const hot = this.#runs.get(key)
    if (hot === undefined || hot.row.rev !== rev) return undefined
    // The map is in the order of use.
    this.#runs.delete(key)
    this.#runs.set(key, hot)
    return hot
  }

  /** The run at whatever revision it was kept at. */
  peek(key: Key): HotRun | undefined {
    return this.#runs.get(key)
  }

  keep(hot: HotRun): HotRun {
    this.drop(hot.row.key)
    this.#runs.set(hot.row.key, hot)
    this.#bytes += hot.bytes
    this.#evict(hot.row.key)
    return hot
  }

  /**
   * Keeps a run that was just made, while there is ample room: of many that wait, the first are worked on first, and they
   * shall not be driven out by those that come after them.
   */
  keepBorn(hot: HotRun): void {
    if (hot.row.startedAt !== null || this.#bytes < this.#bytesMax / 2) this.keep(hot)
  }

  drop(key: Key): void {
    const hot = this.#runs.get(key)
    if (hot === undefined) return
    this.#bytes -= hot.bytes
    this.#runs.delete(key)
  }

  clear(): void {
    this.#runs.clear()
    this.#bytes = 0
  }

  /** Moves the hot state along with what has committed, or drops it when it was not what the operation built on. */
  apply(touch: RunTouch): void {
    const hot = this.#runs.get(touch.key)
    if (hot === undefined) return
    if (touch.ended || hot.row.rev !== touch.state.rev - 1) return this.drop(touch.key)
    hot.row = { ...hot.row, ...touch.state }
    for (const step of touch.steps) this.#addStep(hot, step)
    this.#evict(touch.key)
  }

  #addStep(hot: HotRun, step: StepRow): void {
    const bytes = step.memo.length + MEMO_BYTES
    hot.bytes += bytes
    this.#bytes += bytes
    addMemo(hot, step)
  }

  #evict(except: Key): void {
    for (const [key] of this.#runs) {
      if (this.#bytes <= this.#bytesMax) return
      if (key !== except) this.drop(key)
    }
  }
}

/** Builds the hot state from what the store holds. */
export function hotFrom(loaded: LoadedRun, slugOf: (fn: Key) => string): HotRun {
  const events = loaded.events.map((event) => storedEventText(event, slugOf))
  const hot: HotRun = { row: loaded.row, events, memos: [], results: new Map(), stack: [], bytes: 0 }
  for (const step of loaded.steps) addMemo(hot, step)
  hot.bytes = bytesOf(events) + loaded.steps.reduce((sum, step) => sum + step.memo.length + MEMO_BYTES, 0)
  return hot
}

/** Builds the hot state of a run that was just made. */
export function hotFromBirth(row: RunRow, events: readonly string[]): HotRun {
  return { row, events, memos: [], results: new Map(), stack: [], bytes: bytesOf(events) }
}

function bytesOf(events: readonly string[]): number {
  return events.reduce((sum, text) => sum + text.length, RUN_BYTES)
}

function addMemo(hot: HotRun, step: StepRow): void {
  const at = placeOf(hot.memos, step.step)
  const present = hot.memos[at]?.[0] === step.step
  hot.memos.splice(at, present ? 1 : 0, [step.step, step.memo])
  if (step.position < 0) return
  hot.results.set(step.step, step.memo)
  hot.stack[step.position] = step.step
}

/** First place in the sorted list whose hash is not less than `step`. */
function placeOf(memos: readonly (readonly [string, string])[], step: string): number {
  let low = 0
  let high = memos.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((memos[middle]?.[0] ?? '') < step) low = middle + 1
    else high = middle
  }
  return low
}
