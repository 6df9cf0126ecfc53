// The parameters of this screen's address.

import { oneText, searchParams } from '../../ui/url-state.ts'

export const jobFormSearch = searchParams({
  /** A job to begin from. */
  from: oneText(),
})
