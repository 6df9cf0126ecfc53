// Events: their texts, absence by ULID, and the order of receipt.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { Key, Mark } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { anEvent, aRun, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

/** Stores an event of the name under a new key; resolves with its key and the outcome's mark. */
async function send(here: Here, name: string): Promise<{ readonly key: Key; readonly mark: Mark }> {
  const outcome = await here().store.commit(
    writing({ storing: [name] }, (facts) => {
      const row = anEvent({ key: facts.key(), name, receivedAt: facts.now })
      return { changes: [{ put: 'event', row, body: `{"name":"${name}"}` }], result: row.key }
    }),
  )
  if (typeof outcome === 'string') throw new Error(outcome)
  return { key: outcome.done, mark: outcome.mark }
}

async function keysSince(here: Here, name: string, mark: Mark): Promise<Key[]> {
  return here().read({ since: [{ name, mark }] }, (facts) => facts.since(name).map(({ row }) => row.key))
}

export function describeEvents(here: Here): void {
  describe('events', () => {
    test('an event is found by key with its text, and by ULID', async () => {
      const [key = 0] = await here().keys(1)
      const row = anEvent({ key, eventId: 'mine', ts: 5 })
      await here().put({ put: 'event', row, body: '{"data":{"a":1}}' })
      expect(await here().store.state.events([key])).toEqual([{ row, text: '{"data":{"a":1}}', ofRun: null }])
      expect(await here().store.state.eventByUlid(row.id)).toEqual(row)
      expect(await here().read({ eventIds: [row.id, 'none'] }, (facts) => facts.event(row.id))).toEqual(row)
      expect(await here().read({ eventIds: [row.id, 'none'] }, (facts) => facts.event('none'))).toBeUndefined()
    })

    test('a repeat is stored beside the event and is not found by ULID', async () => {
      const [key = 0, again = 0] = await here().keys(2)
      const row = anEvent({ key })
      const repeat = { ...anEvent({ key: again, isRepeat: true }), id: row.id }
      await here().put({ put: 'event', row, body: '{}' }, { put: 'event', row: repeat, body: '{}' })
      expect(await here().store.state.eventByUlid(row.id)).toEqual(row)
      expect(await here().store.state.events([again])).toEqual([{ row: repeat, text: '{}', ofRun: null }])
    })

    test('an event without a body brings the run that it tells of', async () => {
      const [trigger = 0, run = 0, event = 0] = await here().keys(3)
      const runRow = aRun({ key: run, event: trigger, status: 'failed', endedAt: START })
      await here().put(
        { put: 'event', row: anEvent({ key: trigger }), body: '{"name":"shop/order"}' },
        { put: 'run', row: runRow },
        { put: 'output', run, text: '{"message":"no"}', isError: true },
        { put: 'event', row: anEvent({ key: event, name: 'inngest/function.finished', ofRun: run }), body: null },
      )
      const [stored] = await here().store.state.events([event])
      expect(stored?.text).toBeNull()
      expect(stored?.ofRun).toEqual({
        row: runRow,
        output: '{"message":"no"}',
        isError: true,
        events: ['{"name":"shop/order"}'],
      })
    })

    test('of one group, the second operation sees the event of the first', async () => {
      const id = '01EVENTTWICE00000000000000'
      const store = writing({ eventIds: [id] }, (facts) => {
        const isRepeat = facts.event(id) !== undefined
        const row = { ...anEvent({ key: facts.key(), isRepeat }), id }
        const changes: Change[] = [{ put: 'event', row, body: '{}' }]
        return { changes, result: isRepeat }
      })
      expect((await here().group(store, store, store)).map(done)).toEqual([false, true, true])
    })

    test('events since a mark are those received after it, in order, of that name, without repeats', async () => {
      await send(here, 'a')
      const { mark } = await send(here, 'b')
      const first = await send(here, 'a')
      await send(here, 'b')
      const [repeat = 0] = await here().keys(1)
      await here().put({ put: 'event', row: anEvent({ key: repeat, name: 'a', isRepeat: true }), body: '{}' })
      here().clock.advance(5)
      const second = await send(here, 'a')
      expect(await keysSince(here, 'a', mark)).toEqual([first.key, second.key])
      expect(await keysSince(here, 'a', second.mark)).toEqual([])
    })

    test('the mark of an outcome covers the events of its group, and no later ones', async () => {
      const operation = writing({}, (facts) => {
        const key = facts.key()
        return { changes: [{ put: 'event' as const, row: anEvent({ key, name: 'a' }), body: '{}' }], result: key }
      })
      const outcomes = await here().group(operation, operation)
      const marks = outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : outcome.mark))
      expect(marks[0]).toEqual(marks[1])
      // A reading draws keys too; they are no events.
      await here().keys(3)
      const later = await send(here, 'a')
      expect(await keysSince(here, 'a', marks[0] ?? 0)).toEqual([later.key])
      expect((await here().store.state.clock()).mark).toEqual(later.mark)
    })

    test('two operations may look back on one name from different marks', async () => {
      const first = await send(here, 'a')
      const second = await send(here, 'a')
      const third = await send(here, 'a')
      const from = (mark: Mark) =>
        reading({ since: [{ name: 'a', mark }] }, (facts) => facts.since('a').map(({ row }) => row.key))
      const outcomes = await here().group(from(first.mark), from(second.mark), from(third.mark))
      expect(outcomes.map(done)).toEqual([[second.key, third.key], [third.key], []])
    })

    test('of one group, an operation that looks back sees the event of an earlier one', async () => {
      const { mark } = await send(here, 'a')
      const [key = 0] = await here().keys(1)
      const store = writing({ storing: ['a'] }, () => ({
        changes: [{ put: 'event' as const, row: anEvent({ key, name: 'a' }), body: '{"x":1}' }],
        result: [] as (string | null)[],
      }))
      const look = reading({ since: [{ name: 'a', mark }], waitingFor: ['a'] }, (facts) =>
        facts.since('a').map((event) => event.text),
      )
      expect((await here().group(store, look)).map(done)).toEqual([[], ['{"x":1}']])
    })

    test('of one group, what tells of a run that ends in it is seen whole', async () => {
      const { mark } = await send(here, 'told')
      const [run = 0, event = 0] = await here().keys(2)
      const end = writing({ storing: ['told'] }, () => ({
        changes: [
          { put: 'run' as const, row: aRun({ key: run, status: 'completed', endedAt: START }) },
          { put: 'output' as const, run, text: '7', isError: false },
          { put: 'event' as const, row: anEvent({ key: event, name: 'told', ofRun: run }), body: null },
        ],
        result: [] as (string | null | undefined)[],
      }))
      const look = reading({ since: [{ name: 'told', mark }] }, (facts) =>
        facts.since('told').map((found) => found.ofRun?.output),
      )
      expect((await here().group(end, look)).map(done)).toEqual([[], ['7']])
    })
  })
}
