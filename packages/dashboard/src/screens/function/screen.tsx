// One function: how it does, what it is told to do, what holds it back now, what went wrong lately; and what can be done
// with it. Tab, range and the open window stand in the address.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { FunctionSquare } from 'lucide-react'
import { ApiError, type Fn, useFunction } from '../../api/index.ts'
import { Histogram } from '../../charts/index.ts'
import { Page } from '../../frame/index.ts'
import {
  buttonClass,
  Empty,
  Loaded,
  Notice,
  RangePicker,
  rangeText,
  Skeleton,
  serverNow,
  Tabs,
  type TimeRange,
  useZone,
  windowOf,
} from '../../ui/index.ts'
import { ChartSkeletons } from '../metrics/chart-skeletons.tsx'
import { type ChartId, chartSpecs } from '../metrics/chart-specs.ts'
import { messages as metricsMessages } from '../metrics/messages.ts'
import { MetricChart } from '../metrics/metric-chart.tsx'
import { USUAL_RANGE } from '../metrics/metrics-window.ts'
import { useWindowMetrics } from '../metrics/use-window-metrics.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { Configuration, History } from './configuration.tsx'
import { Failures } from './failures.tsx'
import { Figures } from './figures.tsx'
import { FunctionHead } from './function-head.tsx'
import { Limits } from './limits.tsx'
import { messages } from './messages.ts'
import { PauseDialog } from './pause-dialog.tsx'
import { PausedBanner } from './paused-banner.tsx'
import { RecentRuns, RunsTable } from './recent-runs.tsx'
import { RunNowDialog } from './run-now-dialog.tsx'
import type { FunctionDialog, FunctionSearch, FunctionTab } from './search.ts'

const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const
const TABS: readonly FunctionTab[] = ['overview', 'runs', 'configuration', 'history']
/** Charts of the page; the rest is on the page of metrics. */
const CHARTS: readonly ChartId[] = ['ended', 'failureRate', 'duration', 'queueDelay', 'running', 'backlog', 'refused']

type Change = (
  patch: { readonly [Name in keyof FunctionSearch]?: FunctionSearch[Name] | undefined },
  isStep?: boolean,
) => void

export function Screen() {
  const { appId, functionId } = useParams({ from: '/functions/$appId/$functionId' })
  const search = useSearch({ from: '/functions/$appId/$functionId' })
  const navigate = useNavigate({ from: '/functions/$appId/$functionId' })
  const query = useFunction(appId, functionId)
  const change: Change = (patch, isStep = false) =>
    void navigate({ search: (before) => defined({ ...before, ...patch }), replace: !isStep, resetScroll: false })
  const isGone = query.error instanceof ApiError && query.error.status === 404
  const name = query.data?.name
  return (
    <Page
      title={name ?? messages.title}
      trail={[
        <Link key="functions" to="/functions" className="quiet-link">
          {messages.functions}
        </Link>,
      ]}
    >
      {isGone ? (
        <Gone appId={appId} functionId={functionId} />
      ) : (
        <Loaded query={query} errorTitle={messages.notRead} skeleton={<FunctionSkeleton />}>
          {(fn) => <FunctionView fn={fn} search={search} change={change} />}
        </Loaded>
      )}
    </Page>
  )
}

interface ViewProps {
  readonly fn: Fn
  readonly search: FunctionSearch
  readonly change: Change
}

function FunctionView({ fn, search, change }: ViewProps) {
  const tab = search.tab ?? 'overview'
  return (
    <>
      <PausedBanner fn={fn} />
      {fn.isArchived && <Notice>{messages.removed}</Notice>}
      {fn.warning !== undefined && (
        <Notice tone="bad">
          {messages.warning}
          {fn.warning}
        </Notice>
      )}
      <FunctionHead fn={fn} onDo={(dialog) => change({ do: dialog })} />
      <Tabs
        label={messages.tabs.label}
        value={tab}
        tabs={TABS.map((id) => ({ id, label: messages.tabs[id] }))}
        onChange={(next) => change({ tab: next === 'overview' ? undefined : next })}
        className="-mx-4"
      >
        <div className="flex flex-col gap-4 px-4 pt-4">
          {tab === 'overview' && <OverviewTab fn={fn} search={search} change={change} />}
          {tab === 'runs' && <RunsTable fn={fn} />}
          {tab === 'configuration' && <Configuration fn={fn} />}
          {tab === 'history' && <History fn={fn} />}
        </div>
      </Tabs>
      <OpenDialog fn={fn} dialog={search.do} range={rangeOf(search)} onClose={() => change({ do: undefined })} />
    </>
  )
}

