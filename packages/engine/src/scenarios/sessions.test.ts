// Sessions: their logs, their beginnings and ends.
import { EventError, readEvent } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { approve, aRequest, aSession, logOf, openOne, RESOLVED, secondEngine } from './session-given.ts'
import { held, World } from './world.ts'

let world: World
afterEach(() => world.close())

describe('a request in a session', () => {
  it('a request that is approved is told by an event, once, and stands in the log', async () => {
    world = await World.open()
    const session = await openOne(world)
    const item = { type: 'message', role: 'user', content: '"hi"', name: null } as const
    await world.engine.sessions.append(session.id, [item])
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    const came = await world.engine.sessions.respond(request.id, approve)
    expect(came).toMatchObject({ resolved: { status: 'approved', respondedBy: 'ann', resolvedAt: world.clock.now } })
    const [event, ...more] = await world.eventsNamed(RESOLVED)
    expect(more).toEqual([])
    expect(event?.data).toEqual({
      arguments: { shares: 10 },
      kind: 'approval',
      requestId: request.id,
      requestKey: 'approve',
      respondedBy: 'ann',
      sessionId: session.id,
      status: 'approved',
    })
    expect((await logOf(world, session.key)).map(([seq, type]) => [seq, type])).toEqual([
      [1, 'message'],
      [2, 'decision'],
      [3, 'decision'],
    ])
    expect(await world.store.lists.session(session.id)).toMatchObject({ row: { items: 3, pending: 0 } })
  })
})

