// Turns whatever a route or fastify throws into a refusal of the catalogue. What nobody foresaw becomes `internal_error`
// without a word of its text: only the log hears that.
import { CheckpointError, EventError, JsonError, SyncError } from '@pawl/protocol'
import { StorageError } from '@pawl/storage'
import { EngineError, ExpressionError } from '../engine.ts'
import { fromEngineError, HttpError, type HttpErrorCode } from './http-errors.ts'

/** The refusal for any thrown value. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof EngineError) return fromEngineError(error)
  if (error instanceof EventError) return new HttpError(error.code, error.message, indexOf(error))
  if (error instanceof JsonError) return new HttpError(error.code, error.message, placeOf(error))
  if (error instanceof CheckpointError) return new HttpError(checkpointCode(error), error.message)
  if (error instanceof SyncError) return new HttpError(error.code, `Invalid request: ${error.message}`)
  if (error instanceof ExpressionError) return new HttpError('invalid_expression', error.message)
  if (error instanceof StorageError) return fromStorageError(error)
  return fromFramework(error) ?? internalError(error)
}

/** True for errors that are nobody's fault but the server's. */
export function isInternal(error: HttpError): boolean {
  return error.code === 'internal_error'
}

function internalError(cause: unknown): HttpError {
  return new HttpError('internal_error', 'Something went wrong in the server', { cause })
}

function indexOf(error: EventError): { readonly path: string } | undefined {
  return error.index === undefined ? undefined : { path: `[${error.index}]` }
}

function placeOf(error: JsonError): { readonly data: Record<string, unknown>; readonly path?: string } {
  return { data: { offset: error.offset }, ...(error.path === undefined ? {} : { path: error.path }) }
}

function checkpointCode(error: CheckpointError): HttpErrorCode {
  return error.code === 'invalid_checkpoint' ? 'checkpoint_invalid' : error.code
}

function fromStorageError(error: StorageError): HttpError {
  switch (error.code) {
    case 'storage_full':
      return new HttpError('storage_full', 'The disk is full; nothing was written', { cause: error })
    case 'storage_error':
    case 'storage_conflict':
      return new HttpError('storage_error', 'The store did not answer; try again', { cause: error })
    case 'outcome_unknown':
      return new HttpError('store_unavailable', 'The store did not confirm the change; send it again', { cause: error })
    case 'storage_closed':
      return new HttpError('stopping', 'The server is stopping; send it again in a moment', { cause: error })
    default:
      return internalError(error)
  }
}

/** What fastify itself refuses: a path that cannot be decoded, a content type that is none. */
function fromFramework(error: unknown): HttpError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  switch (error.code) {
    case 'FST_ERR_BAD_URL':
      return new HttpError('invalid_parameter', 'The path is not valid percent-encoding', { path: 'path' })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError('unsupported_media_type', 'The content type is not one that is taken here')
    default:
      return undefined
  }
}
