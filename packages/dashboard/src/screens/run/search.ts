// The parameters of this screen's address.

import { manyWords, oneText, oneWord, type SearchOf, searchParams } from '../../ui/url-state.ts'

const params = {
  /** Row of the waterfall whose inspector is open: the id of its span, with the run's before it in an invoked run. */
  step: oneText(),
  tab: oneWord('input', 'output', 'error', 'config', 'raw'),
  stepTab: oneWord('output', 'input', 'error', 'attempts'),
  /** Elapsed milliseconds, `1200-3400`. */
  zoom: oneText(),
  /** Part of a step's name. */
  q: oneText(),
  only: manyWords('failed', 'running', 'slow'),
}

export const runSearch = searchParams(params)

export type RunSearch = SearchOf<typeof params>
export type RunTab = NonNullable<RunSearch['tab']>
export type StepTab = NonNullable<RunSearch['stepTab']>
