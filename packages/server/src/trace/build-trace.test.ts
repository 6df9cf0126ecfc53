import { describe, expect, test } from 'vitest'
import { buildTrace } from './build-trace.ts'
import { RecordKit, stepHash } from './record-kit.ts'
import type { Span } from './span.ts'

const kit = () => new RecordKit()
const FAIL = '{"message":"no","name":"Error"}'

/** The tree as text: `name STATUS attempts`, two spaces for each level. */
function drawn(span: Span, indent = ''): string[] {
  return [
    `${indent}${span.name} ${span.status} ${span.attempts}`,
    ...span.children.flatMap((child) => drawn(child, `${indent}  `)),
  ]
}

function tree(record: RecordKit): string[] {
  return buildTrace(record.record()).children.flatMap((child) => drawn(child))
}

describe('the tree', () => {
  const cases: readonly (readonly [rule: string, record: RecordKit, tree: readonly string[]])[] = [
    ['a run that nobody has called yet has no children', kit().scheduled().open('', 'call', { state: 'ready' }), []],
    ['the first request under way is `execute` (4)', kit().open('', 'call'), ['execute RUNNING 0']],
    [
      'a step that succeeded at once is a leaf (1), the last request `function success` (4)',
      kit().ended('a', '{"data":1}').end('completed', '2'),
      ['a COMPLETED 0', 'function success COMPLETED 0'],
    ],
    [
      'a step with more than one attempt is a group that keeps its name (2)',
      kit()
        .failed('a', 'x')
        .failed('a', 'y', { attempt: 1 })
        .ended('a', '{"data":1}', { attempt: 2 })
        .end('completed', '2'),
      [
        'a COMPLETED 2',
        '  Attempt 0 FAILED 0',
        '  Attempt 1 FAILED 1',
        '  Attempt 2 COMPLETED 2',
        'function success COMPLETED 0',
      ],
    ],
    [
      'a step that used up its tries is a failed group, and the run `function error` (2, 4)',
      kit().failed('a', 'x').ended('a', `{"error":${FAIL}}`, { attempt: 1, status: 'failed' }).end('failed', FAIL),
      ['a FAILED 1', '  Attempt 0 FAILED 0', '  Attempt 1 FAILED 1', 'function error FAILED 0'],
    ],
    [
      'while a retry is due there is one further child, waiting (2)',
      kit().failed('a', 'x').open('', 'call', { state: 'sleeping', attempt: 1, startedAt: 1 }),
      ['a RUNNING 1', '  Attempt 0 FAILED 0', '  Attempt 1 WAITING 1'],
    ],
    [
      'a retry that is open runs (2)',
      kit().failed('a', 'x').open('a', 'call', { state: 'leased', attempt: 1 }),
      ['a RUNNING 1', '  Attempt 0 FAILED 0', '  Attempt 1 RUNNING 1'],
    ],
    [
      'a failure of the function whose retry reaches a sleep belongs to the sleep (3)',
      kit()
        .failed('', 'x')
        .ended('nap', 'null', { kind: 'sleep', detail: { sleepUntil: 21 } })
        .end('completed', '1'),
      ['nap COMPLETED 1', '  Attempt 0 FAILED 0', '  Attempt 1 COMPLETED 1', 'function success COMPLETED 0'],
    ],
    [
      'also while the sleep goes on (3)',
      kit()
        .failed('', 'x')
        .open('nap', 'sleep', { queuedAt: 11, startedAt: 11, facts: { kind: 'sleep', sleepUntil: 99 } }),
      ['nap RUNNING 1', '  Attempt 0 FAILED 0', '  Attempt 1 RUNNING 1'],
    ],
    [
      'a failure of the function whose retry runs a step belongs to the step (3)',
      kit().failed('', 'x').ended('a', '{"data":1}', { attempt: 1 }).end('completed', '1'),
      ['a COMPLETED 1', '  Attempt 0 FAILED 0', '  Attempt 1 COMPLETED 1', 'function success COMPLETED 0'],
    ],
    [
      'failures of the function between two tries of a step are tries of that step (3)',
      kit()
        .failed('a', 'x')
        .failed('', 'lost', { attempt: 1 })
        .ended('a', '{"data":1}', { attempt: 2 })
        .end('completed', '1'),
      [
        'a COMPLETED 2',
        '  Attempt 0 FAILED 0',
        '  Attempt 1 FAILED 1',
        '  Attempt 2 COMPLETED 2',
        'function success COMPLETED 0',
      ],
    ],
    [
      'a failure after one step belongs to the next, not to the one before (3)',
      kit().ended('a', '{"data":1}').failed('', 'x').ended('b', '{"data":2}', { attempt: 1 }).end('completed', '1'),
      [
        'a COMPLETED 0',
        'b COMPLETED 1',
        '  Attempt 0 FAILED 0',
        '  Attempt 1 COMPLETED 1',
        'function success COMPLETED 0',
      ],
    ],
    [
      'a planned step that was reached by a retry counts on from it (3)',
      kit()
        .failed('', 'x')
        .failed('p', 'y', { queuedAt: 11, startedAt: 12 })
        .ended('p', '{"data":1}', { attempt: 1 })
        .end('completed', '1'),
      [
        'p COMPLETED 2',
        '  Attempt 0 FAILED 0',
        '  Attempt 1 FAILED 1',
        '  Attempt 2 COMPLETED 2',
        'function success COMPLETED 0',
      ],
    ],
    [
      'while only function-level requests were made, the group is `execute` (4)',
      kit().failed('', 'x').open('', 'call', { state: 'sleeping', attempt: 1 }),
      ['execute RUNNING 1', '  Attempt 0 FAILED 0', '  Attempt 1 WAITING 1'],
    ],
    [
      'function-level tries that led nowhere end as `function error` (4)',
      kit().failed('', 'x').failed('', 'y', { attempt: 1 }).end('failed', FAIL, { attempt: 2 }),
      ['function error FAILED 2', '  Attempt 0 FAILED 0', '  Attempt 1 FAILED 1', '  Attempt 2 FAILED 2'],
    ],
    [
      'and as a group `function success` when the last one returned (4)',
      kit().failed('', 'x').end('completed', '1', { attempt: 1 }),
      ['function success COMPLETED 1', '  Attempt 0 FAILED 0', '  Attempt 1 COMPLETED 1'],
    ],
    [
      'sleeps, waits, signals and invokes on a first attempt are leaves (5)',
      kit()
        .open('nap', 'sleep', { queuedAt: 1, startedAt: 1, facts: { kind: 'sleep' } })
        .open('await', 'wait', { queuedAt: 2, startedAt: 2, facts: { kind: 'wait' } })
        .open('ring', 'wait', { queuedAt: 3, startedAt: 3, facts: { kind: 'signal' } })
        .open('call', 'wait', { queuedAt: 4, startedAt: 4, facts: { kind: 'invoke' } }),
      ['nap RUNNING 0', 'await WAITING 0', 'ring WAITING 0', 'call RUNNING 0'],
    ],
    [
      'a wait that timed out is completed, an invoke that timed out has failed (5)',
      kit()
        .ended('await', 'null', { kind: 'wait', status: 'timed_out', detail: { timedOut: true } })
        .ended('call', `{"error":${FAIL}}`, { kind: 'invoke', status: 'timed_out', detail: { timedOut: true } })
        .end('failed', FAIL),
      ['await COMPLETED 0', 'call FAILED 0', 'function error FAILED 0'],
    ],
    [
      'what was open when a run was cancelled ends as cancelled, the rest keeps its status (6)',
      kit().ended('a', '{"data":1}').ended('nap', null, { kind: 'sleep', status: 'cancelled' }).end('cancelled', null),
      ['a COMPLETED 0', 'nap CANCELLED 0'],
    ],
    [
      'tries of a cancelled run that led nowhere are a cancelled `execute` (6)',
      kit().failed('', 'x').end('cancelled', null),
      ['execute CANCELLED 0'],
    ],
    [
      'a discovery that stands in the queue behind ended steps is a `Queued step` (7)',
      kit().ended('a', '{"data":1}').open('', 'call', { state: 'ready' }),
      ['a COMPLETED 0', 'Queued step WAITING 0'],
    ],
    ['but not while it runs', kit().ended('a', '{"data":1}').open('', 'call'), ['a COMPLETED 0']],
    [
      'parallel steps are siblings in the order of their starts',
      kit()
        .open('c', 'call', { state: 'ready', startedAt: null, queuedAt: 50, facts: { kind: 'run' } })
        .open('b', 'call', { startedAt: 40, queuedAt: 30, facts: { kind: 'run' } })
        .ended('a', '{"data":1}', { startedAt: 35, queuedAt: 30, endedAt: 90 }),
      ['a COMPLETED 0', 'b RUNNING 0', 'c WAITING 0'],
    ],
  ]

  test.each(cases)('%s', (_, record, expected) => {
    expect(tree(record)).toEqual(expected)
  })

  test('every span has an ID of its own, the same in each answer (8)', () => {
    const record = kit()
      .failed('a', 'x')
      .ended('a', '{"data":1}', { attempt: 1 })
      .ended('b', '{"data":1}')
      .end('completed', '1')
      .record()
    const ids = (span: Span): string[] => [span.id, ...span.children.flatMap(ids)]
    const first = ids(buildTrace(record))
    expect(new Set(first).size).toBe(6)
    expect(first.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true)
    expect(ids(buildTrace(record))).toEqual(first)
  })
})

