// The door of the package.
export { Sessions, type SessionsOptions } from './client.ts'
export { type Answer, type Ask, requestApproval, type Steps } from './request-approval.ts'
export { SessionsError } from './sessions-error.ts'
export type * from './types.ts'
export { type CallbackCheck, verifyCallback } from './verify-callback.ts'
