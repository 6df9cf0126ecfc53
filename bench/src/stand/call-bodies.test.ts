import { describe, expect, it } from 'vitest'
import { sentAt, stackLength, targetOf } from '../apps/null-calls.ts'
import { callBody } from './call-bodies.ts'

const call = (stepsDone: number) => callBody({ event: 'bench/ten', runId: '01J0', stepsDone, sent: 12.5 })

describe('callBody', () => {
  it('is a Call Request whose stack lists exactly the memoized steps', () => {
    const body = JSON.parse(call(3))
    expect(body.ctx.stack.stack).toEqual(Object.keys(body.steps))
    expect(body.ctx.stack.current).toBe(3)
    expect(body.event).toEqual(body.events[0])
    expect(body.event.name).toBe('bench/ten')
  })
})

describe('callBody of parallel steps', () => {
  it('brings all of them, in the order of the stack', () => {
    const body = JSON.parse(
      callBody({ event: 'bench/parallel', runId: '01J0', stepsDone: 100, sent: 0, kind: 'parallel' }),
    )
    expect(Object.keys(body.steps)).toHaveLength(100)
    expect(body.ctx.stack.stack).toEqual(Object.keys(body.steps))
  })

  it('forbids a planned step to run anything else', () => {
    const body = JSON.parse(
      callBody({ event: 'bench/parallel', runId: '01J0', stepsDone: 0, sent: 0, isPlanned: true }),
    )
    expect(body).toMatchObject({ version: 2, ctx: { disable_immediate_execution: true } })
  })
})

describe('what the null app reads off a call without parsing it', () => {
  it.each([0, 1, 9, 10])('%i steps done', (stepsDone) => {
    expect(stackLength(call(stepsDone))).toBe(stepsDone)
  })

  it('steps done, in a body with spaces', () => {
    expect(stackLength(JSON.stringify(JSON.parse(call(4)), null, 2))).toBe(4)
  })

  it('the moment that the event was sent', () => {
    expect(sentAt(call(0))).toBe(12.5)
  })

  it('function and step, off the URL', () => {
    const url = '/api/inngest?fnId=bench-null-fan-3&stepId='
    expect(targetOf(`${url}step`)).toEqual({ fn: 'fan-3', step: 'step' })
    expect(targetOf(`${url}8a1b&x=1`)).toEqual({ fn: 'fan-3', step: '8a1b' })
  })
})
