// What every trial has: functions, a load, a judgement; and what a load needs while it runs.

import { monotonicMs, pause } from '../stand/clock.ts'
import type { Call, Span } from './call-log.ts'
import { DISTURBED_TRIAL_MS } from './disturbance.ts'
import type { Burst, SentEvent } from './judge-windows.ts'
import type { FunctionSetup, RecordingApp } from './recording-app.ts'
import type { OutgoingEvent, Sender } from './sender.ts'
import { type Finding, none } from './verdict.ts'

/** Of a trial with nobody killed: half a minute with 2,000 runs. */
const CALM_MS_PER_RUN = 15
/** Of it a twentieth is what the hand-off to the next may take. */
const HOLD_MS_MIN = 100
const POST_EVENTS = 100

/** One flow control under a saturating load. */
export interface Trial {
  readonly title: string
  functions(size: Size): readonly FunctionSetup[]
  /** Resolves when no more is to be sent and all that was sent has had its time. */
  load(stand: TrialStand): Promise<void>
  judge(seen: Seen): readonly Finding[]
}

/** How large a trial is. */
export interface Size {
  readonly runs: number
  readonly isDisturbed: boolean
}

/** What a load works with. */
export interface TrialStand {
  readonly size: Size
  readonly app: RecordingApp
  readonly sender: Sender
  /** Sends to a server that nothing is done to. */
  readonly calmSender: Sender
  /** For a load that sends in bursts. */
  readonly bursts: Burst[]
}

/** What is judged. */
export interface Seen {
  readonly size: Size
  readonly calls: readonly Call[]
  readonly sent: readonly SentEvent[]
  readonly bursts: readonly Burst[]
  readonly disturbed: readonly Span[]
}

/** How long a call stays open so that `calls` calls through `slots` slots take as long as a trial should. */
export function holdMs(size: Size, { slots, calls }: { readonly slots: number; readonly calls: number }): number {
  const trialMs = size.isDisturbed ? DISTURBED_TRIAL_MS : CALM_MS_PER_RUN * size.runs
  return Math.max(HOLD_MS_MIN, Math.round((trialMs * slots) / calls))
}

/** Posts all events, a hundred at a time, one POST after the other. */
export async function postAll(sender: Sender, events: readonly OutgoingEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += POST_EVENTS) {
    await sender.post(events.slice(from, from + POST_EVENTS))
  }
}

/** Waits until a run of each event has ended, or nothing has happened at the app for `idleMsMax`. */
export async function untilAllEnded({ app, sender, size }: TrialStand): Promise<void> {
  const idleMsMax = size.isDisturbed ? 120_000 : 20_000
  let seen = 0
  let lastAt = monotonicMs()
  while (monotonicMs() - lastAt < idleMsMax) {
    await pause(100)
    if (app.calls.length > seen) lastAt = monotonicMs()
    seen = app.calls.length
    if (app.endedEvents.size >= sender.sent.length && app.open === 0) return
  }
}

/** Every event in a run, and in one only. */
export function judgeAccounts({ calls, sent }: Seen): readonly Finding[] {
  const runsOfEvent = new Map<number, Set<string>>()
  for (const { run, events } of calls) {
    for (const event of events) runsOfEvent.set(event, (runsOfEvent.get(event) ?? new Set()).add(run))
  }
  const count = (number: number) => runsOfEvent.get(number)?.size ?? 0
  return [
    none(
      'events without a run:',
      sent.filter(({ number }) => count(number) === 0),
    ),
    none(
      'events with several runs:',
      sent.filter(({ number }) => count(number) > 1),
    ),
  ]
}

/** How much a disturbance disturbed: calls that were made again under a later lease. There may be any number. */
export function countRedeliveries({ calls, size }: Seen): readonly Finding[] {
  if (!size.isDisturbed) return []
  const byStep = Map.groupBy(calls, ({ run, step, stepsDone }) => `${run} ${step} ${stepsDone}`)
  const again = [...byStep.values()].reduce((sum, own) => sum + own.length - 1, 0)
  return [{ holds: true, says: `calls that were made again: ${again}` }]
}
