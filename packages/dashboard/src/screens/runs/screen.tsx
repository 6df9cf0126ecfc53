// The list of runs: find the run one is looking for, look at it beside the list, and act on many at once. Filters, order
// and the open run live in the address; selection and scrolling do not outlast the page.

import { useSearch as useAddress, useNavigate, useRouter } from '@tanstack/react-router'
import { CircleAlert, Rows2, Rows3 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { ApiError, type Run, useRunCount } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  ColumnMenu,
  DataTable,
  Empty,
  ErrorView,
  FreshBar,
  formatExact,
  IconButton,
  preference,
  RefreshBar,
  SkeletonRows,
  serverNow,
  useColumnChoice,
  useCommands,
  useIsSlow,
  usePreference,
  yesNo,
} from '../../ui/index.ts'
import { RunPanel } from '../run/index.ts'
import { ExportMenu } from './export-menu.tsx'
import { ListWithPanel } from './list-with-panel.tsx'
import { messages } from './messages.ts'
import { NoRuns } from './no-runs.tsx'
import { NarrowRun, runColumns } from './run-columns.tsx'
import { COUNT_AT_ONCE, RunCount, SearchProgress } from './run-count.tsx'
import { filterOf, queryOf, type RunsSearch } from './run-filter.ts'
import { type Changes, RunFilters } from './run-filters.tsx'
import { readViewSearch, SavedViews } from './saved-views.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { useLookUp } from './use-look-up.tsx'
import { type ShownRuns, useRunList } from './use-run-list.ts'

const densePreference = preference('runs-dense', true, yesNo)
const runId = (run: Run) => run.id
const noIds: ReadonlySet<string> = new Set()

export function Screen() {
  const search = useAddress({ from: '/runs' })
  const { replace, change } = useAddressChange()
  const [isDense, setIsDense] = usePreference(densePreference)
  const [columns, setColumns] = useColumnChoice('runs')
  const [isAtTop, setIsAtTop] = useState(true)
  const lookUp = useLookUp(queryOf(search))
  const { filter, key } = useFilter(search)
  const selection = useSelection(key)
  const isFollowing = isAtTop && selection.ids.size === 0 && search.run === undefined
  const list = useRunList(filter, { isFollowing, isOff: queryOf(search).kind === 'id' })
  const fault = list.error instanceof ApiError && list.error.path === 'query' ? list.error : undefined
  useEscape(search.run !== undefined, selection)
  return (
    <Page
      title={messages.title}
      isFull
      actions={
        <>
          <SavedViews
            search={search}
            columns={columns}
            onOpen={(view) => {
              setColumns(view.columns)
              replace(readViewSearch(view.search))
            }}
          />
          <ExportAll filter={filter} />
          {/* A row of two lines has no columns to choose. */}
          <span className="flex gap-1 max-[600px]:hidden">
            <ColumnMenu columns={runColumns} choice={columns} onChoice={setColumns} />
            <IconButton
              label={isDense ? messages.comfortable : messages.dense}
              icon={isDense ? Rows2 : Rows3}
              onClick={() => setIsDense(!isDense)}
            />
          </span>
        </>
      }
    >
      <RunFilters
        search={search}
        change={change}
        replace={replace}
        onSearch={(text) => {
          if (!lookUp.take(queryOf({ query: text }))) change({ query: text === '' ? undefined : text, run: undefined })
        }}
        fault={fault === undefined ? undefined : { message: fault.message, column: fault.column }}
        note={lookUp.note}
      />
      {/* A search that cannot be read has nothing to count. */}
      {fault === undefined && (
        <div className="flex min-h-9 items-center gap-3 border-border border-t border-b px-3 text-xs">
          {selection.ids.size > 0 ? (
            <div className="min-w-0 flex-1">
              <SelectionBar
                filter={filter}
                rows={list.rows}
                ids={selection.ids}
                isAll={selection.isAll}
                hasMore={list.hasMore}
                onAll={selection.all}
                onClear={selection.clear}
              />
            </div>
          ) : list.search === undefined ? (
            <RunCount
              filter={filter}
              known={
                list.hasMore || list.isPending || list.error !== null || list.isRefreshing
                  ? undefined
                  : list.rows.length
              }
            />
          ) : (
            <SearchProgress search={list.search} found={list.rows.length} />
          )}
        </div>
      )}
      <FreshBar
        count={list.fresh.count}
        isMore={list.fresh.isMore}
        text={messages.fresh(list.fresh.count, list.fresh.isMore)}
        onShow={list.showFresh}
      />
      <ListWithPanel
        name="runs"
        list={
          <Rows
            list={list}
            search={search}
            change={change}
            replace={replace}
            filter={filter}
            isFaulty={fault !== undefined}
            table={{
              isDense,
              choice: columns,
              onChoice: setColumns,
              onAtTop: setIsAtTop,
              selection: selection.ofTable,
            }}
          />
        }
        panel={
          search.run === undefined ? undefined : (
            <RunPanel runId={search.run} onClose={() => change({ run: undefined })} />
          )
        }
      />
    </Page>
  )
}

