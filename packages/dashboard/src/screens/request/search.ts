// The parameters of this screen's address.

import { oneText, searchParams } from '../../ui/url-state.ts'

export const requestSearch = searchParams({
  /** Of a one-time link. */
  token: oneText(),
})
