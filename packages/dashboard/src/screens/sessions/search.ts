// The parameters of this screen's address.

import { manyWords, oneText, searchParams } from '../../ui/url-state.ts'

export const sessionsSearch = searchParams({
  status: manyWords('waiting', 'running', 'completed', 'failed', 'cancelled'),
  agent: oneText(),
  jobId: oneText(),
  runId: oneText(),
})
