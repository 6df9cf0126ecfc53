// The parameters of this screen's address: it has none, but takes an address that has.

import { searchParams } from '../../ui/url-state.ts'

export const appSearch = searchParams({})
