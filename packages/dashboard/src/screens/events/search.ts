// The parameters of this screen's address.

import { manyTexts, oneText, searchParams, yesOrNo } from '../../ui/url-state.ts'
import { rangeParams } from '../../ui/time-range.ts'

export const eventsSearch = searchParams({
  ...rangeParams,
  name: manyTexts(),
  query: oneText(),
  startedNothing: yesOrNo(),
  includeInternal: yesOrNo(),
})
