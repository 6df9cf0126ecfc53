// Questions to people: how they are answered, once, and how those who wait for the answer go on.
import { afterEach, describe, expect, it } from 'vitest'
import { ops, planned, ran, returned, waitFor, waitForSignal } from './answers.ts'
import { approve, aRequest, DAY_MS, deny, logOf, openOne, RESOLVED, secondEngine } from './session-given.ts'
import { type SeenCall, World } from './world.ts'

let world: World
afterEach(() => world.close())

describe('an answer', () => {
  it('OS-11: of two at once, also at two servers, the first counts, and the other learns what it was', async () => {
    world = await World.open()
    const other = await secondEngine(world)
    const session = await openOne(world)
    for (let round = 0; round < 20; round++) {
      const { request } = await world.engine.sessions.request(session.id, aRequest({ name: `${round}` }))
      const [mine, theirs] = round % 2 === 0 ? [world.engine, other] : [other, world.engine]
      const [first, second] = await Promise.all([
        mine.sessions.respond(request.id, approve),
        theirs.sessions.respond(request.id, deny),
      ])
      const won = 'resolved' in first ? first.resolved : 'resolved' in second ? second.resolved : undefined
      const lost = 'alreadyResolved' in first ? first.alreadyResolved : undefined
      expect(lost ?? ('alreadyResolved' in second ? second.alreadyResolved : undefined)).toEqual(won)
      expect(await world.eventsNamed(RESOLVED)).toHaveLength(round + 1)
    }
    expect(await world.store.lists.session(session.id)).toMatchObject({ row: { pending: 0, items: 40 } })
    await other.stop(0)
  })

  it('may change the arguments, if they fit the schema', async () => {
    world = await World.open()
    const session = await openOne(world)
    const form =
      '{"schema":{"properties":{"shares":{"maximum":10,"type":"integer"}},"required":["shares"],"type":"object"}}'
    const { request } = await world.engine.sessions.request(session.id, aRequest({ form }))
    const change = (text: string) =>
      world.engine.sessions.respond(request.id, { ...approve, arguments: text, reason: 'less' })
    await expect(change('{"shares":11}')).rejects.toMatchObject({
      code: 'answer_invalid',
      details: { path: 'arguments/shares' },
    })
    expect(await change('{"shares":5}')).toMatchObject({
      resolved: { status: 'approved', arguments: '{"shares":5}', reason: 'less' },
    })
    const [asked, told] = (await logOf(world, session.key)).map(([, , content]) => content)
    expect([asked.action, asked.arguments, told.action, told.arguments]).toEqual([
      'requested',
      { shares: 10 },
      'resolved',
      { shares: 5 },
    ])
  })

  it.each([
    ['a decision, to an input', { kind: 'input' }, approve, 'response'],
    ['a response, to an approval', {}, { response: '1', reason: null, by: 'ann' }, 'decision'],
    ['arguments, with a denial', {}, { ...deny, arguments: '{}' }, 'arguments'],
    [
      'an option that there is not',
      { kind: 'choice', form: '{"options":[{"value":"a"}]}' },
      { response: '"b"', reason: null, by: 'ann' },
      'response',
    ],
    [
      'what does not fit the schema',
      { kind: 'input', form: '{"schema":{"items":{"type":"number"},"type":"array"}}' },
      { response: '[1,"2"]', reason: null, by: 'ann' },
      'response/1',
    ],
  ] as const)('is refused when it is %s; the request stays open', async (_what, part, given, path) => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest(part))
    await expect(world.engine.sessions.respond(request.id, given)).rejects.toMatchObject({
      code: 'answer_invalid',
      details: { path },
    })
    expect(await world.store.lists.request(request.id)).toMatchObject({ row: { status: 'pending' } })
  })

  it('to a choice is one of the options', async () => {
    world = await World.open()
    const session = await openOne(world)
    const form = '{"options":[{"label":"A","value":"a"},{"value":"b"}]}'
    const { request } = await world.engine.sessions.request(session.id, aRequest({ kind: 'choice', form }))
    const came = await world.engine.sessions.respond(request.id, { response: '"b"', reason: null, by: 'ann' })
    expect(came).toMatchObject({ resolved: { status: 'answered', response: '"b"' } })
  })

  it('by a link counts once; a wrong token, and one that was replaced, open nothing', async () => {
    world = await World.open({ options: { randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)) } })
    const session = await openOne(world)
    const first = await world.engine.sessions.request(session.id, aRequest({ wantsLink: true }))
    const again = await world.engine.sessions.request(session.id, aRequest({ wantsLink: true }))
    const { id } = first.request
    expect([first.isNew, again.isNew, again.request.id]).toEqual([true, false, id])
    for (const token of ['', 'x', first.token ?? '']) {
      await expect(world.engine.sessions.respondByLink(id, token, approve)).rejects.toMatchObject({
        code: 'link_invalid',
      })
    }
    const token = again.token ?? ''
    expect(await world.engine.sessions.openLink(id, token)).toMatchObject({ status: 'pending' })
    expect(await world.engine.sessions.respondByLink(id, token, { ...approve, by: 'link' })).toMatchObject({
      resolved: { respondedBy: 'link' },
    })
    expect(await world.engine.sessions.respondByLink(id, token, deny)).toMatchObject({
      alreadyResolved: { status: 'approved' },
    })
    const { request: plain } = await world.engine.sessions.request(session.id, aRequest({ name: 'plain' }))
    await expect(world.engine.sessions.openLink(plain.id, '')).rejects.toMatchObject({ code: 'link_invalid' })
  })
})

