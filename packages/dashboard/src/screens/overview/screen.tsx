// Is it healthy? Four figures, how runs ended, what fails, what waits, what comes next by the clock and what was missed.
// On a server that has seen no run yet, the way to the first one stands in their place.

import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ChartLine } from 'lucide-react'
import { useState } from 'react'
import { type Overview, useOverview } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import { buttonClass, Loaded, RangePicker, RefreshBar, Skeleton } from '../../ui/index.ts'
import { endedChart } from '../metrics/chart-specs.ts'
import { messages as metricsMessages } from '../metrics/messages.ts'
import { MetricChart } from '../metrics/metric-chart.tsx'
import { Failing } from './failing.tsx'
import { Figures } from './figures.tsx'
import { FirstUse } from './first-use.tsx'
import { messages } from './messages.ts'
import { Ticks, WaitingLongest } from './now-lists.tsx'

const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const
const USUAL = '24h'
const PLACES = ['a', 'b', 'c', 'd'] as const

export function Screen() {
  const { range = USUAL } = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const overview = useOverview(range)
  const isFirst = useIsFirst(overview.data)
  return (
    <Page title={messages.title}>
      {!isFirst.is && (
        <div className="relative flex items-center gap-2">
          <RangePicker
            isSimple
            choices={RANGES}
            value={{ last: range }}
            onChange={({ last }) => {
              const chosen = RANGES.find((each) => each === last)
              if (chosen !== undefined) void navigate({ search: { range: chosen }, replace: true })
            }}
          />
          <Link to="/charts" search={{ last: range }} className={buttonClass('quiet')}>
            <ChartLine size={14} aria-hidden />
            {metricsMessages.title}
          </Link>
          <RefreshBar isActive={overview.isPlaceholderData} />
        </div>
      )}
      <Loaded query={overview} errorTitle={messages.notRead} skeleton={<OverviewSkeleton />}>
        {(data) => (isFirst.is ? <FirstUse seen={data.firstUse} onDone={isFirst.end} /> : <Health overview={data} />)}
      </Loaded>
    </Page>
  )
}

/** Once begun, the first steps stay until one goes on, so that their last tick is seen. */
function useIsFirst(overview: Overview | undefined) {
  const [state, setState] = useState<'unknown' | 'first' | 'over'>('unknown')
  if (state === 'unknown' && overview !== undefined) setState(overview.firstUse.runSeen ? 'over' : 'first')
  // A reset of the development server makes it fresh again.
  if (state === 'over' && overview?.firstUse.runSeen === false) setState('first')
  return { is: state === 'first', end: () => setState('over') }
}

function Health({ overview }: { readonly overview: Overview }) {
  const { range, figures, failing = [], waitingLongest = [], nextUp = [], missed = [], at, bucketMs } = overview
  return (
    <>
      <Figures figures={figures} range={range} />
      <MetricChart spec={endedChart(overview)} at={at} bucketMs={bucketMs} group="overview" height={170} />
      <Failing rows={failing} range={range} />
      <div className="grid grid-cols-1 items-start gap-3 min-[900px]:grid-cols-2">
        <WaitingLongest runs={waitingLongest} />
        <Ticks nextUp={nextUp} missed={missed} />
      </div>
    </>
  )
}

function OverviewSkeleton() {
  return (
    <>
      <div className="grid grid-cols-1 gap-3 min-[360px]:grid-cols-2 min-[1080px]:grid-cols-4">
        {PLACES.map((place) => (
          <div key={place} className="flex h-29 flex-col gap-2 rounded-lg border border-border bg-raised p-3">
            <Skeleton className="h-3 w-24" />
            <Skeleton className="h-6 w-16" />
            <Skeleton className="h-8 w-full" />
          </div>
        ))}
      </div>
      <div className="rounded-lg border border-border bg-raised p-3">
        <Skeleton className="mb-3 h-4 w-40" />
        <Skeleton className="h-42 w-full" />
      </div>
      <div className="rounded-lg border border-border bg-raised p-3">
        <Skeleton className="mb-3 h-4 w-40" />
        <Skeleton className="h-24 w-full" />
      </div>
    </>
  )
}
