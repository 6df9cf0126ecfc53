// Reads the metrics of a range for some functions; the window moves on with the clock, minute by minute.

import { useMetrics } from '../../api/index.ts'
import { serverNow, type TimeRange, useNowEvery } from '../../ui/index.ts'
import type { ChartScope } from './metric-chart.tsx'
import { metricsWindow } from './metrics-window.ts'

export function useWindowMetrics(range: TimeRange, scope: ChartScope = {}, how: { isOff?: boolean } = {}) {
  useNowEvery(60_000)
  const { slide, ...window } = metricsWindow(range, serverNow())
  return useMetrics(
    {
      ...window,
      ...(scope.function === undefined ? {} : { function: scope.function }),
      ...(scope.appId === undefined ? {} : { appId: scope.appId }),
    },
    { ...(slide === undefined ? {} : { slide }), ...how },
  )
}
