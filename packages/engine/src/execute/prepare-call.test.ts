import { verifySignature } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import { ENGINE_LIMITS } from '../limits.ts'
import { hotFromBirth } from '../runs/hot-runs.ts'
import { entry, itemRow, NOW, registryOf, runRow } from '../scenarios/rows.ts'
import { prepareCall, queueItemId, readQueueItemId } from './prepare-call.ts'

const CLOCK = { wall: () => NOW, monotonic: () => 0, setTimer: () => () => {} }

function prepare(
  options: {
    text?: string
    run?: Parameters<typeof runRow>[0]
    item?: Parameters<typeof itemRow>[0]
    language?: string
    editedInput?: boolean
    keys?: string[]
    max?: number
  } = {},
) {
  const registry = registryOf({ f: { retries: 2 } }, { language: options.language ?? 'js' })
  const hot = hotFromBirth(runRow(options.run), [options.text ?? '{"name":"f"}'])
  hot.memos.push(['aa', '{"data":1}'], ['bb', 'null'])
  hot.stack.push('bb', 'aa')
  for (const [hash, memo] of hot.memos) hot.results.set(hash, memo)
  if (options.editedInput === true) hot.memos.push(['cc', '{"input":[1]}'])
  const request = prepareCall(
    {
      signingKeys: options.keys ?? [],
      clock: CLOCK,
      limits: { ...ENGINE_LIMITS, ...(options.max === undefined ? {} : { inlineBytesMax: options.max }) },
    },
    { hot, item: itemRow(options.item), fn: entry(registry, 'f'), requestId: 'REQUEST' },
  )
  return { request, body: JSON.parse(request.body), url: new URL(request.url) }
}

describe('a call', () => {
  it('tells the SDK everything about itself', () => {
    const { request, body, url } = prepare({ item: { attempt: 1, epoch: 4 } })
    expect(body).toMatchObject({
      event: { name: 'f' },
      events: [{ name: 'f' }],
      steps: { aa: { data: 1 }, bb: null },
      version: 2,
      use_api: false,
      ctx: {
        attempt: 1,
        max_attempts: 3,
        qi_id: '200.4',
        generation_id: 4,
        job_id: '200',
        request_id: 'REQUEST',
        stack: { stack: ['bb', 'aa'], current: 2 },
        step_id: 'step',
        disable_immediate_execution: false,
        use_api: false,
      },
    })
    expect(Object.fromEntries(url.searchParams)).toEqual({ fnId: 'app-f', stepId: 'step' })
    expect(request.headers).toMatchObject({ 'x-run-id': runRow().id, 'x-inngest-req-version': '2' })
    expect(request.headers).not.toHaveProperty('x-inngest-signature')
  })

  it('that aims at a step names it', () => {
    const { request, body, url } = prepare({ item: { step: 'cc' } })
    expect([body.ctx.step_id, url.searchParams.get('stepId')]).toEqual(['cc', 'cc'])
    expect(request.headers['x-inngest-step-id']).toBe('cc')
  })

  it.each([
    [{ open: 1 }, true],
    [{ racing: 1 }, true],
    [{ forcePlan: true }, true],
    [{}, false],
  ])('with %o asks for plans only: %s', (run, plans) => {
    expect(prepare({ run }).body.ctx.disable_immediate_execution).toBe(plans)
  })

  it('with edited arguments of a step holds them beside the results, and keeps JavaScript from reporting steps meanwhile', () => {
    const { body } = prepare({ editedInput: true })
    expect(body.steps.cc).toEqual({ input: [1] })
    expect(body.ctx).toMatchObject({ fn_id: '', stack: { stack: ['bb', 'aa'] } })
    expect(prepare({ editedInput: true, language: 'go' }).body.ctx.fn_id).not.toBe('')
    expect(prepare().body.ctx.fn_id).not.toBe('')
  })

  it('is signed as it is sent, by the first key', () => {
    const key = 'signkey-test-00'
    const { request } = prepare({ keys: [key, 'signkey-test-01'] })
    const header = request.headers['x-inngest-signature'] ?? ''
    const check = { body: Buffer.from(request.body), header, nowSeconds: Math.floor(NOW / 1_000) }
    expect(verifySignature({ ...check, keys: [key] })).toBe(true)
    expect(verifySignature({ ...check, keys: ['signkey-test-01'] })).toBe(false)
  })
})

describe('a call that is too large', () => {
  const size = prepare().request.body.length

  it.each([
    ['of exactly the limit carries its state', size, 'js', '{"name":"f"}', false],
    ['of one byte more leaves it out', size - 1, 'js', '{"name":"f"}', true],
    ['carries it all the same for Go, which fetches none', size - 1, 'go', '{"name":"f"}', false],
  ])('%s', (_what, max, language, text, usesApi) => {
    const { body } = prepare({ max, language, text })
    expect([body.use_api, body.ctx.use_api]).toEqual([usesApi, usesApi])
    expect(body.event).toEqual({ name: 'f' })
    expect([body.events.length, Object.keys(body.steps).length]).toEqual(usesApi ? [0, 0] : [1, 2])
  })

  it('is measured in bytes, not in characters', () => {
    const text = `{"name":"${'語'.repeat(1_000)}"}`
    const characters = prepare({ text }).request.body.length
    expect(prepare({ text, max: characters + 100 }).body.use_api).toBe(true)
    expect(prepare({ text, max: characters + 4_000 }).body.use_api).toBe(false)
  })
})

describe('the token of a call', () => {
  it('is read as it was written', () => {
    expect(readQueueItemId(queueItemId({ key: 123, epoch: 45 }))).toEqual({ item: 123, epoch: 45 })
  })

  it.each(['', '1', '1.', '.1', '1.2.3', ' 1.2', '1.-2', '1e3.1', 'a.b', '1234567890123456.1', '01K.1'])(
    'is not %j',
    (text) => {
      expect(readQueueItemId(text)).toBeNull()
    },
  )
})
