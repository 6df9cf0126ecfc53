// A payload read from the server and shown as a tree: the first 256 kB at once, all of it (to 10 MB) on demand, masked
// values revealed on demand. A part that is not there is told from one that could not be read.

import { useMemo, useState } from 'react'
import { ApiError } from '../api/client.ts'
import { PAYLOAD_BYTES, PAYLOAD_BYTES_MAX, usePayload } from '../api/runs.ts'
import { Button } from './button.tsx'
import { formatBytes } from './format.ts'
import { JsonView } from './json-view.tsx'
import { messages } from './messages.ts'
import { pickText } from './pick-text.ts'
import { ErrorView, Skeleton, useIsSlow } from './states.tsx'

export interface PayloadViewProps {
  readonly of: 'runs' | 'events'
  readonly id: string
  /** `input`, `output`, `error`, `config`, `span/<id>/output`, `event`. */
  readonly part: string
  readonly label: string
  /** What copied paths begin with. */
  readonly root?: string
  readonly maxHeight?: number
  /** Shows the value under this key, where the text is whole and has it: outputs of steps are `{"data": …}`. */
  readonly pick?: 'data' | 'error'
  /** Shown when the part is not there. */
  readonly empty?: React.ReactNode
}

/** Reads and shows a part of a run or of an event. */
export function PayloadView({ of, id, part, label, root = '', maxHeight = 480, pick, empty }: PayloadViewProps) {
  const [bytes, setBytes] = useState(PAYLOAD_BYTES)
  const [reveal, setReveal] = useState(false)
  const { data, error, isPending, isFetching, refetch } = usePayload({ of, id, part, bytes, reveal })
  const isSlow = useIsSlow(isPending)
  const text = useMemo(
    () =>
      data === undefined || pick === undefined || data.until < data.totalBytes ? data?.text : pickText(data.text, pick),
    [data, pick],
  )
  const isAbsent = error instanceof ApiError && error.code === 'payload_not_found'
  if (isAbsent) return <p className="px-1 py-2 text-muted">{empty ?? messages.noDate}</p>
  if (data === undefined || text === undefined) {
    if (error !== null) return <ErrorView error={error} onRetry={() => void refetch()} />
    return isSlow ? <Skeleton className="h-40 w-full" /> : <div className="h-40" />
  }
  const isCut = data.until < data.totalBytes
  const t = messages.json
  const notice = (isCut || data.isMasked || error) && (
    <div className="flex flex-col gap-1 border-border border-b bg-sunken px-3 py-1.5 text-xs">
      {error && <ErrorView error={error} onRetry={() => void refetch()} />}
      {isCut && (
        <p className="flex flex-wrap items-center gap-2">
          {t.cut(formatBytes(data.until - data.from), formatBytes(data.totalBytes))}
          {bytes < PAYLOAD_BYTES_MAX && (
            <Button size="sm" isBusy={isFetching} onClick={() => setBytes(PAYLOAD_BYTES_MAX)}>
              {t.loadAll}
            </Button>
          )}
        </p>
      )}
      {data.isMasked && (
        <p className="flex flex-wrap items-center gap-2">
          {t.masked}
          <Button size="sm" isBusy={isFetching} onClick={() => setReveal(true)}>
            {t.reveal}
          </Button>
        </p>
      )}
    </div>
  )
  return (
    <JsonView
      text={text}
      label={label}
      root={root}
      maxHeight={maxHeight}
      notice={notice || undefined}
      fileName={`${id}-${part.replaceAll('/', '-')}${isCut ? '-start' : ''}.json.txt`}
    />
  )
}
