// Open waits: found by name and key, ended once.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { Key, WaitRow } from '../contract/rows.ts'
import type { WaitSearch } from '../contract/store.ts'
import type { Here } from './index.ts'
import { anEvent, anItem, aRun, aStep, aWait, hash } from './rows.ts'
import { done, reading, writing } from './world.ts'

async function open(here: Here, waits: readonly Partial<WaitRow>[]): Promise<Key[]> {
  const keys = await here().keys(waits.length)
  const rows = waits.map((wait, index) => aWait({ key: keys[index] ?? 0, run: 1, step: hash(`${index}`), ...wait }))
  await here().put(...rows.map((row) => ({ put: 'wait' as const, row })))
  return keys
}

const NO_KEY = { path: '', value: '' }

function search(over: Partial<WaitSearch> = {}): WaitSearch {
  return { name: 'shop/paid', keys: [NO_KEY], after: 0, max: 100, ...over }
}

function find(...searches: WaitSearch[]) {
  return reading({ waits: searches }, (facts) => facts.waits('shop/paid').map((wait) => wait.key))
}

async function found(here: Here, ...searches: WaitSearch[]): Promise<Key[]> {
  return done(await here().store.commit(find(...searches)))
}

export function describeWaits(here: Here): void {
  describe('waits', () => {
    test('waits are found by name, path and value, of kind event and cancel, in the order of keys', async () => {
      const user = (value: string): Partial<WaitRow> => ({ path: 'data.user', value })
      const [plain, one, , cancel] = await open(here, [
        {},
        user('"a"'),
        user('"b"'),
        { ...user('"a"'), kind: 'cancel', step: '!cancel0' },
        { ...user('"a"'), name: 'shop/other' },
        { kind: 'signal' },
        { kind: 'invoke' },
      ])
      expect(await found(here, search({ keys: [{ path: 'data.user', value: '"a"' }, NO_KEY] }))).toEqual([
        plain,
        one,
        cancel,
      ])
      expect(await found(here, search())).toEqual([plain])
      expect(await found(here, search({ keys: [{ path: 'data.user', value: '"c"' }] }))).toEqual([])
    })

    test('a search is limited over all its keys and goes on after a cursor', async () => {
      const path = 'data.user'
      const keys = await open(
        here,
        Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? {} : { path, value: '1' })),
      )
      const both = [NO_KEY, { path, value: '1' }]
      expect(await found(here, search({ keys: both, max: 4 }))).toEqual(keys.slice(0, 4))
      expect(await found(here, search({ keys: both, max: 4, after: keys[3] ?? 0 }))).toEqual(keys.slice(4))
    })

    test('waits that could see a stored event when they were opened are left out', async () => {
      const [before = 0] = await open(here, [{}])
      const [event = 0] = await here().keys(1)
      await here().put({ put: 'event', row: anEvent({ key: event, name: 'shop/paid' }), body: '{}' })
      const [after = 0] = await open(here, [{ step: hash('b') }])
      expect(await found(here, search({ stored: event }))).toEqual([before])
      expect(await found(here, search())).toEqual([before, after])
      expect(await found(here, search({ stored: event, after: before }))).toEqual([])
    })

    test('of one group, searches for an event that was stored and for one that was not find what each would alone', async () => {
      const [before = 0] = await open(here, [{}])
      const [event = 0] = await here().keys(1)
      await here().put({ put: 'event', row: anEvent({ key: event, name: 'shop/paid' }), body: '{}' })
      const [after = 0] = await open(here, [{ step: hash('b') }])
      const late = search({ stored: event })
      const mixed = await here().group(find(late), find(search()), find(late), find(search()))
      expect(mixed.map(done)).toEqual([[before], [before, after], [before], [before, after]])
      const [mine = 0] = await here().keys(1)
      const put = writing({ waitingFor: ['shop/paid'] }, () => ({
        changes: [{ put: 'wait' as const, row: aWait({ key: mine, run: 1, step: hash('c') }) }],
        result: [] as Key[],
      }))
      expect((await here().group(put, find(late))).map(done)).toEqual([[], [before]])
    })

    test('one operation may search a name with several values', async () => {
      const [a, b] = await open(here, [
        { path: 'p', value: '1' },
        { path: 'p', value: '2' },
        { path: 'p', value: '3' },
      ])
      const of = (value: string) => search({ keys: [{ path: 'p', value }] })
      expect(await found(here, of('2'), of('1'))).toEqual([a, b])
    })

    test('of one group, each operation finds what it searched for', async () => {
      const [a, b] = await open(here, [
        { path: 'p', value: '1' },
        { path: 'p', value: '2' },
      ])
      const of = (value: string) => find(search({ keys: [{ path: 'p', value }] }))
      expect((await here().group(of('2'), of('1'), of('3'))).map(done)).toEqual([[b], [a], []])
    })

    test('a found wait brings its run and its item', async () => {
      const [run = 0, item = 0] = await here().keys(2)
      await here().put(
        { put: 'run', row: aRun({ key: run }) },
        { put: 'item', row: anItem({ key: item, run, step: hash('a'), kind: 'wait', state: 'sleeping' }) },
      )
      await here().put({ put: 'step', row: aStep({ run }) })
      await open(here, [{ run, item, step: hash('a') }])
      const brought = await here().read({ waits: [search()] }, (facts) => {
        const [wait] = facts.waits('shop/paid')
        if (wait === undefined || wait.item === null) return null
        return [
          facts.run(wait.run)?.key,
          facts.item(wait.item)?.key,
          facts.itemOf(run, wait.step)?.key,
          facts.hasMemo(run, wait.step),
        ]
      })
      expect(brought).toEqual([run, item, item, true])
    })

    test('a signal is found by its name, and by no name once it was replaced', async () => {
      const [run = 0] = await here().keys(1)
      await here().put({ put: 'run', row: aRun({ key: run }) })
      const [key = 0] = await open(here, [{ run, kind: 'signal', name: 'go' }])
      const row = aWait({ key, run, step: hash('0'), kind: 'signal', name: 'go' })
      const signal = () =>
        here().read({ signals: ['go', 'stop'] }, (facts) => [facts.signal('go'), facts.signal('stop')])
      expect(await signal()).toEqual([row, undefined])
      expect(await here().store.state.signal('go')).toEqual(row)
      await here().put({ set: 'wait', row: { ...row, name: '' } })
      expect(await signal()).toEqual([undefined, undefined])
      expect(await here().store.state.signal('go')).toBeUndefined()
      expect(await here().store.state.signal('')).toBeUndefined()
      await here().put({ end: 'wait', key })
    })

    test('one signal name has one wait', async () => {
      await open(here, [{ kind: 'signal', name: 'go' }])
      await expect(open(here, [{ kind: 'signal', name: 'go' }])).rejects.toThrow()
    })

    test('the wait of an invoke is found by run and step', async () => {
      const [run = 0] = await here().keys(1)
      const row = aRun({ key: run })
      await here().put({ put: 'run', row })
      const name = `${row.id}.${hash('0')}`
      const [key] = await open(here, [{ run, kind: 'invoke', name }])
      expect((await here().store.state.signal(name))?.key).toBe(key)
      expect(await here().store.state.signal(`${row.id}.${hash('1')}`)).toBeUndefined()
    })

    test('all waits of a run end together', async () => {
      const [, left] = await open(here, [{}, { run: 2 }, { step: hash('9') }])
      await here().put({ end: 'waits', run: 1 })
      expect(await found(here, search())).toEqual([left])
    })

    test('of one group, later operations see waits opened and ended by earlier ones', async () => {
      const [first = 0] = await open(here, [{}])
      const [key = 0] = await here().keys(1)
      const change = (...changes: Change[]) =>
        writing({ signals: ['go'], waits: [search()] }, () => ({ changes, result: [] as (Key | undefined)[] }))
      const look = reading({ signals: ['go'], waits: [search()] }, (facts) => [
        ...facts.waits('shop/paid').map((wait) => wait.key),
        facts.signal('go')?.key,
      ])
      const signal = aWait({ key: key + 1_000, run: 3, kind: 'signal', name: 'go' })
      const outcomes = await here().group(
        change({ put: 'wait', row: aWait({ key, run: 2 }) }, { put: 'wait', row: signal }),
        look,
        change({ end: 'wait', key: first }, { set: 'wait', row: { ...signal, name: '' } }),
        look,
        change({ end: 'waits', run: 2 }),
        look,
      )
      expect(outcomes.map(done).filter((result) => result.length > 0)).toEqual([
        [first, key, signal.key],
        [key, undefined],
        [undefined],
      ])
    })

    test('of one group, a full page that was taken by an earlier operation is not taken for the end', async () => {
      const keys = await open(
        here,
        Array.from({ length: 5 }, () => ({})),
      )
      const take = writing({ waits: [search({ max: 3 })] }, (facts) => {
        const waits = facts.waits('shop/paid')
        return { changes: waits.map(({ key }) => ({ end: 'wait' as const, key })), result: waits.map(({ key }) => key) }
      })
      expect((await here().group(take, take)).map(done)).toEqual([keys.slice(0, 3), keys.slice(3)])
    })
  })
}
