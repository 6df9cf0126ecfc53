// Callbacks: how a URL is told of the answer to a request.
import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayResult } from '../drivers/driver.ts'
import { callbackSecret } from '../sessions/callback-signature.ts'
import { approve, aRequest, openOne, RESOLVED } from './session-given.ts'
import { World } from './world.ts'

let world: World
afterEach(() => world.close())

describe('a callback', () => {
  const KEY = 'signkey-prod-00112233'
  const callbackUrl = 'https://receiver.test/hook'
  const answers = (...results: readonly (number | GatewayResult)[]) => {
    const left = [...results]
    world.fetch = () => {
      const next = left.shift() ?? 200
      return typeof next === 'number' ? { kind: 'answer', status: next, headers: {}, body: '' } : next
    }
  }
  const resolve = async () => {
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest({ callbackUrl }))
    await world.engine.sessions.respond(request.id, approve)
    await world.rest()
    return { session, request }
  }

  it('brings the same data as the event, signed for whoever has the derived secret', async () => {
    world = await World.open({ options: { signingKeys: [KEY, 'signkey-prod-44556677'] } })
    const { request } = await resolve()
    const [sent, ...more] = world.fetched
    expect(more).toEqual([])
    const [event] = await world.eventsNamed(RESOLVED)
    expect(JSON.parse(sent?.body ?? '')).toEqual(event?.data)
    expect(sent).toMatchObject({ method: 'POST', url: callbackUrl })
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = sent?.headers ?? {}
    expect([id, timestamp]).toEqual([request.id, String(Math.floor(world.clock.now / 1_000))])
    const secret = Buffer.from(callbackSecret(KEY).replace('whsec_', ''), 'base64')
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${sent?.body}`).digest('base64')
    expect(signature?.split(' ')[0]).toBe(`v1,${mac}`)
    expect(signature?.split(' ')).toHaveLength(2)
  })

  it('is tried five times, further and further apart, under one ID', async () => {
    world = await World.open()
    answers(500, { kind: 'lost', reason: 'unreachable', message: 'no' }, 302, 404, 503, 200)
    await resolve()
    const at: number[] = []
    const began = world.clock.now
    const fetch = world.fetch
    world.fetch = (request) => {
      at.push(world.clock.now - began)
      return fetch(request)
    }
    await world.advance(3_600_000)
    expect(at).toEqual([5_000, 35_000, 155_000, 755_000])
    expect(new Set(world.fetched.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(world.warnings.at(-1)).toContain('given up')
    expect(world.fetched[0]?.headers['webhook-signature']).toBeUndefined()
  })

  it('is not tried again where the receiver is gone, or may not be called', async () => {
    for (const result of [410, { kind: 'lost', reason: 'blocked', message: 'the address is not called' }] as const) {
      world = await World.open()
      answers(result)
      await resolve()
      await world.advance(3_600_000)
      expect(world.fetched).toHaveLength(1)
      await world.close()
    }
    world = await World.open()
  })

  it('that was begun many times without an end is given up', async () => {
    world = await World.open({ limits: { claimsMax: 0 } })
    await resolve()
    expect(world.fetched).toEqual([])
    expect(world.warnings.at(-1)).toContain('given up')
  })
})
