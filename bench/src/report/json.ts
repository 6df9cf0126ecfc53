// The report for a program: every sample, and per figure what the table shows.

import type { Bench } from '../bench.ts'
import type { Section } from './figures.ts'
import { type Columns, figureSpread } from './table.ts'

/** The whole report as JSON text. */
export function reportAsJson(
  bench: Bench,
  report: { readonly about: string; readonly sections: readonly Section[]; readonly columns: Columns },
): string {
  const { record, options, notes } = bench
  const { contenders, ratios } = report.columns
  const figures = report.sections
    .flatMap((section) => section.figures)
    .map((figure) => ({
      ...figure,
      values: Object.fromEntries(contenders.map((contender) => [contender, figureSpread(record, figure, contender)])),
      ratios: Object.fromEntries(
        ratios.map(([above, below]) => [`${above}/${below}`, record.ratio(figure.id, above, below)]),
      ),
    }))
    .filter(({ values }) => Object.values(values).some((spread) => spread !== undefined))
  return `${JSON.stringify({ about: report.about.split('\n'), options, notes, figures, samples: record.samples }, null, 2)}\n`
}
