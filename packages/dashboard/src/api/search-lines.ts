// Reads the answers of the search endpoints, which come line by line while the server still looks: rows, progress, and
// an end. Stopping is aborting the signal; an answer that breaks off without its last line is an error, not an end.

import { ApiError, open, type Params } from './client.ts'
import { messages } from './messages.ts'
import type { ApiFault, EventRow, Run, RunFilter, SearchLine } from './types.ts'

export interface SearchWatch<Row> {
  row(row: Row): void
  progress?(progress: { readonly scanned: number; readonly at: string }): void
}

export interface SearchEnd {
  readonly cursor: string | undefined
  readonly hasMore: boolean
  readonly scanned: number
}

/** Searches runs by expression; rejects with `ApiError`, or with the abort when `signal` stops it. */
export function searchRuns(
  ask: RunFilter & { readonly cursor?: string | undefined; readonly limit?: number },
  watch: SearchWatch<Run>,
  signal: AbortSignal,
): Promise<SearchEnd> {
  return search('/v2/runs/search', { ...ask } as Params, { watch, signal })
}

/** Searches events by expression over their payloads. */
export function searchEvents(ask: Params, watch: SearchWatch<EventRow>, signal: AbortSignal): Promise<SearchEnd> {
  return search('/v2/events/search', ask, { watch, signal })
}

async function search<Row>(
  path: string,
  params: Params,
  to: { watch: SearchWatch<Row>; signal: AbortSignal },
): Promise<SearchEnd> {
  const response = await open(path, { params, signal: to.signal })
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as SearchLine<Row>
    if ('row' in line) to.watch.row(line.row)
    else if ('progress' in line) to.watch.progress?.(line.progress)
    else if ('done' in line) return { ...line.done, cursor: line.done.hasMore ? line.done.cursor : undefined }
    else throw new ApiError(line.error, { status: response.status })
  }
  const fault: ApiFault = { code: 'search_broke', message: messages.searchBroke }
  throw new ApiError(fault, { status: response.status })
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line.trim() !== '')
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
  if (rest.trim() !== '') yield rest
}
