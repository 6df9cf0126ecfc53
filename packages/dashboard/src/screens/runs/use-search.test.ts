import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import type { Pages, SearchEnd, SearchWatch } from '../../api/index.ts'
import { Searching, type SearchState } from './use-search.ts'

const key = ['runs', { query: 'x' }]
const end = (more: Partial<SearchEnd> = {}): SearchEnd => ({ cursor: undefined, hasMore: false, scanned: 10, ...more })

function start() {
  const client = new QueryClient()
  const states: SearchState[] = []
  const searching = new Searching<string>(client, key, (state) => states.push(state))
  const rows = () => client.getQueryData<Pages<string>>(key)?.pages.flatMap((page) => page.rows)
  return { client, states, searching, rows, last: () => states.at(-1) }
}

/** A search that goes on until the test ends it. */
function held() {
  const gate = Promise.withResolvers<SearchEnd>()
  const calls: { cursor: string | undefined; watch: SearchWatch<string>; signal: AbortSignal }[] = []
  const run = (cursor: string | undefined, watch: SearchWatch<string>, signal: AbortSignal) => {
    calls.push({ cursor, watch, signal })
    return gate.promise
  }
  return { run, gate, calls }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

it('rows stand where the pages of a list stand, and the end is told', async () => {
  const { searching, rows, last } = start()
  searching.begin(async (_cursor, watch) => {
    watch.row('a')
    watch.progress?.({ scanned: 5, at: '2026-11-24T12:00:00Z' })
    watch.row('b')
    return end()
  })
  await settled()
  expect(rows()).toEqual(['a', 'b'])
  expect(last()).toMatchObject({ phase: 'done', scanned: 10, at: '2026-11-24T12:00:00Z', cursor: undefined })
})

it('going on adds to what was found, from where it ended', async () => {
  const { searching, rows, last } = start()
  const cursors: (string | undefined)[] = []
  const run = async (cursor: string | undefined, watch: SearchWatch<string>) => {
    cursors.push(cursor)
    watch.row(`row ${cursors.length}`)
    return cursors.length === 1 ? end({ cursor: 'c1', hasMore: true }) : end()
  }
  searching.begin(run)
  await settled()
  searching.goOn(run)
  await settled()
  expect(cursors).toEqual([undefined, 'c1'])
  expect(rows()).toEqual(['row 1', 'row 2'])
  expect(last()).toMatchObject({ phase: 'done', scanned: 20 })
})

it('stopping keeps what was found and ends the request', async () => {
  const { searching, rows, last } = start()
  const { run, gate, calls } = held()
  searching.begin(run)
  calls[0]?.watch.row('a')
  searching.stop()
  expect(calls[0]?.signal.aborted).toBe(true)
  gate.resolve(end())
  await settled()
  expect(rows()).toEqual(['a'])
  expect(last()?.phase).toBe('stopped')
})

it('a failure is told with its error and takes no row away', async () => {
  const { searching, rows, last } = start()
  const fault = new Error('broke off')
  searching.begin(async (_cursor, watch) => {
    watch.row('a')
    throw fault
  })
  await settled()
  expect(rows()).toEqual(['a'])
  expect(last()).toMatchObject({ phase: 'failed', error: fault })
})

it('a search that ended is taken up again after leaving the page, one that was cut short is not', async () => {
  const { client, searching } = start()
  searching.begin(async () => end({ cursor: 'c1', hasMore: true }))
  await settled()
  searching.leave()
  const states: SearchState[] = []
  expect(new Searching<string>(client, key, (state) => states.push(state)).takeUp()).toBe(true)
  expect(states).toMatchObject([{ phase: 'done', cursor: 'c1' }])

  const other = start()
  const { run, calls } = held()
  other.searching.begin(run)
  other.searching.leave()
  expect(calls[0]?.signal.aborted).toBe(true)
  expect(new Searching<string>(other.client, key, () => {}).takeUp()).toBe(false)
})
