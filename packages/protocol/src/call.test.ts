import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCallBody, type CallParts, callHeaders, callUrl } from './call.ts'
import { hashStepId } from './ids.ts'
import { canonicalText } from './json.ts'
import { writeCanonical } from './json-write.ts'
import { dataMemo, errorMemo, errorText, inputMemo, NULL_MEMO, signalMemo, stepMemo } from './memo.ts'
import { readOpcodes } from './opcode-read.ts'

const [a = '', b = '', c = ''] = ['a', 'b', 'c'].map((text): string => hashStepId(text)).sort()
const event = '{"data":{},"id":"e","name":"a/b","ts":1,"user":{}}'
const ctx = {
  fnId: '6ba7b810-9dad-51d1-80b4-00c04fd430c8',
  runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  env: '',
  stepId: 'step',
  attempt: 0,
  maxAttempts: 5,
  qiId: '12.3',
  requestId: '01ARZ3NDEKTSV4RRFFQ69G5FAW',
  generationId: 3,
  jobId: '12',
  disableImmediateExecution: false,
}
const parts: CallParts = {
  ctx,
  eventText: event,
  eventsTexts: [event],
  memos: [],
  stack: [],
  useApi: false,
  version: -1,
}

describe('buildCallBody', () => {
  it('holds every field on the first call', () => {
    expect(JSON.parse(buildCallBody(parts))).toEqual({
      event: JSON.parse(event),
      events: [JSON.parse(event)],
      steps: {},
      defers: {},
      ctx: {
        fn_id: ctx.fnId,
        run_id: ctx.runId,
        env: '',
        step_id: 'step',
        attempt: 0,
        max_attempts: 5,
        stack: { stack: [], current: 0 },
        qi_id: '12.3',
        request_id: ctx.requestId,
        generation_id: 3,
        job_id: '12',
        disable_immediate_execution: false,
        use_api: false,
      },
      version: -1,
      use_api: false,
    })
  })

  it('holds memos by step, the stack in its own order, and defers', () => {
    const memos = [
      [a, dataMemo('1')],
      [b, NULL_MEMO],
      [c, errorMemo(errorText({ name: 'E', message: 'm' }))],
    ] as const
    const defers = [
      { id: a, abortable: true },
      { id: b, abortable: false },
    ]
    const body = JSON.parse(buildCallBody({ ...parts, memos, stack: [c, a, b], defers, version: 2 }))
    expect(body.steps).toEqual({ [a]: { data: 1 }, [b]: null, [c]: { error: { name: 'E', message: 'm' } } })
    expect(body.ctx.stack).toEqual({ stack: [c, a, b], current: 3 })
    expect(body.defers).toEqual({ [a]: { abortable: true }, [b]: { abortable: false } })
    expect(body.version).toBe(2)
  })

  it('leaves events and memos to be fetched', () => {
    const body = JSON.parse(buildCallBody({ ...parts, memos: [[a, '{"data":1}']], stack: [a], useApi: true }))
    expect(body).toMatchObject({ use_api: true, events: [], steps: {}, event: { id: 'e' } })
    expect(body.ctx).toMatchObject({ use_api: true, stack: { stack: [a], current: 1 } })
  })

  it('is canonical whatever its pieces hold', () => {
    const words = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.uniqueArray(words, { maxLength: 6 }), words, fc.boolean(), (names, word, useApi) => {
        const memos = names.map((name) => [hashStepId(name), dataMemo(writeCanonical({ [name]: word }))] as const)
        memos.sort(([x], [y]) => (x < y ? -1 : 1))
        const text = buildCallBody({
          ...parts,
          ctx: { ...ctx, env: word, qiId: word, jobId: word },
          memos,
          stack: memos.map(([id]) => id).reverse(),
          useApi,
        })
        expect(canonicalText(text)).toBe(text)
      }),
    )
  })
})

describe('memos', () => {
  it.each([
    [dataMemo('null'), { data: null }],
    [inputMemo('[1]'), { input: [1] }],
    [signalMemo('s"1', '{"a":1}'), { data: { signal: 's"1', data: { a: 1 } } }],
    [
      errorMemo(errorText({ name: 'E', message: 'm', stack: 's', cause: null, data: [1] })),
      { error: { name: 'E', message: 'm', stack: 's', cause: null, data: [1] } },
    ],
  ])('%s is canonical and of the shape that SDKs know', (memo, value) => {
    expect(JSON.parse(memo)).toEqual(value)
    expect(canonicalText(memo)).toBe(memo)
  })
})

describe('stepMemo', () => {
  it('wraps what a step returned or threw, and leaves a legacy memo as it is', () => {
    const [run, legacy, failed] = readOpcodes(
      `[{"op":"StepRun","id":"${a}","data":[1]},{"op":"Step","id":"${b}","data":{"data":1}},{"op":"StepFailed","id":"${c}","error":{"name":"E","message":"m"}}]`,
    )
    if (run?.op !== 'StepRun' || legacy?.op !== 'StepRun' || failed?.op !== 'StepFailed')
      throw new Error('other opcodes')
    expect([run, legacy, failed].map(stepMemo)).toEqual([
      '{"data":[1]}',
      '{"data":1}',
      '{"error":{"message":"m","name":"E"}}',
    ])
  })
})

describe('callHeaders', () => {
  const plain = { ...ctx, version: -1, signature: null }

  it('names the dispatch', () => {
    expect(callHeaders(plain)).toEqual({
      'content-type': 'application/json',
      'x-run-id': ctx.runId,
      'x-request-id': ctx.requestId,
      'x-inngest-job-id': '12',
      'x-inngest-generation-id': '3',
      'x-inngest-step-id': 'step',
      'x-inngest-req-version': '-1',
    })
  })

  it('adds the signature and the trace when there are any', () => {
    const headers = callHeaders({ ...plain, signature: 't=1&s=2', traceparent: '00-1', tracestate: 'a=b' })
    expect(headers).toMatchObject({ 'x-inngest-signature': 't=1&s=2', traceparent: '00-1', tracestate: 'a=b' })
  })
})

describe('callUrl', () => {
  it.each([
    ['http://x/api?fnId=app-f&stepId=step', 'http://x/api?fnId=app-f&stepId=abc'],
    ['http://x/api?stepId=step&fnId=app-f&k=1', 'http://x/api?stepId=abc&fnId=app-f&k=1'],
    ['http://x/api?fnId=app-f&step=step', 'http://x/api?fnId=app-f&step=step&stepId=abc'],
    ['http://x/api', 'http://x/api?fnId=app%20f&stepId=abc'],
    ['http://x/api?k=1', 'http://x/api?k=1&fnId=app%20f&stepId=abc'],
  ])('makes %s into %s', (url, expected) => {
    expect(callUrl(url, 'app f', 'abc')).toBe(expected)
  })
})
