// The same values as a chart, as a table: for reading aloud, for copying, and for whoever wants the numbers. The newest
// comes first.

import { formatDate, formatDuration, useZone } from '../ui/index.ts'
import type { ChartProps } from './chart.tsx'
import { messages } from './messages.ts'
import { formatValue } from './series.ts'

export interface ChartTableProps extends ChartProps {
  readonly isOpen: boolean
  readonly classes?: readonly number[] | undefined
}

export function ChartTable({ title, at, series, unit, height = 180, isOpen, classes }: ChartTableProps) {
  const zone = useZone()
  const places = at.map((_, place) => place)
  if (classes === undefined) places.reverse()
  const cell = 'border-border border-b px-2 py-0.5'
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label={title}
      className="overflow-auto px-1 pb-1"
      style={{ maxHeight: Math.max(height, 180) }}
    >
      <table className="w-full border-separate border-spacing-0 text-xs">
        <thead>
          <tr>
            <th scope="col" className={`${cell} sticky top-0 bg-raised text-left font-medium text-muted`}>
              {classes === undefined ? messages.time : messages.upTo}
            </th>
            {series.map((each) => (
              <th
                key={each.id}
                scope="col"
                className={`${cell} sticky top-0 bg-raised text-right font-medium text-muted`}
              >
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <tr key={place}>
              <th scope="row" className={`${cell} whitespace-nowrap text-left font-normal tabular-nums`}>
                {classes === undefined
                  ? formatDate(at[place] ?? 0, zone, Date.now())
                  : formatDuration(classes[place] ?? 0)}
                {isOpen && place === at.length - 1 && <span className="ml-2 text-muted">{messages.incomplete}</span>}
              </th>
              {series.map((each) => (
                <td key={each.id} className={`${cell} text-right tabular-nums`}>
                  {formatValue(each.values[place], unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
