// Everything that runs by the clock in one list: when each runs next, how it went last, whether it is on. Rows come from
// every kind of schedule; this screen only filters, sorts and shows them.

import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { CalendarClock } from 'lucide-react'
import { useMemo } from 'react'
import { type Schedule, useSchedules } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  Empty,
  FilterBar,
  Loaded,
  Notice,
  RefreshBar,
  SearchField,
  Segmented,
  SkeletonRows,
  useNowEvery,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { filterRows, rowOfCron, type ScheduleRow, sortRows } from './schedule-row.ts'
import { ScheduleTable } from './schedule-table.tsx'
import type { schedulesSearch } from './search.ts'

const STATES = ['all', 'on', 'off', 'late'] as const

export function Screen() {
  const search = useSearch({ from: '/schedules' })
  const navigate = useNavigate({ from: '/schedules' })
  const schedules = useSchedules()
  const isFailed = schedules.error !== null && schedules.data === undefined
  const set: SearchProps['onChange'] = (part) => void navigate({ search: changed(search, part), replace: true })
  return (
    <Page title={messages.title} isFull>
      <FilterBarOf search={search} onChange={set} />
      <div className="relative flex min-h-0 flex-1 flex-col">
        <RefreshBar isActive={schedules.isFetching && !schedules.isPending} />
        <div className={isFailed ? 'p-3' : 'contents'}>
          <Loaded query={schedules} errorTitle={messages.failed} skeleton={<SkeletonRows height={40} />}>
            {(all) => <Rows schedules={all} search={search} onChange={set} />}
          </Loaded>
        </div>
      </div>
    </Page>
  )
}

type Search = ReturnType<typeof schedulesSearch>

interface SearchProps {
  readonly search: Search
  readonly onChange: (part: { readonly [Name in keyof Search]?: Search[Name] | undefined }) => void
}

/** With the parts that are given; undefined takes one away. */
function changed(search: Search, part: Parameters<SearchProps['onChange']>[0]): Search {
  return Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined))
}

function FilterBarOf({ search, onChange }: SearchProps) {
  const { words, state } = search
  const setWords = (text: string) => onChange({ words: text === '' ? undefined : text })
  return (
    <div className="shrink-0 border-border border-b px-3 py-2">
      <FilterBar label={messages.filters}>
        <Segmented
          label={messages.state}
          value={state ?? 'all'}
          options={STATES.map((value) => ({ value, label: messages.states[value] }))}
          onChange={(value) => onChange({ state: value === 'all' ? undefined : value })}
        />
        <SearchField
          label={messages.search}
          value={words ?? ''}
          onSearch={setWords}
          onType={setWords}
          className="max-w-96"
        />
      </FilterBar>
    </div>
  )
}

function Rows({ schedules, search, onChange }: SearchProps & { readonly schedules: readonly Schedule[] }) {
  const router = useRouter()
  const now = useNowEvery(15_000)
  const { words, state, sort = 'next', isDescending = false } = search
  const rows = useMemo(() => schedules.map((schedule) => rowOfCron(schedule, now)), [schedules, now])
  const shown = useMemo(
    () => sortRows(filterRows(rows, { words, state }), sort, isDescending),
    [rows, words, state, sort, isDescending],
  )
  const late = rows.filter((row) => row.lateSince !== undefined).length
  const open = ({ of: { appId, functionId } }: ScheduleRow, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to = { to: '/functions/$appId/$functionId', params: { appId, functionId } } as const
    if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
    else void router.navigate(to)
  }
  if (rows.length === 0) {
    return (
      <Empty icon={CalendarClock} title={messages.empty.title} code={messages.empty.code}>
        {messages.empty.text}
      </Empty>
    )
  }
  return (
    <>
      {late > 0 && state !== 'late' && (
        <div className="shrink-0 p-2">
          <Notice
            tone="bad"
            action={
              <Button size="sm" onClick={() => onChange({ state: 'late' })}>
                {messages.showLate}
              </Button>
            }
          >
            {messages.lateNotice(late)}
          </Notice>
        </div>
      )}
      {shown.length === 0 ? (
        <NoneShown search={search} onChange={onChange} />
      ) : (
        <ScheduleTable
          rows={shown}
          sort={{ by: sort, isDescending }}
          onSort={(next) => {
            const by = next.by === 'name' || next.by === 'last' ? next.by : undefined
            // Times begin with the nearest, names with A; only the last run begins with the newest.
            const isFlipped = sort === (by ?? 'next') ? next.isDescending : by === 'last'
            onChange({ sort: by, isDescending: isFlipped || undefined })
          }}
          onOpen={open}
        />
      )}
    </>
  )
}

function NoneShown({ search, onChange }: SearchProps) {
  const { words, state } = search
  const what = [state && messages.states[state], words && `“${words}”`].filter(Boolean).join(', ')
  return (
    <Empty
      title={messages.empty.filtered}
      action={<Button onClick={() => onChange({ words: undefined, state: undefined })}>{messages.empty.clear}</Button>}
    >
      {messages.empty.filteredText(what)}
    </Empty>
  )
}
