// All functions with their last day: which are paused, which fail, which are slow, which have work in line.

import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FunctionSquare, SearchX } from 'lucide-react'
import { useMemo, useState } from 'react'
import { type FnRow, useApps, useFunctions, useInfo } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  buttonClass,
  Checkbox,
  ColumnMenu,
  DataTable,
  Empty,
  ErrorView,
  FilterBar,
  MultiSelect,
  RefreshBar,
  SearchField,
  SkeletonRows,
  useColumnChoice,
  useIsSlow,
} from '../../ui/index.ts'
import { firstCommands } from '../overview/commands.ts'
import { functionColumns, NarrowFunction } from './function-columns.tsx'
import { messages } from './messages.ts'
import type { functionsSearch } from './search.ts'
import { type FunctionSort, shownFunctions } from './shown-functions.ts'

type Search = ReturnType<typeof functionsSearch>
type Change = (patch: { readonly [Name in keyof Search]?: Search[Name] | undefined }) => void

const STATES = ['active', 'paused', 'removed'] as const
const SORTS: readonly FunctionSort[] = ['name', 'app', 'state', 'runs', 'failureRate', 'p95', 'backlog']

export function Screen() {
  const search = useSearch({ from: '/functions' })
  const navigate = useNavigate({ from: '/functions' })
  const change: Change = (patch) =>
    void navigate({ search: (before) => defined({ ...before, ...patch }), replace: true })
  const isRemovedWanted = search.includeArchived === true || search.state?.includes('removed') === true
  const list = useFunctions(isRemovedWanted ? { includeArchived: true } : {})
  const [choice, setChoice] = useColumnChoice('functions')
  const rows = useMemo(() => shownFunctions(list.rows, search), [list.rows, search])
  return (
    <Page title={messages.title} isFull>
      <div className="relative flex shrink-0 flex-wrap items-start gap-1.5 border-border border-b px-4 py-2">
        <RefreshBar isActive={list.isRefreshing} />
        <Filters search={search} change={change} />
        <span className="flex items-center gap-2">
          <output className="text-muted text-xs tabular-nums">
            {list.isPending ? '' : messages.shown(rows.length, list.rows.length)}
          </output>
          <ColumnMenu columns={functionColumns} choice={choice} onChoice={setChoice} />
        </span>
      </div>
      {list.error !== null && (
        <div className="px-4 py-2">
          <ErrorView
            error={list.error}
            title={messages.notRead}
            onRetry={list.refetch}
            shownAt={list.rows.length > 0 ? list.updatedAt : undefined}
          />
        </div>
      )}
      <Rows list={list} rows={rows} search={search} change={change} choice={choice} onChoice={setChoice} />
    </Page>
  )
}

interface RowsProps {
  readonly list: ReturnType<typeof useFunctions>
  readonly rows: readonly FnRow[]
  readonly search: Search
  readonly change: Change
  readonly choice: ReturnType<typeof useColumnChoice>[0]
  readonly onChoice: ReturnType<typeof useColumnChoice>[1]
}

function Rows({ list, rows, search, change, choice, onChoice }: RowsProps) {
  const navigate = useNavigate()
  const [activeId, setActiveId] = useState<string>()
  const isSlow = useIsSlow(list.isPending)
  if (list.isPending) return isSlow ? <SkeletonRows count={12} /> : null
  if (list.rows.length === 0) return list.error === null ? <NoFunctions /> : null
  if (rows.length === 0) return <NoMatch search={search} change={change} />
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <DataTable
        label={messages.label}
        columns={functionColumns}
        rows={rows}
        rowId={(row) => row.slug}
        choice={choice}
        onChoice={onChoice}
        sort={{ by: search.sort ?? 'name', isDescending: search.order === 'DESC' }}
        onSort={({ by, isDescending }) => {
          const sort = SORTS.find((each) => each === by)
          // Numbers begin with the largest, words with A.
          const isWords = sort === 'name' || sort === 'app' || sort === 'state'
          const isFirst = sort !== (search.sort ?? 'name')
          change({ sort, order: (isFirst ? !isWords : isDescending) ? 'DESC' : 'ASC' })
        }}
        activeId={activeId}
        onActive={(row) => setActiveId(row.slug)}
        opensOnClick
        onOpen={(row, { isNewTab }) => {
          const to = { to: '/functions/$appId/$functionId', params: { appId: row.app.id, functionId: row.id } } as const
          // Relative to this page's own address, so that a path prefix stays.
          if (isNewTab) window.open(`functions/${encodeURIComponent(row.app.id)}/${encodeURIComponent(row.id)}`)
          else void navigate(to)
        }}
        narrow={(row) => <NarrowFunction row={row} />}
        rowClass={(row) => (row.state === 'removed' ? 'text-muted' : undefined)}
      />
    </div>
  )
}

function Filters({ search, change }: { readonly search: Search; readonly change: Change }) {
  const apps = useApps()
  const { words = '', appId, state = [], includeArchived = false } = search
  const setWords = (text: string) => change({ words: text === '' ? undefined : text })
  return (
    <div className="min-w-0 flex-1">
      <FilterBar label={messages.filters}>
        <SearchField label={messages.search} value={words} onSearch={setWords} onType={setWords} className="max-w-90" />
        <MultiSelect
          label={messages.app}
          isSingle
          isPending={apps.isPending}
          options={apps.rows.map((app) => ({ value: app.id, label: app.name }))}
          value={appId === undefined ? [] : [appId]}
          onChange={([next]) => change({ appId: next })}
        />
        <MultiSelect
          label={messages.state}
          options={STATES.map((value) => ({ value, label: messages.states[value] }))}
          value={state}
          onChange={(next) => change({ state: next.length === 0 ? undefined : next })}
        />
        <Checkbox
          label={messages.removedToo}
          checked={includeArchived}
          onChange={() => change({ includeArchived: includeArchived ? undefined : true })}
        />
      </FilterBar>
    </div>
  )
}

function NoFunctions() {
  const { data: info } = useInfo()
  const { startApp } = firstCommands({
    mode: info?.mode ?? 'dev',
    eventUrl: info?.eventUrl ?? `${location.origin}/e/dev`,
  })
  return (
    <Empty
      icon={FunctionSquare}
      title={messages.empty.title}
      code={startApp}
      action={
        <Link to="/apps" className={buttonClass()}>
          {messages.empty.action}
        </Link>
      }
    >
      {messages.empty.text}
    </Empty>
  )
}

function NoMatch({ search: { words }, change }: { readonly search: Search; readonly change: Change }) {
  return (
    <Empty
      icon={SearchX}
      title={messages.none.title}
      action={
        <Button
          onClick={() => change({ words: undefined, appId: undefined, state: undefined, includeArchived: undefined })}
        >
          {messages.none.action}
        </Button>
      }
    >
      {words === undefined ? messages.none.filtered : messages.none.text(words)}
    </Empty>
  )
}

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/** Without the names that were taken away. */
function defined<T extends object>(search: T): Defined<T> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Defined<T>
}
