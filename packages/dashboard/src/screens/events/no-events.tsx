// Why the list of events is empty, and the way out.

import { useQuery } from '@tanstack/react-query'
import { Send, Zap } from 'lucide-react'
import { type EventFilter, type EventRow, getRows, useInfo } from '../../api/index.ts'
import { openSend } from '../../frame/index.ts'
import { Button, Empty, formatExact, Time } from '../../ui/index.ts'
import { windowAround } from '../runs/run-filter.ts'
import { type EventsSearch, filterParts, without } from './event-filter.ts'
import { messages } from './messages.ts'

const t = messages.empty

export interface NoEventsProps {
  readonly search: EventsSearch
  readonly filter: EventFilter
  readonly replace: (search: EventsSearch) => void
  readonly scanned: number | undefined
}

export function NoEvents({ search, filter, replace, scanned }: NoEventsProps) {
  const parts = filterParts(search)
  const { from, until: _until, query: _query, ...rest } = filter
  // The newest before the range, under the same filters; without a range there is none at all.
  const newest = useQuery({
    queryKey: ['newest-event', from, rest],
    queryFn: async ({ signal }) =>
      (
        await getRows<EventRow>(
          '/v2/events',
          { ...rest, ...(from === undefined ? {} : { until: from }), limit: 1 },
          signal,
        )
      ).rows[0] ?? null,
  })
  if (newest.isPending) return null
  const last = newest.data
  if (parts.length === 0 && !last) return <FirstUse />
  const all = () =>
    replace(
      without(
        search,
        parts.map(({ id }) => id),
      ),
    )
  return (
    <Empty
      title={parts.length === 0 ? t.range : t.filtered}
      icon={Zap}
      action={
        <>
          {parts.length > 0 && <Button onClick={all}>{t.clear}</Button>}
          {from !== undefined && (
            <Button onClick={() => replace({ ...withoutRange(search), last: 'all' })}>{t.allTime}</Button>
          )}
        </>
      }
    >
      {scanned !== undefined && <p>{t.searched(formatExact(scanned))}</p>}
      {parts.length > 0 && <p>{t.relax(parts.map(({ name, text }) => `${name} ${text}`).join(', '))}</p>}
      {last && from !== undefined && scanned === undefined && (
        <p>
          {t.before} <Time at={last.receivedAt} />.{' '}
          <button
            type="button"
            className="link min-h-6"
            onClick={() => replace({ ...withoutRange(search), ...windowAround(Date.parse(last.receivedAt)) })}
          >
            {t.showIt}
          </button>
        </p>
      )}
    </Empty>
  )
}

function withoutRange({ last: _last, from: _from, until: _until, ...rest }: EventsSearch): EventsSearch {
  return rest
}

function FirstUse() {
  const info = useInfo()
  const url = info.data?.eventUrl ?? `${location.origin}/e/dev`
  return (
    <Empty
      title={t.first}
      icon={Zap}
      code={`curl -X POST ${url} \\\n  -H 'Content-Type: application/json' \\\n  --data '{"name":"demo/hello","data":{"name":"Ada"}}'`}
      action={
        <Button
          look="primary"
          icon={Send}
          keys="e"
          onClick={() => openSend({ name: 'demo/hello', dataText: '{\n  "name": "Ada"\n}' })}
        >
          {messages.send}
        </Button>
      }
    >
      {t.firstText}
    </Empty>
  )
}