interface RowsProps {
  readonly list: ShownRuns
  readonly search: RunsSearch
  readonly change: (patch: Changes) => void
  readonly replace: (search: RunsSearch) => void
  readonly filter: ReturnType<typeof filterOf>
  readonly isFaulty: boolean
  readonly table: Pick<
    Parameters<typeof DataTable<Run>>[0],
    'isDense' | 'choice' | 'onChoice' | 'onAtTop' | 'selection'
  >
}

/** The rows, or what stands in their place. */
function Rows({ list, search, change, replace, filter, isFaulty, table }: RowsProps) {
  const open = useOpenRun()
  const isSlow = useIsSlow(list.isPending)
  const { rows, error } = list
  const field = search.timeField ?? 'queuedAt'
  const isEmpty = rows.length === 0 && !list.isPending && error === null
  const isLooking = list.search?.phase === 'searching' || list.search?.phase === 'stopped'
  return (
    <div className="relative flex h-full min-h-0 flex-col">
      <RefreshBar isActive={list.isRefreshing} />
      {error !== null && !isFaulty && (
        <div className="p-3">
          <ErrorView
            error={error}
            title={messages.failed}
            onRetry={list.refetch}
            shownAt={rows.length > 0 ? list.updatedAt : undefined}
          />
        </div>
      )}
      {list.isPending && isSlow && <SkeletonRows count={12} />}
      {isFaulty && (
        <Empty title={messages.fault.title} icon={CircleAlert} code={messages.fault.examples}>
          {messages.fault.text}
        </Empty>
      )}
      {isEmpty && !isLooking && (
        <div className="min-h-0 flex-1 overflow-auto">
          <NoRuns
            search={search}
            filter={filter}
            replace={replace}
            scanned={list.search?.phase === 'done' ? list.search.scanned : undefined}
          />
        </div>
      )}
      {rows.length > 0 && (
        <DataTable
          {...table}
          label={messages.list}
          columns={runColumns}
          rows={rows}
          rowId={runId}
          narrow={(run) => <NarrowRun run={run} />}
          sort={{ by: field, isDescending: search.order !== 'ASC' }}
          onSort={({ by, isDescending }) =>
            change({
              timeField: by === 'startedAt' || by === 'endedAt' ? by : undefined,
              order: isDescending ? undefined : 'ASC',
            })
          }
          activeId={search.run}
          onActive={(run) => change({ run: run.id })}
          onOpen={open}
          more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
        />
      )}
    </div>
  )
}

function ExportAll({ filter }: { readonly filter: ReturnType<typeof filterOf> }) {
  const { data } = useRunCount(filter, COUNT_AT_ONCE, filter.query !== undefined)
  const count = data === undefined ? '…' : `${formatExact(data.count)}${data.isCut ? '+' : ''}`
  return <ExportMenu filter={filter} count={count} />
}

function useOpenRun() {
  const router = useRouter()
  const navigate = useNavigate()
  return (run: Run, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to = { to: '/runs/$runId', params: { runId: run.id } } as const
    if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
    else void navigate(to)
  }
}

function useAddressChange() {
  const navigate = useNavigate({ from: '/runs' })
  return useMemo(() => {
    const go = (make: (before: RunsSearch) => Changes) =>
      void navigate({
        search: (before) => Object.fromEntries(Object.entries(make(before)).filter(([, value]) => value !== undefined)),
        replace: true,
      })
    return {
      change: (patch: Changes) => go((before) => ({ ...before, ...patch })),
      replace: (search: RunsSearch) => go(() => search),
    }
  }, [navigate])
}

/**
 * The filter for the address. The start of "the last 24 h" is taken when the filters are set and stays, so that the list
 * does not begin anew every minute.
 */
function useFilter(search: RunsSearch) {
  const { run: _run, ...filters } = search
  const key = JSON.stringify(filters)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when the filters differ.
  const filter = useMemo(() => filterOf(filters, serverNow()), [key])
  return { filter, key }
}

interface SelectionState {
  readonly ids: ReadonlySet<string>
  readonly isAll: boolean
  readonly all: () => void
  readonly clear: () => void
  readonly ofTable: { readonly ids: ReadonlySet<string>; readonly onChange: (ids: ReadonlySet<string>) => void }
}

/** What is selected under one set of filters; other filters begin with nothing. */
function useSelection(key: string): SelectionState {
  const [state, setState] = useState({ key, ids: noIds, isAll: false })
  const { ids, isAll } = state.key === key ? state : { ids: noIds, isAll: false }
  return {
    ids,
    isAll,
    all: () => setState({ key, ids, isAll: true }),
    clear: () => setState({ key, ids: noIds, isAll: false }),
    ofTable: { ids, onChange: (next) => setState({ key, ids: next, isAll: false }) },
  }
}

/** Escape clears the selection; while the panel is open the key is the panel's. */
function useEscape(isPanelOpen: boolean, selection: SelectionState) {
  useCommands([
    {
      label: messages.selection.clear,
      keys: 'escape',
      isKeyOnly: true,
      isOn: !isPanelOpen && selection.ids.size > 0,
      run: selection.clear,
    },
  ])
}