describe('a span', () => {
  const first = (record: RecordKit): Span => buildTrace(record.record()).children[0] as Span

  test('of the run has its status, times and result', () => {
    const root = buildTrace(
      kit().ended('a', '{"data":1}').end('completed', '"done"', { attempt: 3, endedAt: 500 }).record(),
    )
    expect(root).toMatchObject({
      name: 'import',
      status: 'COMPLETED',
      startedAt: 1,
      endedAt: 500,
      output: '{"data":"done"}',
      attempts: 3,
    })
    expect(buildTrace(kit().end('failed', FAIL).record()).output).toBe(`{"error":${FAIL}}`)
    expect(buildTrace(kit().end('cancelled', null).record())).toMatchObject({ status: 'CANCELLED', output: null })
    expect(buildTrace(kit().scheduled().record())).toMatchObject({ status: 'WAITING', startedAt: null })
  })

  test('of a step has its output, input and kind', () => {
    const a = first(kit().ended('a', '{"data":null}', { detail: { type: 'step.sendEvent' }, input: '[1]' }))
    expect(a).toMatchObject({
      stepOp: 'RUN',
      stepId: stepHash('a'),
      stepInfo: { type: 'step.sendEvent' },
      output: '{"data":null}',
      input: '[1]',
    })
  })

  test('of a sleep lasts exactly its duration and has no output', () => {
    const nap = first(
      kit().ended('nap', 'null', { kind: 'sleep', startedAt: 100, endedAt: 2150, detail: { sleepUntil: 2100 } }),
    )
    expect(nap).toMatchObject({ startedAt: 100, endedAt: 2100, output: null, stepOp: 'SLEEP' })
    expect(nap.stepInfo).toEqual({ sleepUntil: '1970-01-01T00:00:02.100Z' })
  })

  test('of a wait tells what it waits for, and then what it got', () => {
    const detail = { eventName: 'a/b', expression: 'async.data.n > 1', until: 5000 }
    const open = first(kit().open('w', 'wait', { facts: { kind: 'wait', ...detail } }))
    const timeout = '1970-01-01T00:00:05.000Z'
    expect(open.stepInfo).toEqual({
      eventName: 'a/b',
      expression: 'async.data.n > 1',
      timeout,
      foundEventID: null,
      timedOut: null,
    })
    expect(open.endedAt).toBeNull()
    const event = '{"data":{},"id":"e","name":"a/b","ts":1,"user":{}}'
    const done = first(
      kit().ended('w', event, { kind: 'wait', detail: { ...detail, foundEvent: 'E1', timedOut: false } }),
    )
    expect(done).toMatchObject({ output: event, stepInfo: { foundEventID: 'E1', timedOut: false } })
    const over = first(kit().ended('w', 'null', { kind: 'wait', status: 'timed_out', detail }))
    expect(over).toMatchObject({ output: null, status: 'COMPLETED', stepInfo: { foundEventID: null, timedOut: true } })
  })

  test('of a signal tells its name', () => {
    const open = first(kit().open('s', 'wait', { facts: { kind: 'signal', signal: 'go', until: 5000 } }))
    expect(open.stepInfo).toEqual({ signal: 'go', timeout: '1970-01-01T00:00:05.000Z', timedOut: null })
  })

  test('of an invoke knows the other run as soon as there is one', () => {
    const detail = { functionSlug: 'shop-other', invokeEvent: 'E1', until: 5000 }
    const child = { runId: 'R2', invokeEventId: 'E1', finishEventId: null }
    const open = first(
      kit()
        .open('i', 'wait', { facts: { kind: 'invoke', ...detail } })
        .child('i', child),
    )
    expect(open.stepInfo).toMatchObject({
      triggeringEventID: 'E1',
      functionID: 'shop-other',
      runID: 'R2',
      returnEventID: null,
      timedOut: null,
    })
    const done = first(
      kit().ended('i', '{"data":7}', {
        kind: 'invoke',
        detail: { ...detail, childRun: 'R2', returnEvent: 'E9', timedOut: false },
      }),
    )
    expect(done).toMatchObject({
      output: '{"data":7}',
      stepInfo: { runID: 'R2', returnEventID: 'E9', timedOut: false },
    })
    const late = first(
      kit()
        .ended('i', `{"error":${FAIL}}`, {
          kind: 'invoke',
          status: 'timed_out',
          detail: { ...detail, childRun: 'R2', timedOut: true },
        })
        .child('i', child),
    )
    expect(late).toMatchObject({ status: 'FAILED', stepInfo: { runID: null, returnEventID: null, timedOut: true } })
  })

  test('of a group ends with its last attempt; each attempt has its own error', () => {
    const group = first(kit().failed('a', 'x').ended('a', '{"data":1}', { attempt: 1 }))
    expect(group).toMatchObject({ startedAt: 1, endedAt: 21, output: '{"data":1}' })
    expect(group.children.map((child) => child.output)).toEqual([
      '{"error":{"message":"x","name":"Error"}}',
      '{"data":1}',
    ])
    const open = first(kit().failed('a', 'x').open('', 'call', { state: 'sleeping', attempt: 1 }))
    expect(open).toMatchObject({ endedAt: null, output: null })
    expect(open.children[1]).toMatchObject({ startedAt: null, endedAt: null, output: null })
  })

  test('of the last request begins behind the steps that ran in the same request', () => {
    const record = kit()
      .ended('a', '{"data":1}', { startedAt: 10, endedAt: 60 })
      .end('completed', '1', { startedAt: 10, endedAt: 80 })
    expect(buildTrace(record.record()).children.at(-1)).toMatchObject({
      name: 'function success',
      startedAt: 60,
      endedAt: 80,
    })
  })
})
