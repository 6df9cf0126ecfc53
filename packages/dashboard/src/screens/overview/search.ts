// The parameters of this screen's address.

import { oneWord, searchParams } from '../../ui/url-state.ts'

export const overviewSearch = searchParams({
  range: oneWord('1h', '6h', '24h', '7d', '30d'),
})
