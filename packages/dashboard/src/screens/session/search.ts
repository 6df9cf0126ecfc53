// The parameters of this screen's address.

import { manyWords, searchParams } from '../../ui/url-state.ts'

export const sessionSearch = searchParams({
  type: manyWords('message', 'tool_call', 'tool_result', 'artifact', 'log', 'error', 'decision', 'custom'),
})
