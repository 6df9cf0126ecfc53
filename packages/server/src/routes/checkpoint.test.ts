import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AppCall, at, startTestServer, type TestServer, until } from '../test-server.ts'

const STEP = '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'
const OTHER = 'e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98'

let server: TestServer
let open: { readonly call: AppCall; readonly answer: (body: unknown) => void } | undefined
beforeAll(async () => {
  server = await startTestServer()
  server.answer(
    (call) =>
      new Promise((resolve) => {
        open = { call, answer: (body) => resolve({ status: 206, body }) }
      }),
  )
  await server.register({ one: {} })
})
afterAll(() => server.close())

async function begin() {
  open = undefined
  const id = await server.run('shop/one', 'Running')
  const { call, answer } = await until(async () => open, 'the call')
  const report = (more: object = {}, path = 'checkpoint') =>
    server.ask(`POST /v1/${path}/${id}/async`, {
      body: {
        run_id: id,
        fn_id: call.ctx.fn_id,
        qi_id: call.ctx.qi_id,
        generation_id: call.ctx.generation_id,
        steps: [{ id: STEP, op: 'StepRun', name: 'a', displayName: 'a', data: 1, rawArgs: ['a', null], promise: {} }],
        ts: 1,
        ...more,
      },
    })
  return { id, answer, report }
}

describe('a checkpoint', () => {
  test('is kept before it is answered, also when it comes twice', async () => {
    const { id, answer, report } = await begin()
    expect(await report()).toMatchObject({ status: 200, text: '' })
    expect(await report({}, 'http/runs')).toMatchObject({ status: 200, text: '' })
    expect((await server.ask(`GET /v0/runs/${id}/actions`)).json).toEqual({ [STEP]: { data: 1 } })
    answer([{ id: OTHER, op: 'RunComplete', data: 'done' }])
    await server.reached(id, 'Completed')
    const children = at((await server.ask(`GET /v2/runs/${id}/trace`)).json, 'data', 'rootSpan', 'children')
    expect(children).toMatchObject([{ name: 'a', status: 'COMPLETED', attempts: 0 }, { name: 'function success' }])
  })

  test('with another result for a step is a conflict', async () => {
    const { answer, report, id } = await begin()
    await report()
    const steps = [{ id: STEP, op: 'StepRun', name: 'a', data: 2 }]
    expect(await report({ steps })).toMatchObject({ status: 409, json: { code: 'checkpoint_conflict', status: 409 } })
    answer([{ id: OTHER, op: 'RunComplete', data: null }])
    await server.reached(id, 'Completed')
  })

  test('of an older call, or of a run that has ended, is stale', async () => {
    const { id, answer, report } = await begin()
    expect(await report({ generation_id: 77 })).toMatchObject({ status: 409, json: { code: 'stale_dispatch' } })
    answer([{ id: OTHER, op: 'RunComplete', data: null }])
    await server.reached(id, 'Completed')
    expect(await report()).toMatchObject({ status: 409, json: { code: 'stale_dispatch' } })
  })

  test('that cannot be read is refused', async () => {
    const { id, answer, report } = await begin()
    const wait = [{ id: STEP, op: 'WaitForEvent', name: 'x', opts: { event: 'x', timeout: '1h' } }]
    expect(await report({ steps: wait })).toMatchObject({ status: 400, json: { code: 'checkpoint_invalid' } })
    expect(await report({ run_id: '01J00000000000000000000000' })).toMatchObject({
      status: 400,
      json: { data: { path: 'run_id' } },
    })
    expect(await report({ qi_id: 'nonsense' })).toMatchObject({ status: 400, json: { code: 'checkpoint_invalid' } })
    expect(await server.ask('POST /v1/checkpoint/x/async', { body: {} })).toMatchObject({
      status: 400,
      json: { code: 'invalid_parameter' },
    })
    expect(
      await server.ask(`POST /v1/checkpoint/${id}/async`, {
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
    ).toMatchObject({
      status: 400,
      json: { code: 'invalid_json' },
    })
    const big = [{ id: STEP, op: 'StepRun', name: 'a', data: 'x'.repeat(4 * 1024 * 1024 + 1) }]
    expect(await report({ steps: big })).toMatchObject({ status: 413, json: { code: 'output_too_large' } })
    answer([{ id: OTHER, op: 'RunComplete', data: null }])
    await server.reached(id, 'Completed')
  })
})
