import { type GetStepTools as GetStepTools4, Inngest as Inngest4 } from 'inngest'
import { type GetStepTools as GetStepTools3, Inngest as Inngest3 } from 'inngest3'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { Sessions } from './client.ts'
import { FakeServer } from './fake-server.ts'
import { type Answer, type Ask, requestApproval, type Steps } from './request-approval.ts'

let server: FakeServer
beforeEach(async () => {
  server = await FakeServer.open()
  server.answer = () => ({ status: 201, body: { data: { id: 'r1' } } })
})
afterEach(() => server.close())

const ask = (part: Partial<Ask> = {}): Ask => ({
  sessions: new Sessions({ baseUrl: server.url }),
  sessionId: 's1',
  key: 'run"1:trade',
  prompt: 'Buy?',
  timeout: '24h',
  ...part,
})

/** Steps that note what they are asked, and give this event. */
function stepsOf(event: unknown) {
  const noted: unknown[] = []
  const steps: Steps = {
    run: async (id, handler) => {
      noted.push(['run', id])
      return handler()
    },
    waitForEvent: async (id, options) => {
      noted.push(['wait', id, options])
      return event
    },
  }
  return { steps, noted }
}

describe('asking from a durable function', () => {
  it('opens the wait for this very answer before it asks', async () => {
    const { steps, noted } = stepsOf({ data: { status: 'approved', arguments: { shares: 5 } } })
    const answer = await requestApproval(steps, 'approve', ask({ arguments: { shares: 10 } }))
    expect(answer).toEqual({ status: 'approved', arguments: { shares: 5 } })
    expect(noted).toEqual([
      [
        'wait',
        'approve',
        {
          event: 'pawl/session.request.resolved',
          timeout: '24h',
          if: 'async.data.requestKey == "run\\"1:trade" && async.data.sessionId == "s1"',
        },
      ],
      ['run', 'approve: ask'],
    ])
    expect(server.seen).toMatchObject([
      {
        path: '/v2/sessions/s1/requests',
        body: { key: 'run"1:trade', kind: 'approval', prompt: 'Buy?', arguments: { shares: 10 } },
      },
    ])
    expect(server.seen[0]?.body).not.toHaveProperty('sessions')
    expect(server.seen[0]?.body).not.toHaveProperty('timeout')
  })

  it('says so when nobody has answered in time', async () => {
    expect(await requestApproval(stepsOf(null).steps, 'approve', ask())).toEqual({ status: 'timed_out' })
  })

  it('fails when the question cannot be asked', async () => {
    server.answer = () => ({ status: 409, body: { errors: [{ code: 'session_ended', message: 'over' }] } })
    await expect(requestApproval(stepsOf(null).steps, 'approve', ask())).rejects.toMatchObject({
      code: 'session_ended',
    })
  })

  it('takes the steps of both SDK versions', () => {
    expectTypeOf<GetStepTools3<Inngest3.Any>>().not.toBeAny()
    expectTypeOf<GetStepTools4<Inngest4.Any>>().not.toBeAny()
    expectTypeOf<GetStepTools3<Inngest3.Any>>().toExtend<Steps>()
    expectTypeOf<GetStepTools4<Inngest4.Any>>().toExtend<Steps>()
    const three = new Inngest3({ id: 'three' }).createFunction({ id: 'f' }, { event: 'e' }, async ({ step, runId }) =>
      requestApproval(step, 'approve', ask({ key: runId })),
    )
    const four = new Inngest4({ id: 'four' }).createFunction(
      { id: 'f', triggers: [{ event: 'e' }] },
      async ({ step, runId }) => requestApproval(step, 'approve', ask({ key: runId })),
    )
    expect([three.id(), four.id()]).toEqual(['f', 'f'])
    expectTypeOf<Answer['status']>().toEqualTypeOf<
      'approved' | 'denied' | 'answered' | 'expired' | 'cancelled' | 'timed_out'
    >()
  })
})
