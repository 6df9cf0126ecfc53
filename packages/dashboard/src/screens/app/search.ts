// The parameters of this screen's address.

import { oneText, searchParams } from '../../ui/url-state.ts'

export const appSearch = searchParams({
  tab: oneText(),
})
