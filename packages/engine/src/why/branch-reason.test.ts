import type { ItemRow, RunStanding } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { Circuits } from '../circuits.ts'
import type { WhyReason } from '../engine.ts'
import { ENGINE_LIMITS } from '../limits.ts'
import { RegistryCache } from '../registry-cache.ts'
import { entry, itemRow, NOW, registryOf, runRow } from '../scenarios/rows.ts'
import { branchReasons } from './branch-reason.ts'

type Part = Partial<Omit<RunStanding, 'items'>> & {
  readonly items: readonly Partial<ItemRow>[]
  readonly options?: Parameters<typeof registryOf>[0][string]
  /** Stored with the function, and with its app. */
  readonly pause?: readonly [string | null, string | null]
  readonly isUnreachable?: boolean
}

function reasons(part: Part): readonly WhyReason[] {
  const { items, options = {}, pause, isUnreachable, ...rest } = part
  let registry = registryOf({ f: options })
  if (pause !== undefined) {
    const { row, app } = entry(registry, 'f')
    registry = new RegistryCache()
    const [own, ofApp] = pause
    registry.load({
      version: 2,
      apps: [{ ...app.row, pause: ofApp }],
      functions: [{ ...row, pause: own }],
      waitPaths: [],
    })
  }
  const circuits = new Circuits(ENGINE_LIMITS)
  if (isUnreachable === true)
    for (let n = 0; n < ENGINE_LIMITS.circuitFailures; n++) circuits.failed(1, NOW - 9_000, 'refused')
  const standing: RunStanding = {
    run: runRow(),
    items: items.map((item) => itemRow({ owner: 0, startedAt: null, ...item })),
    waits: [],
    lines: [],
    ahead: null,
    children: [],
    failures: [],
    ...rest,
  }
  return branchReasons({ registry, circuits }, standing, NOW)
}

const one = (part: Part): WhyReason | undefined => reasons(part)[0]
const detail = (value: object): string => JSON.stringify(value)
const record = (more: object): string => detail({ by: 'api', new: 'skip', running: 'hold', since: NOW - 100, ...more })

const limited = {
  concurrency: [{ limit: 5 }, { limit: 1, key: 'event.data.u' }],
  throttle: { limit: 2, period: '10s' },
}
const nameOf = (kind: 'keyed' | 'throttle'): string => {
  const { rules } = entry(registryOf({ f: limited }), 'f')
  return kind === 'throttle' ? `${rules.throttle?.prefix}` : `${rules.concurrency[1]?.prefix}ann`
}
const line = (name: string) => ({
  name,
  place: 3,
  length: 7,
  tat: (NOW + 12_000) * 1_000,
  held: 1,
  holders: [
    { runId: 'other', fn: 2, step: '', detail: null },
    { runId: 'third', fn: 2, step: 'hash', detail: detail({ name: 'charge' }) },
  ],
})

