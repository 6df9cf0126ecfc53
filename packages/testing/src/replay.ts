// Plays a script over what is known of its steps, as an SDK does: results are handed out in the order of the stack, every
// branch goes on as far as it can, and what is left are the steps that nobody has a result for.
import { hashStepId } from '@pawl/protocol'
import { type Ask, type GroupAsk, type Script, type StepAsk, StepError } from './script.ts'

/** A step that a branch stands before. */
export interface FoundStep {
  readonly hash: string
  readonly ask: StepAsk
  /** Its branch lies in a race, so that it must not wait for its siblings. */
  readonly inRace: boolean
}

export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

interface Blocked extends FoundStep {
  readonly branch: Branch
}

interface Branch {
  readonly script: Script
  readonly inRace: boolean
  end(outcome: Outcome): void
}

export class Replay {
  outcome: Outcome | null = null
  readonly #blocked = new Map<string, Blocked>()
  readonly #uses = new Map<string, number>()

  constructor(script: Script) {
    const root: Branch = { script, inRace: false, end: (outcome) => (this.outcome = outcome) }
    this.#go(root, { ok: true, value: undefined })
  }

  /** Steps without a result, in the order in which they were found. */
  found(): readonly FoundStep[] {
    return [...this.#blocked.values()]
  }

  /** Hands out the results of the stack, earliest first, until no branch stands before one of them. */
  settleAll(stack: readonly string[], memos: ReadonlyMap<string, unknown>): void {
    for (let at = 0; at < stack.length; ) {
      const hash = stack[at] ?? ''
      if (!this.#blocked.has(hash) || !memos.has(hash)) at += 1
      else {
        this.settle(hash, memos.get(hash))
        at = 0
      }
    }
  }

  /** Hands one step its memo. */
  settle(hash: string, memo: unknown): void {
    const blocked = this.#blocked.get(hash)
    if (blocked === undefined) return
    this.#blocked.delete(hash)
    this.#go(blocked.branch, readMemo(memo))
  }

  #go(branch: Branch, given: Outcome): void {
    let outcome = given
    for (;;) {
      const ended = advance(branch.script, outcome)
      if ('ok' in ended) return branch.end(ended)
      const { ask } = ended
      if (!('branches' in ask)) return this.#block(branch, ask)
      const joined: Outcome | null = this.#fork(branch, ask)
      if (joined === null) return
      outcome = joined
    }
  }

  #block(branch: Branch, ask: StepAsk): void {
    const used = this.#uses.get(ask.id) ?? 0
    this.#uses.set(ask.id, used + 1)
    const hash = hashStepId(used === 0 ? ask.id : `${ask.id}:${used}`)
    this.#blocked.set(hash, { hash, ask, inRace: branch.inRace, branch })
  }

  /** Starts the branches. @returns the outcome when they came to one at once. */
  #fork(parent: Branch, ask: GroupAsk): Outcome | null {
    const join = ask.kind === 'race' ? raceOf() : allOf(ask.branches.length)
    let isForked = false
    let early: Outcome | null = null
    ask.branches.forEach((script, index) => {
      const end = (outcome: Outcome) => {
        const joined = join(index, outcome)
        if (joined !== null && isForked) this.#go(parent, joined)
        else if (joined !== null) early = joined
      }
      this.#go({ script, inRace: parent.inRace || ask.kind === 'race', end }, { ok: true, value: undefined })
    })
    isForked = true
    return early
  }
}

type Join = (index: number, outcome: Outcome) => Outcome | null

function raceOf(): Join {
  let isOver = false
  return (_index, outcome) => {
    if (isOver) return null
    isOver = true
    return outcome
  }
}

function allOf(count: number): Join {
  const values: unknown[] = new Array(count).fill(undefined)
  let left = count
  let isOver = false
  return (index, outcome) => {
    if (isOver) return null
    if (!outcome.ok) {
      isOver = true
      return outcome
    }
    values[index] = outcome.value
    left -= 1
    return left === 0 ? { ok: true, value: values } : null
  }
}

function advance(script: Script, given: Outcome): Outcome | { readonly ask: Ask } {
  try {
    const next = given.ok ? script.next(given.value) : script.throw(given.error)
    return next.done === true ? { ok: true, value: next.value } : { ask: next.value }
  } catch (error) {
    return { ok: false, error }
  }
}

/** SDK spec, "memo shapes": an object with only `data` is a result, one with only `error` an error, all else is taken whole. */
export function readMemo(memo: unknown): Outcome {
  if (typeof memo !== 'object' || memo === null || Array.isArray(memo)) return { ok: true, value: memo }
  const keys = Object.keys(memo)
  if (keys.length === 1 && 'data' in memo) return { ok: true, value: memo.data }
  if (keys.length !== 1 || !('error' in memo)) return { ok: true, value: memo }
  const error = memo.error as { readonly name?: unknown; readonly message?: unknown }
  return { ok: false, error: new StepError(String(error.name), String(error.message)) }
}
