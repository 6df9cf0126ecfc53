// The page's one connection for changes. It numbers what comes, so that nothing is taken twice and a hole is noticed;
// reconnects with back-off from 1 to 30 s and asks for what it missed; lets go 60 s after the tab is hidden and catches
// up on return. Time and the connection are handed in, so that all of it is tested without waiting.

import type { ChangeMessage, Hello } from './types.ts'

export interface LiveState {
  readonly state: 'connecting' | 'live' | 'paused' | 'reconnecting'
  /** Epoch milliseconds until which what is shown was kept up to date; undefined while it is live. */
  readonly lastGoodAt?: number | undefined
  /** When the next try is made. */
  readonly retryAt?: number | undefined
}

/** The part of `EventSource` that is used. */
export interface Source {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

export interface StreamParts {
  /** Opens the connection; `after` names the last message that was taken. */
  open(after: string | undefined): Source
  now(): number
  setTimer(run: () => void, ms: number): unknown
  clearTimer(timer: unknown): void
  onHello(hello: Hello): void
  onChange(message: ChangeMessage): void
  /** What was missed cannot be told: everything shown is read again. */
  onGap(): void
  /** The connection broke or could not be made. */
  onBreak?(): void
}

export interface Stream {
  start(): void
  stop(): void
  pause(): void
  resume(): void
  /** The tab was hidden, or is seen again. */
  setHidden(isHidden: boolean): void
  /** Tries again at once, such as when the network is back. */
  retry(): void
  getState(): LiveState
  subscribe(listener: () => void): () => void
}

const BACK_OFF_MIN_MS = 1000
const BACK_OFF_MAX_MS = 30_000
const HIDDEN_MS = 60_000
/** Three beats of the server that did not come: a connection that is lost without a word stays open for long. */
const SILENT_MS = 45_000

/** Makes the stream; `start` opens it. */
export function createStream(parts: StreamParts): Stream {
  const listeners = new Set<() => void>()
  let state: LiveState = { state: 'connecting' }
  let source: Source | undefined
  let retryTimer: unknown
  let hiddenTimer: unknown
  /** Runs from the first beat on. */
  let silenceTimer: unknown
  let failures = 0
  let isPaused = false
  let isAsleep = false
  let feed: string | undefined
  let helloSeq = 0
  let lastSeq = 0

  const become = (next: LiveState) => {
    state = next
    for (const listener of listeners) listener()
  }
  const close = () => {
    parts.clearTimer(retryTimer)
    retryTimer = undefined
    parts.clearTimer(silenceTimer)
    silenceTimer = undefined
    source?.close()
    source = undefined
  }
  const open = () => {
    close()
    const opened = parts.open(feed === undefined ? undefined : `${feed}.${lastSeq}`)
    source = opened
    const whileOpen = (take: (data: unknown) => void) => (event: { readonly data?: unknown }) => {
      if (source === opened) take(event.data)
    }
    opened.addEventListener(
      'hello',
      whileOpen((data) => hello(parse<Hello>(data))),
    )
    opened.addEventListener(
      'change',
      whileOpen((data) => change(parse<ChangeMessage>(data))),
    )
    opened.addEventListener(
      'gap',
      whileOpen(() => gap()),
    )
    opened.addEventListener(
      'beat',
      whileOpen(() => {
        parts.clearTimer(silenceTimer)
        const heardAt = parts.now()
        silenceTimer = parts.setTimer(() => broke(heardAt), SILENT_MS)
      }),
    )
    opened.addEventListener(
      'error',
      whileOpen(() => broke()),
    )
  }
  const hello = (message: Hello | undefined) => {
    if (message === undefined) return
    const isOther = feed !== undefined && feed !== message.feed
    if (feed !== message.feed) lastSeq = message.seq
    feed = message.feed
    helloSeq = message.seq
    failures = 0
    become({ state: 'live' })
    parts.onHello(message)
    if (isOther) parts.onGap()
  }
  const change = (message: ChangeMessage | undefined) => {
    if (message === undefined || message.seq <= lastSeq) return
    // What was missed until the hello is told at once, under its last number.
    const isHole = message.seq > Math.max(lastSeq + 1, helloSeq)
    lastSeq = message.seq
    if (isHole) parts.onGap()
    else parts.onChange(message)
  }
  const gap = () => {
    lastSeq = Math.max(lastSeq, helloSeq)
    parts.onGap()
  }
  const broke = (goodUntil = parts.now()) => {
    const lastGoodAt = state.state === 'live' ? goodUntil : state.lastGoodAt
    close()
    const delay = Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** failures)
    failures++
    become({ state: 'reconnecting', lastGoodAt, retryAt: parts.now() + delay })
    retryTimer = parts.setTimer(open, delay)
    parts.onBreak?.()
  }
  const sleep = () => {
    isAsleep = true
    close()
    // If the way back fails, what is shown is as old as this.
    if (state.state === 'live') become({ state: 'connecting', lastGoodAt: parts.now() })
  }

  return {
    start: open,
    stop: () => {
      close()
      parts.clearTimer(hiddenTimer)
    },
    pause() {
      if (isPaused) return
      isPaused = true
      const lastGoodAt = state.state === 'live' ? parts.now() : state.lastGoodAt
      close()
      become({ state: 'paused', lastGoodAt })
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      become({ state: 'connecting', lastGoodAt: state.lastGoodAt })
      open()
    },
    setHidden(isHidden) {
      parts.clearTimer(hiddenTimer)
      hiddenTimer = isHidden ? parts.setTimer(sleep, HIDDEN_MS) : undefined
      if (isHidden || !isAsleep) return
      isAsleep = false
      if (!isPaused) open()
    },
    retry() {
      if (state.state !== 'reconnecting' || isAsleep) return
      failures = 0
      open()
    },
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function parse<T>(data: unknown): T | undefined {
  if (typeof data !== 'string') return undefined
  try {
    return JSON.parse(data) as T
  } catch {
    return undefined
  }
}
