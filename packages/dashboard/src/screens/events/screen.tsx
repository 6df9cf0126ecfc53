// The list of events: what came in, and what it started. Filters and the open event live in the address.

import { useSearch as useAddress, useNavigate, useRouter } from '@tanstack/react-router'
import { CircleAlert, Download, Send } from 'lucide-react'
import { useMemo } from 'react'
import {
  ApiError,
  apiUrl,
  type EventFilter,
  type EventRow,
  type Params,
  queryKeys,
  searchEvents,
  useEvents,
  useFreshEvents,
} from '../../api/index.ts'
import { openSend, Page } from '../../frame/index.ts'
import {
  Button,
  ColumnMenu,
  DataTable,
  Empty,
  ErrorView,
  FreshBar,
  Menu,
  RefreshBar,
  SkeletonRows,
  serverNow,
  useColumnChoice,
  useCommands,
  useIsSlow,
} from '../../ui/index.ts'
import { EventPanel } from '../event/index.ts'
import { ListWithPanel } from '../runs/list-with-panel.tsx'
import { messages as runWords } from '../runs/messages.ts'
import { SearchProgress } from '../runs/run-count.tsx'
import { useLookUp } from '../runs/use-look-up.tsx'
import { useSearch } from '../runs/use-search.ts'
import { eventColumns, NarrowEvent } from './event-columns.tsx'
import { type EventsSearch, filterOf, queryOf } from './event-filter.ts'
import { type EventChanges, EventFilters } from './event-filters.tsx'
import { messages } from './messages.ts'
import { NoEvents } from './no-events.tsx'

const eventId = (event: EventRow) => event.id
const SEARCH_LIMIT = 200

export function Screen() {
  const search = useAddress({ from: '/events' })
  const { change, replace } = useAddressChange()
  const [columns, setColumns] = useColumnChoice('events')
  const lookUp = useLookUp(queryOf(search))
  const filter = useFilter(search)
  const list = useEventList(filter, queryOf(search).kind === 'id')
  const fresh = useFreshEvents(filter, list)
  const fault = list.error instanceof ApiError && list.error.path === 'query' ? list.error : undefined
  const open = useOpenEvent()
  const isSlow = useIsSlow(list.isPending)
  const { rows, error } = list
  const close = () => change({ event: undefined })
  useCommands([
    { label: messages.panelKeys, keys: 'escape', isKeyOnly: true, isOn: search.event !== undefined, run: close },
  ])
  const isLooking = list.search?.phase === 'searching' || list.search?.phase === 'stopped'
  return (
    <Page
      title={messages.title}
      isFull
      actions={
        <>
          <ExportMenu filter={filter} />
          <span className="max-[600px]:hidden">
            <ColumnMenu columns={eventColumns} choice={columns} onChoice={setColumns} />
          </span>
          <Button
            icon={Send}
            look="primary"
            keys="e"
            onClick={() => openSend(search.name?.[0] === undefined ? {} : { name: search.name[0] })}
          >
            <span className="max-[600px]:sr-only">{messages.send}</span>
          </Button>
        </>
      }
    >
      <EventFilters
        search={search}
        change={change}
        replace={replace}
        onSearch={(text) => {
          if (!lookUp.take(queryOf({ query: text })))
            change({ query: text === '' ? undefined : text, event: undefined })
        }}
        fault={fault === undefined ? undefined : { message: fault.message, column: fault.column }}
        note={lookUp.note}
      />
      {list.search !== undefined && (
        <div className="flex min-h-9 items-center border-border border-b px-3 text-xs">
          <SearchProgress search={list.search} found={rows.length} />
        </div>
      )}
      <FreshBar count={fresh.count} text={messages.fresh(fresh.count)} onShow={fresh.show} />
      <ListWithPanel
        name="events"
        list={
          <div className="relative flex h-full min-h-0 flex-col">
            <RefreshBar isActive={list.isRefreshing} />
            {error !== null && fault === undefined && (
              <div className="p-3">
                <ErrorView
                  error={error}
                  title={messages.failed}
                  onRetry={list.refetch}
                  shownAt={rows.length > 0 ? list.updatedAt : undefined}
                />
              </div>
            )}
            {fault !== undefined && (
              <Empty title={runWords.fault.title} icon={CircleAlert} code={messages.faultExamples}>
                {runWords.fault.text}
              </Empty>
            )}
            {list.isPending && isSlow && <SkeletonRows count={12} />}
            {rows.length === 0 && !list.isPending && error === null && !isLooking && (
              <NoEvents
                search={search}
                filter={filter}
                replace={replace}
                scanned={list.search?.phase === 'done' ? list.search.scanned : undefined}
              />
            )}
            {rows.length > 0 && (
              <DataTable
                label={messages.list}
                columns={eventColumns}
                rows={rows}
                rowId={eventId}
                choice={columns}
                onChoice={setColumns}
                narrow={(event) => <NarrowEvent event={event} />}
                activeId={search.event}
                onActive={(event) => change({ event: event.id })}
                onOpen={open}
                more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
              />
            )}
          </div>
        }
        panel={search.event === undefined ? undefined : <EventPanel eventId={search.event} onClose={close} />}
      />
    </Page>
  )
}

