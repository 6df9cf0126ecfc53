import type { ItemRow, RunRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { itemRow, NOW, runRow } from '../scenarios/rows.ts'
import { type BriefAround, waitingBrief } from './waiting-brief.ts'

const calm: BriefAround = { now: NOW, pauseOf: () => null, unreachableSince: () => null }
const detail = (parts: object): string => JSON.stringify(parts)
const at = (items: readonly Partial<ItemRow>[], around: Partial<BriefAround> = {}, run: Partial<RunRow> = {}) =>
  waitingBrief({ row: runRow(run), open: items.map((item) => itemRow(item)) }, { ...calm, ...around })

describe('in a list, a run', () => {
  it.each<[string, Partial<ItemRow>, Partial<BriefAround>, Partial<RunRow>, ReturnType<typeof waitingBrief>]>([
    ['is called', {}, {}, {}, { code: 'executing', at: NOW - 100, name: null }],
    ['is ready', { state: 'ready' }, {}, {}, { code: 'queued', at: null, name: null }],
    [
      'waits for a slot',
      { state: 'blocked', line: 'steps:fn2:0123456789ab:a:b' },
      {},
      {},
      { code: 'concurrency', at: null, name: 'a:b' },
    ],
    [
      'waits for a slot of all',
      { state: 'blocked', line: 'runs:env::' },
      {},
      {},
      { code: 'concurrency', at: null, name: null },
    ],
    [
      'waits for a start',
      { state: 'blocked', line: 'throttle:2:k' },
      {},
      {},
      { code: 'throttle', at: null, name: 'k' },
    ],
    [
      'waits for a start by a value with colons',
      { state: 'blocked', line: 'throttle:2:eu:42' },
      {},
      {},
      { code: 'throttle', at: null, name: 'eu:42' },
    ],
    [
      'rests with its function',
      { state: 'blocked', line: 'pause:2' },
      { pauseOf: () => ({ until: NOW + 5 }) },
      {},
      { code: 'paused', at: NOW + 5, name: null },
    ],
    ['has outlived a pause', { state: 'blocked', line: 'pause:2' }, {}, {}, { code: 'queued', at: null, name: null }],
    [
      'cannot reach its app',
      { state: 'ready' },
      { unreachableSince: () => NOW - 9 },
      {},
      { code: 'app_unreachable', at: NOW - 9, name: null },
    ],
    [
      'is tried again',
      { state: 'sleeping', due: NOW + 7, attempt: 1 },
      {},
      {},
      { code: 'retry', at: NOW + 7, name: null },
    ],
    [
      'begins later',
      { state: 'sleeping', due: NOW + 7 },
      {},
      { startedAt: null },
      { code: 'scheduled', at: NOW + 7, name: null },
    ],
    [
      'sleeps',
      { kind: 'sleep', state: 'sleeping', due: NOW + 7, step: 'a' },
      {},
      {},
      { code: 'sleeping', at: NOW + 7, name: null },
    ],
    [
      'waits for an event',
      { kind: 'wait', step: 'a', detail: detail({ kind: 'wait', eventName: 'x', until: NOW + 9 }) },
      {},
      {},
      { code: 'waiting_for_event', at: NOW + 9, name: 'x' },
    ],
    [
      'waits for a signal',
      { kind: 'wait', step: 'a', detail: detail({ kind: 'signal', signal: 'go', until: NOW + 9 }) },
      {},
      {},
      { code: 'waiting_for_signal', at: NOW + 9, name: 'go' },
    ],
    [
      'waits for another run',
      { kind: 'wait', step: 'a', detail: detail({ kind: 'invoke', functionSlug: 'app-g', until: NOW + 9 }) },
      {},
      {},
      { code: 'invoking', at: NOW + 9, name: 'app-g' },
    ],
  ])('%s', (_what, item, around, run, brief) => {
    expect(at([item], around, run)).toEqual(brief)
  })

  it('of several branches tells of the one that comes first', () => {
    const sleeps: Partial<ItemRow> = { kind: 'sleep', step: 'a', state: 'sleeping' }
    expect(at([sleeps, { step: 'b', state: 'ready' }])?.code).toBe('queued')
    expect(at([{ kind: 'timeout', step: '!finish' }, sleeps])?.code).toBe('sleeping')
  })

  it('that has ended, or of which nothing is known, tells nothing', () => {
    expect(at([{}], {}, { endedAt: NOW })).toBeNull()
    expect(at([])).toBeNull()
  })
})