function rangeOf({ last, from, until }: FunctionSearch): TimeRange {
  return from !== undefined || until !== undefined ? { from, until } : { last: last ?? USUAL_RANGE }
}

function OverviewTab({ fn, search, change }: ViewProps) {
  const zone = useZone()
  const range = rangeOf(search)
  const metrics = useWindowMetrics(range, { function: [fn.slug] })
  const setRange = (next: TimeRange, isStep = false) =>
    change({ last: next.last, from: next.from, until: next.until }, isStep)
  return (
    <>
      <div className="flex items-center gap-2">
        <RangePicker value={range} onChange={setRange} choices={RANGES} />
        <Link to="/charts" search={{ ...defined(range), function: [fn.slug] }} className={buttonClass('quiet')}>
          {messages.head.metrics}
        </Link>
      </div>
      <Loaded query={metrics} errorTitle={messages.notReadMetrics} skeleton={<ChartSkeletons count={4} />}>
        {(data) => <Figures metrics={data} range={rangeText(range, zone)} />}
      </Loaded>
      <div className="grid grid-cols-1 items-start gap-3 min-[1100px]:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-3 min-[1100px]:col-start-2">
          <Failures fn={fn} window={windowOf(range, serverNow())} range={defined(range)} />
          <Limits fn={fn} />
          <RecentRuns fn={fn} />
        </div>
        <div className="grid min-w-0 grid-cols-1 min-[1100px]:col-start-1 min-[1100px]:row-start-1 gap-3 min-[640px]:max-[1099px]:grid-cols-2 min-[1250px]:grid-cols-2">
          {metrics.data !== undefined && (
            <>
              {chartSpecs(metrics.data)
                .filter(({ id }) => CHARTS.includes(id))
                .map((spec) => (
                  <MetricChart
                    key={spec.id}
                    spec={spec}
                    at={metrics.data.at}
                    bucketMs={metrics.data.bucketMs}
                    scope={{ function: [fn.slug] }}
                    group="function"
                    height={160}
                    onZoom={(from, until) => setRange(minutesAround(from, until), true)}
                  />
                ))}
              <Histogram
                title={metricsMessages.histogram.title}
                unitLabel={metricsMessages.histogram.unit}
                label={metricsMessages.histogram.label}
                classes={metrics.data.durationClasses}
                height={160}
              />
            </>
          )}
        </div>
      </div>
    </>
  )
}

function minutesAround(start: number, end: number): TimeRange {
  const from = Math.floor(start / 60_000) * 60_000
  const until = Math.max(from + 60_000, Math.ceil(end / 60_000) * 60_000)
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() }
}

interface OpenDialogProps {
  readonly fn: Fn
  readonly dialog: FunctionDialog | undefined
  readonly range: TimeRange
  readonly onClose: () => void
}

function OpenDialog({ fn, dialog, range, onClose }: OpenDialogProps) {
  switch (dialog) {
    case 'run':
      return <RunNowDialog fn={fn} onClose={onClose} />
    case 'pause':
      return <PauseDialog fn={fn} onClose={onClose} />
    case 'cancel':
      return <BulkDialog kind="CANCEL" fn={fn} range={range} onClose={onClose} />
    case 'replay':
      return <BulkDialog kind="RERUN" fn={fn} range={range} onClose={onClose} />
    case undefined:
      return null
  }
}

function Gone({ appId, functionId }: { readonly appId: string; readonly functionId: string }) {
  return (
    <Empty
      icon={FunctionSquare}
      title={messages.gone.title}
      action={
        <Link to="/functions" className={buttonClass()}>
          {messages.gone.action}
        </Link>
      }
    >
      {messages.gone.text(appId, functionId)}
    </Empty>
  )
}

function FunctionSkeleton() {
  return (
    <>
      <div className="flex gap-6">
        <Skeleton className="h-9 w-20" />
        <Skeleton className="h-9 w-24" />
        <Skeleton className="h-9 w-48" />
      </div>
      <Skeleton className="h-9 w-full" />
      <ChartSkeletons count={4} />
    </>
  )
}

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/** Without the names that were taken away. */
function defined<T extends object>(search: T): Defined<T> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Defined<T>
}
