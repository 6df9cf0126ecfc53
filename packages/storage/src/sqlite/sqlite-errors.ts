// Says which of SQLite's errors are about the disk or the file, not about the statement: those fail a whole group at
// once, the others are looked for in it.
import { StorageError, type StorageErrorCode } from '../errors.ts'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const CODES: ReadonlyMap<number, StorageErrorCode> = new Map([
  [5, 'storage_error'], // busy
  [6, 'storage_error'], // locked
  [7, 'storage_error'], // no memory
  [8, 'storage_error'], // read-only
  [10, 'storage_error'], // I/O
  [11, 'storage_damaged'],
  [13, 'storage_full'],
  [14, 'storage_error'], // cannot open
  [15, 'storage_error'], // locking protocol
  [26, 'storage_damaged'], // not a database
])

const BUSY = 5
/** Extended codes of a failed sync: of the file, and of its directory. */
const SYNC_FAILED: ReadonlySet<number> = new Set([1034, 1290])

interface SqliteError extends Error {
  readonly errcode: number
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** A StorageError for what is about the disk or the file; anything else as it is. */
export function toStorageError(error: unknown): unknown {
  if (!isSqliteError(error)) return error
  const code = CODES.get(error.errcode & 0xff)
  return code === undefined ? error : new StorageError(code, `SQLite: ${error.message}`, { cause: error })
}

/** Whether another connection held the lock. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === BUSY
}

/** After a failed sync nobody knows what is on the disk: only a new start reads it. */
export function isFailedSync(error: unknown): boolean {
  return isSqliteError(error) && SYNC_FAILED.has(error.errcode)
}
