// The parameters of this screen's address.

import { manyWords, oneText, oneWord, searchParams, yesOrNo } from '../../ui/url-state.ts'

export const functionsSearch = searchParams({
  appId: oneText(),
  words: oneText(),
  state: manyWords('active', 'paused', 'removed'),
  sort: oneWord('name', 'app', 'state', 'runs', 'failureRate', 'p95', 'backlog'),
  order: oneWord('ASC', 'DESC'),
  includeArchived: yesOrNo(),
})
