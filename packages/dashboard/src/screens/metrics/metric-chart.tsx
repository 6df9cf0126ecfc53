// One chart of the metrics: its spec, with zoom and the way to the runs or events behind a bucket.

import { useNavigate } from '@tanstack/react-router'
import { AreaChart, LineChart, StackedBars } from '../../charts/index.ts'
import type { ChartSpec, Slice } from './chart-specs.ts'

/** What the charts are about; goes on into the list that a click opens. */
export interface ChartScope {
  readonly function?: readonly string[] | undefined
  readonly appId?: string | undefined
}

export interface MetricChartProps {
  readonly spec: ChartSpec
  readonly at: readonly number[]
  readonly bucketMs: number
  readonly scope?: ChartScope
  readonly group: string
  readonly onZoom?: ((from: number, until: number) => void) | undefined
  readonly height?: number
}

export function MetricChart({ spec, at, bucketMs, scope = {}, group, onZoom, height = 190 }: MetricChartProps) {
  const openSlice = useOpenSlice(scope)
  const { slice, form, title, unit, unitLabel, series, hasLog, isStacked } = spec
  const chart = {
    title,
    unit,
    unitLabel,
    series,
    at,
    bucketMs,
    group,
    height,
    onZoom,
    ...(hasLog === undefined ? {} : { hasLog }),
    ...(slice === undefined
      ? {}
      : {
          onBucket: (from: number, until: number, seriesId?: string) => openSlice(slice(seriesId), { from, until }),
        }),
  }
  if (form === 'bars') return <StackedBars {...chart} />
  if (form === 'areas') return <AreaChart {...chart} isStacked={isStacked ?? true} />
  return <LineChart {...chart} />
}

/** Opens the list of what is behind a bucket. */
function useOpenSlice(scope: ChartScope) {
  const navigate = useNavigate()
  return (slice: Slice, window: { readonly from: number; readonly until: number }) => {
    const range = { from: new Date(window.from).toISOString(), until: new Date(window.until).toISOString() }
    if (slice.of === 'events') {
      const { name, startedNothing } = slice
      void navigate({
        to: '/events',
        search: {
          ...range,
          ...(name === undefined ? {} : { name: [name] }),
          ...(startedNothing === undefined ? {} : { startedNothing }),
        },
      })
      return
    }
    const { timeField, status } = slice
    void navigate({
      to: '/runs',
      search: {
        ...range,
        timeField,
        ...(status === undefined ? {} : { status }),
        ...(scope.function === undefined ? {} : { function: scope.function }),
        ...(scope.appId === undefined ? {} : { appId: scope.appId }),
      },
    })
  }
}
