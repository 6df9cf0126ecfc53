import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { CheckpointError } from './errors.ts'
import { hashStepId } from './ids.ts'
import { SMALL_TEXT_MAX } from './json.ts'

const id = hashStepId('a')
const step = { id, op: 'StepRun', name: 'a', data: { b: 1, a: 2 }, mode: 'sync', rawArgs: ['a', null], promise: {} }
const body = { run_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', fn_id: 'f', qi_id: '12.3', steps: [step] }

/** Reads a checkpoint by both ways, as a small and as a large text. */
function read(more: object): Checkpoint {
  const text = JSON.stringify({ ...body, ...more })
  const checkpoint = readCheckpoint(Buffer.from(text))
  expect(readCheckpoint(Buffer.from(text + ' '.repeat(SMALL_TEXT_MAX)))).toEqual(checkpoint)
  return checkpoint
}

describe('readCheckpoint', () => {
  it('reads what JavaScript sends', () => {
    const checkpoint = read({ request_id: 'r', generation_id: 4, request_started_at: 1, ts: 2 })
    expect(checkpoint).toMatchObject({ runId: body.run_id, fnId: 'f', qiId: '12.3', requestId: 'r', generationId: 4 })
    expect(checkpoint.ops).toEqual([expect.objectContaining({ op: 'StepRun', id, dataText: '{"a":2,"b":1}' })])
  })

  it('reads what others leave out', () => {
    expect(read({})).toMatchObject({ requestId: null, generationId: null })
    expect(read({ generation_id: '4', request_id: null })).toMatchObject({ requestId: null, generationId: null })
    expect(read({ steps: [] }).ops).toEqual([])
  })

  it('keeps starting steps and defers', () => {
    const steps = [
      { op: 'StepPlanned', id },
      { op: 'Step', id, data: { data: 1 } },
      { op: 'DeferAdd', id, opts: { fn_slug: 'd' } },
      { op: 'DeferAbort', id, opts: { target_hashed_id: id } },
    ]
    expect(read({ steps }).ops.map((op) => op.op)).toEqual(['StepPlanned', 'StepRun', 'DeferAdd', 'DeferAbort'])
  })

  it.each<[string, string, string]>([
    ['a sleep', JSON.stringify({ ...body, steps: [{ op: 'Sleep', id, name: '1s' }] }), 'invalid_checkpoint'],
    ['an end', JSON.stringify({ ...body, steps: [{ op: 'RunComplete', id, data: 1 }] }), 'invalid_checkpoint'],
    ['an error', JSON.stringify({ ...body, steps: [{ op: 'StepError', id }] }), 'invalid_checkpoint'],
    ['an unknown op', JSON.stringify({ ...body, steps: [{ op: 'X', id }] }), 'invalid_checkpoint'],
    ['a bad step ID', JSON.stringify({ ...body, steps: [{ op: 'StepRun', id: 'x' }] }), 'invalid_checkpoint'],
    ['steps that are no list', JSON.stringify({ ...body, steps: 5 }), 'invalid_checkpoint'],
    ['no item', JSON.stringify({ ...body, qi_id: undefined }), 'invalid_checkpoint'],
    ['an empty run', JSON.stringify({ ...body, run_id: '' }), 'invalid_checkpoint'],
    ['a function that is no text', JSON.stringify({ ...body, fn_id: 5 }), 'invalid_checkpoint'],
    ['an array', '[]', 'invalid_checkpoint'],
    ['half a body', '{"run_id":', 'invalid_json'],
    ['a deep body', `{"x":${'['.repeat(600)}${']'.repeat(600)}}`, 'json_too_deep'],
    [
      'a large step',
      JSON.stringify({ ...body, steps: [{ ...step, data: 'x'.repeat(4 * 1024 * 1024) }] }),
      'output_too_large',
    ],
  ])('refuses %s', (_name, text, code) => {
    expect(() => readCheckpoint(Buffer.from(text))).toThrow(CheckpointError)
    expect(() => readCheckpoint(Buffer.from(text))).toThrow(expect.objectContaining({ code }))
  })
})
