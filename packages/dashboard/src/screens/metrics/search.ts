// The parameters of this screen's address.

import { rangeParams } from '../../ui/time-range.ts'
import { manyTexts, oneText, searchParams } from '../../ui/url-state.ts'

export const metricsSearch = searchParams({
  ...rangeParams,
  function: manyTexts(),
  appId: oneText(),
})
