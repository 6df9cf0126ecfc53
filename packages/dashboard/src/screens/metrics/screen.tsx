// All charts over one time axis, for everything or for chosen functions and apps. Range and filters stand in the address;
// the charts share one crosshair, a drag zooms all of them.

import { useNavigate, useSearch } from '@tanstack/react-router'
import { ZoomOut } from 'lucide-react'
import { useApps, useFunctions } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  type Chip,
  FilterBar,
  FilterChips,
  Loaded,
  MultiSelect,
  RangePicker,
  RefreshBar,
  type TimeRange,
} from '../../ui/index.ts'
import { ChartSkeletons } from './chart-skeletons.tsx'
import { chartSpecs } from './chart-specs.ts'
import { messages } from './messages.ts'
import { MetricChart } from './metric-chart.tsx'
import { USUAL_RANGE } from './metrics-window.ts'
import { useWindowMetrics } from './use-window-metrics.ts'

const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const

export function Screen() {
  const search = useSearch({ from: '/charts' })
  const navigate = useNavigate({ from: '/charts' })
  const { last, from, until, ...scope } = search
  const isZoomed = from !== undefined || until !== undefined
  const range: TimeRange = isZoomed ? { from, until } : { last: last ?? USUAL_RANGE }
  const metrics = useWindowMetrics(range, scope)
  const setRange = (next: TimeRange, how: { isStep?: boolean } = {}) =>
    void navigate({
      search: ({ last: _last, from: _from, until: _until, ...rest }) => ({ ...rest, ...defined(next) }),
      replace: !how.isStep,
    })
  return (
    <Page title={messages.title}>
      <div className="relative flex flex-col gap-3">
        <RefreshBar isActive={metrics.isFetching && !metrics.isPending} />
        <FilterBar label={messages.filters}>
          <RangePicker value={range} onChange={setRange} choices={RANGES} />
          <Filters />
          {isZoomed && (
            <Button icon={ZoomOut} look="quiet" onClick={() => setRange({}, { isStep: true })}>
              {messages.zoomedOut}
            </Button>
          )}
          <span className="ml-auto hidden text-muted text-xs min-[1100px]:inline">{messages.hint}</span>
        </FilterBar>
        <ScopeChips />
      </div>
      <Loaded query={metrics} errorTitle={messages.notRead} skeleton={<ChartSkeletons />}>
        {(data) => (
          <div className="grid grid-cols-1 gap-3 min-[1000px]:grid-cols-2">
            {chartSpecs(data).map((spec) => (
              <MetricChart
                key={spec.id}
                spec={spec}
                at={data.at}
                bucketMs={data.bucketMs}
                scope={scope}
                group="metrics"
                onZoom={(start, end) => setRange(zoomRange(start, end, data.bucketMs), { isStep: true })}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  )
}

/** Whole minutes around what was drawn, one bucket at the least. */
function zoomRange(start: number, end: number, bucketMs: number): TimeRange {
  const unit = Math.min(bucketMs, 60_000)
  const from = Math.floor(start / unit) * unit
  const until = Math.max(from + unit, Math.ceil(end / unit) * unit)
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() }
}

function Filters() {
  const { function: slugs = [], appId } = useSearch({ from: '/charts' })
  const navigate = useNavigate({ from: '/charts' })
  const functions = useFunctions({})
  const apps = useApps()
  return (
    <>
      <MultiSelect
        label={messages.functions}
        options={functions.rows.map((fn) => ({ value: fn.slug, label: fn.name, detail: fn.app.id }))}
        isPending={functions.isPending}
        value={slugs}
        onChange={(next) =>
          void navigate({
            search: ({ function: _function, ...rest }) => (next.length === 0 ? rest : { ...rest, function: next }),
            replace: true,
          })
        }
      />
      <MultiSelect
        label={messages.app}
        isSingle
        options={apps.rows.map((app) => ({ value: app.id, label: app.name }))}
        isPending={apps.isPending}
        value={appId === undefined ? [] : [appId]}
        onChange={([next]) =>
          void navigate({
            search: ({ appId: _appId, ...rest }) => (next === undefined ? rest : { ...rest, appId: next }),
            replace: true,
          })
        }
      />
    </>
  )
}

function ScopeChips() {
  const { function: slugs = [], appId } = useSearch({ from: '/charts' })
  const navigate = useNavigate({ from: '/charts' })
  const chips: readonly Chip[] = [
    ...slugs.map((slug) => ({
      name: messages.functions,
      text: slug,
      onRemove: () =>
        void navigate({
          search: ({ function: all = [], ...rest }) => {
            const left = all.filter((each) => each !== slug)
            return left.length === 0 ? rest : { ...rest, function: left }
          },
          replace: true,
        }),
    })),
    ...(appId === undefined
      ? []
      : [
          {
            name: messages.app,
            text: appId,
            onRemove: () => void navigate({ search: ({ appId: _appId, ...rest }) => rest, replace: true }),
          },
        ]),
  ]
  return (
    <FilterChips
      chips={chips}
      onClearAll={() =>
        void navigate({ search: ({ function: _function, appId: _appId, ...rest }) => rest, replace: true })
      }
    />
  )
}

function defined(range: TimeRange): { last?: string; from?: string; until?: string } {
  return Object.fromEntries(Object.entries(range).filter(([, value]) => value !== undefined))
}
