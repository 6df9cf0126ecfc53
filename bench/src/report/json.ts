// The report for a program: every sample, and per figure what the table shows.

import type { Bench } from '../bench.ts'
import { figureSpread, type Table } from './table.ts'

/** The whole report as JSON text. */
export function reportAsJson(
  bench: Bench,
  report: { readonly about: readonly string[]; readonly table: Table },
): string {
  const { record, options, notes } = bench
  const { sections, contenders, ratios } = report.table
  const figures = sections
    .flatMap((section) => section.figures)
    .map((figure) => ({
      ...figure,
      values: Object.fromEntries(contenders.map((contender) => [contender, figureSpread(record, figure, contender)])),
      ratios: Object.fromEntries(
        ratios.map(([above, below]) => [`${above}/${below}`, record.ratio(figure.id, above, below)]),
      ),
    }))
    .filter(({ values }) => Object.values(values).some((spread) => spread !== undefined))
  return `${JSON.stringify({ about: report.about, options, notes, figures, samples: record.samples }, null, 2)}\n`
}