describe('a request', () => {
  it('is one under its name, and there may be only so many open ones', async () => {
    world = await World.open({ limits: { sessionPendingMax: 2 } })
    const session = await openOne(world)
    const ask = (name: string) => world.engine.sessions.request(session.id, aRequest({ name }))
    const [a, b] = await Promise.all([ask('a'), ask('a')])
    expect([a.request.id === b.request.id, a.isNew, b.isNew]).toEqual([true, true, false])
    await ask('b')
    await expect(ask('c')).rejects.toMatchObject({ code: 'too_many_requests_pending', details: { limit: 2 } })
    await world.engine.sessions.cancelRequest(a.request.id, 'ann')
    await ask('c')
    expect(await world.eventsNamed('pawl/session.request.created')).toHaveLength(3)
  })

  it('starts the functions that listen for it, with what it asks', async () => {
    world = await World.open()
    const triggers = [{ event: 'pawl/session.request.created' }]
    await world.register({ f: [{ triggers }, (call) => returned(call.event.data ?? null)] })
    const session = await openOne(world)
    const form = '{"options":[{"value":"a"}]}'
    const { request } = await world.engine.sessions.request(session.id, aRequest({ kind: 'choice', form }))
    await world.rest()
    expect(await world.output('f')).toEqual({
      arguments: { shares: 10 },
      expiresAt: new Date(request.expiresAt).toISOString(),
      kind: 'choice',
      options: [{ value: 'a' }],
      prompt: 'Buy?',
      requestId: request.id,
      requestKey: 'approve',
      sessionId: session.id,
    })
    expect(request.expiresAt).toBe(world.clock.now + 7 * DAY_MS)
  })

  it('expires within seconds of its deadline, also after a restart, and takes no answer then', async () => {
    world = await World.open()
    const session = await openOne(world)
    const expiresAt = world.clock.now + DAY_MS
    const { request } = await world.engine.sessions.request(session.id, aRequest({ expiresAt }))
    await world.engine.stop(0)
    await world.engine.start()
    await world.advance(DAY_MS - 1)
    expect(await world.store.lists.request(request.id)).toMatchObject({ row: { status: 'pending' } })
    await world.advance(5_000)
    const view = await world.store.lists.request(request.id)
    expect(view?.row.status).toBe('expired')
    expect((view?.row.resolvedAt ?? 0) - expiresAt).toBeLessThan(5_000)
    expect((await world.eventsNamed(RESOLVED)).map(({ data }) => data)).toMatchObject([{ status: 'expired' }])
    expect(await world.engine.sessions.respond(request.id, approve)).toMatchObject({
      alreadyResolved: { status: 'expired' },
    })
  })

  it('takes no answer after its deadline even while the timer has not fired', async () => {
    world = await World.open()
    const session = await openOne(world)
    const expiresAt = world.clock.now + 1_000
    const { request } = await world.engine.sessions.request(session.id, aRequest({ expiresAt }))
    world.clock.now += 1_000
    expect(await world.engine.sessions.respond(request.id, approve)).toMatchObject({
      alreadyResolved: { status: 'expired' },
    })
    await world.advance(10_000)
    expect(await world.eventsNamed(RESOLVED)).toHaveLength(1)
  })

  it('that is taken back is cancelled by name, once', async () => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    expect(await world.engine.sessions.cancelRequest(request.id, 'ann')).toMatchObject({
      resolved: { status: 'cancelled', respondedBy: 'ann' },
    })
    expect(await world.engine.sessions.cancelRequest(request.id, 'bob')).toMatchObject({
      alreadyResolved: { respondedBy: 'ann' },
    })
    await world.advance(8 * DAY_MS)
    expect(await world.eventsNamed(RESOLVED)).toHaveLength(1)
  })

  it.each([
    ['a deadline that has passed', { expiresAt: 0 }, 'expiresAt'],
    ['a deadline more than 30 days ahead', { expiresAt: Date.UTC(2027, 0, 1) }, 'expiresAt'],
    ['no words', { prompt: '' }, 'prompt'],
    ['a schema that cannot be used', { form: '{"schema":{"type":"float"}}' }, 'schema/type'],
    ['a choice without options', { kind: 'choice' }, 'options'],
    ['an option twice', { kind: 'choice', form: '{"options":[{"value":"a"},{"value":"a"}]}' }, 'options'],
    ['options of an approval', { form: '{"options":[{"value":"a"}]}' }, 'options'],
    ['a callback to a file', { callbackUrl: 'file:///etc/passwd' }, 'callbackUrl'],
    ['a callback with a password', { callbackUrl: 'http://a:b@c/' }, 'callbackUrl'],
  ] as const)('is refused with %s', async (_what, part, path) => {
    world = await World.open()
    const session = await openOne(world)
    await expect(world.engine.sessions.request(session.id, aRequest(part))).rejects.toMatchObject({
      code: 'request_invalid',
      details: { path },
    })
    expect(await world.store.lists.session(session.id)).toMatchObject({ row: { items: 0, pending: 0 } })
  })
})