/** The rows by filter, or found by a search while it goes on. */
function useEventList(filter: EventFilter, isOff: boolean) {
  const isSearch = filter.query !== undefined
  const search = useSearch<EventRow>(
    isSearch && !isOff ? queryKeys.events(filter) : undefined,
    (cursor, watch, signal) => searchEvents({ ...filter, cursor, limit: SEARCH_LIMIT } satisfies Params, watch, signal),
  )
  const list = useEvents(filter, { isOff: isSearch || isOff, limit: 50 })
  if (search === undefined) return { ...list, search }
  return {
    ...list,
    isPending: false,
    isRefreshing: search.phase === 'searching',
    error: search.error,
    hasMore: search.phase !== 'searching' && search.cursor !== undefined,
    isLoadingMore: false,
    loadMore: search.goOn,
    refetch: search.restart,
    search,
  }
}

/** The start of "the last 24 h" is taken when the filters are set, and stays. */
function useFilter(search: EventsSearch): EventFilter {
  const { event: _event, ...filters } = search
  const key = JSON.stringify(filters)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when the filters differ.
  return useMemo(() => filterOf(filters, serverNow()), [key])
}

function useAddressChange() {
  const navigate = useNavigate({ from: '/events' })
  return useMemo(() => {
    const go = (make: (before: EventsSearch) => EventChanges) =>
      void navigate({
        search: (before) => Object.fromEntries(Object.entries(make(before)).filter(([, value]) => value !== undefined)),
        replace: true,
      })
    return {
      change: (patch: EventChanges) => go((before) => ({ ...before, ...patch })),
      replace: (search: EventsSearch) => go(() => search),
    }
  }, [navigate])
}

function useOpenEvent() {
  const router = useRouter()
  const navigate = useNavigate()
  return (event: EventRow, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to = { to: '/events/$eventId', params: { eventId: event.id } } as const
    if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
    else void navigate(to)
  }
}

function ExportMenu({ filter }: { readonly filter: EventFilter }) {
  const save = (format: 'ndjson' | 'csv', includeData = false) => {
    const link = document.createElement('a')
    link.href = apiUrl('/v2/events/export', { ...filter, format, ...(includeData ? { includeData } : {}) })
    link.download = ''
    link.click()
  }
  return (
    <Menu
      items={[
        { heading: messages.exportAll },
        { label: messages.csv, onSelect: () => save('csv') },
        { label: messages.ndjson, onSelect: () => save('ndjson') },
        { label: messages.withData, onSelect: () => save('ndjson', true) },
      ]}
      trigger={
        <Button icon={Download} look="quiet">
          <span className="max-[600px]:sr-only">{messages.export}</span>
        </Button>
      }
    />
  )
}
