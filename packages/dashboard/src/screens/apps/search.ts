// The parameters of this screen's address.

import { searchParams, yesOrNo } from '../../ui/url-state.ts'

export const appsSearch = searchParams({
  archived: yesOrNo(),
  /** 'Connect an app' is open. */
  connect: yesOrNo(),
})
