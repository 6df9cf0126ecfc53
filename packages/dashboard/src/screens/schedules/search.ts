// The parameters of this screen's address.

import { oneText, oneWord, searchParams, yesOrNo } from '../../ui/url-state.ts'

export const schedulesSearch = searchParams({
  words: oneText(),
  state: oneWord('on', 'off', 'late'),
  kind: oneWord('CRON', 'JOB'),
  sort: oneWord('next', 'name', 'last'),
  isDescending: yesOrNo(),
})
