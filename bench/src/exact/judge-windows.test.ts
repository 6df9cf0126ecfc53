import { describe, expect, it } from 'vitest'
import type { Call, RunSeen } from './call-log.ts'
import {
  type Burst,
  judgeBatches,
  judgeCancelling,
  judgeDebounce,
  judgePriority,
  judgeSingleton,
  type SentEvent,
} from './judge-windows.ts'

const run = (startedAt: number, events: readonly number[], rest: Partial<RunSeen> = {}): RunSeen => ({
  fn: 'only',
  run: `run-${events.join('-')}`,
  events,
  key: 0,
  startedAt,
  endedAt: startedAt + 10,
  ...rest,
})

const call = (arrivedAt: number, event: number, rest: Partial<Call> = {}): Call => ({
  fn: 'only',
  run: `run-${event}`,
  step: 'step',
  stepsDone: 0,
  events: [event],
  key: 0,
  arrivedAt,
  endedAt: arrivedAt + 10,
  endsRun: true,
  ...rest,
})

const sent = (number: number, at: number, key = 0): SentEvent => ({
  number,
  key,
  sentAt: at,
  acknowledgedAt: at + 1,
  wasSentAgain: false,
})
const holds = (findings: readonly { readonly holds: boolean }[]) => findings.map((finding) => finding.holds)

describe('judgeDebounce', () => {
  const burst: Burst = { key: 0, events: [0, 1, 2], sentAt: 100, acknowledgedAt: 110, isTorn: false }
  const judged = (...runs: readonly RunSeen[]) =>
    holds(judgeDebounce([burst], runs, { periodMs: 1_000, disturbed: [] }))

  it('wants one run of the last event, one period after it', () => {
    expect(judged(run(1_105, [2]))).toEqual([true, true, true])
  })

  it('does not hold for another event, for two runs, or for none', () => {
    expect(judged(run(1_105, [1]))[0]).toBe(false)
    expect(judged(run(1_105, [2]), run(1_106, [0]))[0]).toBe(false)
    expect(judged()[0]).toBe(false)
  })

  it('does not hold for a run that is early or late', () => {
    expect(judged(run(900, [2]))).toEqual([true, false, true])
    expect(judged(run(1_900, [2]))).toEqual([true, true, false])
  })
})

describe('judgeBatches', () => {
  const rule = { maxSize: 2, timeoutMs: 1_000, disturbed: [] }
  const three = [sent(0, 0), sent(1, 1), sent(2, 2)]

  it('wants full batches at once and the rest after the timeout', () => {
    expect(holds(judgeBatches(three, [run(3, [0, 1]), run(1_002, [2])], rule))).toEqual([true, true, true, true, true])
  })

  it('finds an event that is in two or in none', () => {
    expect(holds(judgeBatches(three, [run(3, [0, 1]), run(1_002, [1])], rule))[0]).toBe(false)
  })

  it('finds batches that are too large, mixed, early or late', () => {
    expect(holds(judgeBatches(three, [run(3, [0, 1, 2])], rule))[1]).toBe(false)
    expect(holds(judgeBatches([sent(0, 0), sent(1, 0, 7)], [run(3, [0, 1])], rule))[2]).toBe(false)
    expect(holds(judgeBatches(three, [run(3, [0, 1]), run(500, [2])], rule))[3]).toBe(false)
    expect(holds(judgeBatches(three, [run(3, [0, 1]), run(1_600, [2])], rule))[4]).toBe(false)
  })
})

describe('judgeSingleton', () => {
  it('finds a run that begins before the end of one of its key', () => {
    expect(judgeSingleton([call(0, 0), call(10, 1), call(5, 2, { key: 1 })]).holds).toBe(true)
    expect(judgeSingleton([call(0, 0), call(9, 1)]).holds).toBe(false)
  })
})

describe('judgeCancelling', () => {
  it('finds a call of a run whose successor was acknowledged long before', () => {
    const events = [sent(0, 0), sent(1, 100)]
    expect(judgeCancelling([call(50, 0), call(200, 0), call(101, 1)], events).holds).toBe(true)
    expect(judgeCancelling([call(400, 0)], events).holds).toBe(false)
  })
})

describe('judgePriority', () => {
  it('wants the greater priority first, and the earlier event within one', () => {
    const priorityOf = (event: number) => (event % 2 === 0 ? 0 : 10)
    expect(judgePriority([run(0, [1]), run(1, [3]), run(2, [0]), run(3, [2])], priorityOf).holds).toBe(true)
    expect(judgePriority([run(0, [3]), run(1, [1]), run(2, [0])], priorityOf).holds).toBe(false)
    expect(judgePriority([run(0, [1]), run(1, [0]), run(2, [3])], priorityOf).holds).toBe(false)
  })
})
