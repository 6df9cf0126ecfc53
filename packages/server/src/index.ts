// The door of the HTTP surface.
export { HTTP_ERRORS, type HttpErrorCode } from './http/http-errors.ts'
export type { AppProbe, Logger, Server, ServerMode, ServerOptions, SyncAnswer } from './options.ts'
export { createServer } from './server.ts'
