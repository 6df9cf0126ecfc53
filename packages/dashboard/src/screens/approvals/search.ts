// The parameters of this screen's address.

import { oneWord, searchParams } from '../../ui/url-state.ts'

export const approvalsSearch = searchParams({
  show: oneWord('decided'),
})
