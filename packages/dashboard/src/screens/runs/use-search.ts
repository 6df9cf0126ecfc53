// A search whose rows come while the server still looks. The rows are put where a list's pages are kept, so that the
// stream's changes reach them as they reach every list; how far it is stands beside them, and survives leaving the page.

import { hashKey, type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Pages, SearchEnd, SearchWatch } from '../../api/index.ts'
import { browserNow } from '../../ui/clock.ts'

export interface SearchState {
  readonly phase: 'searching' | 'stopped' | 'done' | 'failed'
  readonly scanned: number
  /** Time of the row that was looked at last. */
  readonly at: string | undefined
  /** From where it can be gone on with. */
  readonly cursor: string | undefined
  readonly error: Error | null
}

export interface SearchHandle extends SearchState {
  readonly stop: () => void
  /** Looks on from where it ended. */
  readonly goOn: () => void
  /** Begins anew. */
  readonly restart: () => void
}

export type SearchRun<Row> = (
  cursor: string | undefined,
  watch: SearchWatch<Row>,
  signal: AbortSignal,
) => Promise<SearchEnd>

/** Rows that come faster are put in together, so that typing and scrolling stay smooth. */
const FLUSH_MS = 100
/** A search that ended is shown again without a new one for so long. */
const KEPT_MS = 60_000
const BEGIN: SearchState = { phase: 'searching', scanned: 0, at: undefined, cursor: undefined, error: null }

const stateKey = (key: QueryKey) => ['search', hashKey(key)]

/** Searches while `key` is there; its rows are the pages under `key`. */
export function useSearch<Row>(key: QueryKey | undefined, run: SearchRun<Row>): SearchHandle | undefined {
  const client = useQueryClient()
  const [state, setState] = useState<SearchState>(BEGIN)
  const latest = useRef(run)
  latest.current = run
  const current = useRef<Searching<Row> | undefined>(undefined)
  const hash = key === undefined ? undefined : hashKey(key)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `hash` stands for the key.
  useEffect(() => {
    if (key === undefined) return
    const searching = new Searching<Row>(client, key, setState)
    current.current = searching
    if (!searching.takeUp()) searching.begin(latest.current)
    return () => searching.leave()
  }, [client, hash])
  if (key === undefined) return undefined
  return {
    ...state,
    stop: () => current.current?.stop(),
    goOn: () => current.current?.goOn(latest.current),
    restart: () => current.current?.begin(latest.current),
  }
}

/** One search under way: what `useSearch` keeps for its key. */
export class Searching<Row> {
  readonly #client: QueryClient
  readonly #key: QueryKey
  readonly #tell: (state: SearchState) => void
  #state = BEGIN
  #abort: AbortController | undefined
  #waiting: Row[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(client: QueryClient, key: QueryKey, tell: (state: SearchState) => void) {
    this.#client = client
    this.#key = key
    this.#tell = tell
  }

  /** Shows what an earlier search found; false when there is none, or it is old. */
  takeUp(): boolean {
    const known = this.#client.getQueryState<SearchState>(stateKey(this.#key))
    if (known?.data === undefined || browserNow() - known.dataUpdatedAt > KEPT_MS) return false
    if (this.#client.getQueryData(this.#key) === undefined) return false
    this.#set(known.data)
    return true
  }

  begin(run: SearchRun<Row>) {
    this.#client.setQueryData<Pages<Row>>(this.#key, {
      pages: [{ rows: [], cursor: undefined, totalCount: undefined, fetchedAt: '' }],
      pageParams: [undefined],
    })
    this.#set(BEGIN)
    void this.#look(run, undefined)
  }

  goOn(run: SearchRun<Row>) {
    const { cursor, phase } = this.#state
    if (cursor === undefined || phase === 'searching') return
    this.#set({ ...this.#state, phase: 'searching', error: null })
    void this.#look(run, cursor)
  }

  stop() {
    if (this.#state.phase !== 'searching') return
    this.#abort?.abort()
    this.#flush()
    this.#set({ ...this.#state, phase: 'stopped', cursor: undefined })
  }

  leave() {
    const isDone = this.#state.phase === 'done'
    this.#abort?.abort()
    clearTimeout(this.#timer)
    if (isDone) this.#client.setQueryData(stateKey(this.#key), this.#state)
  }

  async #look(run: SearchRun<Row>, cursor: string | undefined) {
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    const before = this.#state.scanned
    const watch: SearchWatch<Row> = {
      row: (row) => this.#add(row),
      progress: ({ scanned, at }) => {
        if (!abort.signal.aborted) this.#set({ ...this.#state, scanned: before + scanned, at })
      },
    }
    try {
      const end = await run(cursor, watch, abort.signal)
      if (abort.signal.aborted) return
      this.#flush()
      this.#set({ ...this.#state, phase: 'done', scanned: before + end.scanned, cursor: end.cursor })
    } catch (error) {
      if (abort.signal.aborted) return
      this.#flush()
      this.#set({ ...this.#state, phase: 'failed', error: error instanceof Error ? error : new Error(String(error)) })
    }
  }

  #add(row: Row) {
    this.#waiting.push(row)
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS)
  }

  #flush() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    const added = this.#waiting
    this.#waiting = []
    this.#client.setQueryData<Pages<Row>>(this.#key, (data) => {
      const [page] = data?.pages ?? []
      if (data === undefined || page === undefined) return data
      return { ...data, pages: [{ ...page, rows: [...page.rows, ...added] }] }
    })
  }

  #set(state: SearchState) {
    this.#state = state
    this.#tell(state)
  }
}