describe('the log', () => {
  it('OS-10: 50 appends at once are numbered 1 to 50 without a gap, and one that is repeated adds nothing', async () => {
    world = await World.open()
    const session = await openOne(world)
    const append = (n: number) =>
      world.engine.sessions.append(session.id, [{ type: 'log', role: null, content: `${n}`, name: `item ${n}` }])
    const rows = await Promise.all(Array.from({ length: 50 }, (_, n) => append(n)))
    const seqs = rows.flatMap((items) => items.map(({ seq }) => seq))
    expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    const again = await append(7)
    expect(again).toEqual(rows[7])
    expect((await logOf(world, session.key)).map(([seq]) => seq)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
    expect(await world.store.lists.session(session.id)).toMatchObject({ row: { items: 50 } })
  })

  it('takes the same name twice in one append as one item', async () => {
    world = await World.open()
    const session = await openOne(world)
    const item = { type: 'log', role: null, content: '1', name: 'a' } as const
    const rows = await world.engine.sessions.append(session.id, [item, { ...item, content: '2' }])
    expect(rows.map(({ seq, content }) => [seq, content])).toEqual([
      [1, '1'],
      [1, '1'],
    ])
  })

  it('takes as many items as the limit, and of one more append nothing', async () => {
    world = await World.open({ limits: { sessionItemsMax: 3 } })
    const session = await openOne(world)
    const item = { type: 'log', role: null, content: '1', name: null } as const
    await world.engine.sessions.append(session.id, [item, { ...item, name: 'kept' }])
    await expect(world.engine.sessions.append(session.id, [item, item])).rejects.toMatchObject({
      code: 'too_many_items',
    })
    await world.engine.sessions.append(session.id, [item])
    await expect(world.engine.sessions.append(session.id, [item])).rejects.toMatchObject({ code: 'too_many_items' })
    await expect(world.engine.sessions.request(session.id, aRequest())).rejects.toMatchObject({
      code: 'too_many_items',
    })
    const [known] = await world.engine.sessions.append(session.id, [{ ...item, name: 'kept' }])
    expect(known?.seq).toBe(2)
  })

  it('of an ended session takes nothing more, but answers what it has', async () => {
    world = await World.open()
    const session = await openOne(world)
    const item = { type: 'log', role: null, content: '1', name: 'a' } as const
    await world.engine.sessions.append(session.id, [item])
    await world.engine.sessions.change(session.id, { status: 'completed' })
    expect(await world.engine.sessions.append(session.id, [item])).toMatchObject([{ seq: 1 }])
    await expect(world.engine.sessions.append(session.id, [{ ...item, name: 'b' }])).rejects.toMatchObject({
      code: 'session_ended',
      details: { status: 'completed' },
    })
  })

  it.each([
    ['no item', []],
    ['an unknown type', [{ type: 'note' as 'log', role: null, content: '1', name: null }]],
    ['an empty name', [{ type: 'log' as const, role: null, content: '1', name: '' }]],
  ])('refuses %s', async (_what, items) => {
    world = await World.open()
    const session = await openOne(world)
    await expect(world.engine.sessions.append(session.id, items)).rejects.toMatchObject({ code: 'session_invalid' })
  })

  it('takes content of 256 KiB, and no byte more', async () => {
    world = await World.open()
    const session = await openOne(world)
    const item = (bytes: number) =>
      ({ type: 'artifact', role: null, content: `"${'é'.repeat((bytes - 2) / 2)}"`, name: null }) as const
    await world.engine.sessions.append(session.id, [item(256 * 1024)])
    await expect(world.engine.sessions.append(session.id, [item(256 * 1024 + 2)])).rejects.toMatchObject({
      code: 'session_too_large',
      details: { path: 'items[0].content' },
    })
  })

  it('of a session that is not known is not found', async () => {
    world = await World.open()
    const item = { type: 'log', role: null, content: '1', name: null } as const
    await expect(world.engine.sessions.append('none', [item])).rejects.toMatchObject({ code: 'session_not_found' })
    await expect(world.engine.sessions.request('none', aRequest())).rejects.toMatchObject({ code: 'session_not_found' })
    await expect(world.engine.sessions.respond('none', approve)).rejects.toMatchObject({ code: 'request_not_found' })
  })
})

describe('a session', () => {
  it('OS-13: is one, however many open it at once under the same name', async () => {
    world = await World.open()
    const other = await secondEngine(world)
    const engines = [world.engine, other, world.engine, other]
    const opened = await Promise.all(engines.map((engine) => engine.sessions.open(aSession())))
    expect(new Set(opened.map(({ session }) => session.id)).size).toBe(1)
    expect(opened.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(await world.eventsNamed('pawl/session.created')).toHaveLength(1)
    await other.stop(0)
  })

  it('tells of its beginning and its end, and takes what was asked in it with it', async () => {
    world = await World.open()
    const session = await openOne(world)
    const { request } = await world.engine.sessions.request(session.id, aRequest())
    await world.engine.sessions.request(session.id, aRequest({ name: 'other' }))
    const ended = await world.engine.sessions.change(session.id, { status: 'failed', error: '{"message":"x"}' })
    expect(ended).toMatchObject({ status: 'failed', pending: 0, endedAt: world.clock.now, items: 4 })
    expect((await world.eventsNamed('pawl/session.ended')).map(({ data }) => data)).toEqual([
      { agent: 'bot', error: { message: 'x' }, sessionId: session.id, sessionKey: 'trade', status: 'failed' },
    ])
    const told = await world.eventsNamed(RESOLVED)
    expect(told.map(({ data }) => data)).toMatchObject([
      { requestKey: 'approve', status: 'cancelled', reason: 'the session has ended' },
      { requestKey: 'other', status: 'cancelled' },
    ])
    expect(await world.engine.sessions.respond(request.id, approve)).toMatchObject({
      alreadyResolved: { status: 'cancelled' },
    })
    // Told again, as after a lost answer, it changes nothing.
    expect(await world.engine.sessions.change(session.id, { status: 'failed' })).toEqual(ended)
    expect(await world.eventsNamed('pawl/session.ended')).toHaveLength(1)
    await expect(world.engine.sessions.change(session.id, { status: 'completed' })).rejects.toMatchObject({
      code: 'session_ended',
    })
    await expect(world.engine.sessions.request(session.id, aRequest({ name: 'late' }))).rejects.toMatchObject({
      code: 'session_ended',
    })
  })

  it('is returned as it is when it has ended, or runs again where that is asked for', async () => {
    world = await World.open()
    const session = await openOne(world)
    await world.engine.sessions.change(session.id, { status: 'completed', result: '1', title: 'Done' })
    const same = await world.engine.sessions.open(aSession())
    expect(same).toMatchObject({ isNew: false, session: { status: 'completed', result: '1' } })
    expect(await world.engine.sessions.change(session.id, { title: 'New' })).toMatchObject({ title: 'New' })
    const again = await world.engine.sessions.open(aSession({ reopen: true }))
    expect(again).toMatchObject({ isNew: false, session: { id: session.id, status: 'running', endedAt: null } })
    await world.engine.sessions.append(session.id, [{ type: 'log', role: null, content: '1', name: null }])
  })

  it.each([
    ['a name that is empty', { name: '' }, 'session_invalid'],
    ['metadata that is a list', { metadata: '[]' }, 'session_invalid'],
    ['metadata of more than 16 KiB', { metadata: `{"a":"${'x'.repeat(16 * 1024)}"}` }, 'session_too_large'],
    ['a run that is no ID', { runId: 'x' }, 'session_invalid'],
    ['a run of a job that is not known', { jobRunId: 'x' }, 'job_run_not_found'],
  ])('refuses %s', async (_what, part, code) => {
    world = await World.open()
    await expect(world.engine.sessions.open(aSession(part))).rejects.toMatchObject({ code })
  })

  it('that is cancelled cancels the run that listens for its end', async () => {
    world = await World.open()
    const session = await openOne(world)
    const cancel = [{ event: 'pawl/session.ended', if: `async.data.sessionId == '${session.id}'` }]
    await world.register({ f: [{ cancel }, () => held().promise] })
    await world.send({ name: 'f' })
    await world.engine.sessions.change(session.id, { status: 'cancelled' })
    await world.rest()
    expect((await world.run('f')).status).toBe('cancelled')
  })

  it('cannot be spoken for by whoever holds an event key', () => {
    for (const name of ['pawl/session.request.resolved', 'PAWL/session.ended', 'pawl/other'])
      expect(() => readEvent({ name, data: {} })).toThrow(EventError)
  })
})
