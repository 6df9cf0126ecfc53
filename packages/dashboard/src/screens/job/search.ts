// The parameters of this screen's address.

import { manyWords, oneText, oneWord, searchParams } from '../../ui/url-state.ts'

export const jobSearch = searchParams({
  run: oneText(),
  status: manyWords('queued', 'running', 'success', 'failure', 'skipped'),
  trigger: oneWord('schedule', 'manual'),
})
