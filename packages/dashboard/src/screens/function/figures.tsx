// The figures of one function over the range, from the same answer as its charts.

import type { Metrics } from '../../api/index.ts'
import { formatDuration, formatNumber, formatPercent } from '../../ui/index.ts'
import { newestOf, percentileOf, sumOf } from '../metrics/chart-specs.ts'
import { FigureCard } from '../overview/figure-card.tsx'
import { messages } from './messages.ts'

const t = messages.figures

export function Figures({ metrics, range }: { readonly metrics: Metrics; readonly range: string }) {
  const { ended, failureRate, throughput, durationClasses, duration, backlog } = metrics
  const failed = sumOf(ended.failed) ?? 0
  const judged = failed + (sumOf(ended.completed) ?? 0)
  const p95 = percentileOf(durationClasses, 0.95)
  const inLine = backlog.ready.map((ready, index) => {
    const blocked = backlog.blocked[index] ?? null
    return ready === null && blocked === null ? null : (ready ?? 0) + (blocked ?? 0)
  })
  return (
    <section aria-label={t.label} className="grid grid-cols-1 gap-3 min-[360px]:grid-cols-2 min-[1080px]:grid-cols-4">
      <FigureCard
        label={t.started}
        figure={{ value: sumOf(throughput.started), spark: throughput.started }}
        format={formatNumber}
        range={range}
      />
      <FigureCard
        label={t.failureRate}
        figure={{ value: judged === 0 ? null : failed / judged, spark: failureRate }}
        format={formatPercent}
        look="line"
        aside={judged === 0 ? null : t.failed(failed)}
        range={range}
      />
      <FigureCard
        label={t.duration}
        figure={{ value: percentileOf(durationClasses, 0.5), spark: duration.p50 }}
        format={formatDuration}
        look="line"
        aside={p95 === null ? null : t.durationP95(formatDuration(p95))}
        range={range}
      />
      <FigureCard
        label={t.backlog}
        figure={{ value: rounded(newestOf(inLine)), spark: inLine }}
        format={formatNumber}
        look="line"
        aside={t.backlogAside(formatNumber(Math.round(newestOf(backlog.sleeping) ?? 0)))}
        range={range}
      />
    </section>
  )
}

/** Samples are averages; there is no half step. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}
