// The door of the API room: hooks for every answer, actions, the live state, and the shapes. Screens import from here
// and never call the server themselves.

export * from './actions.ts'
export { ApiError, apiPath, apiUrl, getData, getRows, type Params, prefix } from './client.ts'
export { useFreshEvents } from './fresh-events.ts'
export * from './jobs.ts'
export type * from './jobs-types.ts'
export type { List, Pages } from './lists.ts'
export { live, startLive, useLive } from './live.ts'
export * from './queries.ts'
export { createQueryClient } from './query-client.ts'
export { queryKeys } from './query-keys.ts'
export * from './runs.ts'
export { type SearchEnd, type SearchWatch, searchEvents, searchRuns } from './search-lines.ts'
export { session } from './session.ts'
export * from './sessions.ts'
export type * from './sessions-types.ts'
export type * from './types.ts'
