// The cache of answers and its rules: what failed for good is not tried again, what may pass is tried twice more, and
// nothing is read again for having come back to the tab, since the stream tells what changed.

import { MutationCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './client.ts'

/** Makes the cache; `onActionError` is told of every action that failed and that its view does not show itself. */
export function createQueryClient(onActionError: (error: Error) => void): QueryClient {
  return new QueryClient({
    mutationCache: new MutationCache({
      onError: (error, _ask, _context, mutation) => {
        if (mutation.meta?.isShown !== true) onActionError(error)
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (count, error) => count < 2 && mayPass(error),
        retryDelay: (count) => Math.min(1000 * 2 ** count, 30_000),
      },
      mutations: { retry: false },
    },
  })
}

/** Whether the same request may be answered later: no answer, too many requests, or a fault of the server. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return error.status === 0 || error.status === 429 || (error.status >= 502 && error.status <= 504)
}
