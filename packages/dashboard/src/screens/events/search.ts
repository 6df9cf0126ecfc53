// The parameters of this screen's address.

import { rangeParams } from '../../ui/time-range.ts'
import { manyTexts, oneText, searchParams, yesOrNo } from '../../ui/url-state.ts'

export const eventsSearch = searchParams({
  ...rangeParams,
  name: manyTexts(),
  query: oneText(),
  startedNothing: yesOrNo(),
  includeInternal: yesOrNo(),
  /** The event whose panel is open. */
  event: oneText(),
})
