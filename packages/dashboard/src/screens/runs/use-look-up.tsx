// An id in the search field goes to its page; whether it is a run's or an event's the server says. Everything else is a
// search, and the caller's business.

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { ApiError, apiPath, getData } from '../../api/index.ts'
import { messages } from './messages.ts'
import type { Query } from './query-text.ts'

export interface LookUp {
  /** True when the text is an id: it is looked up, and nothing else is to be done. */
  readonly take: (query: Query) => boolean
  /** What became of it. */
  readonly note: React.ReactNode
}

/** @param inAddress the search that the address holds: an id in it, as in a saved one, is looked up too. */
export function useLookUp(inAddress: Query): LookUp {
  const navigate = useNavigate()
  const [note, setNote] = useState<string>()
  const go = async (id: string, replace: boolean) => {
    setNote(messages.search.lookingUp)
    if (await isThere(apiPath`/v2/runs/${id}`)) return navigate({ to: '/runs/$runId', params: { runId: id }, replace })
    if (await isThere(apiPath`/v2/events/${id}`))
      return navigate({ to: '/events/$eventId', params: { eventId: id }, replace })
    return setNote(messages.search.absentId(id))
  }
  const take = (query: Query, replace = false) => {
    setNote(undefined)
    if (query.kind !== 'id') return false
    void go(query.id, replace).catch((error: unknown) =>
      setNote(error instanceof Error ? error.message : String(error)),
    )
    return true
  }
  const id = inAddress.kind === 'id' ? inAddress.id : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the id counts.
  useEffect(() => {
    if (id !== undefined) take({ kind: 'id', id }, true)
  }, [id])
  return {
    take: (query) => take(query),
    note:
      note === undefined ? undefined : (
        <p role="status" className="text-muted text-xs">
          {note}
        </p>
      ),
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await getData(path)
    return true
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return false
    throw error
  }
}
