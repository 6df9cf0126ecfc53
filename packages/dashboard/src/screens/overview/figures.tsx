// The four figures that say whether it is healthy. Each leads to the runs that it counts.

import { Link } from '@tanstack/react-router'
import type { Overview } from '../../api/index.ts'
import { formatDuration, formatNumber, formatPercent } from '../../ui/index.ts'
import { FigureCard } from './figure-card.tsx'
import { messages } from './messages.ts'

const t = messages.figures

export function Figures({ figures, range }: { readonly figures: Overview['figures']; readonly range: string }) {
  const words = messages.ranges[range] ?? range
  const { queueDelayP95 } = figures
  return (
    <section aria-label={t.label} className="grid grid-cols-1 gap-3 min-[360px]:grid-cols-2 min-[1080px]:grid-cols-4">
      <FigureCard
        label={t.started}
        figure={figures.started}
        format={formatNumber}
        range={words}
        link={(label) => (
          <Link to="/runs" search={{ last: range, timeField: 'startedAt' }} className="quiet-link">
            {label}
          </Link>
        )}
      />
      <FigureCard
        label={t.failureRate}
        figure={figures.failureRate}
        format={formatPercent}
        isShare
        isBadWhenUp
        look="line"
        range={words}
        link={(label) => (
          <Link to="/runs" search={{ last: range, timeField: 'endedAt', status: ['FAILED'] }} className="quiet-link">
            {label}
          </Link>
        )}
      />
      <FigureCard
        label={t.queueDelay}
        figure={figures.queueDelayP50}
        format={formatDuration}
        isBadWhenUp
        look="line"
        range={words}
        aside={queueDelayP95.value === null ? null : `${t.queueDelayP95} ${formatDuration(queueDelayP95.value)}`}
      />
      <FigureCard
        label={t.running}
        figure={figures.running}
        format={formatNumber}
        look="line"
        range={words}
        link={(label) => (
          <Link to="/runs" search={{ last: 'all', status: ['RUNNING'] }} className="quiet-link">
            {label}
          </Link>
        )}
      />
    </section>
  )
}
