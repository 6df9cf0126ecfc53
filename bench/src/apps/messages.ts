// What the bench and its app processes say to each other over IPC: commands one way, replies the other.
// A command has exactly one reply; `finished` notes come by themselves while runs end.

import type { ChildProcess } from 'node:child_process'
import type { Spread } from '../report/spread.ts'

/** A load on the null app's functions: keep `window` runs going for `seconds`, then let them end. */
export interface Load {
  readonly fn: NullFunction
  readonly seconds: number
  /** Runs that are under way at a time. */
  readonly window: number
  /** Events in one POST; 0 sends what has become due in one turn, together. */
  readonly batch: number
  /** Milliseconds between the end of a run and the event of the next; without it at once. */
  readonly restMs?: number
}

/** Functions of the null app. */
export type NullFunction =
  | 'noop'
  | 'ten'
  | 'checkpointed'
  | 'sleeper'
  | 'waiter'
  | 'parallel'
  | 'keyed'
  | 'single'
  | 'noisy'
  | `fan-${number}`

/** What a load came to. Times in milliseconds. */
export interface LoadResult {
  readonly runs: number
  readonly elapsedMs: number
  /** Event sent → its run's first call arrives. */
  readonly start: Spread
  /** Step answered → the same run's next call arrives. */
  readonly step: Spread
}

export type Command =
  /** Servers that share one store; the first is registered with. */
  | { readonly do: 'register'; readonly servers: readonly string[] }
  | { readonly do: 'load'; readonly load: Load }
  | { readonly do: 'fill'; readonly fn: 'sleeper' | 'waiter'; readonly count: number; readonly secondsMax: number }
  | { readonly do: 'resume'; readonly ids: readonly number[] }
  /** How long calls of a function stay open; null: for ever. */
  | { readonly do: 'hold'; readonly fn: NullFunction; readonly ms: number | null }
  /** Posts `count` events and waits for nothing but their acknowledgement. */
  | { readonly do: 'post'; readonly fn: NullFunction; readonly count: number }
  /** One event after the other, each of which makes many calls. */
  | { readonly do: 'fan'; readonly fn: 'fan' | 'parallel'; readonly seconds: number }
  /** `runs` runs of each of `keys` keys, all at once. */
  | { readonly do: 'keys'; readonly keys: number; readonly runs: number }
  | { readonly do: 'collect' }
  /** Multiplies the run that sleeps. */
  | { readonly do: 'copySleeper'; readonly count: number }
  /** Puts runs of the fan-out's functions into the ready index. */
  | { readonly do: 'makeReady'; readonly count: number }
  /** Looks so often for 100 items that are ready. */
  | { readonly do: 'claim'; readonly times: number }
  | { readonly do: 'closeStore' }
  /** A peer: keeps jobs under way. */
  | { readonly do: 'work'; readonly work: 'noop' | 'sequences'; readonly seconds: number }
  /** A peer: adds so many jobs at once, again and again. */
  | { readonly do: 'jobs'; readonly count: number; readonly seconds: number }

/** Moments that the SDK app noted since the last `collect`, in milliseconds. */
export interface Collected {
  /** `sent` in the event's data → first line of the function. */
  readonly starts: readonly number[]
  /** Last line of a step → first line of the next. */
  readonly gaps: readonly number[]
  /** When runs ended, on the clock that all processes share, in order. */
  readonly ends: readonly number[]
}

/** How long the runs of a key waited for their start: the mean of each key, over all keys. */
export interface KeyWaits {
  readonly meanMs: number
  readonly maxMs: number
}

export type Reply =
  | { readonly is: 'ready'; readonly port: number }
  | { readonly is: 'registered' }
  | { readonly is: 'loaded'; readonly result: LoadResult }
  | { readonly is: 'filled'; readonly stored: number; readonly elapsedMs: number }
  | { readonly is: 'resumed'; readonly latency: Spread }
  | { readonly is: 'held' }
  | { readonly is: 'posted'; readonly elapsedMs: number }
  | { readonly is: 'fanned'; readonly times: Spread }
  | { readonly is: 'keyed'; readonly waits: KeyWaits }
  | { readonly is: 'collected'; readonly collected: Collected }
  | { readonly is: 'copied'; readonly elapsedMs: number }
  | { readonly is: 'claimed'; readonly times: Spread }
  | { readonly is: 'closed' }
  | { readonly is: 'worked'; readonly count: number; readonly elapsedMs: number }
  | { readonly is: 'failed'; readonly message: string }

/** Note without a question: so many runs and steps of the SDK app have ended since the last note. */
export interface FinishedNote {
  readonly is: 'finished'
  readonly runs: number
  readonly steps: number
}

/** The next reply of a kind; rejects when the child fails or ends first. */
export function nextReply<K extends Reply['is']>(child: ChildProcess, kind: K): Promise<Extract<Reply, { is: K }>> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      child.off('message', onMessage)
      child.off('exit', onExit)
    }
    const onExit = () => {
      stop()
      reject(new Error(`an app of the bench ended before it answered "${kind}"`))
    }
    // The channel carries only what the modules in this folder send, so the shape needs no check beyond its tag.
    const onMessage = (reply: Reply | FinishedNote) => {
      if (reply.is !== kind && reply.is !== 'failed') return
      stop()
      if (reply.is === 'failed') reject(new Error(reply.message))
      else resolve(reply as Extract<Reply, { is: K }>)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}

/** Sends a command and waits for its reply. */
export function ask<K extends Reply['is']>(
  child: ChildProcess,
  command: Command,
  kind: K,
): Promise<Extract<Reply, { is: K }>> {
  const reply = nextReply(child, kind)
  child.send(command)
  return reply
}

/** In an app process: answers each command, and ends the process when the bench is gone. */
export function serveCommands(handle: (command: Command) => Promise<Reply>): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', (command: Command) => {
    handle(command).then(tellBench, (error: unknown) => {
      tellBench({ is: 'failed', message: error instanceof Error ? error.message : String(error) })
    })
  })
}

/** In an app process: sends one reply or note. */
export function tellBench(message: Reply | FinishedNote): void {
  process.send?.(message)
}
