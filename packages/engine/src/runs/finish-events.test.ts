import { type Json, writeCanonical } from '@pawl/protocol'
import type { EndedRun } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { eventRow, runRow } from '../scenarios/rows.ts'
import { finishEventNames, isFinishEvent, storedEventText } from './finish-events.ts'

const EVENTS = [
  '{"data":{"a":1},"id":"1","name":"x","ts":1,"user":{}}',
  '{"data":{},"id":"2","name":"x","ts":2,"user":{}}',
]

describe('what a run tells at its end', () => {
  const error: Json = { message: 'no', name: 'Error', stack: 'at "x"\n' }
  it.each<[EndedRun['row']['status'], string | null, boolean, string | null, Json]>([
    ['completed', '{"n":1}', false, null, { result: { n: 1 }, _inngest: { status: 'Completed' } }],
    [
      'completed',
      'null',
      false,
      'run.step',
      { result: null, correlation_id: 'run.step', _inngest: { status: 'Completed' } },
    ],
    ['failed', writeCanonical(error), true, null, { error, result: error, _inngest: { status: 'Failed' } }],
    ['cancelled', null, false, null, { _inngest: { status: 'Cancelled' } }],
  ])('that is %s, with the result %s', (status, output, isError, correlation, told) => {
    const row = runRow({ status, correlation })
    const event = eventRow({ name: 'inngest/function.finished', eventId: 'an "id"', ofRun: row.key })
    const text = storedEventText(
      { row: event, text: null, ofRun: { row, output, isError, events: EVENTS } },
      () => 'app-f',
    )
    const events = EVENTS.map((each): Json => JSON.parse(each))
    const data = { event: events[0] ?? null, events, function_id: 'app-f', run_id: row.id, ...(told as object) }
    // Byte for byte what the general writer makes of the same value.
    expect(text).toBe(writeCanonical({ data, id: 'an "id"', name: event.name, ts: event.ts, user: {} }))
  })

  it('is the stored text, where there is one', () => {
    expect(storedEventText({ row: eventRow(), text: '{"a":1}', ofRun: null }, () => '')).toBe('{"a":1}')
  })

  it('has no data once retention has taken its run', () => {
    const event = eventRow()
    const text = storedEventText({ row: event, text: null, ofRun: null }, () => '')
    expect(JSON.parse(text)).toEqual({ data: {}, id: event.eventId, name: event.name, ts: event.ts, user: {} })
  })
})

describe('the names of what it tells', () => {
  it.each([
    ['completed', ['inngest/function.finished']],
    ['failed', ['inngest/function.finished', 'inngest/function.failed']],
    ['cancelled', ['inngest/function.finished', 'inngest/function.cancelled']],
  ] as const)('%s', (status, names) => {
    expect(finishEventNames(status)).toEqual(names)
    for (const name of names) expect(isFinishEvent(name)).toBe(true)
  })

  it('are three', () => {
    expect(['inngest/function.invoked', 'inngest/scheduled.timer', 'x'].map(isFinishEvent)).toEqual([
      false,
      false,
      false,
    ])
  })
})
