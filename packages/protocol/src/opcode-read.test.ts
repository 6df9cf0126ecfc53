import { describe, expect, it } from 'vitest'
import { AnswerError } from './errors.ts'
import { hashStepId } from './ids.ts'
import { SMALL_TEXT_MAX } from './json.ts'
import { isLazy, type Opcode } from './opcode.ts'
import { readOpcodes } from './opcode-read.ts'

const id = hashStepId('a')
const base = {
  id,
  name: 'a',
  userlandId: null,
  userlandIndex: null,
  dataText: null,
  errorText: null,
  inputText: null,
  optsType: null,
  race: false,
  timingStartMs: null,
  timingDurationMs: null,
}

/** Reads an opcode by both ways, as a small and as a large text. */
function read(op: object): Opcode | undefined {
  const text = JSON.stringify([{ id, name: 'a', ...op }])
  const ops = readOpcodes(text)
  expect(readOpcodes(text + ' '.repeat(SMALL_TEXT_MAX))).toEqual(ops)
  expect(ops).toHaveLength(1)
  return ops[0]
}

function refusal(text: string): { code: string; message: string } {
  try {
    readOpcodes(text)
  } catch (error) {
    if (error instanceof AnswerError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('the answer was accepted')
}

describe('readOpcodes', () => {
  it('reads a step that ran, with all an SDK puts beside it', () => {
    const op = read({
      op: 'StepRun',
      displayName: 'Step A',
      userland: { id: 'a', index: 1 },
      opts: { input: [{ b: 1, a: 2 }], type: 'step.ai.wrap', parallelMode: 'race' },
      data: { b: 1.0, a: [1e2] },
      timing: { a: 1_795_477_781_443_000_000, b: 4_500_000 },
      mode: 'sync',
      rawArgs: ['a', null],
      promise: {},
      middleware: { x: { y: {} } },
    })
    expect(op).toEqual({
      ...base,
      op: 'StepRun',
      name: 'Step A',
      userlandId: 'a',
      userlandIndex: 1,
      dataText: '{"a":[100],"b":1}',
      inputText: '[{"a":2,"b":1}]',
      optsType: 'step.ai.wrap',
      race: true,
      timingStartMs: 1_795_477_781_443,
      timingDurationMs: 4.5,
      rawMemo: false,
    })
  })

  const go = { opts: null, data: null, error: null, userland: { id: 'a', index: null }, timing: { a: 0, b: 0 } }

  it.each<[string, object, object]>([
    ['a step without data', { op: 'StepRun', data: undefined }, { op: 'StepRun', dataText: 'null', rawMemo: false }],
    ['what Go nulls', { op: 'StepRun', ...go }, { op: 'StepRun', dataText: 'null', rawMemo: false, userlandId: 'a' }],
    ['the legacy step', { op: 'Step', data: { data: 1 } }, { op: 'StepRun', dataText: '{"data":1}', rawMemo: true }],
    [
      'a planned step',
      { op: 'StepPlanned', opts: { input: [1] }, data: null },
      { op: 'StepPlanned', inputText: '[1]' },
    ],
    ['no name', { op: 'StepPlanned', name: undefined }, { op: 'StepPlanned', name: id }],
    [
      'an error',
      { op: 'StepError', error: { name: 'E', message: 'm', stack: 's', __serialized: true, code: 'x' } },
      { op: 'StepError', errorText: '{"message":"m","name":"E","stack":"s"}' },
    ],
    [
      'an error of Go',
      { op: 'StepFailed', error: { name: 'Step failed', message: 'm', data: { b: 1, a: 2 } } },
      { op: 'StepFailed', errorText: '{"data":{"a":2,"b":1},"message":"m","name":"Step failed"}' },
    ],
    [
      'an error with causes',
      {
        op: 'StepFailed',
        error: { message: 'm', cause: { message: 'c', __serialized: true, code: 5, cause: 'text' } },
        data: { __serialized: true, name: 'E' },
      },
      {
        op: 'StepFailed',
        dataText: '{"__serialized":true,"name":"E"}',
        errorText: '{"cause":{"cause":"text","code":5,"message":"c"},"message":"m","name":"Error"}',
      },
    ],
    [
      'an error that is text',
      { op: 'StepFailed', error: 'boom' },
      { op: 'StepFailed', errorText: '{"message":"boom","name":"Error"}' },
    ],
    [
      'a sleep of JavaScript',
      { op: 'Sleep', name: '1h30m', displayName: 'nap' },
      { op: 'Sleep', name: 'nap', until: '1h30m' },
    ],
    [
      'a sleep of Go',
      { op: 'Sleep', name: 'nap', opts: { duration: '1h0m0s' } },
      { op: 'Sleep', name: 'nap', until: '1h0m0s' },
    ],
    [
      'a sleep until now',
      { op: 'Sleep', name: '', displayName: 'nap', opts: { duration: null } },
      { op: 'Sleep', name: 'nap', until: '' },
    ],
    [
      'a wait of JavaScript',
      { op: 'WaitForEvent', name: 'a/b', displayName: 'w', opts: { timeout: '1h', if: 'x' } },
      { op: 'WaitForEvent', name: 'w', event: 'a/b', timeout: '1h', if: 'x' },
    ],
    [
      'a wait of Go',
      { op: 'WaitForEvent', name: 'w', opts: { event: 'a/b', timeout: '1h0m0s', if: null } },
      { op: 'WaitForEvent', name: 'w', event: 'a/b', timeout: '1h0m0s', if: null },
    ],
    [
      'a wait of Python',
      { op: 'WaitForEvent', name: 'a/b', opts: { timeout: null, if: null } },
      { op: 'WaitForEvent', name: 'a/b', event: 'a/b', timeout: '', if: null },
    ],
    [
      'a wait for a signal',
      { op: 'WaitForSignal', name: 's', opts: { signal: 's', timeout: '1d', conflict: 'replace' } },
      { op: 'WaitForSignal', name: 's', signal: 's', timeout: '1d', conflict: 'replace' },
    ],
    [
      'a signal without more',
      { op: 'WaitForSignal', name: 's', opts: { signal: 's' } },
      { op: 'WaitForSignal', name: 's', signal: 's', timeout: null, conflict: 'fail' },
    ],
    [
      'an invoke',
      {
        op: 'InvokeFunction',
        opts: {
          function_id: 'app-f',
          payload: { data: { b: 1, a: 2, _inngest: 1 }, v: '2', meta: { sessions: { s: 't' } } },
          timeout: '1h',
        },
      },
      {
        op: 'InvokeFunction',
        functionId: 'app-f',
        payloadDataText: '{"a":2,"b":1}',
        payloadV: '2',
        payloadMetaText: '{"sessions":{"s":"t"}}',
        timeout: '1h',
      },
    ],
    [
      'an invoke without payload',
      { op: 'InvokeFunction', opts: { function_id: 'app-f', payload: null } },
      {
        op: 'InvokeFunction',
        functionId: 'app-f',
        payloadDataText: '{}',
        payloadV: null,
        payloadMetaText: null,
        timeout: null,
      },
    ],
    [
      'an invoke with bad sessions',
      { op: 'InvokeFunction', opts: { function_id: 'app-f', payload: { meta: { sessions: 5 } } } },
      {
        op: 'InvokeFunction',
        functionId: 'app-f',
        payloadDataText: '{}',
        payloadV: null,
        payloadMetaText: null,
        timeout: null,
      },
    ],
    [
      'a request',
      { op: 'Gateway', opts: { url: 'http://x/', headers: { a: 'b', n: 5, o: {} }, body: 'x' } },
      { op: 'Gateway', url: 'http://x/', method: 'GET', headers: { a: 'b', n: '5' }, body: 'x' },
    ],
    [
      'an inference',
      {
        op: 'AIGateway',
        opts: {
          url: 'http://x/',
          headers: {},
          auth_key: 'k',
          format: 'anthropic',
          body: { b: 1, a: 2 },
          type: 'step.ai.infer',
        },
      },
      {
        op: 'AIGateway',
        url: 'http://x/',
        headers: {},
        authKey: 'k',
        format: 'anthropic',
        bodyText: '{"a":2,"b":1}',
        optsType: 'step.ai.infer',
      },
    ],
    [
      'a deferred function',
      { op: 'DeferAdd', opts: { fn_slug: 'app-d', input: { b: 1, a: 2 }, meta: { y: 1, x: 2 } }, data: null },
      { op: 'DeferAdd', fnSlug: 'app-d', inputText: '{"a":2,"b":1}', metaText: '{"x":2,"y":1}' },
    ],
    [
      'a deferred function without input',
      { op: 'DeferAdd', opts: { fn_slug: 'app-d' } },
      { op: 'DeferAdd', fnSlug: 'app-d', inputText: '{}', metaText: null },
    ],
    [
      'an aborted one',
      { op: 'DeferAbort', opts: { fn_slug: 'app-d', target_hashed_id: id } },
      { op: 'DeferAbort', fnSlug: 'app-d', targetId: id },
    ],
    [
      'the end of a run',
      { op: 'RunComplete', id: 'anything', name: undefined, data: { b: 1, a: null } },
      { op: 'RunComplete', id: 'anything', name: 'anything', dataText: '{"a":null,"b":1}' },
    ],
    ['the end without result', { op: 'RunComplete', data: null }, { op: 'RunComplete', dataText: 'null' }],
    [
      'the end of an endpoint',
      { op: 'SyncRunComplete', data: { data: { status: 200 } } },
      { op: 'SyncRunComplete', dataText: '{"data":{"status":200}}' },
    ],
    ['a request for discovery', { op: 'DiscoveryRequest', id: 'x' }, { op: 'DiscoveryRequest', id: 'x' }],
    ['nothing', { op: 'None', id: undefined, name: undefined }, { op: 'None', id: '', name: '' }],
  ])('reads %s', (_name, op, expected) => {
    expect(read(op)).toEqual({ ...base, ...expected })
  })

  it('reads several in their order, one alone, and none as None', () => {
    const two = [
      { op: 'StepPlanned', id },
      { op: 'DeferAbort', id, opts: { target_hashed_id: id } },
    ]
    expect(readOpcodes(JSON.stringify(two)).map((op) => [op.op, isLazy(op)])).toEqual([
      ['StepPlanned', false],
      ['DeferAbort', true],
    ])
    expect(readOpcodes(JSON.stringify(two[0]))).toEqual(readOpcodes(JSON.stringify([two[0]])))
    expect(readOpcodes('[]')).toEqual([{ ...base, op: 'None', id: '', name: '' }])
  })

  it('keeps large results as they stand when they are canonical', () => {
    const data = { list: Array.from({ length: 300 }, (_, index) => index), text: 'é'.repeat(1000) }
    expect(readOpcodes(JSON.stringify([{ op: 'StepRun', id, data }]))[0]?.dataText).toBe(JSON.stringify(data))
    const mixed = JSON.stringify([{ op: 'StepRun', id, data: { z: data, a: '\ud800' } }])
    expect(readOpcodes(mixed)[0]?.dataText).toBe(`{"a":"\\ud800","z":${JSON.stringify(data)}}`)
  })

  it.each([
    ['[{"op":"StepTeleported","id":"x"}]', 'protocol_error', /Unknown opcode "StepTeleported"/],
    ['[{"id":"x"}]', 'protocol_error', /Unknown opcode ""/],
    ['[{"op":"constructor","id":"x"}]', 'protocol_error', /Unknown opcode/],
    ['[{"op":"StepRun","id":"x"}]', 'protocol_error', /"x" is no hashed step ID/],
    [`[{"op":"StepRun","id":"${id.toUpperCase()}"}]`, 'protocol_error', /no hashed step ID/],
    ['[{"op":"StepRun"}]', 'protocol_error', /"" is no hashed step ID/],
    [`[{"op":"WaitForEvent","id":"${id}"}]`, 'protocol_error', /WaitForEvent has no event/],
    [`[{"op":"InvokeFunction","id":"${id}","opts":{}}]`, 'protocol_error', /InvokeFunction has no function_id/],
    [`[{"op":"Gateway","id":"${id}"}]`, 'protocol_error', /Gateway has no url/],
    [`[${'{"op":"None"},'.repeat(10_000)}{"op":"None"}]`, 'protocol_error', /10001 opcodes/],
    ['', 'bad_response', /Invalid JSON/],
    ['<html>', 'bad_response', /Invalid JSON/],
    ['[{"op":"None"}', 'bad_response', /Invalid JSON/],
    ['"x"', 'bad_response', /expected an array of objects/],
    ['[1]', 'bad_response', /expected an array of objects/],
    [`[1${' '.repeat(2000)}]`, 'bad_response', /expected an array of objects/],
    [`[{"op":"StepRun","id":"${id}","data":${'['.repeat(63)}${']'.repeat(63)}}]`, 'bad_response', /nested/],
    [
      `[{"op":"StepRun","id":"${id}","data":${'['.repeat(63)}${' '.repeat(2000)}${']'.repeat(63)}}]`,
      'bad_response',
      /nested/,
    ],
  ])('refuses %.60s', (text, code, message) => {
    expect(refusal(text)).toEqual({ code, message: expect.stringMatching(message) })
  })

  it('accepts data that fills the depth of the answer', () => {
    const data = `${'['.repeat(62)}${']'.repeat(62)}`
    expect(readOpcodes(`[{"op":"StepRun","id":"${id}","data":${data}}]`)[0]?.dataText).toBe(data)
  })

  it('fails a step whose output or input is over 4 MiB, and no other', () => {
    const max = 4 * 1024 * 1024
    const sized = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2))
    const answer = (data: string, input: string): string =>
      `[{"op":"StepRun","id":"${id}","data":${data},"opts":{"input":${input}}}]`
    expect(readOpcodes(answer(sized(max), '[]'))[0]?.op).toBe('StepRun')
    const failed = readOpcodes(answer(sized(max + 1), '[]'))[0]
    expect(failed).toMatchObject({ op: 'StepFailed', id, dataText: null })
    expect(failed?.errorText).toBe('{"message":"step output size is greater than the limit","name":"output_too_large"}')
    expect(readOpcodes(answer('1', sized(max + 1)))[0]).toMatchObject({ op: 'StepFailed', inputText: null })
    expect(readOpcodes(answer(JSON.stringify('é'.repeat(max / 2)), '[]'))[0]?.op).toBe('StepFailed')
    expect(readOpcodes(`[{"op":"RunComplete","data":${sized(max + 1)}}]`)[0]?.op).toBe('RunComplete')
  })
})