describe('a branch', () => {
  it.each<[string, Part, WhyReason]>([
    [
      'is executing while its call is open',
      { items: [{ state: 'leased', startedAt: NOW - 50, attempt: 2 }] },
      { code: 'executing', step: '', since: NOW - 50, attempt: 2 },
    ],
    [
      'tells the name of its step',
      { items: [{ state: 'leased', step: 'hash', startedAt: NOW - 50, detail: detail({ name: 'charge' }) }] },
      { code: 'executing', step: 'charge', since: NOW - 50, attempt: 0 },
    ],
    [
      'is queued behind those before it',
      { items: [{ state: 'ready' }], ahead: 4 },
      { code: 'queued', step: '', place: 5 },
    ],
    [
      'is queued also when its time has come and nobody has taken it up yet',
      { items: [{ state: 'sleeping', due: NOW }] },
      { code: 'queued', step: '', place: 1 },
    ],
    [
      'waits for a slot of a limit, and tells who holds it',
      {
        options: limited,
        items: [{ state: 'blocked', line: nameOf('keyed') }],
        lines: [line(nameOf('keyed'))],
      },
      {
        code: 'concurrency',
        step: '',
        rule: 'concurrency[1]',
        scope: 'fn',
        key: 'ann',
        limit: 1,
        held: 1,
        place: 3,
        holders: [
          { runId: 'other', function: 'app-f', step: '' },
          { runId: 'third', function: 'app-f', step: 'charge' },
        ],
      },
    ],
    [
      'waits for the next start that a throttle allows',
      {
        options: limited,
        items: [{ state: 'blocked', line: nameOf('throttle') }],
        lines: [line(nameOf('throttle'))],
      },
      { code: 'throttle', step: '', key: null, limit: 2, periodMs: 10_000, place: 3, nextStartAt: NOW + 7_000 },
    ],
    [
      'is queued while a limit that is gone from the configuration lets it go',
      { items: [{ state: 'blocked', line: 'steps:fn2::' }], lines: [line('steps:fn2::')] },
      { code: 'queued', step: '', place: 1 },
    ],
    [
      'rests with its function',
      { items: [{ state: 'ready' }], pause: [record({}), record({ by: 'other' })] },
      { code: 'paused', step: '', since: NOW - 100, by: 'api', until: null, target: 'function' },
    ],
    [
      'rests with its app',
      { items: [{ state: 'blocked', line: 'pause:2' }], pause: [null, record({})] },
      { code: 'paused', step: '', since: NOW - 100, by: 'api', until: null, target: 'app' },
    ],
    [
      'drains out of a function that lets what is there finish',
      { items: [{ state: 'ready' }], pause: [record({ running: 'finish' }), null] },
      { code: 'queued', step: '', place: 1 },
    ],
    [
      'cannot reach its app',
      { items: [{ state: 'ready' }], isUnreachable: true },
      { code: 'app_unreachable', step: '', since: NOW - 9_000, error: 'refused' },
    ],
    [
      'needs no app for a request of the server',
      { items: [{ state: 'ready', kind: 'gateway' }], isUnreachable: true },
      { code: 'queued', step: '', place: 1 },
    ],
    [
      'is tried again later, and tells what went wrong',
      {
        items: [{ state: 'sleeping', due: NOW + 500, attempt: 2, step: 'hash', detail: detail({ name: 'charge' }) }],
        failures: [
          { step: 'other', name: 'other', attempt: 1, error: '"no"' },
          { step: 'hash', name: 'charge', attempt: 1, error: '{"message":"declined"}' },
        ],
      },
      { code: 'retry', step: 'charge', attempt: 2, at: NOW + 500, error: '{"message":"declined"}' },
    ],
    [
      'names the step that failed within the call of the function',
      {
        items: [{ state: 'sleeping', due: NOW + 500, attempt: 1 }],
        failures: [{ step: 'hash', name: 'charge', attempt: 0, error: '{}' }],
      },
      { code: 'retry', step: 'charge', attempt: 1, at: NOW + 500, error: '{}' },
    ],
    [
      'begins in the future',
      { items: [{ state: 'sleeping', due: NOW + 500 }], run: runRow({ status: 'scheduled', startedAt: null }) },
      { code: 'scheduled', step: '', at: NOW + 500 },
    ],
    [
      'begins in the future, whatever its app says now',
      {
        items: [{ state: 'sleeping', due: NOW + 500 }],
        run: runRow({ status: 'scheduled', startedAt: null }),
        isUnreachable: true,
      },
      { code: 'scheduled', step: '', at: NOW + 500 },
    ],
    [
      'sleeps',
      {
        items: [
          {
            kind: 'sleep',
            state: 'sleeping',
            due: NOW + 9,
            step: 'h',
            detail: detail({ name: 'nap', sleepUntil: NOW + 9 }),
          },
        ],
      },
      { code: 'sleeping', step: 'nap', until: NOW + 9 },
    ],
    [
      'waits for an event',
      {
        items: [
          {
            kind: 'wait',
            state: 'sleeping',
            step: 'h',
            detail: detail({ name: 'w', kind: 'wait', eventName: 'a/b', expression: 'async.data.x', until: NOW + 9 }),
          },
        ],
      },
      { code: 'waiting_for_event', step: 'w', name: 'a/b', expression: 'async.data.x', until: NOW + 9 },
    ],
    [
      'waits for a signal',
      {
        items: [
          {
            kind: 'wait',
            state: 'sleeping',
            step: 'h',
            detail: detail({ name: 'w', kind: 'signal', signal: 'go', until: NOW + 9 }),
          },
        ],
      },
      { code: 'waiting_for_signal', step: 'w', name: 'go', until: NOW + 9 },
    ],
    [
      'waits for a run that it invoked',
      {
        items: [
          {
            kind: 'wait',
            state: 'sleeping',
            step: 'h',
            detail: detail({ name: 'i', kind: 'invoke', functionSlug: 'app-g', until: NOW + 9 }),
          },
        ],
        children: [{ step: 'h', runId: 'child' }],
      },
      { code: 'invoking', step: 'i', function: 'app-g', childRunId: 'child', until: NOW + 9 },
    ],
  ])('%s', (_what, part, reason) => {
    expect(one(part)).toEqual(reason)
  })

  it('is no timer and no held slot', () => {
    const timers = [
      { kind: 'timeout', step: '!finish', state: 'sleeping' },
      { kind: 'slot', step: '!slot', state: 'blocked' },
    ] as const
    expect(reasons({ items: timers })).toEqual([])
  })
})

describe('of several branches', () => {
  it('the one whose reason comes first is told first', () => {
    const codes = reasons({
      items: [
        { kind: 'sleep', state: 'sleeping', step: 'a' },
        { state: 'sleeping', step: 'b', due: NOW + 5, attempt: 1 },
        { state: 'leased', step: 'c' },
        { state: 'ready', step: 'd' },
      ],
    }).map(({ code }) => code)
    expect(codes).toEqual(['executing', 'queued', 'retry', 'sleeping'])
  })
})