describe('a function that asks', () => {
  const waitOf = (call: SeenCall) => waitFor('answer', RESOLVED, { if: `async.data.requestKey == '${call.runId}'` })
  const answered = async (call: SeenCall) => {
    const { request } = await world.engine.sessions.request(await sessionId(), aRequest({ name: call.runId }))
    await world.engine.sessions.respond(request.id, approve)
    return ran('ask')
  }
  const sessionId = async () => (await openOne(world)).id

  it.each([
    [
      'the wait stands before the question is asked',
      async (call: SeenCall) => {
        if (call.aimsAt('ask')) return ops([await answered(call)])
        if (call.has('answer') && call.has('ask')) return returned(call.memo('answer') ?? null)
        return ops([waitOf(call), planned('ask')])
      },
    ],
    [
      'the step runs in the call that brings the wait',
      async (call: SeenCall) => {
        if (call.has('answer') && call.has('ask')) return returned(call.memo('answer') ?? null)
        return ops([waitOf(call), await answered(call)])
      },
    ],
  ])('OS-12: goes on when the answer comes inside the asking step, 100 times (%s)', async (_what, script) => {
    world = await World.open()
    await world.register({ f: [{}, script] })
    for (let batch = 0; batch < 10; batch++) await world.send(...Array.from({ length: 10 }, () => ({ name: 'f' })))
    const runs = await world.runs('f')
    expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 'completed'))
    for (const { id } of runs) {
      const view = await world.store.lists.run(id, { withOutput: true, withEvents: false })
      expect(JSON.parse(view?.output ?? 'null')).toMatchObject({ data: { status: 'approved', requestKey: id } })
    }
    expect(await world.eventsNamed(RESOLVED)).toHaveLength(100)
  })

  it('waits for the signal of the request as well, and goes on once', async () => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    await world.register({
      f: [
        {},
        (call) =>
          call.has('s') ? returned(call.memo('s') ?? null) : ops([waitForSignal('s', `session-request:${request.id}`)]),
      ],
    })
    await world.send({ name: 'f' })
    await world.engine.sessions.respond(request.id, deny)
    await world.rest()
    expect(await world.output('f')).toMatchObject({
      data: { data: { status: 'denied', reason: 'no', respondedBy: 'bob' }, signal: `session-request:${request.id}` },
    })
    expect(world.calls).toHaveLength(2)
  })

  it('goes on when the request expires, and when its session ends', async () => {
    world = await World.open()
    const session = await openOne(world)
    const expiresAt = world.clock.now + 60_000
    await world.engine.sessions.request(session.id, aRequest({ name: 'a', expiresAt }))
    const { request } = await world.engine.sessions.request(session.id, aRequest({ name: 'b' }))
    const until = (key: string) => (call: SeenCall) =>
      call.has('w')
        ? returned(call.memo('w') ?? null)
        : ops([waitFor('w', RESOLVED, { if: `async.data.requestKey == '${key}'` })])
    await world.register({
      a: [{}, until('a')],
      b: [{}, until('b')],
      c: [{}, (call) => (call.has('s') ? returned(1) : ops([waitForSignal('s', `session-request:${request.id}`)]))],
    })
    await world.send({ name: 'a' }, { name: 'b' }, { name: 'c' })
    await world.advance(61_000)
    expect(await world.output('a')).toMatchObject({ data: { status: 'expired' } })
    await world.engine.sessions.change(session.id, { status: 'completed' })
    await world.rest()
    expect(await world.output('b')).toMatchObject({ data: { status: 'cancelled' } })
    expect(await world.output('c')).toBe(1)
  })
})

