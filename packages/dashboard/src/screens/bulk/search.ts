// The parameters of this screen's address. With `new=true` the form opens, filled with what the others say, so that any
// screen can lead here with its own filter; their names are those of a list of runs.

import { rangeParams } from '../../ui/time-range.ts'
import { manyTexts, manyWords, oneNumber, oneText, oneWord, searchParams, yesOrNo } from '../../ui/url-state.ts'

export const bulkSearch = searchParams({
  /** The operation whose details are open. */
  id: oneText(),
  /** The form is open. */
  new: yesOrNo(),
  kind: oneWord('RERUN', 'CANCEL'),
  /** Slugs; absent: every function. */
  function: manyTexts(),
  ...rangeParams,
  status: manyWords('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'),
  query: oneText(),
  perMinute: oneNumber(1),
  name: oneText(),
})
