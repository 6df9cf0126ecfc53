// The language in which the fake app's functions are written: generators that yield what they ask of the server, a step
// or several branches at once, and get its result back. A script is pure: its course depends only on the run's event and
// on the results it is given, so that it can be played again at the end and must come to the same end.

/** What a body of `step.run` does when the app runs it. */
export interface StepBody {
  /** Attempts that throw before one does not; `Infinity` for a step that never succeeds. */
  readonly fails: number
  /** It throws what must not be tried again. */
  readonly isFinal: boolean
  /** An event that the body sends, as `step.sendEvent` does. */
  readonly sends: { readonly name: string; readonly data: Readonly<Record<string, string | number>> } | null
  /** A request to a person that the body asks, in a session of all functions. */
  readonly asks: { readonly key: string; readonly lifeMs: number } | null
}

export type StepAsk =
  | { readonly kind: 'run'; readonly id: string; readonly body: StepBody }
  | { readonly kind: 'sleep'; readonly id: string; readonly ms: number }
  | {
      readonly kind: 'wait'
      readonly id: string
      readonly event: string
      /** The value that `data.key` of the event (or another field) must have; null takes any event of the name. */
      readonly key: string | null
      readonly field?: 'requestKey'
      /** What `data.amount` must be above, besides; null for no such condition. */
      readonly above: number | null
      readonly timeoutMs: number
    }
  | {
      readonly kind: 'signal'
      readonly id: string
      readonly signal: string
      readonly conflict: 'fail' | 'replace'
      readonly timeoutMs: number
    }
  | {
      readonly kind: 'invoke'
      readonly id: string
      readonly slug: string
      readonly data: Readonly<Record<string, string | number>>
      readonly timeoutMs: number
    }
  | { readonly kind: 'fetch'; readonly id: string; readonly url: string }

/** Branches that go on at the same time; `all` goes on with every result, `race` with the first. */
export interface GroupAsk {
  readonly kind: 'all' | 'race'
  readonly branches: readonly Script[]
}

export type Ask = StepAsk | GroupAsk

export type Script = Generator<Ask, unknown, unknown>

export interface ScriptContext {
  /** The event that started the run. */
  readonly event: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }
  /** The attempt of the call, from 0. */
  readonly attempt: number
}

/** An error of a step, as the script sees it. */
export class StepError extends Error {
  override readonly name: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** What a script throws to end its run at once. */
export class FinalError extends Error {
  override readonly name = 'NonRetriableError'
}

export const PLAIN_BODY: StepBody = { fails: 0, isFinal: false, sends: null, asks: null }

export function* run(id: string, body: Partial<StepBody> = {}): Generator<Ask, unknown, unknown> {
  return yield { kind: 'run', id, body: { ...PLAIN_BODY, ...body } }
}

export function* sleep(id: string, ms: number): Generator<Ask, unknown, unknown> {
  return yield { kind: 'sleep', id, ms }
}

export function* all(...branches: Script[]): Generator<Ask, readonly unknown[], unknown> {
  return (yield { kind: 'all', branches }) as readonly unknown[]
}

export function* race(...branches: Script[]): Generator<Ask, unknown, unknown> {
  return yield { kind: 'race', branches }
}

/** Any step, as it is asked for. */
export function* ask(step: StepAsk): Generator<Ask, unknown, unknown> {
  return yield step
}

/** Waits for an event of the name whose `data.key` is this one (null: any) and whose `data.amount` is above a number. */
export function* wait(
  parts: Omit<Extract<StepAsk, { kind: 'wait' }>, 'kind' | 'above'> & { readonly above?: number | null },
): Generator<Ask, unknown, unknown> {
  return yield { kind: 'wait', above: null, ...parts }
}

/** What the script gives, or that one of its steps failed. */
export function* caught(script: Script): Generator<Ask, unknown, unknown> {
  try {
    return yield* script
  } catch (error) {
    if (error instanceof StepError) return { caught: error.message }
    throw error
  }
}
