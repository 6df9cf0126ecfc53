// The parameters of this screen's address.

import { rangeParams } from '../../ui/time-range.ts'
import { manyTexts, manyWords, oneNumber, oneText, oneWord, searchParams, yesOrNo } from '../../ui/url-state.ts'

export const runsSearch = searchParams({
  ...rangeParams,
  timeField: oneWord('queuedAt', 'startedAt', 'endedAt'),
  order: oneWord('ASC', 'DESC'),
  status: manyWords('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'),
  appId: oneText(),
  function: manyTexts(),
  eventName: manyTexts(),
  cron: oneText(),
  isBatch: yesOrNo(),
  hasRetries: yesOrNo(),
  longerThanMs: oneNumber(0),
  parentRunId: oneText(),
  originalRunId: oneText(),
  bulkId: oneText(),
  query: oneText(),
  /** The run whose panel is open. */
  run: oneText(),
})
