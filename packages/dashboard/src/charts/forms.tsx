// The forms of charts that the screens use. Each says only what sets it apart.

import { ChartFrame, type ChartProps } from './chart.tsx'

/** Lines over time; a gap in the data is a gap in the line. */
export function LineChart(props: ChartProps) {
  return <ChartFrame {...props} form="lines" />
}

/** Bars over time, one upon the other. */
export function StackedBars(props: ChartProps) {
  return <ChartFrame {...props} form="bars" isStacked />
}

/** Areas over time; stacked unless there is one. A guide among the series is drawn as a line: a limit. */
export function AreaChart(props: ChartProps & { readonly isStacked?: boolean }) {
  const { isStacked = true, ...chart } = props
  return <ChartFrame {...chart} form="areas" isStacked={isStacked} />
}

export interface HistogramProps extends Pick<ChartProps, 'title' | 'unitLabel' | 'height' | 'actions' | 'className'> {
  /** Classes in order, each with its upper end in milliseconds. */
  readonly classes: readonly { readonly untilMs: number; readonly count: number }[]
  /** Name of what is counted. */
  readonly label: string
}

/** How many fell into each class of durations. */
export function Histogram({ classes, label, ...rest }: HistogramProps) {
  return (
    <ChartFrame
      {...rest}
      form="classes"
      unit="count"
      at={classes.map((_, place) => place)}
      bucketMs={1}
      classes={classes.map((each) => each.untilMs)}
      series={[{ id: 'count', label, values: classes.map((each) => each.count) }]}
    />
  )
}
