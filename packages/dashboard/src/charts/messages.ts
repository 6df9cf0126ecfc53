// The words of charts. Titles and names of series come from the screens.

export const messages = {
  table: 'Show as table',
  chart: 'Show as chart',
  log: 'Logarithmic scale',
  time: 'Time',
  upTo: 'Up to',
  noData: 'No data in this range.',
  incomplete: 'still counting',
  none: 'no data',
  toggle: (name: string) => `Show ${name}`,
  keys: 'Arrow keys move through the values.',
  summary: (title: string, unit: string) => `${title}, ${unit}.`,
  at: (when: string, values: string) => `${when}: ${values}`,
  total: 'Total',
} as const
