// Says in words why a run does not move. Pure: the sentence is a list of parts, so that the view can make links of runs,
// functions and events and can write times as they are written everywhere.

import type { WhyReason } from '../../api/types.ts'
import { messages } from './messages.ts'

export type Part =
  | string
  | { readonly code: string }
  | { readonly run: string }
  /** Slug of a function. */
  | { readonly fn: string }
  | { readonly event: string }
  /** An instant. */
  | { readonly time: string }
  /** Time since an instant. */
  | { readonly since: string }
  | { readonly ms: number }
  | { readonly number: number }

export interface Why {
  readonly tone: 'moving' | 'waiting' | 'paused' | 'bad'
  readonly parts: readonly Part[]
}

export interface WhyOptions {
  /** Tries that the function allows after the first; absent when not known. */
  readonly retries?: number | undefined
}

const t = messages.why

/** The sentence for one reason. */
export function whySentence(reason: WhyReason, options: WhyOptions = {}): Why {
  const parts = reasonParts(reason, options)
  const of: readonly Part[] = reason.step === undefined ? [] : [{ code: reason.step }, ': ']
  return { tone: toneOf(reason), parts: [...of, ...parts] }
}

function toneOf(reason: WhyReason): Why['tone'] {
  if (reason.code === 'executing') return 'moving'
  if (reason.code === 'paused') return 'paused'
  return reason.code === 'app_unreachable' || reason.code === 'retry' ? 'bad' : 'waiting'
}

function reasonParts(reason: WhyReason, { retries }: WhyOptions): readonly Part[] {
  switch (reason.code) {
    case 'executing':
      return [t.executing, { since: reason.since }, reason.attempt > 0 ? t.attempt(reason.attempt + 1) : '', '.']
    case 'queued':
      return reason.place <= 1 ? [t.next] : [t.queued, { number: reason.place - 1 }, t.ahead]
    case 'concurrency':
      return concurrencyParts(reason)
    case 'throttle':
      return [
        t.throttle,
        { number: reason.limit },
        t.per,
        { ms: reason.periodMs },
        ...keyParts(reason.key),
        ...aheadParts(reason.place),
        t.nextStart,
        { time: reason.nextStartAt },
        '.',
      ]
    case 'paused':
      return pausedParts(reason)
    case 'app_unreachable':
      return [t.unreachable, withoutStop(reason.error), t.sinceThen, { time: reason.since }, '.']
    case 'sleeping':
      return [t.sleeping, { time: reason.until }, '.']
    case 'scheduled':
      return [t.scheduled, { time: reason.at }, '.']
    case 'retry':
      return [
        retries === undefined ? t.retry(reason.attempt) : t.retryOf(reason.attempt, retries),
        { time: reason.at },
        ...(reason.error?.message ? [t.after, withoutStop(reason.error.message)] : []),
        '.',
      ]
    case 'waiting_for_event':
      return [
        t.waitsForEvent,
        { event: reason.name },
        ...(reason.expression ? [t.matching, { code: reason.expression }] : []),
        t.givesUp,
        { time: reason.until },
        '.',
      ]
    case 'waiting_for_signal':
      return [t.waitsForSignal, { code: reason.name }, t.givesUp, { time: reason.until }, '.']
    case 'invoking':
      return [
        t.invoking,
        { fn: reason.function },
        ...(reason.childRunId ? [t.inRun, { run: reason.childRunId }] : []),
        t.givesUp,
        { time: reason.until },
        '.',
      ]
  }
}

function concurrencyParts(reason: Extract<WhyReason, { code: 'concurrency' }>): readonly Part[] {
  const holders = (reason.holders ?? []).flatMap((holder, index): Part[] => [
    index === 0 ? '' : ', ',
    { run: holder.runId },
  ])
  const unnamed = reason.held - (reason.holders?.length ?? 0)
  return [
    t.slot,
    { number: reason.limit },
    ...keyParts(reason.key),
    t.scope(reason.scope),
    ...aheadParts(reason.place),
    ...(holders.length === 0 ? [] : [t.holders, ...holders]),
    ...(holders.length > 0 && unnamed > 0 ? [t.andMore(unnamed)] : []),
    '.',
  ]
}

function keyParts(key: string | null | undefined): readonly Part[] {
  return key === null || key === undefined || key === '' ? [] : [t.forKey, { code: key }]
}

/** `place` 1 is the next. */
function aheadParts(place: number): readonly Part[] {
  return place <= 1 ? [t.isNext] : ['; ', { number: place - 1 }, t.aheadShort]
}

function pausedParts(reason: Extract<WhyReason, { code: 'paused' }>): readonly Part[] {
  return [
    reason.target === 'app' ? t.appPaused : t.functionPaused,
    ...(reason.by === '' ? [] : [t.by, reason.by]),
    t.at,
    { time: reason.since },
    ...(reason.until ? [t.until, { time: reason.until }] : []),
    '.',
  ]
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.+$/, '')
}

/** The sentence as plain text, for assistive software and tests. */
export function plainText(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : String(Object.values(part)[0]))).join('')
}
