import { describe, expect, it } from 'vitest'
import { sentAt, stackLength } from '../apps/null-calls.ts'
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
})
