import type { RunView } from '@pawl/storage'
import { describe, expect, test } from 'vitest'
import { printJson } from '../http/raw-json.ts'
import { buildTrace } from '../trace/build-trace.ts'
import { RecordKit } from '../trace/record-kit.ts'
import { RunV1, RunV2, runV1, runV2 } from './run-view.ts'

const BATCH = '01J00000010000000000000000'

function aRun(row: Partial<RunView['row']>, view: Partial<RunView> = {}): RunView {
  const { run } = new RecordKit().end('completed', '{"n":1}').record()
  return { ...run, ...view, row: { ...run.row, ...row } }
}

/** What a client reads, checked against what is published. */
function shown(view: RunView) {
  return {
    v1: RunV1.parse(JSON.parse(printJson(runV1(view)))),
    v2: RunV2.parse(JSON.parse(printJson(runV2(view, { includeOutput: false })))),
  }
}

describe('a run that began with a batch', () => {
  test('names the batch, its time and all its events in order', () => {
    const { v1, v2 } = shown(aRun({ batch: BATCH }, { eventIds: ['E', 'F', 'G'] }))
    expect(v1).toMatchObject({ event_id: 'E', batch_id: BATCH })
    expect(v2.trigger).toEqual({
      eventIds: ['E', 'F', 'G'],
      eventName: 'a',
      isBatch: true,
      batchId: BATCH,
      batchCreatedAt: '2024-06-10T02:35:18.401Z',
    })
  })

  test('leaves out events that were deleted meanwhile', () => {
    expect(shown(aRun({ batch: BATCH }, { eventIds: ['', 'G'] })).v2.trigger.eventIds).toEqual(['G'])
    expect(shown(aRun({ batch: BATCH }, { eventIds: ['', ''] })).v2.trigger).not.toHaveProperty('eventIds')
  })
})

describe('a run of one event', () => {
  test('says nothing of batches', () => {
    const { v1, v2 } = shown(aRun({}))
    expect(v1).not.toHaveProperty('batch_id')
    expect(v2.trigger).toEqual({ eventIds: ['E'], eventName: 'a' })
  })
})

describe('a skipped run', () => {
  const skipped = { status: 'skipped', startedAt: null, endedAt: 40, queuedAt: 40 } as const

  test.each(['paused', 'drained', 'singleton'])('says why it never ran: %s', (reason) => {
    const { v1, v2 } = shown(aRun({ ...skipped, skipped: reason }, { output: null }))
    expect(v1).toMatchObject({ status: 'Skipped', skip_reason: reason, run_started_at: null })
    expect(v1).not.toHaveProperty('output')
    expect(v2).toMatchObject({ status: 'SKIPPED', skipReason: reason, durationMs: '0' })
    expect(v2).not.toHaveProperty('startedAt')
  })

  test('has a trace without anything in it', () => {
    const run = aRun({ ...skipped, skipped: 'paused' }, { output: null })
    expect(buildTrace({ run, history: [], steps: [], items: [], waits: [], children: [] })).toMatchObject({
      status: 'SKIPPED',
      startedAt: null,
      output: null,
      children: [],
    })
  })
})
