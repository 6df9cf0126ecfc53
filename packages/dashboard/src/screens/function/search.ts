// The parameters of this screen's address.

import { rangeParams } from '../../ui/time-range.ts'
import { oneWord, type SearchOf, searchParams } from '../../ui/url-state.ts'

const params = {
  ...rangeParams,
  tab: oneWord('overview', 'runs', 'configuration', 'history'),
  /** The window that is open. */
  do: oneWord('run', 'pause', 'cancel', 'replay'),
}

export const functionSearch = searchParams(params)

export type FunctionSearch = SearchOf<typeof params>
export type FunctionTab = NonNullable<FunctionSearch['tab']>
export type FunctionDialog = NonNullable<FunctionSearch['do']>
