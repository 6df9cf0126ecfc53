import { describe, expect, test } from 'vitest'
import { RecordKit } from './record-kit.ts'
import { runTimes } from './run-times.ts'

const NOW = 5_000
const kit = () => new RecordKit()

describe('the time of a run', () => {
  test.each([
    ['that waits to be called is all waiting', kit().scheduled().open('', 'call', { state: 'ready' }), 0, NOW],
    [
      'counts what overlaps once, and sleeps as waiting',
      kit()
        .ended('a', '1', { startedAt: 100, endedAt: 300 })
        .ended('b', '1', { startedAt: 200, endedAt: 400 })
        .ended('nap', null, { kind: 'sleep', startedAt: 400, endedAt: 900 })
        .end('completed', '1', { startedAt: 900, endedAt: 1_000 }),
      400,
      600,
    ],
    [
      'counts failed attempts as work, and the time until the next one as waiting',
      kit()
        .failed('a', 'no', { startedAt: 0, endedAt: 50 })
        .ended('a', '1', { attempt: 1, startedAt: 150, endedAt: 200 })
        .end('failed', '{}', { startedAt: 200, endedAt: 250 }),
      150,
      100,
    ],
    [
      'goes on with an open call, but not with an open wait',
      kit().open('a', 'call', { startedAt: 4_000 }).open('w', 'wait', { startedAt: 0 }),
      1_000,
      4_000,
    ],
    [
      'that was cancelled has not worked for its end',
      kit().ended('a', '1', { startedAt: 100, endedAt: 200 }).end('cancelled', null, { startedAt: 0, endedAt: 900 }),
      100,
      800,
    ],
  ])('%s', (_, record, workingMs, waitingMs) => {
    expect(runTimes(record.record(), NOW)).toEqual({ workingMs, waitingMs })
  })
})
