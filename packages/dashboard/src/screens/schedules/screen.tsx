// Everything that runs by the clock in one list: when each runs next, how it went last, whether it is on. Rows come from
// every kind of schedule; this screen only filters, sorts and shows them.

import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { CalendarClock, Plus } from 'lucide-react'
import { useMemo } from 'react'
import { type Job, type Schedule, useJobs, useSchedules } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  buttonClass,
  Empty,
  ErrorView,
  FilterBar,
  Loaded,
  Notice,
  RefreshBar,
  SearchField,
  Segmented,
  SkeletonRows,
  useCommands,
  useNowEvery,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { filterRows, rowOfCron, rowOfJob, type ScheduleRow, sortRows } from './schedule-row.ts'
import { ScheduleTable } from './schedule-table.tsx'
import type { schedulesSearch } from './search.ts'

const STATES = ['all', 'on', 'off', 'late'] as const
const KINDS = ['all', 'CRON', 'JOB'] as const

export function Screen() {
  const search = useSearch({ from: '/schedules' })
  const navigate = useNavigate({ from: '/schedules' })
  const schedules = useSchedules()
  const jobs = useJobs()
  const newJob = () => void navigate({ to: '/jobs/new' })
  useCommands([{ label: messages.newJob, keys: 'n', run: newJob }])
  const isFailed = schedules.error !== null && schedules.data === undefined
  const set: SearchProps['onChange'] = (part) => void navigate({ search: changed(search, part), replace: true })
  return (
    <Page
      title={messages.title}
      isFull
      actions={
        <Button look="primary" icon={Plus} keys="n" onClick={newJob}>
          {messages.newJob}
        </Button>
      }
    >
      <FilterBarOf search={search} onChange={set} />
      <div className="relative flex min-h-0 flex-1 flex-col">
        <RefreshBar isActive={(schedules.isFetching && !schedules.isPending) || jobs.isRefreshing} />
        {jobs.error !== null && (
          <div className="shrink-0 p-3 pb-0">
            <ErrorView
              error={jobs.error}
              title={messages.jobsFailed}
              onRetry={jobs.refetch}
              shownAt={jobs.rows.length > 0 ? jobs.updatedAt : undefined}
            />
          </div>
        )}
        <div className={isFailed ? 'p-3' : 'contents'}>
          <Loaded query={schedules} errorTitle={messages.failed} skeleton={<SkeletonRows height={40} />}>
            {(all) =>
              jobs.isPending ? (
                <SkeletonRows height={40} />
              ) : (
                <Rows schedules={all} jobs={jobs.rows} isCut={jobs.error !== null} search={search} onChange={set} />
              )
            }
          </Loaded>
        </div>
        {jobs.hasMore && !jobs.isLoadingMore && (
          <p className="flex shrink-0 items-center gap-3 border-border border-t px-3 py-2 text-muted text-xs">
            {messages.moreJobs}
            <Button size="sm" onClick={jobs.loadMore}>
              {messages.loadMore}
            </Button>
          </p>
        )}
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
  const { words, state, kind } = search
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
        <Segmented
          label={messages.kind}
          value={kind ?? 'all'}
          options={KINDS.map((value) => ({
            value,
            label: value === 'all' ? messages.allKinds : messages.kinds[value],
          }))}
          onChange={(value) => onChange({ kind: value === 'all' ? undefined : value })}
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

interface RowsProps extends SearchProps {
  readonly schedules: readonly Schedule[]
  readonly jobs: readonly Job[]
  /** Some of them could not be read: an empty list would lie. */
  readonly isCut: boolean
}

function Rows({ schedules, jobs, isCut, search, onChange }: RowsProps) {
  const router = useRouter()
  const now = useNowEvery(15_000)
  const { words, state, kind, sort = 'next', isDescending = false } = search
  const rows = useMemo(
    () => [...schedules.map((schedule) => rowOfCron(schedule, now)), ...jobs.map((job) => rowOfJob(job, now))],
    [schedules, jobs, now],
  )
  const shown = useMemo(
    () => sortRows(filterRows(rows, { words, state, kind }), sort, isDescending),
    [rows, words, state, kind, sort, isDescending],
  )
  const late = rows.filter((row) => row.lateSince !== undefined).length
  const open = ({ of }: ScheduleRow, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to =
      of.kind === 'JOB'
        ? ({ to: '/jobs/$jobId', params: { jobId: of.jobId } } as const)
        : ({
            to: '/functions/$appId/$functionId',
            params: { appId: of.appId, functionId: of.functionId },
          } as const)
    if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
    else void router.navigate(to)
  }
  if (rows.length === 0) {
    if (isCut) return null
    return (
      <Empty
        icon={CalendarClock}
        title={messages.empty.title}
        code={messages.empty.code}
        action={
          <Link to="/jobs/new" className={buttonClass('primary')}>
            {messages.newJob}
          </Link>
        }
      >
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
  const { words, state, kind } = search
  const what = [kind && messages.kinds[kind], state && messages.states[state], words && `“${words}”`]
    .filter(Boolean)
    .join(', ')
  return (
    <Empty
      title={messages.empty.filtered}
      action={
        <Button onClick={() => onChange({ words: undefined, state: undefined, kind: undefined })}>
          {messages.empty.clear}
        </Button>
      }
    >
      {messages.empty.filteredText(what)}
    </Empty>
  )
}