describe('a caller who waits', () => {
  const open = new AbortController().signal

  it('is told at once, without a look in between', async () => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    const waiting = [1, 2, 3].map(() => world.engine.sessions.waitFor(request.id, 60_000, open))
    await world.rest()
    await world.engine.sessions.respond(request.id, approve)
    // The clock stands still: no timer has fired.
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(['approved', 'approved', 'approved'])
    expect(await world.engine.sessions.waitFor(request.id, 60_000, open)).toMatchObject({ status: 'approved' })
  })

  it('gets the pending request when the time is up, when it goes away, and when the engine stops', async () => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    const timed = world.engine.sessions.waitFor(request.id, 12_000, open)
    await world.advance(12_000)
    expect(await timed).toMatchObject({ status: 'pending' })
    const leaving = new AbortController()
    const left = world.engine.sessions.waitFor(request.id, 60_000, leaving.signal)
    await world.rest()
    leaving.abort()
    expect(await left).toMatchObject({ status: 'pending' })
    expect(await world.engine.sessions.waitFor(request.id, 0, open)).toMatchObject({ status: 'pending' })
    const stopped = world.engine.sessions.waitFor(request.id, 60_000, open)
    await world.rest()
    const stop = world.engine.stop(0)
    expect(await stopped).toMatchObject({ status: 'pending' })
    await stop
    await world.engine.start()
  })
})
